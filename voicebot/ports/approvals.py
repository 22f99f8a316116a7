"""Approval in the customer's own app (OpenID CIBA Core 1.0): asked for once, then looked at until it is answered."""

from dataclasses import dataclass, field
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
