"""Customers who are to be called back, until somebody has done so.

A wish has the id of the interaction in which it was made: the call in which somebody asked for it, or one that is opened for it
(`Ledger.open_call` with a call that has ended, without a leg) where it comes from a page, the API or an alert. That interaction's
key seals the number and the subject, and goes with it. The phrase has a key of its own, which is gone once it was read.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.calling_back import BookedBy, Window, WishStatus
from voicebot.dialogue.phrase import CallbackPhrase

BY_PHONE = "phone"


@dataclass(frozen=True)
class CallbackWish:
    """`number` is E.164, empty where the call was erased; `since` when they got in line, `at` when they left it (or booked).

    `due_at`: when an agent is rung for it, None for one whom nobody dials; `tries`: how often it was dialled; `dialled_in`: the
    call that is at it. `window`: when they want to be called; None: as soon as possible, with the place that they had.
    `medium`: `phone`, or how else they would be met, which is agents' own work (`due_at` None). `customer`: the back end's key,
    empty where nobody was identified. `assigned`: the agent who has it or had it, by name.
    """

    call_id: str
    queue: str
    number: str = field(repr=False)
    since: datetime
    at: datetime
    due_at: datetime | None = None
    tries: int = 0
    dialled_in: str = ""
    window: Window | None = None
    subject: str = field(default="", repr=False)
    medium: str = BY_PHONE
    customer: str = field(default="", repr=False)
    booked_by: BookedBy = BookedBy.CALL
    status: WishStatus = WishStatus.BOOKED
    assigned: str = ""


@dataclass(frozen=True)
class PhraseState:
    """What may be known of a phrase: whether there is one to be read, and who has read it when (empty, None: nobody)."""

    is_set: bool = False
    read_by: str = ""
    read_at: datetime | None = None


class CallbackWishes(Protocol):
    """The open ones, and the end of one."""

    def open_wishes(self, queues: Collection[str] | None = None, limit: int = 50) -> tuple[CallbackWish, ...]:
        """Those of these queues, of all where None; who got in line first comes first."""
        ...

    def phrases(self, wishes: Collection[str]) -> dict[str, PhraseState]:
        """What is known of the phrases of these wishes. One that never had any is not named."""
        ...

    def done(self, call_id: str, by: str, at: datetime) -> bool:
        """This agent has called back. False where somebody had already, or nobody wished it."""
        ...


class WishRows(Protocol):
    """Wishes in the database, and their phrases."""

    def keep_wish(self, wish: CallbackWish) -> bool:
        """Somebody would be called back. False where the queue is to call that number already."""
        ...

    def change_wish(self, wish: CallbackWish, at: datetime) -> bool:
        """Write number, window, due time, subject and medium. False where it is closed, a call is at it, or the queue is to call
        the new number already.
        """
        ...

    def assign_wish(self, call_id: str, agent: str, at: datetime) -> None:
        """This agent, by name, has accepted it."""
        ...

    def any_wish(self, call_id: str) -> CallbackWish | None:
        """The wish of this call, open or not."""
        ...

    def wishes_of(self, customer: str = "", number: str = "") -> list[CallbackWish]:
        """Open wishes of this customer (the back end's key) or for this number (E.164); what is empty names nobody."""
        ...

    def wished_in(self, queue: str, start: datetime, until: datetime) -> int:
        """How many open wishes of this queue have a window that begins from `start` on and before `until`."""
        ...

    def wished_starts(self, queue: str, start: datetime, until: datetime) -> dict[datetime, int]:
        """The same by the beginning of their windows (UTC)."""
        ...

    def keep_phrase(self, wish: str, phrase: CallbackPhrase, wipe_at: datetime) -> None:
        """The phrase of this wish, in place of an earlier one. The wish may follow; then the phrase lasts as its window says."""
        ...

    def phrase(self, wish: str, now: datetime) -> CallbackPhrase | None:
        """To be read back to whoever has just agreed it."""
        ...

    def read_phrase(self, wish: str, by: str, now: datetime) -> CallbackPhrase | None:
        """For the agent who reads it out, by name. Once; then it is wiped."""
        ...

    def wipe_phrase(self, wish: str) -> bool:
        """It is not wanted; gives whether there was one."""
        ...

    def phrase_state(self, wish: str, now: datetime | None = None) -> PhraseState | None:
        """What may be known of it; None where there never was any. With `now`, one whose time is over is not set any more."""
        ...

    def is_wished(self, queue: str, number: str) -> bool:
        """Whether this queue is to call this number (E.164)."""
        ...

    def wish(self, call_id: str) -> CallbackWish | None:
        """The open wish of this call."""
        ...

    def wish_for(self, queue: str, number: str) -> CallbackWish | None:
        """The open wish of this queue for this number (E.164)."""
        ...

    def dialled_in(self, call_id: str) -> str:
        """The call that is or was at the wish of this call, open or not; empty where none is."""
        ...

    def due_wishes(self, now: datetime, limit: int = 20) -> list[str]:
        """Calls whose open wishes are due and that no call is at, earliest first. Only looks, so a reading view will do."""
        ...

    def begin_wish(self, call_id: str, dialled_in: str) -> bool:
        """This call is at it now. False where another one is, or it is open no more."""
        ...

    def put_off_wish(self, call_id: str, until: datetime) -> None:
        """Due then, if it is still open."""
        ...

    def settle_wish(self, settled: SettleWish, at: datetime, by: str) -> None:
        """The call that was at it has ended. One that is closed already stays as it is."""
        ...
