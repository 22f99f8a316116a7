"""The embedded customer table, for companies without a back end of their own. Rows lie sealed; look-ups go by keyed hashes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from voicebot.ports.crm import CustomerRow
from voicebot.records import used_codes
from voicebot.records.books import Books
from voicebot.records.customer_editions import current, current_for_writing, visible, visible_keys, visible_secrets
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_names import about_customer, blind_customer, blind_key
from voicebot.records.schema import customer_keys, customer_secrets, customers
from voicebot.records.store import SqlStore

if TYPE_CHECKING:
    from voicebot.records.customer_import import HashSecret, ImportSummary, ImportTools, Progress

_AT_ONCE = 500  # customers in one look


class SqlCustomers:
    """`CustomerTable` in a store. A row's name is kept as column `name`; `ani` finds every phone column (E.164)."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def find(self, column: str, value: str, limit: int = 3) -> list[CustomerRow]:
        """Customers who have exactly this value in this column, at most `limit`. Raises StoreUnavailable."""
        with self._store.viewing() as books:
            key = (customer_keys.c.field == column) & (customer_keys.c.blind == blind_key(books, column, value))
            counted = select(customer_keys.c.customer).where(key, visible_keys(current(books)))
            found = counted.order_by(customer_keys.c.customer).limit(limit)
            return read_rows(books, list(books.connection.scalars(found)))

    def count(self, column: str) -> int:
        """How many values all customers have in this column. Raises StoreUnavailable."""
        with self._store.viewing() as books:
            counted = select(func.count()).select_from(customer_keys).where(customer_keys.c.field == column)
            return books.connection.scalar(counted.where(visible_keys(current(books)))) or 0

    def stamp(self, column: str, most: int) -> tuple[int, int]:
        """What is another one after every change of this column's values: the table's edition, which an import makes, and how
        many values it has, which removing a customer lessens. Counts to one more than `most`, so that it takes no time.
        """
        with self._store.viewing() as books:
            edition = current(books)
            there = (customer_keys.c.field == column) & (customer_keys.c.edition <= edition)
            some = select(customer_keys.c.customer).where(there).limit(most + 1).subquery()
            return edition, books.connection.scalar(select(func.count()).select_from(some)) or 0

    def values(self, column: str) -> frozenset[str]:
        """What all customers have in this column. Raises StoreUnavailable."""
        return frozenset(value for row in self.everybody() if (value := row.columns.get(column)))

    def get(self, customer_id: str) -> CustomerRow | None:
        """One customer."""
        with self._store.viewing() as books:
            found = read_rows(books, [blind_customer(books, customer_id)])
        return found[0] if found else None

    def everybody(self) -> Iterator[CustomerRow]:
        """All customers, some at a time, so that nothing waits for it. An import meanwhile may show in the later ones."""
        last = ""
        while True:
            with self._store.viewing() as books:
                following = select(customers.c.blind).where(customers.c.blind > last, visible(current(books)))
                some = list(books.connection.scalars(following.order_by(customers.c.blind).limit(_AT_ONCE)))
                rows = read_rows(books, some)
            yield from rows
            if len(some) < _AT_ONCE:
                return
            last = some[-1]

    def keep_hash(self, customer_id: str, field: str, hashed: str) -> None:
        """A secret's new hash. Nothing where the customer or the secret is gone meanwhile."""
        with self._store.writing() as books:
            mine = customer_secrets.c.customer == blind_customer(books, customer_id)
            same = (mine, customer_secrets.c.field == field, visible_secrets(current_for_writing(books)))
            books.write(update(customer_secrets).where(*same).values(hashed=hashed))

    def use_code(self, customer_id: str, field: str, step: int, key: str) -> bool:
        """One wins, over all processes."""
        with self._store.writing() as books:
            return used_codes.use(books, blind_customer(books, customer_id), field, step, key)

    def import_customers(
        self, source: Path, plan: ImportPlan, hash_secret: "HashSecret", progress: "Progress"
    ) -> "ImportSummary":
        """A customer file, all or nothing, hashed by one function. Raises ImportRefused with every fault by its place."""
        from voicebot.records.customer_import import ImportTools, one_by_one  # noqa: PLC0415

        return self.bring_in(source, plan, ImportTools(one_by_one(hash_secret), progress))

    def bring_in(self, source: Path, plan: ImportPlan, tools: "ImportTools") -> "ImportSummary":
        """The same with everything that a large file needs."""
        # What reads workbooks takes a quarter of a second to load, and a server that answers calls never reads one.
        from voicebot.records.customer_import import import_customers  # noqa: PLC0415

        return import_customers(self._store, source, plan, tools)


def read_rows(books: Books, blinds: list[str]) -> list[CustomerRow]:
    """The customers of these row keys that are there, in the order of the keys."""
    edition = current(books)
    secrets: dict[str, dict[str, str]] = {blind: {} for blind in blinds}
    for row in books.rows(select(customer_secrets).where(customer_secrets.c.customer.in_(blinds), visible_secrets(edition))):
        secrets[row.customer][row.field] = row.hashed
    found = []
    chosen = select(customers).where(customers.c.blind.in_(blinds), visible(edition))
    for row in books.rows(chosen.order_by(customers.c.blind)):
        plain = books.open_for_house(row.sealed, about_customer(row.blind))
        found.append(CustomerRow(plain["id"], plain["columns"], secrets[row.blind]))
    return found
