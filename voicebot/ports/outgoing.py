"""Messages to people outside: an outbox of its own, so that none is lost or sent twice; what became of each; who wants none.

A message is written down before it is sent. Whoever takes one up marks it first; if nobody knows afterwards whether it went out,
it is looked for, and never just sent again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.ports.callback_news import CallbackNews
from voicebot.ports.callback_wishes import CallbackWish


class Channel(StrEnum):
    """By which way."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    MAIL = "mail"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    """How far it has come."""

    QUEUED = "queued"
    SENDING = "sending"  # somebody is at it
    UNKNOWN = "unknown"  # it may have gone out: it is looked for
    SENT = "sent"  # the carrier has it
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REFUSED = "refused"  # the person wants none from this sender, or the channel's rule forbids it
    DROPPED = "dropped"  # not needed any more: newer news, or its time is over


# A later state never gives way to an earlier one, however callbacks come.
RANK: Mapping[MessageState, int] = {
    MessageState.QUEUED: 0, MessageState.SENDING: 1, MessageState.UNKNOWN: 2, MessageState.SENT: 3,
    MessageState.DELIVERED: 4, MessageState.UNDELIVERED: 4, MessageState.FAILED: 4, MessageState.REFUSED: 4,
    MessageState.DROPPED: 4, MessageState.READ: 5,
}  # fmt: skip
OPEN = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN)


@dataclass(frozen=True)
class OutMessage:
    """`name` is ours, and the same over all tries. `to`: E.164, an address, a Messenger id, a URL. `sender`: whom it is from.

    `template` with `variables` in place of a text (WhatsApp). `wish`: the callback that it is about; `news`: of which change;
    `customer`: the back end's key; `by`: an agent's id, empty for the house. `sid`: the carrier's id; `reason`: why not.
    """

    name: str
    channel: Channel
    to: str = field(repr=False)
    sender: str
    text: str = field(repr=False)
    at: datetime
    due_at: datetime | None
    subject: str = field(default="", repr=False)
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    wish: str = ""
    news: int = 0
    customer: str = field(default="", repr=False)
    by: str = ""
    state: MessageState = MessageState.QUEUED
    tries: int = 0
    sid: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Untold:
    """News that nobody has told yet. `language` of the call or page in which the callback was booked."""

    news: CallbackNews
    wish: CallbackWish | None
    language: str


class Courier(Protocol):
    """One channel's way out."""

    def post(self, message: OutMessage) -> str:
        """Send it; gives the carrier's id, empty where there is none. Raises DeliveryFailed."""
        ...

    def find(self, message: OutMessage, known: Collection[str]) -> str | None:
        """Whether one that may have gone out did: the carrier's id, not one of `known`; empty: it may be sent again without harm.

        None: nobody can tell, ever. Raises DeliveryFailed where it cannot be asked now.
        """
        ...


class Outgoing(Protocol):
    """The outbox."""

    def untold(self, limit: int = 20, after: int = 0) -> list[Untold]:
        """News of callbacks, oldest first, from the one behind `after` on."""
        ...

    def tell(self, news: int, wish: str, messages: Sequence[OutMessage], now: datetime) -> bool:
        """Write the messages of this news; earlier ones about the same callback that nobody has begun are dropped. True once."""
        ...

    def put(self, message: OutMessage) -> bool:
        """Write one. False where its name is there already."""
        ...

    def lease(self, owner: str, now: datetime, until: datetime, limit: int = 20) -> list[OutMessage]:
        """Take what is due and nobody holds. QUEUED ones are to be sent; UNKNOWN ones are to be looked for, also those whose
        holder ended over them.
        """
        ...

    def settle(self, owner: str, message: OutMessage, now: datetime) -> None:
        """What became of one that this owner holds: state, reason, sid, tries, due_at. What a callback has said is kept."""
        ...

    def learned(self, name: str, state: MessageState, sid: str, reason: str, at: datetime) -> bool:
        """The carrier tells. Never backwards; False for one that is not there."""
        ...

    def known_sids(self, to: str) -> list[str]:
        """The carrier's ids of what this address was sent."""
        ...

    def opted_out(self, to: str, sender: str) -> bool:
        """Whether this person wants nothing from this sender."""
        ...

    def opt(self, person: str, sender: str, *, out: bool, at: datetime) -> None:
        """STOP, or START again. Only a keyed hash of the person is kept."""
        ...
