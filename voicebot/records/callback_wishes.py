"""The port `CallbackWishes`: who is still to be called back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records.fact_list import want
from voicebot.records.schema import callback_wishes
from voicebot.records.store import SqlStore
from voicebot.records.wish_rows import wish_of


class SqlCallbackWishes:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def open_wishes(self, queues: Collection[str] | None = None, limit: int = 50) -> tuple[CallbackWish, ...]:
        """Who got in line first comes first."""
        column = callback_wishes.c
        chosen = select(callback_wishes).where(column.done_at.is_(None)).order_by(column.since).limit(limit)
        if queues is not None:
            chosen = chosen.where(column.queue.in_(list(queues)))
        with self._store.viewing() as books:
            return tuple(wish_of(books, row) for row in books.rows(chosen))

    def done(self, call_id: str, by: str, at: datetime) -> bool:
        """Once."""
        column = callback_wishes.c
        with self._store.writing() as books:
            mine = update(callback_wishes).where(column.call_id == call_id, column.done_at.is_(None))
            done = books.write(mine.values(done_at=at, done_by=by)).rowcount == 1
            if done:
                want(books, call_id)
            return done
