"""How full the database is: calls that go on, wishes that are open, and what is overdue. Opens nothing that is sealed."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, func, select

from voicebot.ports.pressure import Arrears, Kept
from voicebot.records.books import Books
from voicebot.records.schema import callback_wishes, due, interactions, outbox
from voicebot.records.store import SqlStore


def kept_now(store: SqlStore, now: datetime) -> Kept:
    """As of `now`, in call time. A lease does not matter: what somebody is at is not done yet."""
    with store.viewing() as books:
        live = interactions.c.ended_at.is_(None)
        stages = select(interactions.c.stage, func.count().label("many")).where(live).group_by(interactions.c.stage)
        return Kept(
            calls={row.stage: int(row.many) for row in books.rows(stages)},
            wishes=_count(books, callback_wishes, callback_wishes.c.done_at.is_(None)),
            effects=_overdue(books, outbox, now),
            times=_overdue(books, due, now),
        )


def _count(books: Books, table: Table, which: ColumnElement[bool]) -> int:
    return int(books.rows(select(func.count()).select_from(table).where(which)).scalar_one())


def _overdue(books: Books, table: Table, now: datetime) -> Arrears:
    overdue = select(func.count().label("many"), func.min(table.c.due_at).label("oldest")).where(table.c.due_at <= now)
    row = books.rows(overdue).one()
    return Arrears(int(row.many), (now - row.oldest).total_seconds() if row.oldest is not None else 0.0)
