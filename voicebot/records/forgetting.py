"""Forgetting one customer: calls that are known to be theirs, their row, keys, secrets and counted tries, in the bytes on disk.

What the audit says of them stays, sealed: it tells what was done with their data, and by whom.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from voicebot.dialogue.call import Stage
from voicebot.records import audit, erasure, used_codes
from voicebot.records.audit import Deed
from voicebot.records.books import Books
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.records.customer_names import blind_customer
from voicebot.records.interaction_rows import CUSTOMER
from voicebot.records.message_rows import GONE
from voicebot.records.schema import (
    calls,
    customer_keys,
    customer_secrets,
    customers,
    facts,
    interactions,
    messages,
    standings,
)
from voicebot.records.store import SqlStore

AT_ONCE = 20  # calls of one transaction, so that live calls wait for none of them long
CHECKPOINTS = 20  # tries, for a reader may stand in the way
PAUSE = 0.25  # seconds between two


@dataclass(frozen=True)
class Forgotten:
    """`customer`: there was a row of theirs. `live`: calls that go on, and were left alone. `on_disk`: bytes are gone."""

    calls: int
    live: int
    customer: bool
    on_disk: bool

    @property
    def anything(self) -> bool:
        """Whether there was anything to forget."""
        return bool(self.calls or self.live or self.customer)


def forget_customer(
    care: SqlCustomerCare, customer_id: str, who: str, at: datetime, progress: Callable[[int, int], None] = lambda *_: None
) -> Forgotten:
    """Erase them. `customer_id` is the back end's own key. A second run finds nothing, and empties the log again."""
    store = care.store
    over, live = _calls(store, customer_id)
    for done in range(0, len(over), AT_ONCE):
        with store.writing() as books:
            for call_id in over[done : done + AT_ONCE]:
                erasure.erase_call(books, call_id)
        progress(min(done + AT_ONCE, len(over)), len(over))
    with store.writing() as books:
        there = _forget_row(care, books, customer_id)
        if over or there:
            # Without their id, which would be a new trace of them: a keyed hash of it shows later whose erasure this was.
            told: audit.Facts = {"calls": len(over), "live": live, "customer": blind_customer(books, customer_id)}
            audit.append(books, who, Deed.ERASED, at, facts=told)
    return Forgotten(len(over), live, there, _off_the_disk(store))


def _calls(store: SqlStore, customer_id: str) -> tuple[list[str], int]:
    """(those that are over, how many are not)."""
    with store.viewing() as books:
        theirs = interactions.c.customer == books.keyring.blind(CUSTOMER, customer_id)
        joined = interactions.join(calls, calls.c.id == interactions.c.call_id)
        found = books.rows(select(calls.c.id, calls.c.stage).select_from(joined).where(theirs)).all()
    over = [row.id for row in found if row.stage == Stage.ENDED]
    return over, len(found) - len(over)


def _forget_row(care: SqlCustomerCare, books: Books, customer_id: str) -> bool:
    accounts = care.accounts(books, customer_id)
    blind = blind_customer(books, customer_id)
    for table, column in (
        (customer_keys, customer_keys.c.customer),
        (customer_secrets, customer_secrets.c.customer),
        (customers, customers.c.blind),
    ):
        books.write(delete(table).where(column == blind))
    books.write(delete(standings).where(standings.c.account.in_(accounts)))
    used_codes.forget(books, blind)
    books.write(update(messages).where(messages.c.customer == books.keyring.blind(CUSTOMER, customer_id)).values(GONE))
    return bool(accounts)


def _off_the_disk(store: SqlStore) -> bool:
    """Old rows may still stand in PostgreSQL's tables or SQLite's log."""
    for table in (*erasure.TOUCHED, facts, customers, customer_keys, customer_secrets, standings):
        store.vacuum(table.name)
    for _ in range(CHECKPOINTS):
        if store.checkpoint():
            return True
        time.sleep(PAUSE)
    return False
