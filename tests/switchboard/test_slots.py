"""Slots lie in the hours in which somebody is there, begin where the wall clock shows a whole one, and never overlap."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.config.hours import OpeningHours, always, never
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.outbound import CallbackRules
from voicebot.switchboard.slots import NOT_BEFORE, Slot, slots, with_room

COPENHAGEN = "Europe/Copenhagen"
OFFICE = OpeningHours("office", COPENHAGEN, (((480, 720), (780, 1020)),) * 5 + ((),) * 2, closed_on=frozenset({date(2026, 3, 4)}))
MONDAY = datetime(2026, 3, 2, 11, 20, tzinfo=UTC)  # 12:20 there
HALF_HOUR = CallbackRules(slot_minutes=30, days_ahead=3, a_slot=2)


def walls(found: list[Window], zone: str = COPENHAGEN) -> list[str]:
    return [f"{window.start.astimezone(ZoneInfo(zone)):%a %H:%M}" for window in found]


def test_slots_are_those_of_the_opening_hours_without_lunch_and_closed_days() -> None:
    found = walls(list(slots(HALF_HOUR, COPENHAGEN, OFFICE.is_open, MONDAY)))
    assert found[:3] == ["Mon 13:00", "Mon 13:30", "Mon 14:00"]
    assert "Tue 11:30" in found
    assert "Tue 12:00" not in found
    assert found[-1] == "Thu 11:30"
    assert not [one for one in found if one.startswith("Wed")]


def test_who_cannot_be_called_then_is_offered_nothing() -> None:
    assert list(slots(HALF_HOUR, COPENHAGEN, never(COPENHAGEN).is_open, MONDAY)) == []


def test_a_slot_that_begins_at_once_is_no_slot() -> None:
    first = next(slots(HALF_HOUR, "UTC", always("UTC").is_open, MONDAY))
    assert first.start == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # 11:30 is too soon


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_the_clock_changes_has_as_many_slots_as_it_has_hours(day: date, hours: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(COPENHAGEN)).astimezone(UTC)
    found = slots(CallbackRules(slot_minutes=60, days_ahead=3), COPENHAGEN, always(COPENHAGEN).is_open, midnight - timedelta(1))
    assert sum(window.start.astimezone(ZoneInfo(COPENHAGEN)).date() == day for window in found) == hours


def test_a_full_slot_is_not_offered_and_others_say_how_much_is_left() -> None:
    found = list(slots(HALF_HOUR, COPENHAGEN, OFFICE.is_open, MONDAY))
    taken = {found[0].start: 2, found[1].start: 1}
    assert list(with_room(iter(found), taken, HALF_HOUR))[:2] == [Slot(found[1], 1), Slot(found[2], 2)]


ZONES = st.sampled_from([COPENHAGEN, "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Seoul"])


@given(
    zone=ZONES,
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 - Hypothesis wants them naive
    minutes=st.sampled_from([15, 30, 60, 120]),
    spans=st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True),
)
def test_whatever_the_zone_the_hours_and_the_day(zone: str, at: datetime, minutes: int, spans: list[int]) -> None:
    hours = OpeningHours("some", zone, ((tuple(sorted(spans)),),) * 7)  # type: ignore[arg-type]
    now = at.replace(tzinfo=UTC)
    found = list(slots(CallbackRules(slot_minutes=minutes, days_ahead=2), zone, hours.is_open, now))
    for window in found:
        wall = window.start.astimezone(ZoneInfo(zone))
        assert (wall.hour * 60 + wall.minute) % minutes == 0
        assert window.until - window.start == timedelta(minutes=minutes)
        assert now + NOT_BEFORE <= window.start < now + timedelta(days=2)
        assert all(hours.is_open(window.start + timedelta(minutes=minute)) for minute in range(minutes))
    assert all(one.until <= other.start for one, other in pairwise(found))
