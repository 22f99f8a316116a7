"""Times that a call or the floor asked to be woken at, each delivered by one runner."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from voicebot.ports.store import DueRow
from voicebot.records import claims
from voicebot.records.books import Books
from voicebot.records.schema import due


def wake_at(books: Books, call_id: str, name: str, at: datetime) -> None:
    """A later time of the same call and name replaces the earlier one.

    The row is a new one, so that whoever is delivering the old one cannot finish this.
    """
    books.write(delete(due).where(due.c.call_id == call_id, due.c.name == name))
    books.write(insert(due).values(call_id=call_id, name=name, due_at=at))


def forget_wakes(books: Books, call_id: str) -> None:
    """None of this call's times matter any more."""
    books.write(delete(due).where(due.c.call_id == call_id))


def lease_due(books: Books, owner: str, now: datetime, until: datetime, limit: int) -> list[DueRow]:
    """Take rows whose time has come and that nobody holds, earliest first."""
    chosen = select(due).where(_free(now)).order_by(due.c.due_at, due.c.id).limit(limit)
    found = books.rows(books.locked(chosen, skip=True)).all()
    mine = due.c.id.in_([row.id for row in found])
    books.write(update(due).where(mine).values(owner=owner, leased_until=until))
    return [DueRow(row.id, row.call_id, row.name, row.due_at) for row in found]


def has_due(books: Books, now: datetime) -> bool:
    """Whether there is anything to lease."""
    return books.rows(select(due.c.id).where(_free(now)).limit(1)).first() is not None


def finish_due(books: Books, row_id: int) -> None:
    """Delivered."""
    books.write(delete(due).where(due.c.id == row_id))


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(due.c.due_at <= now, claims.is_let_go(due.c.owner, due.c.leased_until, now))
