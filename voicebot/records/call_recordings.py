"""Which recordings of conversations there are. Never their sound: that is the carrier's, until it is deleted there."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, select, update

from voicebot.ports.call_recordings import CallRecording
from voicebot.ports.store import Effect, EffectKind
from voicebot.records import outbox
from voicebot.records.books import Books
from voicebot.records.schema import call_recordings as table


def keep(books: Books, recording: CallRecording) -> bool:
    """A new one, and when it is to be deleted; gives whether it is new. The same again is no error."""
    if of_sid(books, recording.sid) is not None:
        return False
    books.write(insert(table).values(asdict(recording)))
    delete_at(books, recording.sid, recording.delete_at)
    return True


def of_sid(books: Books, sid: str) -> CallRecording | None:
    """One of them."""
    row = books.rows(select(table).where(table.c.sid == sid)).one_or_none()
    return None if row is None else CallRecording(**row._mapping)  # noqa: SLF001  the library's own name for it


def of_call(books: Books, call_id: str) -> list[CallRecording]:
    """A call's, oldest first."""
    sids = books.rows(select(table.c.sid).where(table.c.call_id == call_id).order_by(table.c.started_at, table.c.sid))
    return [found for row in sids.all() if (found := of_sid(books, row.sid)) is not None]


def ended(books: Books, sid: str, seconds: int) -> None:
    """It is complete."""
    books.write(update(table).where(table.c.sid == sid).values(seconds=seconds))


def deleted(books: Books, sid: str, at: datetime) -> None:
    """The carrier has it no more; that there was one stays."""
    books.write(update(table).where(table.c.sid == sid, table.c.deleted_at.is_(None)).values(deleted_at=at))


def delete_soon(books: Books, call_id: str) -> None:
    """The call is to be forgotten, and what was recorded of it with it, as soon as the carrier can be reached."""
    for one in of_call(books, call_id):
        if one.deleted_at is None:
            delete_at(books, one.sid, one.started_at)


def delete_at(books: Books, sid: str, at: datetime) -> None:
    """A row of the house's, not of the call's: it outlives what is known of the call. Works for any recording."""
    outbox.put_effect(books, Effect(EffectKind.DELETE_RECORDING, "", {"sid": sid}), at)
