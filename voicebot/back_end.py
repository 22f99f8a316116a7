"""Which back end says who is calling (the company's own over HTTPS, or this installation's table), and where callers approve."""

import time
from dataclasses import replace
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from voicebot.clock import SystemClock
from voicebot.config.backend import BackEndKind
from voicebot.config.company import Company
from voicebot.config.settings import Settings
from voicebot.dialogue.values import ShapeKind
from voicebot.errors import ConfigError
from voicebot.identity.ciba import CibaProvider, ClientKeys
from voicebot.identity.codes import CodeKeeper
from voicebot.identity.embedded import Codes, EmbeddedCrm, Ending
from voicebot.identity.rest import build_rest_crm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.crm import Crm
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore
from voicebot.switchboard.approver import Approvals


def company_crm(settings: Settings, store: SqlStore, keyring: Keyring) -> Crm:
    """The company's back end: its own over HTTPS, or this installation's customer table."""
    company = settings.company
    if company.back_end.kind is BackEndKind.REST:
        private = [detail.name for detail in company.details.values() if detail.private]
        return build_rest_crm(company.back_end, settings.deployment.back_end, private, settings.root)
    return embedded_crm(company, store, keyring)


def company_approvals(settings: Settings) -> Approvals | None:
    """Where customers approve in their own app; None without such a provider. Raises ConfigError for a key that is none."""
    plan = settings.company.approvals
    return None if plan is None else Approvals(approval_client(settings), plan.hint, plan.subject)


def approval_client(settings: Settings) -> CibaProvider:
    """The provider of the settings, which must name one. Raises ConfigError for a key that is none."""
    plan, deployment = settings.company.approvals, settings.deployment
    assert plan is not None  # whoever calls this has looked  # noqa: S101
    key = _private_key(deployment.approvals_key) if deployment.approvals_key is not None else None
    plan = replace(plan, issuer=deployment.approvals_issuer or plan.issuer)
    return CibaProvider(plan, ClientKeys(deployment.approvals_secret, key), SystemClock().now)


def _private_key(path: Path) -> ECKey | RSAKey:
    """From a PEM file. Its id is its thumbprint (RFC 7638), so that the provider's copy of the public half has the same."""
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"VOICEBOT_APPROVALS_KEY: {path}: cannot be read") from None
    for kind in (ECKey, RSAKey):
        try:
            key = kind.import_key(text)
        except (JoseError, ValueError, TypeError):
            continue
        if key.is_private and (isinstance(key, RSAKey) or key.curve_name == "P-256"):
            return kind.import_key(text, {"kid": key.thumbprint(), "use": "sig"})
    raise ConfigError(f"VOICEBOT_APPROVALS_KEY: {path}: must be a private key in PEM, of the curve P-256 or RSA")


def embedded_crm(company: Company, store: SqlStore, keyring: Keyring) -> EmbeddedCrm:
    """This installation's own customer table as a back end."""
    fields = company.fields
    return EmbeddedCrm(
        SqlCustomers(store),
        SecretKeeper(keyring),
        tuple(fields.identifiers),
        phones=fields.phones,
        separators=tuple(fields.separators),
        amounts=[name for name, shape in fields.separators.items() if shape.kind is ShapeKind.AMOUNT],
        codes=Codes(frozenset(fields.codes), CodeKeeper(keyring), time.time) if fields.codes else None,
        endings={name: Ending(column, digits) for name, (column, digits) in fields.endings.items()},
    )
