"""Answers to requests of other systems, by a keyed hash of the request's own key; sealed with the call that they tell of."""

from datetime import datetime

from sqlalchemy import select

from voicebot.errors import VersionConflict
from voicebot.ports.answered import AnsweredRequest
from voicebot.records.books import Books
from voicebot.records.schema import answered_requests

SEALED = "answered"


def answered(books: Books, key: str) -> AnsweredRequest | None:
    """What was answered. Of an erased call only the status is left."""
    row = books.rows(select(answered_requests).where(answered_requests.c.key == key)).one_or_none()
    if row is None:
        return None
    content = books.open_for_call(row.call_id, row.sealed, SEALED) or {}
    return AnsweredRequest(row.fingerprint, row.call_id, row.status, content)


def keep(books: Books, key: str, told: AnsweredRequest, at: datetime) -> None:
    """In the transaction that did what was asked. VersionConflict where somebody has answered meanwhile."""
    row = {
        "key": key, "fingerprint": told.fingerprint, "call_id": told.about, "status": told.status, "at": at,
        "sealed": books.seal_for_call(told.about, told.content, SEALED),
    }  # fmt: skip
    new = books.insert(answered_requests).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if books.write(new).rowcount != 1:
        raise VersionConflict("this request was answered meanwhile")
