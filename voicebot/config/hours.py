"""When somebody is there: weekly hours in a time zone, public holidays, single closed days.

Must not ask what time it is: the time is an argument.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import holidays as public

from voicebot.config.tables import Table, nearest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS, NEVER = "always", "never"
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")
_END_OF_DAY = 24 * 60
DAYS_AHEAD = 7


@dataclass(frozen=True)
class OpeningHours:
    """Spans of minutes of the day for each weekday (Monday first). A span that ends before it begins goes on after midnight,
    and belongs to the day on which it begins. `holidays` is a country or a country and its part: `US`, `US-CA`.
    """

    name: str
    time_zone: str
    week: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    holidays: str = ""
    closed_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this aware time."""
        if at.tzinfo is None:
            raise ValueError("opening hours need a time with its time zone")
        local = at.astimezone(ZoneInfo(self.time_zone))
        minute = local.hour * 60 + local.minute
        today = any(begin <= minute < (end if end > begin else _END_OF_DAY) for begin, end in self._spans(local.date()))
        last_night = self._spans(local.date() - timedelta(days=1))
        return today or any(end <= begin and minute < end for begin, end in last_night)

    def closes_at(self, at: datetime) -> datetime | None:
        """The first whole minute after `at` (UTC) at which nobody is there; None if somebody is for the next week.

        Between two moments that the hours name, nothing changes but at a change of the clocks, so that is looked at closely.
        """
        open_until = at.astimezone(UTC).replace(second=0, microsecond=0)
        for moment in self._moments(open_until):
            if not self.is_open(moment):
                return _first_closed(self, open_until, moment)
            open_until = moment
        return None

    def _moments(self, after: datetime) -> list[datetime]:
        """When something may change in the next week: each end of a span as the wall clock shows it, and every midnight."""
        zone = ZoneInfo(self.time_zone)
        first = after.astimezone(zone).date() - timedelta(days=1)
        found: set[datetime] = set()
        for day in (first + timedelta(days=number) for number in range(DAYS_AHEAD + 2)):
            for minute in {0, *(end if end > begin else end + _END_OF_DAY for begin, end in self._spans(day))}:
                wall = datetime.combine(day, time(0), zone) + timedelta(minutes=minute)
                found |= {wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
        return sorted(moment for moment in found if moment > after)

    def _spans(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self.closed_on or (self.holidays and day in holidays_of(self.holidays, day.year)):
            return ()
        return self.week[day.weekday()]


def _first_closed(hours: OpeningHours, is_open: datetime, is_closed: datetime) -> datetime:
    """The minute in between at which it closes."""
    while is_closed - is_open > timedelta(minutes=1):
        middle = is_open + timedelta(minutes=(is_closed - is_open) // timedelta(minutes=2))
        if hours.is_open(middle):
            is_open = middle
        else:
            is_closed = middle
    return is_closed


def always(time_zone: str) -> OpeningHours:
    """Around the clock, every day."""
    return OpeningHours(ALWAYS, time_zone, (((0, _END_OF_DAY),),) * 7)


def never(time_zone: str) -> OpeningHours:
    """Closed."""
    return OpeningHours(NEVER, time_zone)


@cache
def holidays_of(place: str, year: int) -> frozenset[date]:
    """Public holidays of `US` or `US-CA` in one year. Raises NotImplementedError for a place that is not known."""
    country, _, part = place.partition("-")
    return frozenset(public.country_holidays(country, subdiv=part or None, years=year))


def read_time_zone(table: Table, key: str, default: str) -> str:
    """A name of the time zone database, `Europe/Copenhagen`."""
    name = table.text(key, default)
    if name in available_timezones():
        return name
    table.wrong(key, f'must be a time zone like "Europe/Copenhagen", not "{name}": {nearest(name, available_timezones())}')
    return "UTC"


def read_hours(tables: Iterator[tuple[str, Table]], time_zone: str) -> dict[str, OpeningHours]:
    """All named hours of a file, `always` and `never` among them."""
    known = {ALWAYS: always(time_zone), NEVER: never(time_zone)}
    for name, table in tables:
        if name in known:
            table.wrong("", "is built in and cannot be written anew")
            continue
        known[name] = _one(name, table, time_zone)
    return known


def _one(name: str, table: Table, time_zone: str) -> OpeningHours:
    week: list[tuple[tuple[int, int], ...]] = [()] * 7
    for key in table.names():
        if (days := _days(key)) is not None:
            spans = _spans(table, key)
            for day in days:
                week[day] = spans
    hours = OpeningHours(
        name,
        read_time_zone(table, "time_zone", time_zone),
        tuple(week),
        _holidays(table),
        _closed_on(table),
    )
    for usual in (*DAYS, "mon-fri", "sat-sun"):
        table.raw(usual, None)  # makes it known, for the nearest name of a misspelt one
    table.close()
    return hours


def _days(key: str) -> range | None:
    """`mon` or `mon-fri` as weekdays; None if it is neither."""
    first, _, last = key.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
        return None
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _spans(table: Table, key: str) -> tuple[tuple[int, int], ...]:
    value = table.raw(key)
    texts = [value] if isinstance(value, str) else value
    spans: list[tuple[int, int]] = []
    for text in texts if isinstance(texts, list) else [texts]:
        found = _SPAN.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            table.wrong(key, f'must be times like "08:00-17:30", or a list of them, not {text!r}')
            return ()
        begin, end = found[0].split("-")
        spans.append((_minutes(begin), _minutes(end)))
    return tuple(spans)


def _minutes(text: str) -> int:
    if text == "24:00":
        return _END_OF_DAY
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute


def _holidays(table: Table) -> str:
    place = table.text("holidays", "")
    try:
        if place:
            holidays_of(place, 2026)
    except NotImplementedError:
        table.wrong("holidays", f'must be a country like "US", or one with its part like "US-CA", not "{place}"')
        return ""
    return place


def _closed_on(table: Table) -> frozenset[date]:
    days = table.raw("closed_on", [])
    if not isinstance(days, list) or not all(isinstance(day, date) and not isinstance(day, datetime) for day in days):
        table.wrong("closed_on", "must be a list of dates like [2026-12-24]")
        return frozenset()
    return frozenset(days)


