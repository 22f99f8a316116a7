"""Interactions whose facts are to be made, or made anew: listed in the transaction that ends a call or adds to its journal.

They are made in the background, because every row of the journal must be opened for it.
"""

from sqlalchemy import Connection, func, select

from voicebot.records.books import Books
from voicebot.records.schema import facts_wanted


def want(books: Books, call_id: str) -> None:
    """The facts are to be made. Holds the list's row, so that nobody makes them before this transaction has ended."""
    new = books.insert(facts_wanted).values(call_id=call_id)
    books.write(new.on_conflict_do_update(index_elements=["call_id"], set_={"call_id": call_id}))


def missing(connection: Connection) -> int:
    """How many are listed."""
    return connection.scalar(select(func.count()).select_from(facts_wanted)) or 0
