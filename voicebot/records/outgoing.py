"""The port `Outgoing`: the outbox of messages to people outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, select, update

from voicebot.errors import KeyringError
from voicebot.ports.callback_news import CallbackNews
from voicebot.ports.outgoing import OPEN, MessageState, OutMessage, Untold
from voicebot.records import claims, news_rows
from voicebot.records.books import Books
from voicebot.records.calls import load_call
from voicebot.records.message_rows import drop_waiting, message_of, moved, opt, person_of, put, taken
from voicebot.records.outbox import PUT_ASIDE
from voicebot.records.schema import messages, opt_outs
from voicebot.records.store import SqlStore
from voicebot.records.wish_rows import any_wish

_column = messages.c

log = structlog.get_logger(__name__)


class SqlOutgoing:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def untold(self, limit: int = 20, after: int = 0) -> list[Untold]:
        """Mostly there is none. Those behind a page that no key opens are looked at, too."""
        found = list[Untold]()
        with self._store.viewing() as books:
            while not found and (some := news_rows.untold(books, limit, after)):
                after = some[-1].id
                found = [untold for news in some if (untold := _untold(books, news)) is not None]
        return found

    def tell(self, news: int, wish: str, new: Sequence[OutMessage], now: datetime) -> bool:
        """News, messages and what they supersede, in one transaction."""
        with self._store.writing() as books:
            if not news_rows.told(books, news):
                return False
            drop_waiting(books, wish, "newer_news", now)
            for message in new:
                put(books, message)
            return True

    def put(self, message: OutMessage) -> bool:
        """On its own."""
        with self._store.writing() as books:
            return put(books, message)

    def lease(self, owner: str, now: datetime, until: datetime, limit: int = 20) -> list[OutMessage]:
        """Looked at before anything is written."""
        free = (
            (_column.due_at <= now)
            & _column.state.in_(OPEN)
            & claims.is_let_go(_column.owner, _column.leased_until, now)
        )  # fmt: skip
        chosen = select(messages).where(free).order_by(_column.due_at, _column.id).limit(limit)
        with self._store.viewing() as books:
            if books.rows(chosen.limit(1)).first() is None:
                return []
        with self._store.writing() as books:
            found = [message for row in books.rows(books.locked(chosen, skip=True)).all() if (message := _read(books, row, now))]
            for message in found:
                state = MessageState.SENDING if message.state is MessageState.QUEUED else MessageState.UNKNOWN
                values = {"state": state, "owner": owner, "leased_until": until, "changed_at": now}
                books.write(update(messages).where(_column.name == message.name).values(values))
            return found

    def settle(self, owner: str, message: OutMessage, now: datetime) -> None:
        """Only what is still this owner's; a callback that came first stays."""
        with self._store.writing() as books:
            mine = select(messages).where(_column.name == message.name)
            row = books.rows(books.locked(mine)).one_or_none()
            if row is None:
                return
            if row.owner == owner and message.state in OPEN:
                values = {
                    "state": message.state, "due_at": message.due_at, "tries": message.tries, "reason": message.reason,
                    "owner": None, "leased_until": None, "changed_at": now,
                }  # fmt: skip
                books.write(update(messages).where(_column.id == row.id).values(values))
            elif message.state not in OPEN:
                moved(books, row, message.state, message.sid, message.reason, now)

    def learned(self, name: str, state: MessageState, sid: str, reason: str, at: datetime) -> bool:
        """Whoever held it finds it moved on."""
        with self._store.writing() as books:
            row = books.rows(books.locked(select(messages).where(_column.name == name))).one_or_none()
            if row is None or row.incoming:
                return False
            moved(books, row, state, sid, reason, at)
            return True

    def known_sids(self, to: str) -> list[str]:
        """All that this person was ever sent."""
        with self._store.viewing() as books:
            theirs = select(_column.sid).where(_column.person == person_of(books, to), _column.sid != "")
            return [row.sid for row in books.rows(theirs)]

    def opted_out(self, to: str, sender: str) -> bool:
        """By keyed hash."""
        with self._store.viewing() as books:
            theirs = (opt_outs.c.person == person_of(books, to), opt_outs.c.sender == sender)
            return books.rows(select(opt_outs.c.at).where(*theirs)).first() is not None

    def opt(self, person: str, sender: str, *, out: bool, at: datetime) -> None:
        """By keyed hash."""
        with self._store.writing() as books:
            opt(books, person_of(books, person), sender, out=out, at=at)


def _untold(books: Books, news: CallbackNews) -> Untold | None:
    """None where it cannot be opened: it stays untold."""
    try:
        kept = load_call(books, news.wish)
        return Untold(news, any_wish(books, news.wish), kept.call.line.language if kept is not None else "")
    except KeyringError:
        books.tell_unopened("news of a callback", news.wish)
        return None


def _read(books: Books, row: Row[Any], now: datetime) -> OutMessage | None:
    """As whoever leases it is to see it; None where it cannot be opened, which puts it aside and tells the operator."""
    try:
        return taken(message_of(books, row))
    except KeyringError:
        log.error("a message cannot be opened with the keys that are here; it waits for an hour", message=row.name)
        aside = {"due_at": now + PUT_ASIDE, "reason": "unreadable", "owner": None, "leased_until": None}
        books.write(update(messages).where(_column.id == row.id).values(aside))
        return None
