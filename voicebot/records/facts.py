"""The port `FactStore`: the database adds up, by quarter of an hour where time matters, and periods are put together here.

A quarter of an hour lies in one period of any time zone that is in use today: all are whole quarters off UTC.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import BigInteger, ColumnElement, Row, and_, case, cast, func, select
from sqlalchemy import delete as remove

from voicebot.facts.periods import Period, began
from voicebot.facts.sums import Targets
from voicebot.facts.tally import Tally
from voicebot.ports.facts import By, Sum, Wanted
from voicebot.records.fact_rows import MICROSECOND, make
from voicebot.records.schema import SUMS, fact_counts, facts_wanted
from voicebot.records.store import SqlStore

AT_ONCE, TIMES = 20, 5  # interactions of one transaction, so that no call waits long for it; transactions of one look
LENGTHS = frozenset(name for name in SUMS if isinstance(getattr(Tally(), name), timedelta))

log = structlog.get_logger(__name__)


class SqlFacts:
    """Over a store. `zone`: the company's time zone, by which days and months begin."""

    def __init__(self, store: SqlStore, zone: str = "UTC") -> None:
        self._store, self._zone = store, ZoneInfo(zone)

    def sums(self, wanted: Wanted, by: Sequence[By] = (), period: Period | None = None) -> tuple[Sum, ...]:
        """In order."""
        column = fact_counts.c
        groups = [*([column.quarter] if period else []), *(column[one] for one in by)]
        chosen = select(*groups, *_sums(wanted.targets)).where(*_conditions(wanted)).group_by(*groups)
        found: dict[tuple[datetime | None, tuple[str, ...]], Tally] = {}
        with self._store.viewing() as books:
            for row in books.rows(chosen):
                if row.calls is None:
                    continue  # a sum over nothing, not by anything
                at = began(period, datetime.fromtimestamp(row.quarter, UTC), self._zone) if period else None
                group = at, tuple(getattr(row, one) for one in by)
                tally = _tally(row)
                found[group] = found[group] + tally if group in found else tally
        ordered = sorted(found.items(), key=lambda one: (one[0][0] or datetime.min.replace(tzinfo=UTC), one[0][1]))
        return tuple(Sum(at, values, tally) for (at, values), tally in ordered if tally != Tally())

    def missing(self) -> int:
        """Listed, not made."""
        with self._store.viewing() as books:
            return books.connection.scalar(select(func.count()).select_from(facts_wanted)) or 0

    def make_wanted(self) -> int:
        """Make facts of some of the listed interactions; gives how many. One whose journal cannot be read stays listed."""
        made = 0
        for _ in range(TIMES):
            if not self.missing() or not (now := self._make_some()):
                break
            made += now
        return made

    def _make_some(self) -> int:
        made = 0
        with self._store.writing() as books:
            chosen = select(facts_wanted.c.call_id).order_by(func.random()).limit(AT_ONCE)
            for (call_id,) in books.rows(books.locked(chosen, skip=True)).all():
                try:
                    with books.connection.begin_nested():
                        books.write(remove(facts_wanted).where(facts_wanted.c.call_id == call_id))
                        make(books, call_id)
                    made += 1
                except Exception as trouble:  # noqa: BLE001 - the others are made all the same
                    log.error("an interaction's facts cannot be made", trouble=type(trouble).__name__)
        return made


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    column = fact_counts.c
    yield column.quarter >= int(wanted.since.timestamp())
    yield column.quarter < int(wanted.until.timestamp())
    for one, value in wanted.only.items():
        yield column[one] == value


def _sums(targets: Targets) -> Iterator[ColumnElement[Any]]:
    column = fact_counts.c
    for name in SUMS:
        of = func.max if name == "longest_wait" else func.sum
        yield cast(of(column[name]), BigInteger).label(name)
    within, early = targets.answered_within // MICROSECOND, targets.early // MICROSECOND
    in_time = and_(column.answered == 1, column.longest_wait <= within)
    left_early = and_(column.abandoned == 1, column.longest_wait < early)
    yield func.sum(case((in_time, 1), else_=0)).label("in_time")
    yield func.sum(case((left_early, 1), else_=0)).label("abandoned_early")


def _tally(row: Row[Any]) -> Tally:
    told = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    values: dict[str, Any] = {name: told[name] * MICROSECOND if name in LENGTHS else int(told[name]) for name in SUMS}
    return Tally(**values, in_time=int(told["in_time"]), abandoned_early=int(told["abandoned_early"]))
