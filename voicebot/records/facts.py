"""The port `FactStore`: the database adds up, by quarter of an hour or more where time matters, and periods are made of that.

A quarter of an hour lies in one period of any time zone that is in use today: all are whole quarters off UTC.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import add
from typing import Any, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, cast, func, select

from voicebot.facts.periods import QUARTER, Period, began
from voicebot.facts.sums import Targets
from voicebot.facts.tally import FROM_ROWS, Tally
from voicebot.ports.facts import OF_JOURNALS, By, Part, Sum, Wanted
from voicebot.records import judged_rows, outreach_rows
from voicebot.records.audit import SECURITY
from voicebot.records.fact_list import missing
from voicebot.records.fact_rows import MICROSECOND
from voicebot.records.outreach_rows import Told
from voicebot.records.schema import SUMS, audit, fact_counts
from voicebot.records.stretches import Stretches

LONGEST = "longest_wait"
_ENDS = [*(SUMS.index(part.value) for part in OF_JOURNALS), len(SUMS)]
SUMS_OF = {part: SUMS[first:after] for part, (first, after) in zip(OF_JOURNALS, pairwise(_ENDS), strict=True)}
# Parts that are in no journal are added up here: there are tens of thousands of them, not millions.
OF_ROWS: dict[Part, Callable[[Connection, datetime, datetime], Iterator[Told]]] = {
    Part.CALLBACKS: outreach_rows.callbacks, Part.OUTREACH: outreach_rows.outreach,
    Part.EVALUATIONS: judged_rows.judgements, Part.MARKS: judged_rows.marks,
}  # fmt: skip
DERIVED = {Part.STAYS: ("in_time", "abandoned_early")}
NO_COLUMN = {By.KIND, By.SCORE}  # journals know nothing of these
START = datetime.min.replace(tzinfo=UTC)
_Group: TypeAlias = tuple[datetime | None, tuple[str, ...]]
LENGTHS = frozenset(name for name in (*SUMS, *FROM_ROWS) if isinstance(getattr(Tally(), name), timedelta))


class Rows(Protocol):
    """Where plain rows are read: the whole store, or `ReadOnly`, which holds no keys."""

    def looking(self) -> AbstractContextManager[Connection]:
        """One consistent view, for reading."""
        ...


class SqlFacts:
    """Over what holds the rows. `zone`: the company's time zone, by which days and months begin."""

    def __init__(self, rows: Rows, zone: str = "UTC") -> None:
        self._rows, self._zone = rows, ZoneInfo(zone)

    def sums(self, wanted: Wanted, by: Sequence[By] = (), period: Period | None = None) -> tuple[Sum, ...]:
        """In order."""
        found: dict[_Group, dict[str, int]] = {}
        with self._rows.looking() as connection:
            for part in wanted.parts:
                if rows := self._rows_of(connection, part, wanted, by, period):
                    self._from_rows(rows, wanted.only, by, period, found)
                    continue
                names = (*SUMS_OF[part], *DERIVED.get(part, ()))
                for group, values in self._added(connection, part, wanted, by, period).items():
                    found.setdefault(group, {}).update(zip(names, values, strict=True))
                if part is Part.EVENTS:
                    for group in self._audited(connection, wanted, by, period):
                        told = found.setdefault(group, {})
                        told[part.value] = told.get(part.value, 0) + 1
        ordered = sorted(found.items(), key=lambda one: (one[0][0] or START, tuple(map(_in_order, one[0][1]))))
        return tuple(Sum(at, values, _tally(told)) for (at, values), told in ordered)

    def _added(
        self, connection: Connection, part: Part, wanted: Wanted, by: Sequence[By], period: Period | None
    ) -> "dict[_Group, Sequence[int]]":
        """The sums of one part by group: by stretches that lie in one period from the database, which are put together here."""
        if wanted.only.keys() & NO_COLUMN:
            return {}
        column, names = fact_counts.c, SUMS_OF[part]
        stretches = Stretches(period, wanted.since, wanted.until, self._zone) if period else None
        at_first = [stretches.of(column.quarter, quarters=True)] if stretches else []
        groups = [*at_first, *(column[one] for one in by)]
        chosen = select(*groups, *_sums(part, wanted.targets)).where(column.part == part.value, *_conditions(wanted))
        many, longest = len(groups), names.index(LONGEST) if LONGEST in names else None
        found: dict[_Group, Sequence[int]] = {}
        for row in connection.execute(chosen.group_by(*groups)).all():
            if row[many] is None:
                continue  # a sum over nothing, not by anything
            at = stretches.began(row[0]) if stretches else None
            group, new = (at, tuple(row[many - len(by) : many])), row[many:]
            found[group] = _both(old, new, longest) if (old := found.get(group)) is not None else new
        return found

    def _rows_of(
        self, connection: Connection, part: Part, wanted: Wanted, by: Sequence[By], period: Period | None
    ) -> Iterator[Told] | None:
        """Of a part that is in no journal; None of another one."""
        if part is Part.SCORES:
            stretches = Stretches(period, wanted.since, wanted.until, self._zone) if period else None
            return judged_rows.scores(connection, wanted.since, wanted.until, {*by, *wanted.only}, stretches)
        return OF_ROWS[part](connection, wanted.since, wanted.until) if part in OF_ROWS else None

    def _from_rows(
        self, rows: Iterator[Told], only: Mapping[By, str], by: Sequence[By], period: Period | None,
        found: dict[_Group, dict[str, int]],
    ) -> None:
        """Add them to their groups."""
        begun: dict[int, datetime] = {}
        for one in rows:
            if any(one.of.get(name, "") != value for name, value in only.items()):
                continue
            at = None
            if period:
                quarter = int(one.at.timestamp()) // QUARTER
                at = begun[quarter] = begun.get(quarter) or began(period, one.at, self._zone)
            sums = found.setdefault((at, tuple(one.of.get(name, "") for name in by)), {})
            for name, value in one.sums.items():
                sums[name] = sums.get(name, 0) + (value // MICROSECOND if isinstance(value, timedelta) else value)

    def _audited(
        self, connection: Connection, wanted: Wanted, by: Sequence[By], period: Period | None
    ) -> Iterator[_Group]:
        """The group of each security event that is in the audit and not in a journal: it has no line, queue or agent."""
        if not wanted.only.keys() <= {By.EVENT}:
            return
        deeds = [one.value for one in SECURITY if wanted.only.get(By.EVENT, one.value) == one]
        column = audit.c
        chosen = (column.at >= wanted.since) & (column.at < wanted.until) & column.what.in_(deeds)
        for row in connection.execute(select(column.at, column.what).where(chosen)):
            at = began(period, row.at, self._zone) if period else None
            yield at, tuple(row.what if one is By.EVENT else "" for one in by)

    def missing(self) -> int:
        """Listed, not made."""
        with self._rows.looking() as connection:
            return missing(connection)


def _in_order(value: str) -> tuple[int, str]:
    """Numbers, such as scores, by how large they are."""
    return (int(value), "") if value.isdecimal() else (sys.maxsize, value)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    column = fact_counts.c
    yield column.quarter >= int(wanted.since.timestamp())
    yield column.quarter < int(wanted.until.timestamp())
    for one, value in wanted.only.items():
        yield column[one] == value


def _sums(part: Part, targets: Targets) -> Iterator[ColumnElement[Any]]:
    column = fact_counts.c
    for name in SUMS_OF[part]:
        yield cast((func.max if name == LONGEST else func.sum)(column[name]), BigInteger)
    if part in DERIVED:
        within, early = targets.answered_within // MICROSECOND, targets.early // MICROSECOND
        yield func.sum(case((and_(column.answered == 1, column.longest_wait <= within), 1), else_=0))
        yield func.sum(case((and_(column.abandoned == 1, column.longest_wait < early), 1), else_=0))


def _both(old: Sequence[int], new: Sequence[int], longest: int | None) -> list[int]:
    both = list(map(add, old, new))
    if longest is not None:
        both[longest] = max(old[longest], new[longest])
    return both


def _tally(told: Mapping[str, int]) -> Tally:
    there = ((name, value) for name, value in told.items() if value)  # most of what one could count is nothing in most groups
    values: dict[str, Any] = {name: value * MICROSECOND if name in LENGTHS else int(value) for name, value in there}
    return Tally(**values)
