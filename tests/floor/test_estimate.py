"""A place is a place; a wait is said only while it is worth something."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.floor.test_assign import JONAS, MIRA, Hall
from voicebot.floor.estimate import ENOUGH, expected_wait, position, shrinkage
from voicebot.floor.values import Agent, AgentState, Answered, Floor, WorkItem, WorkKind

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BUSY = Agent("mira", "Mira", "+1", ("billing",), state=AgentState.BUSY)


def seconds(count: float) -> datetime:
    return NOON + timedelta(seconds=count)


def line(*ids: str, priority: int = 0) -> tuple[WorkItem, ...]:
    return tuple(WorkItem(name, WorkKind.CALL, "billing", seconds(n), priority) for n, name in enumerate(ids))


def answered(*at: float, queue: str = "billing") -> tuple[Answered, ...]:
    return tuple(Answered(queue, seconds(-one)) for one in at)


EVEN = answered(*range(360, 0, -60))  # one a minute


def test_the_place_counts_those_before_in_the_same_queue() -> None:
    elsewhere = WorkItem("z", WorkKind.CALL, "delivery", seconds(-9))
    floor = Floor(items=(*line("a", "b", "c"), elsewhere))
    assert [position(floor, name) for name in ("a", "b", "c", "z", "nobody")] == [1, 2, 3, 1, None]


def test_a_head_start_counts_for_the_place() -> None:
    early = WorkItem("vip", WorkKind.CALL, "billing", seconds(2), priority=60)
    assert position(Floor(items=(*line("a"), early)), "vip") == 1


def test_an_even_pace_makes_a_wait() -> None:
    floor = Floor(agents=(BUSY,), items=line("a", "b", "c"), answered=EVEN)
    assert expected_wait(floor, "c", NOON) == timedelta(minutes=3)
    assert expected_wait(floor, "a", NOON) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("agents", "history"),
    [
        pytest.param((), EVEN, id="nobody is there"),
        pytest.param((Agent("b", "B", "+1", ("billing",), state=AgentState.BREAK),), EVEN, id="all on a break"),
        pytest.param((Agent("b", "B", "+1", ("billing",), leaving=True),), EVEN, id="the last one is leaving"),
        pytest.param((Agent("b", "B", "+1", ("delivery",)),), EVEN, id="they work elsewhere"),
        pytest.param((BUSY,), EVEN[: ENOUGH - 1], id="too few answers"),
        pytest.param((BUSY,), answered(*range(4000, 3640, -60)), id="long ago"),
        pytest.param((BUSY,), answered(*range(660, 300, -60)), id="it has stopped"),
        pytest.param((BUSY,), answered(1500, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90), id="uneven"),
        pytest.param((BUSY,), answered(*range(360, 0, -60), queue="delivery"), id="another queue's pace"),
    ],
)
def test_what_is_not_known_is_not_said(agents: tuple[Agent, ...], history: tuple[Answered, ...]) -> None:
    assert expected_wait(Floor(agents=agents, items=line("a"), answered=history), "a", NOON) is None


def test_who_is_not_in_line_has_no_wait() -> None:
    assert expected_wait(Floor(agents=(BUSY,), answered=EVEN), "a", NOON) is None


def test_accepting_is_what_makes_the_pace() -> None:
    hall = Hall(MIRA)
    for name in "abcdefg":
        hall.calls(name)
        hall.accepts(next(iter(hall.open)))
        hall.is_done(next(iter(hall.open)))
    assert len(hall.floor.answered) == 7
    hall.calls("x")
    assert expected_wait(hall.floor, "x", hall.now) == timedelta(seconds=3)


def test_shrinkage_is_the_share_of_those_there_who_cannot_take_work() -> None:
    hall = Hall(MIRA, JONAS)
    assert shrinkage(Floor()) is None
    assert shrinkage(hall.floor) == 0
    hall.sets("mira", AgentState.BREAK, "lunch")
    assert shrinkage(hall.floor) == 0.5
    hall.sets("jonas", AgentState.OFFLINE)
    assert shrinkage(hall.floor) == 1
