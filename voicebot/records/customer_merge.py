"""One transaction that makes staged customers the embedded table's. Sealed and hashed before it begins, so that it is short."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlite_utils
from sqlalchemy import Table, delete, func, insert, select

from voicebot.records.books import Books
from voicebot.records.customer_file import Fault, refusal
from voicebot.records.schema import customer_keys, customer_secrets, customers, house
from voicebot.records.store import SqlStore

_AT_ONCE = 500  # names in one IN list


@dataclass
class _Rows:
    """What will be written; `lines` finds a line again by field and blind hash."""

    people: list[dict[str, Any]] = field(default_factory=list, repr=False)
    keys: list[dict[str, Any]] = field(default_factory=list, repr=False)
    secrets: list[dict[str, Any]] = field(default_factory=list, repr=False)
    lines: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)


def blind_customer(books: Books, customer_id: str) -> str:
    """A customer's row key."""
    return books.keyring.blind("customer", customer_id)


def blind_key(books: Books, column: str, value: str) -> str:
    """A look-up hash: the same value in two columns does not look the same."""
    return books.keyring.blind(f"customer.{column}", value)


def about_customer(blind: str) -> str:
    """What a customer's ciphertext is bound to."""
    return f"customer:{blind}"


def merge(store: SqlStore, staging: sqlite_utils.Database, name: str, *, replace: bool) -> tuple[int, int, int]:
    """(added, updated, removed). Raises ImportRefused where an identifier belongs to another customer already."""
    with store.viewing() as books:
        rows = _prepare(books, staging)
    new = {row["blind"] for row in rows.people}
    with store.writing() as books:
        books.rows(books.locked(select(house.c.name)))  # one import at a time, so that the last check holds
        known = set(books.connection.scalars(select(customers.c.blind)))
        gone = known - new if replace else set()
        old = gone | (new & known)
        _delete(books, customer_keys, customer_keys.c.customer, old)
        _delete(books, customer_secrets, customer_secrets.c.customer, old)
        _delete(books, customers, customers.c.blind, old)
        for table, written in ((customers, rows.people), (customer_keys, rows.keys), (customer_secrets, rows.secrets)):
            if written:
                books.write(insert(table), written)
        _refuse_shared(books, rows, name)
    return len(new - known), len(new & known), len(gone)


def _prepare(books: Books, staging: sqlite_utils.Database) -> _Rows:
    rows = _Rows()
    by_line: dict[int, str] = {}
    for person in staging.table("people").rows:
        blind = by_line[person["line"]] = blind_customer(books, person["customer_id"])
        plain = {"id": person["customer_id"], "columns": json.loads(person["columns"])}
        rows.people.append({"blind": blind, "sealed": books.seal_for_house(plain, about_customer(blind))})
    for key in staging.table("keys").rows:
        blind = blind_key(books, key["field"], key["value"])
        unique = bool(key["is_unique"])
        rows.keys.append({"field": key["field"], "blind": blind, "customer": by_line[key["line"]], "is_unique": unique})
        rows.lines[key["field"], blind] = key["line"]
    for kept in staging.table("hashes").rows:
        rows.secrets.append({"customer": by_line[kept["line"]], "field": kept["field"], "hashed": kept["hashed"]})
    return rows


def _delete(books: Books, table: Table, column: Any, blinds: Iterable[str]) -> None:
    chosen = sorted(blinds)
    for start in range(0, len(chosen), _AT_ONCE):
        books.write(delete(table).where(column.in_(chosen[start : start + _AT_ONCE])))


def _refuse_shared(books: Books, rows: _Rows, name: str) -> None:
    """An identifier that two customers have identifies nobody. Raised inside the transaction, which then leaves no trace."""
    key = (customer_keys.c.field, customer_keys.c.blind)
    shared = select(*key).where(customer_keys.c.is_unique).group_by(*key).having(func.count() > 1)
    words = "another customer, who is not in this file, has the same value"
    faults = [Fault(rows.lines.get((row.field, row.blind), 0), row.field, words) for row in books.rows(shared)]
    if faults:
        raise refusal(name, faults)
