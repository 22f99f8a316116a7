"""Makes staged customers the embedded table's: written unseen in small transactions, made to count by one."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select

from voicebot.errors import ImportRefused
from voicebot.records import audit
from voicebot.records.books import Books
from voicebot.records.customer_editions import AT_ONCE, Turn, chunks, current, visible, visible_keys, visible_secrets
from voicebot.records.customer_file import Fault, refusal
from voicebot.records.customer_names import about_customer, blind_customer, blind_key
from voicebot.records.customer_staging import Staged
from voicebot.records.schema import customer_keys, customer_secrets, customers


@dataclass
class _Rows:
    """What some customers will be, sealed and hashed."""

    people: list[dict[str, Any]] = field(default_factory=list, repr=False)
    keys: list[dict[str, Any]] = field(default_factory=list, repr=False)
    secrets: list[dict[str, Any]] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Merged:
    """Customers."""

    added: int
    updated: int
    removed: int


def merge(turn: Turn, staged: Staged, who: str) -> Merged:
    """All of them or nobody. Raises ImportRefused where an identifier belongs to another customer already."""
    with turn.store.viewing() as books:  # its connection is given back at once; keys and names are all that is needed
        known = set(books.connection.scalars(select(customers.c.blind).where(visible(current(books)))))
        having = _having_secrets(books, staged.secret_columns)
    new: set[str] = set()
    for rows in _prepared(books, turn.edition, staged, having):
        new.update(row["blind"] for row in rows.people)
        with turn.writing() as writing:
            _write(writing, rows)
    gone = known - new if staged.plan.replace else set()
    for some in chunks(gone):
        with turn.writing() as writing:
            writing.write(insert(customers), [{"blind": blind, "edition": turn.edition, "sealed": None} for blind in some])
    try:
        _refuse_shared(turn, staged)
    except ImportRefused:
        turn.sweep()
        raise
    merged = Merged(len(new - known), len(new & known), len(gone))
    facts: audit.Facts = {"file": staged.sheet.name, **asdict(merged)}
    with turn.writing() as writing:
        turn.make_current(writing)
        audit.append(writing, who, audit.Deed.IMPORTED, turn.now(), facts=facts)
    return merged


def _having_secrets(books: Books, columns: tuple[str, ...]) -> set[tuple[str, str]]:
    """(customer, field) where there is a secret that the file may take away."""
    wanted = customer_secrets.c.field.in_(columns)
    rows = select(customer_secrets.c.customer, customer_secrets.c.field).where(wanted, visible_secrets(current(books)))
    return {(row.customer, row.field) for row in books.rows(rows)}


def _prepared(books: Books, edition: int, staged: Staged, having: set[tuple[str, str]]) -> Iterator[_Rows]:
    """Some customers at a time, from the staging tables in the order of the file."""
    keys = _by_line(staged, "select line, field, value, is_unique from keys order by line")
    hashes = _by_line(staged, "select line, field, hashed from hashes order by line")
    people = staged.database.query("select line, customer_id, columns from people order by line")
    while some := list(islice(people, AT_ONCE)):
        rows = _Rows()
        for person in some:
            line, blind = person["line"], blind_customer(books, person["customer_id"])
            plain = {"id": person["customer_id"], "columns": json.loads(person["columns"])}
            rows.people.append({"blind": blind, "edition": edition, "sealed": books.seal_for_house(plain, about_customer(blind))})
            for key in keys(line):
                of = {"customer": blind, "edition": edition, "is_unique": bool(key["is_unique"])}
                rows.keys.append({"field": key["field"], "blind": blind_key(books, key["field"], key["value"]), **of})
            hashed = {row["field"]: row["hashed"] for row in hashes(line)}
            for name in staged.secret_columns:
                if name in hashed or (blind, name) in having:
                    secret = {"customer": blind, "field": name, "edition": edition, "hashed": hashed.get(name, "")}
                    rows.secrets.append(secret)
        yield rows


class _by_line:  # noqa: N801 - read as a verb: keys(line)
    """The rows of a query that belong to a line, asked for in the order of lines."""

    def __init__(self, staged: Staged, query: str) -> None:
        self._rows = staged.database.query(query)
        self._next = next(self._rows, None)

    def __call__(self, line: int) -> Iterator[dict[str, Any]]:
        while self._next is not None and self._next["line"] <= line:
            if self._next["line"] == line:
                yield self._next
            self._next = next(self._rows, None)


def _write(books: Books, rows: _Rows) -> None:
    for table, written in ((customers, rows.people), (customer_keys, rows.keys), (customer_secrets, rows.secrets)):
        if written:
            books.write(insert(table), written)


def _refuse_shared(turn: Turn, staged: Staged) -> None:
    """An identifier that two customers have identifies nobody. Looked at as if the new edition counted already."""
    key = (customer_keys.c.field, customer_keys.c.blind)
    counted = customer_keys.c.is_unique & visible_keys(turn.edition)
    with turn.store.viewing() as books:
        found = books.rows(select(*key).where(counted).group_by(*key).having(func.count() > 1))
        shared = {(row.field, row.blind) for row in found}
    if not shared:
        return
    words = "another customer, who is not in this file, has the same value"
    unique = staged.database.query("select line, field, value from keys where is_unique order by line")
    faults = [
        Fault(row["line"], row["field"], words)
        for row in unique
        if (row["field"], blind_key(books, row["field"], row["value"])) in shared
    ]
    raise refusal(staged.sheet.name, faults, staged.sheet.place)
