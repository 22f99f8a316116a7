"""Who looked at a customer or changed one, or changed an agent's way in: appended and never changed, chained, its end signed.

Must not hold a secret, nor anything else of a customer than the id, and that sealed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import insert, select, update

from voicebot.errors import StoreError
from voicebot.records.books import Books
from voicebot.records.customer_names import blind_customer
from voicebot.records.schema import audit, house
from voicebot.records.store import SqlStore

HEAD = "audit_head"  # the chain's end, in the table of the house
SIGNING = "records.audit"
Facts: TypeAlias = Mapping[str, str | int | bool]
NOTHING: Facts = MappingProxyType({})


class Deed(StrEnum):
    """What was done, or asked for and refused."""

    IMPORTED = "imported"
    EXPORTED = "exported"
    SHOWN = "shown"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SECRET_SET = "secret_set"
    SECRET_UNSET = "secret_unset"
    REMOVED = "removed"
    AUDIT_READ = "audit_read"
    PASSWORD_SET = "password_set"  # of an agent, as all that follow
    SIGNED_OUT = "signed_out"
    IDENTITY_LINKED = "identity_linked"
    IDENTITIES_UNLINKED = "identities_unlinked"
    SIGN_IN_FAILED = "sign_in_failed"
    ERASED = "erased"  # a customer was forgotten
    API_KEY_MADE = "api_key_made"
    API_KEY_REVOKED = "api_key_revoked"
    CALLBACKS_SHOWN = "callbacks_shown"  # to another system, as all that follow
    CALLBACK_BOOKED = "callback_booked"
    CALLBACK_CHANGED = "callback_changed"
    CALLBACK_CANCELLED = "callback_cancelled"
    CUSTOMER_INVITED = "customer_invited"  # asked for a conversation, by an agent, a campaign or another system
    WROTE = "wrote"  # an agent, to a customer
    REPORTED = "reported"  # a report was seen or taken away
    REFUSED = "refused"


# What reports on security count beside what is in calls' journals.
SECURITY = (
    Deed.SIGN_IN_FAILED, Deed.REFUSED, Deed.LOCKED, Deed.UNLOCKED, Deed.SECRET_SET, Deed.SECRET_UNSET, Deed.REMOVED, Deed.ERASED,
    Deed.EXPORTED, Deed.PASSWORD_SET, Deed.SIGNED_OUT, Deed.IDENTITY_LINKED, Deed.IDENTITIES_UNLINKED, Deed.API_KEY_MADE,
    Deed.API_KEY_REVOKED,
)  # fmt: skip


@dataclass(frozen=True)
class Audited:
    """One row. `customer_id` empty: no single customer. `facts`: plain values (counts, names of fields)."""

    number: int
    at: datetime
    who: str
    deed: Deed
    customer_id: str = field(default="", repr=False)
    facts: dict[str, Any] = field(default_factory=dict, repr=False)


class SqlAudit:
    """The record of a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def write(self, who: str, deed: Deed, at: datetime, customer_id: str = "", facts: Facts = NOTHING) -> None:
        """A row of its own: before something is shown, so that nothing is seen that is not recorded."""
        with self._store.writing() as books:
            append(books, who, deed, at, customer_id, facts)

    def newest(self, limit: int = 50, customer_id: str = "") -> list[Audited]:
        """The newest rows, newest first; of one customer or of all."""
        found = select(audit).order_by(audit.c.number.desc()).limit(limit)
        with self._store.viewing() as books:
            if customer_id:
                found = found.where(audit.c.customer == blind_customer(books, customer_id))
            return [_opened(books, row) for row in books.rows(found)]

    def holds(self) -> bool:
        """Whether the rows are those that were written: none changed, left out, moved, or cut off at the end."""
        with self._store.viewing() as books:
            return chain_holds(books)


def append(books: Books, who: str, deed: Deed, at: datetime, customer_id: str = "", facts: Facts = NOTHING) -> None:
    """One more row, in the transaction of what it tells about. TypeError for a fact that is not a plain value."""
    if not all(isinstance(value, str | int | bool) for value in facts.values()):
        raise TypeError("a fact of the audit is text, a number, true or false")
    number, last = _head(books)
    number += 1
    blind = blind_customer(books, customer_id) if customer_id else ""
    sealed = books.seal_for_house({"who": who, "customer": customer_id, "facts": dict(facts)}, f"audit:{number}")
    link = link_of(last, number, at, deed.value, blind, sealed)
    row = {"number": number, "at": at, "what": deed.value, "customer": blind, "sealed": sealed, "hash": link}
    books.write(insert(audit).values(row))
    signed = books.keyring.token(SIGNING, str(number), link.hex())
    content = json.dumps([number, link.hex(), signed]).encode()
    books.write(update(house).where(house.c.name == HEAD).values(content=content))


def _head(books: Books) -> tuple[int, bytes]:
    """(number, hash) of the last row, locked until this transaction ends. Raises StoreError where its signature is not ours."""
    first = books.insert(house).values(name=HEAD, content=b"").on_conflict_do_nothing()
    books.write(first)  # a row that is not there cannot be locked
    content = books.connection.scalar(books.locked(select(house.c.content).where(house.c.name == HEAD)))
    head = _signed(books, content or b"")
    if head is None:
        raise StoreError("the audit's end is not signed by us: look into it before anything else is done (customers audit)")
    return head


def _signed(books: Books, content: bytes) -> tuple[int, bytes] | None:
    if not content:
        none_yet = books.connection.scalar(select(audit.c.number).limit(1)) is None
        return (0, b"") if none_yet else None
    try:
        number, link, signature = json.loads(content)
        genuine = books.keyring.token_fits(signature, SIGNING, str(number), link)
        return (number, bytes.fromhex(link)) if genuine else None
    except (ValueError, TypeError):
        return None


def chain_holds(books: Books) -> bool:
    """Whether the rows are those that were written, up to the signed end."""
    last, count = b"", 0
    for row in books.rows(select(audit).order_by(audit.c.number)):
        count += 1
        last = link_of(last, count, row.at, row.what, row.customer, row.sealed)
        if row.number != count or row.hash != last:
            return False
    content = books.connection.scalar(select(house.c.content).where(house.c.name == HEAD))
    return _signed(books, content or b"") == (count, last)


def link_of(last: bytes, number: int, at: datetime, what: str, blind: str, sealed: bytes) -> bytes:
    """Each part with its length, so that no two lists of parts read the same."""
    digest = hashlib.sha256()
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    for part in (last, str(number).encode(), when.encode(), what.encode(), blind.encode(), sealed):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _opened(books: Books, row: Any) -> Audited:
    plain = books.open_for_house(row.sealed, f"audit:{row.number}")
    return Audited(row.number, row.at, plain["who"], Deed(row.what), plain["customer"], plain["facts"])
