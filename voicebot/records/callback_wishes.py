"""The port `CallbackWishes`: who is still to be called back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from voicebot.dialogue.calling_back import WishStatus
from voicebot.ports.callback_wishes import CallbackWish, PhraseState
from voicebot.records import news_rows, phrase_rows
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

    def phrases(self, wishes: Collection[str]) -> dict[str, PhraseState]:
        """Never the phrase itself."""
        with self._store.viewing() as books:
            return phrase_rows.states(books, wishes)

    def done(self, call_id: str, by: str, at: datetime) -> bool:
        """Once."""
        column = callback_wishes.c
        with self._store.writing() as books:
            mine = update(callback_wishes).where(column.call_id == call_id, column.done_at.is_(None))
            done = books.write(mine.values(done_at=at, done_by=by, status=WishStatus.DONE)).rowcount == 1
            if done:
                phrase_rows.wipe(books, call_id)
                news_rows.tell(books, call_id, WishStatus.DONE, at)
                want(books, call_id)
            return done
