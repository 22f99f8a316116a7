"""Reports of made-up sums: what stands in them is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from voicebot.facts.periods import Period
from voicebot.facts.tally import Tally
from voicebot.ports.facts import By, Sum, Wanted
from voicebot.reports.library import LIBRARY
from voicebot.reports.making import Asked, House, Report, make

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MARCH = Asked(date(2026, 3, 2), date(2026, 3, 2))
BUSY = Tally(
    offered=10, answered=7, in_time=6, abandoned=3, abandoned_early=1, wait_until_answered=timedelta(seconds=91),
    longest_wait=timedelta(minutes=2, seconds=5), handled=7, talk=timedelta(minutes=28, seconds=3), wrap_up=timedelta(seconds=70),
    wrapped_up=5,
)  # fmt: skip
QUIET = Tally(offered=1, abandoned=1, abandoned_early=1, longest_wait=timedelta(seconds=3))


@dataclass
class Told:
    """Facts that are what one says; `wanted` is what was asked for last."""

    found: Sequence[Sum]
    wanted: Wanted | None = None
    left: int = 0

    def sums(self, wanted: Wanted, by: Sequence[By] = (), period: Period | None = None) -> tuple[Sum, ...]:
        self.wanted = wanted
        assert all(len(one.by) == len(by) and (one.began is None) == (period is None) for one in self.found)
        return tuple(self.found)

    def missing(self) -> int:
        return self.left


def house(*found: Sum, left: int = 0) -> House:
    return House("Larkfield Water", "Europe/Copenhagen", Told(found, left=left))


def queues(*names: str, asked: Asked = MARCH) -> Report:
    """One busy queue for each name, and a quiet one."""
    found = [*(Sum(None, (name,), BUSY) for name in names), Sum(None, ("night",), QUIET), Sum(None, ("",), Tally(calls=9))]
    return make(house(*found), LIBRARY["queues"], asked, NOON)


def intervals(rows: int) -> Report:
    began = [NOON + timedelta(minutes=15 * number) for number in range(rows)]
    asked = replace(MARCH, period=Period.QUARTER)
    return make(house(*(Sum(at, ("billing",), BUSY) for at in began)), LIBRARY["intervals"], asked, NOON)
