"""How somebody's wish to be called back is written down, in the transaction that ends the call."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, select, update

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.calling_back import WishResult
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records.books import Books
from voicebot.records.fact_list import want
from voicebot.records.schema import callback_wishes

SEALED = "callback_wish"


def keep_wish(books: Books, wish: CallbackWish) -> bool:
    """A call has one at most, and a queue one for a number; False where there is one."""
    sealed = books.seal_for_call(wish.call_id, {"number": wish.number}, SEALED)
    row = {
        "call_id": wish.call_id, "queue": wish.queue, "since": wish.since, "at": wish.at, "sealed": sealed, "done_by": "",
        "number": _hash(books, wish.number), "due_at": wish.due_at,
    }  # fmt: skip
    new = books.insert(callback_wishes).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return books.write(new).rowcount == 1


def is_wished(books: Books, queue: str, number: str) -> bool:
    """Whether there is an open one."""
    column = callback_wishes.c
    same = (column.queue == queue, column.number == _hash(books, number), column.done_at.is_(None))
    return books.rows(select(column.call_id).where(*same)).first() is not None


def wish(books: Books, call_id: str) -> CallbackWish | None:
    """The open one of this call."""
    return _open_one(books, callback_wishes.c.call_id == call_id)


def wish_for(books: Books, queue: str, number: str) -> CallbackWish | None:
    """The open one of this queue for this number."""
    column = callback_wishes.c
    return _open_one(books, column.queue == queue, column.number == _hash(books, number))


def dialled_in(books: Books, call_id: str) -> str:
    """Also of one that an agent has just closed by hand, while its call goes on."""
    found = books.connection.scalar(select(callback_wishes.c.dialled_in).where(callback_wishes.c.call_id == call_id))
    return found or ""


def due_wishes(books: Books, now: datetime, limit: int) -> list[str]:
    """Open, due, and nobody is at it. What was erased has no number to dial."""
    column = callback_wishes.c
    due = (column.done_at.is_(None), column.dialled_in.is_(None), column.due_at <= now, column.number.is_not(None))
    return [row.call_id for row in books.rows(select(column.call_id).where(*due).order_by(column.due_at).limit(limit))]


def begin_wish(books: Books, call_id: str, dialled_in: str) -> bool:
    """One call at a time."""
    free = _still_open(call_id).where(callback_wishes.c.dialled_in.is_(None))
    return books.write(free.values(dialled_in=dialled_in)).rowcount == 1


def put_off_wish(books: Books, call_id: str, until: datetime) -> None:
    """Due then."""
    books.write(_still_open(call_id).values(due_at=until))


def settle_wish(books: Books, settled: SettleWish, at: datetime, by: str) -> None:
    """Closed, or free for the next call."""
    again, mine = settled.again_at, _still_open(settled.wish)
    if again is not None:
        books.write(mine.values(due_at=again, tries=settled.tries, dialled_in=None))
        return
    over = {"done_at": at, "done_by": by, "result": settled.result.value, "tries": settled.tries}
    if books.write(mine.values(over)).rowcount == 1 and settled.result is WishResult.SERVED:
        want(books, settled.wish)


def wish_of(books: Books, row: Row[Any]) -> CallbackWish:
    """A row as it is read."""
    plain = books.open_for_call(row.call_id, row.sealed, SEALED) if row.sealed else None
    number = str(plain["number"]) if plain else ""
    return CallbackWish(row.call_id, row.queue, number, row.since, row.at, row.due_at, row.tries, row.dialled_in or "")


def _open_one(books: Books, *same: ColumnElement[bool]) -> CallbackWish | None:
    row = books.rows(select(callback_wishes).where(callback_wishes.c.done_at.is_(None), *same)).first()
    return None if row is None else wish_of(books, row)


def _still_open(call_id: str) -> Update:
    return update(callback_wishes).where(callback_wishes.c.call_id == call_id, callback_wishes.c.done_at.is_(None))


def _hash(books: Books, number: str) -> str:
    return books.keyring.blind("callback-number", number)
