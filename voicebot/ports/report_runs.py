"""When scheduled reports are due, and what became of the last run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Mailed(StrEnum):
    """How far a letter of a run is. There is no row for one that was not begun, or certainly did not go out."""

    BEGUN = "begun"
    GIVEN = "given"
    UNKNOWN = "unknown"  # it may have gone out: it is not sent again


@dataclass(frozen=True)
class Run:
    """A schedule's state. `trouble` of the last run is empty where all went well; `tries` count those in a row that did not.

    `id` stays the same over the tries of one run; `mailed` says what became of its letters, by who they are for (as a hash).
    """

    schedule: str
    due_at: datetime
    ran_at: datetime | None = None
    first: date | None = None
    last: date | None = None
    trouble: str = ""
    tries: int = 0
    id: str = ""
    mailed: Mapping[str, Mailed] = field(default_factory=dict)


class ReportRuns(Protocol):
    """One row for each schedule; whoever leases it runs it, and nobody else meanwhile."""

    def expect(self, schedule: str, due_at: datetime) -> None:
        """A schedule that is there from now on; one that is known keeps its time, however long ago that was."""
        ...

    def keep_only(self, schedules: Sequence[str]) -> None:
        """Forget those that are configured no more."""
        ...

    def lease(self, owner: str, now: datetime, until: datetime) -> list[Run]:
        """Those that are due and that nobody holds, earliest first."""
        ...

    def mark(self, owner: str, schedule: str, mailed: Mapping[str, Mailed]) -> bool:
        """What became of letters so far; False where the lease was lost meanwhile, and nothing is kept."""
        ...

    def finish(self, owner: str, run: Run) -> bool:
        """What became of it and when it is due next: with `tries` that is the same run, else a new one.

        False where the lease was lost meanwhile, and nothing is kept.
        """
        ...

    def again(self, schedule: str, now: datetime) -> bool:
        """Due at once; False for one that is not there."""
        ...

    def all(self) -> list[Run]:
        """By name."""
        ...
