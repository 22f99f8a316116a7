"""When scheduled reports are due, and what became of the last run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class Run:
    """A schedule's state. `trouble` of the last run is empty where all went well; `tries` count those in a row that did not."""

    schedule: str
    due_at: datetime
    ran_at: datetime | None = None
    first: date | None = None
    last: date | None = None
    trouble: str = ""
    tries: int = 0


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

    def finish(self, owner: str, run: Run) -> bool:
        """What became of it and when it is due next; False where the lease was lost meanwhile, and nothing is kept."""
        ...

    def again(self, schedule: str, now: datetime) -> bool:
        """Due at once; False for one that is not there."""
        ...

    def all(self) -> list[Run]:
        """By name."""
        ...
