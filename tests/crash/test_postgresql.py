"""The same on PostgreSQL: a few points at which what the database holds decides."""

from collections.abc import Iterator

import pytest

from tests.conftest import emptied
from tests.crash.rows import ASKED, Row, opened, rows, unharmed
from tests.crash.stage import Stage

POINTS = {
    "a PIN was taken and its attempt reserved": "after commit of entry 2",
    "the back end checks a PIN": "at validate",
    "a verdict is being taken and its attempt settled": "2 before commit of errand",
    "the ringing of a phone is begun": "after commit of lease of ring",
    "a phone rings": "after ring",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Stage]:
    """On a server of our own."""
    yield from opened(tmp_path_factory.mktemp("postgresql"), 20.0, emptied(postgres))


@rows(POINTS)
def test_a_call_goes_on_as_if_nothing_had_been(stage: Stage, row: Row) -> None:
    point, one = row
    ended = stage.place_call(one.calls(ASKED, one.account, "keys:000000", one.pin, agents=["accept"]), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.story.outcome) == ("verified", "served")
    assert (ended.verdicts, ended.counted) == (["mismatched", "matched"], (1, 0))
    assert len(set(ended.keys)) == 2
    assert [agent.verdict for agent in ended.record.agents] == ["accepted"]
