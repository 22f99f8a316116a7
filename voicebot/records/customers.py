"""The embedded customer table, for companies without a back end of their own. Rows lie sealed; look-ups go by keyed hashes."""

from pathlib import Path

from sqlalchemy import select, update

from voicebot.ports.crm import CustomerRow
from voicebot.records.books import Books
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_import import HashSecret, ImportSummary, Progress, import_customers
from voicebot.records.customer_merge import about_customer, blind_customer, blind_key
from voicebot.records.schema import customer_keys, customer_secrets, customers
from voicebot.records.store import SqlStore


class SqlCustomers:
    """`CustomerTable` in a store. A row's name is kept as column `name`; `ani` finds every phone column (E.164)."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def find(self, column: str, value: str, limit: int = 3) -> list[CustomerRow]:
        """Customers who have exactly this value in this column, at most `limit`. Raises StoreUnavailable."""
        with self._store.viewing() as books:
            key = (customer_keys.c.field == column) & (customer_keys.c.blind == blind_key(books, column, value))
            found = select(customer_keys.c.customer).where(key).order_by(customer_keys.c.customer).limit(limit)
            return _rows(books, list(books.connection.scalars(found)))

    def get(self, customer_id: str) -> CustomerRow | None:
        """One customer."""
        with self._store.viewing() as books:
            found = _rows(books, [blind_customer(books, customer_id)])
        return found[0] if found else None

    def keep_hash(self, customer_id: str, field: str, hashed: str) -> None:
        """A secret's new hash. Nothing where the customer or the secret is gone meanwhile."""
        with self._store.writing() as books:
            mine = customer_secrets.c.customer == blind_customer(books, customer_id)
            books.write(update(customer_secrets).where(mine, customer_secrets.c.field == field).values(hashed=hashed))

    def import_customers(self, source: Path, plan: ImportPlan, hash_secret: HashSecret, progress: Progress) -> ImportSummary:
        """A customer file, all or nothing. Raises ImportRefused with every fault by line and column."""
        return import_customers(self._store, source, plan, hash_secret, progress)


def _rows(books: Books, blinds: list[str]) -> list[CustomerRow]:
    secrets: dict[str, dict[str, str]] = {blind: {} for blind in blinds}
    for row in books.rows(select(customer_secrets).where(customer_secrets.c.customer.in_(blinds))):
        secrets[row.customer][row.field] = row.hashed
    found = []
    for row in books.rows(select(customers).where(customers.c.blind.in_(blinds)).order_by(customers.c.blind)):
        plain = books.open_for_house(row.sealed, about_customer(row.blind))
        found.append(CustomerRow(plain["id"], plain["columns"], secrets[row.blind]))
    return found
