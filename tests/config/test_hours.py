from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from voicebot.config.hours import OpeningHours, always, holidays_of, never, read_hours
from voicebot.config.tables import Complaints, Table

NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_FIVE = ((9 * 60, 17 * 60),)


def weekdays(**more: object) -> OpeningHours:
    return OpeningHours("office", "America/New_York", (NINE_TO_FIVE,) * 5 + ((), ()), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02T09:00", True),
        ("2026-03-02T08:59", False),
        ("2026-03-02T16:59", True),
        ("2026-03-02T17:00", False),
        ("2026-03-01T12:00", False),
    ],
)
def test_hours_hold_from_their_first_minute_to_before_their_last(at: str, is_open: bool) -> None:
    assert weekdays().is_open(datetime.fromisoformat(at).replace(tzinfo=NEW_YORK)) is is_open


def test_hours_are_those_of_the_companys_clock_summer_and_winter() -> None:
    assert weekdays().is_open(datetime(2026, 7, 1, 13, 0, tzinfo=UTC))  # 9:00 in summer
    assert not weekdays().is_open(datetime(2026, 1, 7, 13, 0, tzinfo=UTC))  # 8:00 in winter


def test_hours_that_go_on_after_midnight_belong_to_the_day_they_begin() -> None:
    friday_night = OpeningHours("bar", "UTC", ((), (), (), (), ((22 * 60, 2 * 60),), (), ()))
    assert friday_night.is_open(datetime(2026, 3, 6, 23, tzinfo=UTC))
    assert friday_night.is_open(datetime(2026, 3, 7, 1, 59, tzinfo=UTC))
    assert not friday_night.is_open(datetime(2026, 3, 7, 2, tzinfo=UTC))
    assert not friday_night.is_open(datetime(2026, 3, 6, 1, tzinfo=UTC))


def test_nobody_is_there_on_a_public_holiday() -> None:
    at = datetime(2026, 12, 25, 12, tzinfo=NEW_YORK)  # a Friday
    assert weekdays().is_open(at)
    assert not weekdays(holidays="US").is_open(at)


def test_nobody_is_there_on_a_day_that_the_company_closes() -> None:
    assert not weekdays(closed_on=frozenset({date(2026, 3, 2)})).is_open(datetime(2026, 3, 2, 12, tzinfo=NEW_YORK))


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    assert holidays_of("DE-BY", 2026) - holidays_of("DE", 2026)


def test_always_is_always_and_never_is_never() -> None:
    for hour in range(24):
        at = datetime(2026, 12, 25, hour, 59, 59, tzinfo=UTC)
        assert always("UTC").is_open(at)
        assert not never("UTC").is_open(at)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        always("UTC").is_open(datetime(2026, 1, 1))  # noqa: DTZ001  # that is the point


@pytest.mark.parametrize(
    ("at", "closes"),
    [
        ("2026-03-02T16:59:30", "2026-03-02T17:00"),
        ("2026-03-02T09:00", "2026-03-02T17:00"),
        ("2026-03-06T12:00", "2026-03-06T17:00"),  # the Friday before the clocks change
    ],
)
def test_an_open_office_says_when_it_closes(at: str, closes: str) -> None:
    closing = weekdays().closes_at(datetime.fromisoformat(at).replace(tzinfo=NEW_YORK))
    assert closing == datetime.fromisoformat(closes).replace(tzinfo=NEW_YORK)


def test_hours_past_midnight_close_on_the_next_day_and_spans_that_touch_are_one() -> None:
    bar = OpeningHours("bar", "UTC", ((), (), (), (), ((12 * 60, 22 * 60), (22 * 60, 2 * 60)), (), ()))
    assert bar.closes_at(datetime(2026, 3, 6, 13, tzinfo=UTC)) == datetime(2026, 3, 7, 2, tzinfo=UTC)


def test_what_is_always_open_never_closes() -> None:
    assert always("Europe/Copenhagen").closes_at(datetime(2026, 3, 28, 12, tzinfo=UTC)) is None


SPAN = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] != span[1])
DAYS_OF_CHANGE = [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)]


@given(
    st.lists(st.lists(SPAN, max_size=2).map(tuple), min_size=7, max_size=7).map(tuple),
    st.sampled_from(DAYS_OF_CHANGE),
    st.integers(0, 2 * 1440),
    st.sampled_from(["Europe/Copenhagen", "Australia/Lord_Howe", "UTC"]),
)
@trials(max_examples=40, deadline=None)
def test_it_closes_at_the_first_minute_at_which_nobody_is_there(
    week: tuple[tuple[tuple[int, int], ...], ...], day: datetime, minute: int, zone: str
) -> None:
    """Looked for minute by minute, also over changes of the clocks (Lord Howe's are half an hour)."""
    hours, at = OpeningHours("any", zone, week), day + timedelta(minutes=minute)
    assume(hours.is_open(at))
    closes = hours.closes_at(at)
    last = closes or at + timedelta(days=2)
    assert all(hours.is_open(at + timedelta(minutes=passed)) for passed in range(int((last - at).total_seconds()) // 60))
    assert closes is None or not hours.is_open(closes)


def read(plain: dict[str, object]) -> tuple[OpeningHours, list[str]]:
    complaints = Complaints("file")
    table = Table({"hours": {"office": plain}}, "", complaints)
    return read_hours(table.tables("hours"), "UTC")["office"], complaints.found


def test_spans_of_days_and_several_spans_a_day_are_read() -> None:
    hours, wrong = read({"mon-fri": "08:00-17:30", "sat": ["08:00-12:00", "13:00-24:00"]})
    assert wrong == []
    assert hours.week[4] == ((480, 1050),)
    assert hours.week[5] == ((480, 720), (780, 1440))
    assert hours.week[6] == ()


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"mon": "8:00-17:00"}, "hours.office.mon: must be times"),
        ({"mon": "08:00-25:00"}, "hours.office.mon: must be times"),
        ({"mon": 8}, "hours.office.mon: must be times"),
        ({"mon": ["08:00-12:00", "x"]}, "hours.office.mon: must be times"),
        ({"fri-mon": "08:00-17:00"}, "hours.office.fri-mon: is not known"),
        ({"holidays": "Atlantis"}, "hours.office.holidays: must be a country"),
        ({"holidays": "US-XX"}, "hours.office.holidays: must be a country"),
        ({"closed_on": ["2026-12-24"]}, "hours.office.closed_on: must be a list of dates"),
        ({"time_zone": "CET/Nowhere"}, "hours.office.time_zone: must be a time zone"),
    ],
)
def test_wrong_hours_are_named(plain: dict[str, object], said: str) -> None:
    assert any(said in complaint for complaint in read(plain)[1])


def test_built_in_hours_cannot_be_written_anew() -> None:
    complaints = Complaints("file")
    read_hours(Table({"hours": {"always": {}}}, "", complaints).tables("hours"), "UTC")
    assert complaints.found == ["file: hours.always: is built in and cannot be written anew"]
