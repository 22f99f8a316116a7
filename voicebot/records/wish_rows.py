"""How somebody's wish to be called back is written down, in the transaction that ends the call."""

from sqlalchemy import select

from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records.books import Books
from voicebot.records.schema import callback_wishes

SEALED = "callback_wish"


def keep_wish(books: Books, wish: CallbackWish) -> bool:
    """A call has one at most, and a queue one for a number; False where there is one."""
    sealed = books.seal_for_call(wish.call_id, {"number": wish.number}, SEALED)
    row = {
        "call_id": wish.call_id, "queue": wish.queue, "since": wish.since, "at": wish.at, "sealed": sealed, "done_by": "",
        "number": _hash(books, wish.number),
    }  # fmt: skip
    new = books.insert(callback_wishes).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return books.write(new).rowcount == 1


def is_wished(books: Books, queue: str, number: str) -> bool:
    """Whether there is an open one."""
    column = callback_wishes.c
    same = (column.queue == queue, column.number == _hash(books, number), column.done_at.is_(None))
    return books.rows(select(column.call_id).where(*same)).first() is not None


def _hash(books: Books, number: str) -> str:
    return books.keyring.blind("callback-number", number)
