"""Customers who are to be called back, until somebody has done so.

A wish has the id of the interaction in which it was made: the call in which somebody asked for it, or one that is opened for it
(`Ledger.open_call` with a call that has ended, without a leg) where it comes from a page, the API or an alert. That interaction's
key seals the number and the subject, and goes with it. The phrase has a key of its own, which is gone once it was read.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from voicebot.dialogue.calling_back import BookedBy, Window, WishStatus

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
