"""Callers who left the line to be called back, until somebody has done so."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class CallbackWish:
    """`number` is E.164, empty where the call was erased; `since` when they got in line, `at` when they left it.

    `due_at`: when an agent is rung for it, None for one whom nobody dials; `tries`: how often it was dialled; `dialled_in`: the
    call that is at it.
    """

    call_id: str
    queue: str
    number: str = field(repr=False)
    since: datetime
    at: datetime
    due_at: datetime | None = None
    tries: int = 0
    dialled_in: str = ""


class CallbackWishes(Protocol):
    """The open ones, and the end of one."""

    def open_wishes(self, queues: Collection[str] | None = None, limit: int = 50) -> tuple[CallbackWish, ...]:
        """Those of these queues, of all where None; who got in line first comes first."""
        ...

    def done(self, call_id: str, by: str, at: datetime) -> bool:
        """This agent has called back. False where somebody had already, or nobody wished it."""
        ...
