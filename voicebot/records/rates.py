"""How often something may happen within a time, counted before it happens. Known by keyed hashes only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, text

from voicebot.ports.accounts import TryLimit
from voicebot.records.books import Books
from voicebot.records.schema import marks
from voicebot.records.standings import mark, wait_for
from voicebot.records.store import SqlStore


class SqlRates:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def take(self, limits: Sequence[TryLimit], at: datetime) -> int:
        """As `reserve`, in a transaction of its own."""
        with self._store.writing() as books:
            return reserve(books, limits, at)


def reserve(books: Books, limits: Sequence[TryLimit], at: datetime) -> int:
    """Count one under every key and give 0; where a limit is reached count nothing, and give the seconds until all have room."""
    for limit in sorted(limits, key=lambda one: one.key):
        _alone_with(books, limit.key)
    waits = [wait for limit in limits if (wait := wait_for(books, limit, at))]
    if not waits:
        for limit in limits:
            past = (marks.c.key == limit.key) & (marks.c.at <= at - timedelta(seconds=limit.within))
            books.write(delete(marks).where(past))  # a busy key has a mark for each request: they do not pile up
            mark(books, limit.key, at)
    return max(waits, default=0)


def _alone_with(books: Books, key: str) -> None:
    """Nobody else counts under this key till the end: two tries at once are not both the last allowed. SQLite has one writer."""
    if books.connection.dialect.name == "postgresql":
        books.write(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))").bindparams(key=key))
