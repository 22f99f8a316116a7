"""The wallboard's figures are those that a supervisor would count by hand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.values import Ending
from voicebot.ports.interactions import Offered
from voicebot.switchboard.figures import Promise, by_queue, figures, stretches

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROMISE = Promise(answer_within=20, short_abandon=5)
QUARTER = timedelta(minutes=15)


def caller(minute: float, waited: float | None, ending: Ending | None = Ending.SERVED, queue: str = "billing") -> Offered:
    answered = ending is Ending.SERVED
    return Offered(queue, NOON + timedelta(minutes=minute), waited, answered, ending)


DAY = (
    caller(0, 10),
    caller(1, 20),
    caller(2, 90),
    caller(3, 3, Ending.ABANDONED),
    caller(4, 5, Ending.ABANDONED),
    caller(16, 900, Ending.WAITED_TOO_LONG),
    caller(17, None, None),
    Offered("delivery", NOON + timedelta(minutes=18), 30.0, True, None),  # being served
)


def test_a_hand_made_hour_is_counted_right() -> None:
    counted = figures(DAY, PROMISE)
    assert (counted.offered, counted.waiting, counted.answered, counted.in_time) == (8, 1, 4, 2)
    assert (counted.abandoned, counted.left_at_once, counted.unserved) == (1, 1, 1)
    assert counted.service_level == 2 / 6
    assert counted.abandonment == 1 / 6
    assert (counted.average_wait, counted.longest_wait) == (37.5, 90)


def test_where_nobody_called_there_are_no_shares() -> None:
    nothing = figures((), PROMISE)
    assert (nothing.service_level, nothing.abandonment, nothing.average_wait, nothing.longest_wait) == (None,) * 4
    assert figures((caller(0, None, None), caller(1, 1, Ending.ABANDONED)), PROMISE).service_level is None


def test_each_queue_has_its_own_callers() -> None:
    assert {name: len(those) for name, those in by_queue(DAY).items()} == {"billing": 7, "delivery": 1}


def test_the_last_hours_are_cut_into_pieces_without_gaps() -> None:
    pieces = stretches(DAY, NOON, NOON + timedelta(minutes=50), QUARTER, PROMISE)
    assert [(piece.at, piece.figures.offered) for piece in pieces] == [
        (NOON, 5),
        (NOON + QUARTER, 3),
        (NOON + 2 * QUARTER, 0),
        (NOON + 3 * QUARTER, 0),
    ]


WAITED = st.floats(0, 2000)
CALLERS = st.lists(
    st.one_of(
        st.builds(caller, st.integers(0, 59), WAITED),
        st.builds(caller, st.integers(0, 59), WAITED, st.sampled_from([Ending.ABANDONED, Ending.WAITED_TOO_LONG])),
        st.builds(caller, st.integers(0, 59), st.none(), st.none()),
    )
)


@given(CALLERS)
def test_everybody_is_counted_once(callers: list[Offered]) -> None:
    counted = figures(callers, PROMISE)
    parts = counted.waiting + counted.answered + counted.abandoned + counted.left_at_once + counted.unserved
    assert parts == counted.offered == len(callers)
    assert counted.in_time <= counted.answered
    pieces = stretches(callers, NOON, NOON + timedelta(hours=1), QUARTER, PROMISE)
    assert sum(piece.figures.offered for piece in pieces) == len(callers)
