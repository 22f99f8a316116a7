"""Which back end says who is calling: the company's own over HTTPS, or this installation's customer table."""

import time

from voicebot.config.backend import BackEndKind
from voicebot.config.company import Company
from voicebot.config.settings import Settings
from voicebot.dialogue.values import ShapeKind
from voicebot.identity.codes import CodeKeeper
from voicebot.identity.embedded import Codes, EmbeddedCrm, Ending
from voicebot.identity.rest import build_rest_crm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.crm import Crm
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore


def company_crm(settings: Settings, store: SqlStore, keyring: Keyring) -> Crm:
    """The company's back end: its own over HTTPS, or this installation's customer table."""
    company = settings.company
    if company.back_end.kind is BackEndKind.REST:
        private = [detail.name for detail in company.details.values() if detail.private]
        return build_rest_crm(company.back_end, settings.deployment.back_end, private, settings.root)
    return embedded_crm(company, store, keyring)


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
