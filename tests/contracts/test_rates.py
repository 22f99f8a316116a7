"""So many within a time and no more, counted before it is done; and how long somebody who is too early has to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from voicebot.ports.accounts import TryLimit
from voicebot.records.rates import SqlRates
from voicebot.records.schema import marks
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OF_A_KEY, OF_AN_ADDRESS = TryLimit("key", 3, 60), TryLimit("address", 1, 10)


@pytest.fixture
def rates(store: SqlStore) -> SqlRates:
    return SqlRates(store)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_window_slides(rates: SqlRates) -> None:
    assert [rates.take([OF_A_KEY], after(seconds)) for seconds in (0, 10, 20, 20.5)] == [0, 0, 0, 40]
    assert rates.take([OF_A_KEY], after(59.9)) == 1
    assert rates.take([OF_A_KEY], after(60)) == 0  # the first has left
    assert rates.take([OF_A_KEY], after(60)) == 10  # until the second does


def test_where_one_limit_is_reached_none_is_counted_and_the_longest_wait_is_told(rates: SqlRates) -> None:
    assert rates.take([OF_AN_ADDRESS, OF_A_KEY], after(0)) == 0
    assert rates.take([OF_AN_ADDRESS, OF_A_KEY], after(1)) == 9
    assert [rates.take([OF_A_KEY], after(seconds)) for seconds in (2, 3)] == [0, 0]
    assert rates.take([OF_AN_ADDRESS, OF_A_KEY], after(4)) == 56


def test_what_can_never_be_done_waits_for_the_whole_window(rates: SqlRates) -> None:
    assert rates.take([TryLimit("never", 0, 60)], NOON) == 60


def test_marks_of_a_busy_key_do_not_pile_up(rates: SqlRates, store: SqlStore) -> None:
    for number in range(20):
        rates.take([TryLimit("busy", 5, 10)], after(3 * number))
    with store.viewing() as books:
        assert (books.connection.scalar(select(func.count()).select_from(marks)) or 0) <= 5
