"""Customers whom we ask for a conversation: they choose when, and it becomes a callback."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.ports.callback_wishes import CallbackWish


class InvitationState(StrEnum):
    """How far it has come."""

    WAITING = "waiting"  # to be sent at its time
    SENT = "sent"
    AGREED = "agreed"  # the customer has chosen: it is a callback now, of the same id
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody answered in time
    REFUSED = "refused"  # the customer wants no messages from us
    WITHDRAWN = "withdrawn"


OPEN = (InvitationState.WAITING, InvitationState.SENT)


@dataclass(frozen=True)
class Invitation:
    """`id` is that of the interaction opened for it, whose key seals number, reason and customer. `by`: who asks, as
    `agent:ruth`, `api:crm` or `campaign:spring`; `campaign`: its name, empty for a single one. `number` is E.164, empty after
    erasure; `until`: when it is over.
    """

    id: str
    subject: str
    queue: str
    number: str = field(repr=False)
    reason: str = field(repr=False)
    language: str
    by: str
    at: datetime
    send_at: datetime
    until: datetime
    campaign: str = ""
    customer: str = field(default="", repr=False)
    state: InvitationState = InvitationState.WAITING


class InvitationRows(Protocol):
    """Part of an open transaction (`ports.store.Ledger`)."""

    def keep_invitation(self, invitation: Invitation) -> bool:
        """Write it. False where somebody else has, for the same campaign and number."""
        ...

    def invitation(self, invitation_id: str) -> Invitation | None:
        """One of them."""
        ...

    def open_invitation(self, queue: str, number: str) -> Invitation | None:
        """The open one of this queue for this number (E.164), if there is one."""
        ...

    def was_invited(self, campaign: str, number: str) -> bool:
        """Whether this campaign has asked this number (E.164), whatever came of it."""
        ...

    def due_invitations(self, now: datetime, limit: int = 20) -> list[Invitation]:
        """Those that are to be sent now, earliest first. Only looks."""
        ...

    def expired_invitations(self, now: datetime, limit: int = 20) -> list[str]:
        """Open ones whose time is over. Only looks."""
        ...

    def newest_invitations(self, limit: int = 50) -> list[Invitation]:
        """The newest first."""
        ...

    def last_of_campaign(self, campaign: str) -> datetime | None:
        """When the last one of a campaign is sent, or was."""
        ...

    def missed_callbacks(self, since: datetime, limit: int = 50, seen: int = 0) -> list[CallbackWish]:
        """Callbacks that were closed since then because nobody was reached, without the first `seen`."""
        ...

    def move_invitation(self, invitation_id: str, state: InvitationState, at: datetime) -> bool:
        """An open one has come to this. False where it is open no more. Once it is over, its message is not sent any more."""
        ...
