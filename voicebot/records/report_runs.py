"""The port `ReportRuns`: due rows of the schedules of reports, leased like those of calls."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Row, case, delete, null, select, update

from voicebot.ports.report_runs import Mailed, Run
from voicebot.records import claims
from voicebot.records.schema import report_runs
from voicebot.records.store import SqlStore

_column = report_runs.c


class SqlReportRuns:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def expect(self, schedule: str, due_at: datetime) -> None:
        """A known one keeps its time."""
        row = {"schedule": schedule, "due_at": due_at, "trouble": "", "tries": 0}
        with self._store.writing() as books:
            books.write(books.insert(report_runs).values(row).on_conflict_do_nothing())

    def keep_only(self, schedules: Sequence[str]) -> None:
        """All others are forgotten."""
        with self._store.writing() as books:
            books.write(delete(report_runs).where(_column.schedule.not_in(schedules)))

    def lease(self, owner: str, now: datetime, until: datetime) -> list[Run]:
        """Looked at before anything is written: mostly nothing is due."""
        free = (_column.due_at <= now) & claims.is_let_go(_column.owner, _column.leased_until, now)
        with self._store.viewing() as books:
            if books.rows(select(_column.schedule).where(free).limit(1)).first() is None:
                return []
        with self._store.writing() as books:
            found = books.rows(books.locked(select(report_runs).where(free).order_by(_column.due_at), skip=True)).all()
            for row in found:
                new = {"run": row.run or token_hex(8), "owner": owner, "leased_until": until}
                books.write(update(report_runs).where(_column.schedule == row.schedule).values(new))
            names = [row.schedule for row in found]
            ours = select(report_runs).where(_column.schedule.in_(names)).order_by(_column.due_at)
            return [_run(row) for row in books.rows(ours)]

    def mark(self, owner: str, schedule: str, mailed: Mapping[str, Mailed]) -> bool:
        """Only by who holds it."""
        with self._store.writing() as books:
            mine = (_column.schedule == schedule) & (_column.owner == owner)
            return books.write(update(report_runs).where(mine).values(mailed=json.dumps(mailed))).rowcount == 1

    def finish(self, owner: str, run: Run) -> bool:
        """Only by who holds it."""
        values = {
            "due_at": run.due_at, "ran_at": run.ran_at, "first": run.first, "last": run.last, "trouble": run.trouble,
            "tries": run.tries, "owner": None, "leased_until": None,
        }  # fmt: skip
        if not run.tries:
            values |= {"run": None, "mailed": None}
        with self._store.writing() as books:
            mine = (_column.schedule == run.schedule) & (_column.owner == owner)
            return books.write(update(report_runs).where(mine).values(values)).rowcount == 1

    def again(self, schedule: str, now: datetime) -> bool:
        """Not while somebody is at it, who would only set its next time anew: then it is running already."""
        with self._store.writing() as books:
            mine = update(report_runs).where(_column.schedule == schedule)
            anew = {name: case((_column.owner.is_(None), null()), else_=report_runs.c[name]) for name in ("run", "mailed")}
            return books.write(mine.values(due_at=now, tries=0, **anew)).rowcount == 1

    def all(self) -> list[Run]:
        """By name."""
        with self._store.viewing() as books:
            return [_run(row) for row in books.rows(select(report_runs).order_by(_column.schedule))]


def _run(row: Row[Any]) -> Run:
    mailed = {to: Mailed(how) for to, how in json.loads(row.mailed or "{}").items()}
    return Run(row.schedule, row.due_at, row.ran_at, row.first, row.last, row.trouble, row.tries, row.run or "", mailed)
