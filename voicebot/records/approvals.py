"""Approvals in customers' own apps that are under way. What the provider gave us for one is sealed under its call's key."""

from typing import Any

from sqlalchemy import Row, delete, select, update

from voicebot.ports.approvals import KeptApproval, Pending
from voicebot.records.books import Books
from voicebot.records.schema import approvals

SEALED = "approval"
_column = approvals.c


def keep(books: Books, kept: KeptApproval) -> bool:
    """A new one; False where one of this customer's is under way. One that nobody looks at any more stands in nobody's way."""
    books.write(delete(approvals).where(_column.customer == kept.customer, _column.until < kept.at))
    new = books.insert(approvals).values(_row(books, kept)).on_conflict_do_nothing()
    return books.write(new.execution_options(preserve_rowcount=True)).rowcount == 1


def of_call(books: Books, call_id: str, number: int) -> KeptApproval | None:
    """One of a call's."""
    return _kept(books, select(approvals).where(_column.call_id == call_id, _column.number == number))


def pinged(books: Books, ping: str) -> KeptApproval | None:
    """The one that a ping is about."""
    return _kept(books, select(approvals).where(_column.ping == ping))


def save(books: Books, kept: KeptApproval) -> None:
    """It has come further."""
    mine = (_column.call_id == kept.call_id, _column.number == kept.number)
    books.write(update(approvals).where(*mine).values(_row(books, kept)))


def drop(books: Books, call_id: str, number: int) -> bool:
    """It is over."""
    gone = delete(approvals).where(_column.call_id == call_id, _column.number == number)
    return books.write(gone).rowcount == 1


def _row(books: Books, kept: KeptApproval) -> dict[str, Any]:
    given = {
        "auth_req_id": kept.auth_req_id, "subject": kept.subject, "since": kept.since, "interval": kept.interval,
        "failed": kept.failed,
    }  # fmt: skip
    return {
        "call_id": kept.call_id, "number": kept.number, "customer": kept.customer, "ping": kept.ping, "effect_id": kept.effect,
        "at": kept.at, "until": kept.until, "pending": kept.pending.value,
        "sealed": books.seal_for_call(kept.call_id, given, SEALED),
    }  # fmt: skip


def _kept(books: Books, chosen: Any) -> KeptApproval | None:
    row: Row[Any] | None = books.rows(chosen).first()
    given = books.open_for_call(row.call_id, row.sealed, SEALED) if row is not None else None
    if row is None or given is None:
        return None
    return KeptApproval(
        row.call_id, row.number, row.customer, row.ping, row.effect_id, row.at, row.until, Pending(row.pending), **given
    )
