"""What the tables of points have in common: who calls, a test for each point, and what holds whatever the point."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.crash.stage import Ended, Stage
from voicebot.simulator.script import Script

ASKED, KNOWN, JOINT, BALANCE = "+12025550110", "+12025550120", "+12025550130", "+12025550140"  # lines of company.toml
LEAVES = "hangup@wait"


@dataclass(frozen=True)
class Customer:
    """One of examples/customers.csv. Rows take turns with them, so that no account and no number has too many failures."""

    ref: str
    account: str
    pin: str
    phone: str

    def calls(
        self, line: str, *turns: str, from_: str = "", agents: Sequence[str] = ("none",), talk: float = 3.0
    ) -> Script:
        """A call of theirs, by default from a telephone that nobody knows. `talk`: seconds with an agent."""
        from_ = from_ or self.phone.replace("555010", "555077")
        return replace(Script.of(line, from_, turns, agents), talk=talk)


CUSTOMERS = (
    Customer("C-1001", "keys:40719238", "keys:493817", "+12025550101"),
    Customer("C-1002", "keys:58260417", "keys:270694", "+12025550102"),
    Customer("C-1003", "keys:69315042", "keys:618305", "+12025550103"),
    Customer("C-1004", "keys:73940186", "keys:905172", "+12025550104"),
    Customer("C-1008", "keys:97058214", "keys:851326", "+12025550108"),
)


Row = tuple[str, Customer]


def rows(points: Mapping[str, str]) -> Callable[[Any], Any]:
    """A test for each point, named after what has happened, with a customer for each."""
    made = zip(points.values(), itertools.cycle(CUSTOMERS), strict=False)
    return pytest.mark.parametrize("row", list(made), ids=list(points))


def opened(place: Path, scale: float, database: str = "") -> Iterator[Stage]:
    """A stage for a fixture."""
    stage = Stage(place, scale, database)
    stage.open()
    yield stage
    stage.close()


def unharmed(ended: Ended, point: str) -> None:
    """What holds whatever the point: it was reached, every document was well-formed and came in time, nothing is left over."""
    assert ended.struck == point
    assert ended.record.failures == []
    assert ended.left_over == []
