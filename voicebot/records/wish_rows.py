"""How somebody's wish to be called back is written down, in the transaction that ends the call."""

from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records.books import Books
from voicebot.records.schema import callback_wishes

SEALED = "callback_wish"


def keep_wish(books: Books, wish: CallbackWish) -> None:
    """A call has one at most; the same again is no error."""
    sealed = books.seal_for_call(wish.call_id, {"number": wish.number}, SEALED)
    row = {"call_id": wish.call_id, "queue": wish.queue, "since": wish.since, "at": wish.at, "sealed": sealed, "done_by": ""}
    books.write(books.insert(callback_wishes).values(row).on_conflict_do_nothing())
