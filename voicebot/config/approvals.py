"""Reads `[approvals]`: at which provider customers approve in their own app, and what names them there.

Must not hold a secret: those are in the deployment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from voicebot.config.sign_in import read_issuer
from voicebot.config.tables import Table
from voicebot.dialogue.approving import CODE as CODE_SHAPE
from voicebot.dialogue.forms import Detail

CODE = "{code}"  # its place in a message
CLAIM = r"[\w.:/-]{1,100}"
PLAIN_TEXT = r"[\x21-\x7e]{1,200}"


class ProviderKind(StrEnum):
    """What kind of provider, and so how the customer is named to it and where its message goes."""

    LOGIN_HINT = "openid-login-hint"
    LOGIN_HINT_TOKEN = "openid-login-hint-token"
    ID_TOKEN_HINT = "openid-id-token-hint"
    MITID = "signaturgruppen-mitid"
    IDURA = "idura"


# Characters of a message in the app. A plain provider takes 20, and none with a space (as in npm's oidc-provider by default).
LONGEST_MESSAGE: Mapping[ProviderKind, int] = MappingProxyType({
    ProviderKind.LOGIN_HINT: 20, ProviderKind.LOGIN_HINT_TOKEN: 20, ProviderKind.ID_TOKEN_HINT: 20,
    ProviderKind.MITID: 130, ProviderKind.IDURA: 100,
})  # fmt: skip


class ClientProof(StrEnum):
    """How we prove to the provider who we are (OpenID Connect Core 1.0, 9)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY = "private_key_jwt"


class Delivery(StrEnum):
    """How an answer comes: we look for it, or are pinged, and look all the same."""

    POLL = "poll"
    PING = "ping"


@dataclass(frozen=True)
class ApprovalsPlan:
    """`hint` and `subject` are names of details: what is sent to name a customer, and what the provider's word must name.

    `acr_values`: one of them must the word have. `auth_time`: it must say when the customer was there. `message`: own words for
    the app, with `{code}`. `subject_claim`: in whose place the word names the customer, where not in the provider's usual one.
    """

    provider: ProviderKind
    issuer: str
    client_id: str
    hint: str
    subject: str
    proof: ClientProof = ClientProof.BASIC
    delivery: Delivery = Delivery.POLL
    acr_values: tuple[str, ...] = ()
    auth_time: bool = False
    message: str = field(default="", repr=False)
    longest_message: int = 0
    subject_claim: str = ""


def read_approvals(file: Table, details: Mapping[str, Detail]) -> ApprovalsPlan | None:
    """`[approvals]`; None where there is none. What is wrong is complained about."""
    if "approvals" not in file:
        file.table("approvals")
        return None
    table = file.table("approvals")
    provider = table.choice("provider", ProviderKind.LOGIN_HINT)
    hint = table.one_of("hint", details)
    plan = ApprovalsPlan(
        provider=provider,
        issuer=read_issuer(table),
        client_id=table.text("client_id", like=PLAIN_TEXT, what="text without a space"),
        hint=hint,
        subject=table.one_of("subject", details, hint),
        proof=table.choice("proof", ClientProof.BASIC),
        delivery=table.choice("delivery", Delivery.POLL),
        acr_values=table.texts("acr_values", ()),
        auth_time=table.flag("auth_time", default=False),
        message=table.text("message", ""),
        longest_message=table.whole("longest_message", LONGEST_MESSAGE[provider], 1, 1000),
        subject_claim=table.text("subject_claim", "", like=CLAIM, what='a claim like "sub"'),
    )
    if not plan.issuer:
        table.wrong("issuer", "is needed: the provider's address, as it names itself")
    for key, name in {"hint": plan.hint, "subject": plan.subject}.items():
        if name in details and details[name].private:
            why = "which is private, and needed before the caller is verified: say private = false there"
            table.wrong(key, f"names {name}, {why}")
    _check_message(table, plan)
    table.close()
    return plan


def _check_message(table: Table, plan: ApprovalsPlan) -> None:
    """Without the code in it, approving would prove nothing about who is calling."""
    if not plan.message:
        return
    if plan.message.count(CODE) != 1:
        table.wrong("message", f"must have {CODE} in it, once: the caller keys it into the call")
    longest = len(plan.message.replace(CODE, "0" * CODE_SHAPE.longest))
    if longest > plan.longest_message:
        table.wrong("message", f"is {longest} characters long with its code, and {plan.provider} takes {plan.longest_message}")


def missing_approval_keys(plan: ApprovalsPlan | None, secret: str, key: Path | None) -> list[str]:
    """What the environment lacks, as complaints; empty if nothing."""
    if plan is None:
        return []
    if plan.proof is ClientProof.PRIVATE_KEY:
        needed, there = "VOICEBOT_APPROVALS_KEY", key is not None
        why = f"is needed for approvals.proof = {plan.proof}: the file of a private key (PEM)"
    else:
        needed, there = "VOICEBOT_APPROVALS_SECRET", bool(secret)
        why = "is needed for approvals.issuer: the provider's secret for approvals.client_id"
    return [] if there else [f".env or environment: {needed}: {why}"]
