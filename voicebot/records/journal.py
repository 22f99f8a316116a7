"""What happened, appended and never changed: numbered per call, chained by hash over the ciphertext, rooted per day.

The chain stays valid when a call's key is gone, so a person can be forgotten and the record still be whole.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from voicebot.dialogue.call import Stage
from voicebot.dialogue.notes import Note
from voicebot.errors import StoreError
from voicebot.ports.store import JournalEntry
from voicebot.records.books import Books
from voicebot.records.fact_list import want
from voicebot.records.schema import calls, day_roots, journal

SIGNING = "records.day"


@dataclass(frozen=True)
class DayRoot:
    """One UTC day's calls under one hash, signed. `heads` is the number of calls with entries on that day."""

    day: date
    heads: int
    root: bytes
    signature: str


def note(books: Books, call_id: str, noted: Note, at: datetime) -> None:
    """Append one entry. TypeError for a fact that is not a plain value (a Secret above all), StoreError for an unknown call."""
    facts = dict(noted.facts)
    if not all(value is None or isinstance(value, str | int | float | bool) for value in facts.values()):
        raise TypeError("a journal fact is text, a number, true, false or nothing")
    of_call = select(calls.c.entries, calls.c.head, calls.c.stage).where(calls.c.id == call_id)
    chain = books.rows(books.locked(of_call)).one_or_none()
    if chain is None:
        raise StoreError("a note for a call that is not there")
    number = chain.entries + 1
    sealed = books.seal_for_call(call_id, facts, f"journal:{number}")
    head = _link(chain.head, call_id, number, at, noted.what.value, sealed)
    row = {"call_id": call_id, "number": number, "at": at, "what": noted.what.value, "sealed": sealed, "hash": head}
    books.write(insert(journal).values(row))
    books.write(update(calls).where(calls.c.id == call_id).values(entries=number, head=head))
    if chain.stage == Stage.ENDED:
        want(books, call_id)  # filed late: the facts are made anew


def entries(books: Books, call_id: str) -> list[JournalEntry]:
    """A call's entries in order. Those of an erased call have no facts."""
    found = books.rows(select(journal).where(journal.c.call_id == call_id).order_by(journal.c.number))
    return [JournalEntry(row.at, call_id, row.number, row.what, _facts(books, row)) for row in found]


def _facts(books: Books, row: Any) -> dict[str, Any]:
    return books.open_for_call(row.call_id, row.sealed, f"journal:{row.number}") or {}


def chain_holds(books: Books, call_id: str) -> bool:
    """Whether a call's entries are the ones that were written: none changed, left out, moved, or cut off at the end."""
    head, count = b"", 0
    for row in books.rows(select(journal).where(journal.c.call_id == call_id).order_by(journal.c.number)):
        count += 1
        head = _link(head, call_id, count, row.at, row.what, row.sealed)
        if row.number != count or row.hash != head:
            return False
    kept = books.rows(select(calls.c.entries, calls.c.head).where(calls.c.id == call_id)).one_or_none()
    return kept is not None and (kept.entries, kept.head) == (count, head)


def sign_day(books: Books, day: date) -> DayRoot:
    """Sign the heads of all calls with entries on this UTC day, and keep the signature. A day is signed once, when it is over."""
    kept = signed_day(books, day)
    if kept is not None:
        return kept
    heads, root = _root(books, day)
    signature = books.keyring.token(SIGNING, day.isoformat(), str(heads), root.hex())
    signed = DayRoot(day, heads, root, signature)
    books.write(insert(day_roots).values(day=day, heads=heads, root=root, signature=signature))
    return signed


def signed_day(books: Books, day: date) -> DayRoot | None:
    """A day's kept signature."""
    row = books.rows(select(day_roots).where(day_roots.c.day == day)).one_or_none()
    return None if row is None else DayRoot(row.day, row.heads, row.root, row.signature)


def day_holds(books: Books, day: date) -> bool:
    """Whether a signed day's entries are still those that were signed, with our own signature."""
    kept = signed_day(books, day)
    if kept is None:
        return False
    genuine = books.keyring.token_fits(kept.signature, SIGNING, day.isoformat(), str(kept.heads), kept.root.hex())
    return genuine and _root(books, day) == (kept.heads, kept.root)


def _root(books: Books, day: date) -> tuple[int, bytes]:
    begins = datetime.combine(day, time(), UTC)
    on_day = (journal.c.at >= begins) & (journal.c.at < begins + timedelta(days=1))
    newest = func.max(journal.c.number).label("number")
    last = select(journal.c.call_id, newest).where(on_day).group_by(journal.c.call_id).subquery()
    found = books.rows(
        select(journal.c.call_id, journal.c.number, journal.c.hash).join(
            last, (journal.c.call_id == last.c.call_id) & (journal.c.number == last.c.number)
        )
    )
    # Sorted here: the two databases collate text differently.
    heads = sorted((row.call_id, row.number, row.hash) for row in found)
    root = hashlib.sha256()
    for call_id, number, head in heads:
        _add(root, call_id.encode(), str(number).encode(), head)
    return len(heads), root.digest()


def _link(head: bytes, call_id: str, number: int, at: datetime, what: str, sealed: bytes) -> bytes:
    link = hashlib.sha256()
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    _add(link, head, call_id.encode(), str(number).encode(), when.encode(), what.encode(), sealed)
    return link.digest()


def _add(digest: Any, *parts: bytes) -> None:
    """Each part with its length, so that no two lists of parts read the same."""
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
