"""The counters of a ledger in memory, for many thousand tries in a second."""

from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from voicebot.dialogue.lockout import Standing
from voicebot.ports.store import Ledger


@dataclass
class Counters:
    """What `ports/store.Ledger` says of standings and marks, and nothing else of it."""

    standings: dict[str, Standing] = field(default_factory=dict)
    marks: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def standing(self, account: str) -> Standing:
        """As it was saved."""
        return self.standings.get(account, Standing())

    def save_standing(self, account: str, standing: Standing) -> None:
        """Kept."""
        self.standings[account] = standing

    def count(self, key: str, at: datetime, window_seconds: int) -> int:
        """Marks within the window."""
        times = self.marks.get(key, [])
        return bisect_right(times, at) - bisect_right(times, at - timedelta(seconds=window_seconds))

    def mark(self, key: str, at: datetime) -> None:
        """One more."""
        insort(self.marks[key], at)

    def unmark(self, key: str, at: datetime) -> None:
        """One less."""
        if at in self.marks[key]:
            self.marks[key].remove(at)

    def last_mark(self, key: str, at: datetime) -> datetime | None:
        """The newest up to a time."""
        times = self.marks.get(key, [])
        newest = bisect_right(times, at)
        return times[newest - 1] if newest else None

    @property
    def as_ledger(self) -> Ledger:
        """For whoever needs no more of a ledger."""
        return cast(Ledger, self)
