"""Whoever looks on is told after each commit what it was about, and never before it can be read."""

from collections.abc import Callable

import pytest

from tests.switchboard.house import ADA, LINE, WITHHELD, House
from voicebot.errors import ImpossibleEvent
from voicebot.ports.store import KeptCall
from voicebot.switchboard.plan import FLOOR, about_call


class Onlooker:
    """Writes down what it is told, and what it can read of a call by then."""

    def __init__(self) -> None:
        self.told: list[frozenset[str]] = []
        self.read: list[int] = []
        self.house: House | None = None
        self.leg = "CA1"

    def __call__(self, topics: frozenset[str]) -> None:
        self.told.append(topics)
        if self.house is not None and (kept := self._call(self.house)) is not None:
            self.read.append(kept.version)

    def _call(self, house: House) -> KeptCall | None:
        with house.store.reading() as ledger:
            leg = ledger.leg(self.leg)
            return ledger.load_call(leg.call_id) if leg else None


@pytest.fixture
def onlooker(make_house: Callable[..., House]) -> Onlooker:
    looks = Onlooker()
    looks.house = make_house(changed=looks)
    return looks


def test_the_roster_at_the_start_is_about_the_floor(onlooker: Onlooker) -> None:
    assert onlooker.told == [frozenset({FLOOR})]


def test_a_call_that_moves_is_told_of_and_can_be_read_by_then(onlooker: Onlooker) -> None:
    assert onlooker.house is not None
    arrived = onlooker.house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    assert onlooker.told[-1] == {about_call(arrived.call_id)}
    seen = len(onlooker.read)
    onlooker.house.enters(arrived, ADA.identifier)
    assert len(onlooker.read) > seen
    assert onlooker.read == sorted(set(onlooker.read))  # each time a newer one


def test_a_call_that_comes_in_line_is_about_the_floor_too(onlooker: Onlooker) -> None:
    assert onlooker.house is not None
    arrived = onlooker.house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    onlooker.house.enters(onlooker.house.enters(arrived, ADA.identifier), "493817")
    assert {FLOOR, about_call(arrived.call_id)} in onlooker.told


def test_a_call_that_rings_because_another_has_gone_is_told_of_too(onlooker: Onlooker) -> None:
    assert onlooker.house is not None
    house, calls = onlooker.house, []
    for leg in ("CA1", "CA2"):
        arrived = house.switchboard.arrive(leg, LINE.dnis, WITHHELD)
        house.enters(house.enters(arrived, ADA.identifier), "493817")
        calls.append(arrived.call_id)
    del onlooker.told[:]
    house.switchboard.caller_hung_up("CA1")
    assert {FLOOR, *map(about_call, calls)} in onlooker.told


def test_nothing_is_told_of_what_was_rolled_back_or_only_read(onlooker: Onlooker) -> None:
    assert onlooker.house is not None
    arrived = onlooker.house.switchboard.arrive("CA1", LINE.dnis, WITHHELD)
    before = list(onlooker.told)
    onlooker.house.switchboard.document(arrived.call_id)
    with pytest.raises(ImpossibleEvent):
        onlooker.house.switchboard.agent_keyed("nobody.1", "1")
    assert onlooker.told == before
