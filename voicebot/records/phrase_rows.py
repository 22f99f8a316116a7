"""Callback phrases as rows: sealed under a key of their own, bound to one wish, opened once, and then gone with the key."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Update, select, update

from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.ports.callback_wishes import PhraseState
from voicebot.records.books import Books
from voicebot.records.schema import callback_phrases

GONE = {"wrapped_key": None, "sealed": None}


def keep(books: Books, wish: str, phrase: CallbackPhrase, wipe_at: datetime) -> None:
    """In place of an earlier one. The wish itself need not be there yet."""
    key = books.keyring.new_data_key()
    about = _about(wish)
    row: dict[str, Any] = {
        "wrapped_key": books.keyring.wrap(key, about), "sealed": books.keyring.seal(key, phrase.reveal().encode(), about),
        "wipe_at": wipe_at, "read_by": "", "read_at": None,
    }  # fmt: skip
    new = books.insert(callback_phrases).values(row | {"call_id": wish})
    books.write(new.on_conflict_do_update(index_elements=["call_id"], set_=row))


def kept(books: Books, wish: str, now: datetime) -> CallbackPhrase | None:
    """To be read back while it is being agreed; None where there is none, or its time is over."""
    row = books.rows(select(callback_phrases).where(callback_phrases.c.call_id == wish)).one_or_none()
    if row is None or row.wrapped_key is None or row.wipe_at <= now:
        return None
    about = _about(wish)
    plain = books.keyring.open_sealed(books.keyring.unwrap(row.wrapped_key, about), row.sealed, about)
    return CallbackPhrase(plain.decode())


def read(books: Books, wish: str, by: str, now: datetime) -> CallbackPhrase | None:
    """For whoever reads it out. Once: it is gone afterwards, and that it was read by them stays."""
    phrase = kept(books, wish, now)
    if phrase is None:
        return None
    taken = _there(wish).values(GONE | {"read_by": by, "read_at": now})
    return phrase if books.write(taken).rowcount == 1 else None


def wipe(books: Books, wish: str) -> bool:
    """Not wanted any more; who has read it stays. Gives whether there was one."""
    return books.write(_there(wish).values(GONE)).rowcount == 1


def wipe_expired(books: Books, now: datetime) -> int:
    """Those whose time is over; gives how many."""
    column = callback_phrases.c
    expired = update(callback_phrases).where(column.wrapped_key.is_not(None), column.wipe_at <= now)
    return books.write(expired.values(GONE)).rowcount


def last_until(books: Books, wish: str, wipe_at: datetime) -> None:
    """Its wish has another time."""
    books.write(_there(wish).values(wipe_at=wipe_at))


def states(books: Books, wishes: Collection[str], now: datetime | None = None) -> dict[str, PhraseState]:
    """What may be known of them. With `now`, one whose time is over is none, though nobody has wiped it yet."""
    column = callback_phrases.c
    lasts = column.wrapped_key.is_not(None) if now is None else column.wrapped_key.is_not(None) & (column.wipe_at > now)
    chosen = select(column.call_id, lasts.label("is_set"), column.read_by, column.read_at)
    found = books.rows(chosen.where(column.call_id.in_(list(wishes))))
    return {row.call_id: PhraseState(bool(row.is_set), row.read_by, row.read_at) for row in found}


def _there(wish: str) -> Update:
    column = callback_phrases.c
    return update(callback_phrases).where(column.call_id == wish, column.wrapped_key.is_not(None))


def _about(wish: str) -> str:
    return f"callback phrase:{wish}"
