"""How often an account's secret may be tried, over all calls."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.conversation import NOON
from voicebot.dialogue.lockout import A_DAY, DAY, IN_A_ROW, LOCK, OPEN_FOR, WITHOUT_SUCCESS, Standing, reserve, settle
from voicebot.dialogue.values import SecretVerdict

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def tried(standing: Standing, verdict: SecretVerdict, at: datetime) -> Standing:
    reserved = reserve(standing, at)
    assert reserved is not None
    return settle(reserved, at, verdict, at + timedelta(seconds=1))


def after_wrong(count: int, *, apart: timedelta = MINUTE) -> Standing:
    standing = Standing()
    for number in range(count):
        standing = tried(standing, SecretVerdict.MISMATCHED, NOON + number * apart)
    return standing


def test_a_new_account_may_be_tried() -> None:
    assert reserve(Standing(), NOON) == Standing(unknown=(NOON,))


def test_five_wrong_in_a_row_lock_the_account_for_half_an_hour() -> None:
    assert (IN_A_ROW, LOCK) == (5, timedelta(minutes=30))
    standing = after_wrong(5)
    locked_at = NOON + 4 * MINUTE + timedelta(seconds=1)
    assert standing.locked_until == locked_at + LOCK
    assert reserve(standing, locked_at + LOCK - timedelta(seconds=1)) is None
    assert reserve(standing, locked_at + LOCK) is not None


def test_four_wrong_in_a_row_do_not_lock() -> None:
    assert reserve(after_wrong(4), NOON + HOUR) is not None


def test_a_success_ends_the_row() -> None:
    standing = tried(after_wrong(4), SecretVerdict.MATCHED, NOON + HOUR)
    assert (standing.consecutive, standing.since_success) == (0, 0)
    assert tried(standing, SecretVerdict.MISMATCHED, NOON + 2 * HOUR).locked_until is None


def test_a_success_does_not_take_back_what_counts_towards_the_day() -> None:
    assert len(tried(after_wrong(4), SecretVerdict.MATCHED, NOON + HOUR).recent) == 4


def test_ten_without_success_in_a_day_are_all_there_are() -> None:
    standing = after_wrong(10, apart=HOUR)
    assert A_DAY == 10
    assert reserve(standing, NOON + 11 * HOUR) is None


def test_the_day_is_the_last_twenty_four_hours() -> None:
    standing = after_wrong(10, apart=HOUR)
    assert reserve(standing, NOON + DAY) is None
    assert reserve(standing, NOON + DAY + timedelta(seconds=1)) is not None


def test_twenty_without_success_void_the_secret_for_good() -> None:
    standing, at = Standing(), NOON
    for _ in range(WITHOUT_SUCCESS):
        standing = tried(standing, SecretVerdict.MISMATCHED, at)
        at += timedelta(hours=6)
    assert WITHOUT_SUCCESS == 20
    assert standing.disabled
    assert reserve(standing, at + timedelta(days=365)) is None


def test_a_void_secret_stays_void_whatever_comes() -> None:
    standing = settle(Standing(disabled=True, unknown=(NOON,)), NOON, SecretVerdict.MISMATCHED, NOON)
    assert standing.disabled


NOT_CHECKED = [SecretVerdict.UNAVAILABLE, SecretVerdict.NOT_SET, SecretVerdict.LOCKED, SecretVerdict.LIMITED]


@pytest.mark.parametrize("verdict", NOT_CHECKED)
def test_what_certainly_was_not_checked_is_given_back(verdict: SecretVerdict) -> None:
    assert tried(Standing(), verdict, NOON) == Standing()


def test_what_was_perhaps_checked_counts_towards_the_day_but_locks_nothing() -> None:
    standing = Standing()
    for number in range(9):
        standing = tried(standing, SecretVerdict.TIMED_OUT, NOON + number * MINUTE)
    assert (standing.consecutive, standing.locked_until) == (0, None)
    assert reserve(standing, NOON + HOUR) is not None
    assert reserve(tried(standing, SecretVerdict.TIMED_OUT, NOON + HOUR), NOON + 2 * HOUR) is None


def test_guesses_in_parallel_are_no_more_than_guesses_in_a_row() -> None:
    standing = Standing()
    for _ in range(IN_A_ROW):
        reserved = reserve(standing, NOON)
        assert reserved is not None
        standing = reserved
    assert reserve(standing, NOON) is None


def test_wrong_ones_and_open_ones_count_together() -> None:
    reserved = reserve(after_wrong(4), NOON + HOUR)
    assert reserved is not None
    assert reserve(reserved, NOON + HOUR) is None


def test_a_reservation_that_nobody_settled_is_open_only_for_moments() -> None:
    standing = Standing(consecutive=4, unknown=(NOON,))
    assert reserve(standing, NOON + OPEN_FOR - timedelta(milliseconds=1)) is None
    assert reserve(standing, NOON + OPEN_FOR) is not None


def test_two_reservations_of_one_moment_are_settled_one_by_one() -> None:
    standing = settle(Standing(unknown=(NOON, NOON)), NOON, SecretVerdict.MATCHED, NOON)
    assert standing.unknown == (NOON,)


def test_a_reservation_that_is_forgotten_can_still_be_settled() -> None:
    assert settle(Standing(), NOON, SecretVerdict.MATCHED, NOON) == Standing()


def test_a_verdict_counts_even_if_it_comes_after_a_day() -> None:
    standing = settle(Standing(unknown=(NOON,)), NOON, SecretVerdict.MISMATCHED, NOON + 2 * DAY)
    assert (standing.consecutive, standing.unknown, len(standing.recent)) == (1, (), 1)


@given(st.lists(st.tuples(st.integers(0, 7200), st.sampled_from(SecretVerdict)), max_size=60))
def test_never_more_than_ten_checks_without_success_in_any_day(tries: list[tuple[int, SecretVerdict]]) -> None:
    """Whatever is tried and however it ends; what certainly was not checked is no check."""
    standing, at = Standing(), NOON
    checked: list[datetime] = []
    for pause, verdict in tries:
        at += timedelta(seconds=pause)
        reserved = reserve(standing, at)
        if reserved is None:
            continue
        standing = settle(reserved, at, verdict, at)
        if verdict in (SecretVerdict.MISMATCHED, SecretVerdict.TIMED_OUT):
            checked.append(at)
    for start in checked:
        assert sum(1 for time in checked if start <= time < start + DAY) <= A_DAY
