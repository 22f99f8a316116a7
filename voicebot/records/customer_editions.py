"""Which rows of the customer table count now, and the one import that may write the next ones.

An import of many customers takes seconds to write, and a call waits for its turn to write no longer than that. So an import
writes its edition in small transactions that nobody sees, and one small transaction makes it the current one.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, update

from voicebot.errors import ImportRefused, StoreError
from voicebot.records.books import Books
from voicebot.records.schema import customer_editions, customer_keys, customer_secrets, customers
from voicebot.records.store import SqlStore

SILENT = timedelta(seconds=60)  # an import without a sign of life for so long is dead
AT_ONCE = 250  # customers in one transaction (a tenth of a second), names in one IN list
_NONE = -1  # no edition


def current(books: Books) -> int:
    """The edition that counts."""
    return int(books.connection.scalar(select(customer_editions.c.current)) or 0)


def current_for_writing(books: Books) -> int:
    """The same, and it stays so until this transaction ends."""
    return int(books.connection.scalar(books.locked(select(customer_editions.c.current))) or 0)


def visible(edition: int) -> ColumnElement[bool]:
    """Rows of `customers` that count: the newest of each, unless it says that the customer was removed."""
    newer = customers.alias("newer")
    newest = select(func.coalesce(func.max(newer.c.edition), _NONE)).where(
        newer.c.blind == customers.c.blind, newer.c.edition <= edition
    )
    return and_(customers.c.edition == newest.scalar_subquery(), customers.c.sealed.is_not(None))


def visible_keys(edition: int) -> ColumnElement[bool]:
    """Rows of `customer_keys` that belong to a customer's row that counts."""
    mine = customers.alias("mine")
    newest = select(func.coalesce(func.max(mine.c.edition), _NONE)).where(
        mine.c.blind == customer_keys.c.customer, mine.c.edition <= edition
    )
    return customer_keys.c.edition == newest.scalar_subquery()


def visible_secrets(edition: int) -> ColumnElement[bool]:
    """Rows of `customer_secrets` that count."""
    newer = customer_secrets.alias("newer")
    newest = select(func.coalesce(func.max(newer.c.edition), _NONE)).where(
        newer.c.customer == customer_secrets.c.customer, newer.c.field == customer_secrets.c.field, newer.c.edition <= edition
    )
    return and_(customer_secrets.c.edition == newest.scalar_subquery(), customer_secrets.c.hashed != "")


@dataclass(frozen=True)
class Turn:
    """The right to write one edition."""

    store: SqlStore
    writer: str
    edition: int
    now: Callable[[], datetime]

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """A transaction that begins with a sign of life. Raises ImportRefused where another import took over."""
        with self.store.writing() as books:
            mine = customer_editions.c.writer == self.writer
            if not books.write(update(customer_editions).where(mine).values(seen_at=self.now())).rowcount:
                raise ImportRefused("this import was still for too long and another one took over; nothing was imported")
            yield books

    def make_current(self, books: Books) -> None:
        """From the end of this transaction on, this edition counts."""
        books.write(update(customer_editions).values(current=self.edition))

    def sweep(self) -> None:
        """Remove rows that do not count any more, or never did because an import was killed. In small transactions."""
        with self.store.viewing() as books:
            edition = current(books)
            odd = or_(customers.c.edition > edition, customers.c.sealed.is_(None))
            blinds = set(books.connection.scalars(select(customers.c.blind).where(odd)))
            several = select(customers.c.blind).group_by(customers.c.blind).having(func.count() > 1)
            blinds.update(books.connection.scalars(several))
        for some in chunks(blinds):
            with self.writing() as books:
                _sweep(books, some, current(books))


def _sweep(books: Books, blinds: list[str], edition: int) -> None:
    """Keys first: which of them count is seen by their customers' rows."""
    alive = select(customers.c.blind).where(customers.c.blind.in_(blinds), visible(edition))
    books.write(delete(customer_keys).where(customer_keys.c.customer.in_(blinds), not_(visible_keys(edition))))
    mine = customer_secrets.c.customer.in_(blinds)
    books.write(delete(customer_secrets).where(mine, not_(visible_secrets(edition))))
    books.write(delete(customer_secrets).where(mine, customer_secrets.c.customer.not_in(alive)))
    books.write(delete(customers).where(customers.c.blind.in_(blinds), not_(visible(edition))))


@contextmanager
def turn_to_write(store: SqlStore, now: Callable[[], datetime]) -> Iterator[Turn]:
    """One import at a time, over all processes. Raises ImportRefused while another one is at it."""
    writer, begun = secrets.token_hex(8), now()
    free = or_(customer_editions.c.writer.is_(None), customer_editions.c.seen_at <= begun - SILENT)
    with store.writing() as books:
        if not books.write(update(customer_editions).where(free).values(writer=writer, seen_at=begun)).rowcount:
            raise ImportRefused("another import is writing its customers now, or was killed a moment ago; try again in a minute")
        turn = Turn(store, writer, current(books) + 1, now)
    try:
        turn.sweep()
        yield turn
        turn.sweep()
    finally:
        with suppress(StoreError), store.writing() as books:  # the next one need not wait till we count as dead
            mine = customer_editions.c.writer == writer
            books.write(update(customer_editions).where(mine).values(writer=None, seen_at=None))


def chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Names, as many at a time as one statement takes."""
    chosen = sorted(names)
    return (chosen[start : start + AT_ONCE] for start in range(0, len(chosen), AT_ONCE))
