"""Quarter hours to months, in the company's time zone: an hour that comes twice is two hours, one that does not come is none."""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import assert_never


class Period(StrEnum):
    """How long a stretch of time is that figures are put together for."""

    QUARTER = "15min"
    HALF = "30min"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


DAY, HOUR, HALF, QUARTER = 86_400, 3600, 1800, 900  # seconds
LONGEST = {Period.QUARTER: QUARTER, Period.HALF: HALF}


def began(period: Period, at: datetime, zone: tzinfo) -> datetime:
    """When the period began in which this moment lies, in UTC, so that no two beginnings can be taken for each other.

    `zone` is the company's; `at` is aware.
    """
    there = at.astimezone(zone)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match period:
        case Period.QUARTER:
            begin = _floored(there, 15)
        case Period.HALF:
            begin = _floored(there, 30)
        case Period.HOUR:
            begin = _floored(there, 60)
        case Period.DAY:
            begin = midnight
        case Period.WEEK:
            begin = midnight - timedelta(days=there.weekday())
        case Period.MONTH:
            begin = midnight.replace(day=1)
        case _:
            assert_never(period)
    return begin.astimezone(UTC)


def undivided(period: Period, since: datetime, until: datetime, zone: tzinfo) -> int:
    """Seconds: the longest of an hour, half and quarter of UTC of which none lies in two of these periods in that time."""
    longest = LONGEST.get(period, HOUR)
    days = range((until - since).days + 2)
    offsets = {(since + timedelta(days=day)).astimezone(zone).utcoffset() or timedelta() for day in days}
    fits = [one for one in (HOUR, HALF, QUARTER) if one <= longest and not any(off % timedelta(seconds=one) for off in offsets)]
    return fits[0] if fits else QUARTER


def shifts(since: datetime, until: datetime, zone: tzinfo) -> tuple[tuple[int, int], ...]:
    """How many seconds the company's clock is ahead of UTC, and from which second since 1970 on; the first holds before, too.

    Clocks are put forward and back at whole quarters of an hour, and not twice a day.
    """
    at, end = (int(moment.timestamp()) // QUARTER * QUARTER for moment in (since, until))
    found = [(at, _ahead(at, zone))]
    while at < end:
        following = at + DAY
        if _ahead(following, zone) != found[-1][1]:
            changed = next(quarter for quarter in range(at, following + 1, QUARTER) if _ahead(quarter, zone) != found[-1][1])
            found.append((changed, _ahead(changed, zone)))
        at = following
    return tuple(found)


def _ahead(seconds: int, zone: tzinfo) -> int:
    return int((datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset() or timedelta()).total_seconds())


def _floored(there: datetime, minutes: int) -> datetime:
    """Keeps which of two like hours it is."""
    return there.replace(minute=there.minute - there.minute % minutes, second=0, microsecond=0)
