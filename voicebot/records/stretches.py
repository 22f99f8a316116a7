"""Stretches of time by which the database adds up: each lies in one period of the company's clock, and the fewer the better."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, literal

from voicebot.facts.periods import DAY, QUARTER, Period, began, shifts, undivided

OF_DAYS = (Period.DAY, Period.WEEK, Period.MONTH)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - on the company's own clock


class Stretches:
    """Of a period within a time. A day is told by the company's clock, anything shorter by UTC's."""

    def __init__(self, period: Period, since: datetime, until: datetime, zone: tzinfo) -> None:
        self._period, self._zone = period, zone
        self._days = period in OF_DAYS
        self._shifts = shifts(since, until, zone) if self._days else ()
        self._length = DAY if self._days else undivided(period, since, until, zone)
        self._begun: dict[int, datetime] = {}

    def of(self, seconds: ColumnElement[Any], *, quarters: bool = False) -> ColumnElement[int]:
        """The stretch in which a moment lies, given in seconds since 1970 (`quarters`: of whole quarters of an hour)."""
        if self._length == QUARTER and quarters:
            return seconds
        if self._days:
            *later, (_, first) = reversed(self._shifts)
            seconds = seconds + (case(*((seconds >= at, literal(off)) for at, off in later), else_=first) if later else first)
        return cast(seconds - seconds % self._length, BigInteger).label("stretch")

    def began(self, stretch: int) -> datetime:
        """When its period began, in UTC."""
        if stretch not in self._begun:
            there = (EPOCH + timedelta(seconds=stretch)).replace(tzinfo=self._zone)
            at = there if self._days else datetime.fromtimestamp(stretch, UTC)
            self._begun[stretch] = began(self._period, at, self._zone)
        return self._begun[stretch]
