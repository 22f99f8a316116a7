"""How agents sign in to the pages: by password, by the company's OpenID provider, and for how long."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from voicebot.config.tables import Table

EMAIL = "email"
EMAIL_SHAPE = r"[^\s@]{1,64}@[^\s@]{1,190}"
NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class OpenIdPlan:
    """A provider. `claim` names the agent: `email` through `emails` (verified ones only, address -> agent), another one by id."""

    issuer: str
    client_id: str
    claim: str = EMAIL
    label: str = "your company account"
    emails: Mapping[str, str] = field(default_factory=lambda: NOBODY, repr=False)


@dataclass(frozen=True)
class SignInPlan:
    """`idle`: without a key or a click; `longest`: in any case. `open_id` None: passwords only."""

    passwords: bool = True
    idle: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=12)
    open_id: OpenIdPlan | None = None


def read_sign_in(file: Table, agents: Collection[str]) -> SignInPlan:
    """`[sign_in]` and `[sign_in.emails]`. What is wrong is complained about."""
    table, usual = file.table("sign_in"), SignInPlan()
    plan = SignInPlan(
        passwords=table.flag("passwords", usual.passwords),
        idle=timedelta(minutes=table.whole("idle_minutes", int(usual.idle.total_seconds()) // 60, 1, 240)),
        longest=timedelta(hours=table.whole("longest_hours", int(usual.longest.total_seconds()) // 3600, 1, 24)),
        open_id=_open_id(table, agents),
    )
    if not plan.passwords and plan.open_id is None:
        table.wrong("passwords", "must not be false without an issuer: nobody could sign in")
    table.close()
    return plan


def missing_sign_in_secret(plan: SignInPlan, secret: str) -> list[str]:
    """What the environment lacks, as complaints; empty if nothing."""
    if plan.open_id is None or secret:
        return []
    why = "is needed for sign_in.issuer: the provider's secret for sign_in.client_id"
    return [f".env or environment: VOICEBOT_SIGN_IN_SECRET: {why}"]


def _open_id(table: Table, agents: Collection[str]) -> OpenIdPlan | None:
    issuer = read_issuer(table)
    client_id = table.text("client_id", "", like=r"[\x21-\x7e]{1,200}", what="text without a space")
    claim = table.text("claim", EMAIL, like=r"[\w.:/-]{1,100}", what='a claim like "email"')
    label = table.text("label", OpenIdPlan.label)
    emails = _emails(table.table("emails"), agents)
    if not issuer:
        for key in ("client_id", "claim", "label", "emails"):
            if key in table:
                table.wrong(key, "is for sign-in by a provider, so it needs an issuer")
        return None
    if not client_id:
        table.wrong("client_id", "is needed beside issuer: what the provider calls this installation")
    if emails and claim != EMAIL:
        table.wrong("emails", f'are for claim = "{EMAIL}" only')
    return OpenIdPlan(issuer, client_id, claim, label, emails)


def read_issuer(table: Table) -> str:
    """A provider's address; empty where there is none, or a wrong one, which is complained about."""
    issuer = table.text("issuer", "")
    parts = urlsplit(issuer)
    near = parts.hostname in ("127.0.0.1", "localhost", "::1")
    fine = parts.scheme == "https" or (parts.scheme == "http" and near)
    if issuer and not (fine and parts.hostname and not parts.query and not parts.fragment and not parts.username):
        table.wrong("issuer", "must be the provider's address exactly as it names itself, like https://login.example.com")
        return ""
    return issuer


def _emails(table: Table, agents: Collection[str]) -> dict[str, str]:
    """Address -> agent, written the other way round: who is on the roster has one address here."""
    found: dict[str, str] = {}
    for agent in table.codes():
        address = table.text(agent, "", like=EMAIL_SHAPE, what="an e-mail address").casefold()
        if agent not in agents:
            table.wrong(agent, "is not on the roster ([agents])")
        elif address and found.setdefault(address, agent) != agent:
            table.wrong(agent, f"has the address of {found[address]}: a person has one of their own")
    return found
