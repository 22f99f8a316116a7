"""Approval in the customer's own app (OpenID CIBA Core 1.0): asked for once, then looked at until it is answered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.dialogue.values import Secret


@dataclass(frozen=True)
class ApprovalWanted:
    """`hint` names the customer at the provider. `code` goes into the app's message and nowhere else. `about`: what is approved
    beside who is calling, in people's words. `seconds`: so long may it take. `ping_token`: what the provider shows with a ping.
    """

    hint: str = field(repr=False)
    code: Secret
    language: str
    about: str = field(repr=False)
    seconds: int
    ping_token: str = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """The app shows it, for so many real seconds; it may be looked at every `interval` of them."""

    auth_req_id: str = field(repr=False)
    seconds: float
    interval: float


class NotOpened(StrEnum):
    """Why nothing is to be approved."""

    NOT_SET_UP = "not_set_up"  # the provider knows no such customer, or none of an app
    UNAVAILABLE = "unavailable"  # it was not asked, did not answer, or refuses us: its log line says which


class Looked(StrEnum):
    """What the provider says of an open one."""

    PENDING = "pending"
    SLOWER = "slower"  # the same, and we look too often
    APPROVED = "approved"  # by the customer who was asked: its word was checked
    DENIED = "denied"
    EXPIRED = "expired"
    UNTRUE = "untrue"  # it says approved, and its word does not hold
    GONE = "gone"  # it knows of no such request, or will never answer it
    UNAVAILABLE = "unavailable"  # look again later


class ApprovalProvider(Protocol):
    """Never raises for what a provider does. Methods may be called from any thread, and block for seconds."""

    def ask(self, wanted: ApprovalWanted) -> Opened | NotOpened:
        """Have the app ask. Not repeatable: what was asked in vain may be on somebody's screen all the same."""
        ...

    def look(self, auth_req_id: str, subject: str, since: float) -> Looked:
        """How it stands. `subject`: whose word it must be; `since`: when it was asked, in seconds since 1970."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


class Pending(StrEnum):
    """How far an approval is with the provider. One that is over is not kept."""

    WANTED = "wanted"
    ASKING = "asking"  # whoever was at it may have died; what is on the screen then can be answered by nobody
    OPEN = "open"


@dataclass(frozen=True)
class KeptApproval:
    """One that is under way. `customer` and `ping` are keyed hashes, of whose it is and of what a ping shows; `effect` is the
    outbox row that goes on with it. `until`: so long may it be looked at. What follows is known once it is open.

    `since` is in seconds since 1970; `interval` in real seconds; `failed`: looks in a row without an answer.
    """

    call_id: str
    number: int
    customer: str
    ping: str
    effect: int
    at: datetime
    until: datetime
    pending: Pending = Pending.WANTED
    auth_req_id: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    since: float = 0.0
    interval: float = 0.0
    failed: int = 0


class ApprovalRows(Protocol):
    """Those under way, in an open transaction."""

    def keep_approval(self, kept: KeptApproval) -> bool:
        """A new one. False where one of this customer's is under way."""
        ...

    def approval(self, call_id: str, number: int) -> KeptApproval | None:
        """One of them."""
        ...

    def pinged_approval(self, ping: str) -> KeptApproval | None:
        """The one that a ping with this hash is about."""
        ...

    def save_approval(self, kept: KeptApproval) -> None:
        """It has come further. One that is over stays so."""
        ...

    def drop_approval(self, call_id: str, number: int) -> bool:
        """It is over. False where it was."""
        ...

    def hasten_effect(self, effect_id: int, at: datetime) -> None:
        """Due now, if nobody is at it."""
        ...
