"""A date exists, can be meant, and has one century; however its figures are ordered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.dates import FARTHEST, OLDEST, date_of, in_both_centuries, in_year_order, is_meant, one_century
from voicebot.dialogue.values import DateSpan
from voicebot.dialogue.words import DateOrder

TODAY = date(2026, 3, 2)
KEYED = {DateOrder.DAY_FIRST: "%d%m%Y", DateOrder.MONTH_FIRST: "%m%d%Y", DateOrder.YEAR_FIRST: "%Y%m%d"}
days = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(day=days, order=st.sampled_from(DateOrder))
def test_keys_in_any_order_are_the_date_that_was_meant(day: date, order: DateOrder) -> None:
    assert date_of(in_year_order(day.strftime(KEYED[order]), order)) == day


@given(digits=st.text("0123456789", min_size=8, max_size=8))
def test_digits_are_a_date_only_if_there_is_one(digits: str) -> None:
    day = date_of(digits)
    assert day is None or f"{day.year:04}{day:%m%d}" == digits


@pytest.mark.parametrize(
    ("digits", "span", "meant"),
    [
        ("20240229", DateSpan.ANY, True),
        ("20230229", DateSpan.ANY, False),
        ("20261302", DateSpan.ANY, False),
        ("00000000", DateSpan.ANY, False),
        ("18951231", DateSpan.ANY, False),
        ("18960101", DateSpan.ANY, True),
        ("20561231", DateSpan.ANY, True),
        ("20570101", DateSpan.ANY, False),
        ("20260303", DateSpan.PAST, True),
        ("20260304", DateSpan.PAST, False),
        ("20260301", DateSpan.FUTURE, True),
        ("20260228", DateSpan.FUTURE, False),
    ],
)
def test_a_date_can_be_meant(digits: str, span: DateSpan, meant: bool) -> None:
    assert is_meant(digits, span, TODAY) is meant


@given(day=days, span=st.sampled_from(DateSpan))
def test_no_date_far_from_today_or_on_its_wrong_side_is_meant(day: date, span: DateSpan) -> None:
    meant = is_meant(day.strftime("%Y%m%d"), span, TODAY)
    assert not meant or TODAY.year - OLDEST <= day.year <= TODAY.year + FARTHEST
    if span is DateSpan.PAST and day > TODAY + timedelta(days=1):
        assert not meant
    if span is DateSpan.FUTURE and day < TODAY - timedelta(days=1):
        assert not meant


@given(day=st.dates(date(1927, 3, 4), date(2026, 3, 2)))
def test_a_birthday_with_a_year_of_two_digits_is_of_the_last_hundred_years(day: date) -> None:
    if (day.month, day.day) == (2, 29):
        return
    readings = [f"{year}{day:%m%d}" for year in in_both_centuries(f"{day:%y}")]
    past = [digits for digits in readings if is_meant(digits, DateSpan.PAST, TODAY)]
    assert one_century(past, TODAY) == [f"{day:%Y%m%d}"]


def test_dates_that_differ_in_more_than_the_century_are_all_kept() -> None:
    assert one_century(["19800102", "20801219", "19801219"], TODAY) == ["19800102", "19801219"]
    assert one_century([], TODAY) == []


def test_a_year_of_four_digits_has_its_century() -> None:
    assert in_both_centuries("1985") == ["1985"]
    assert in_both_centuries("85") == ["2085", "1985"]
