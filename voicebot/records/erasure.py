"""Forgetting: a call's key and all that rests on it alone, and rows whose time is over. The journal's chain stays whole."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update

from voicebot.records import call_recordings, fact_rows, interaction_rows, message_rows, phrase_rows
from voicebot.records.books import Books
from voicebot.records.schema import (
    answered_requests,
    approvals,
    boots,
    callback_phrases,
    callback_wishes,
    calls,
    claims,
    documents,
    due,
    evaluation_marks,
    interactions,
    invitations,
    legs,
    marks,
    messages,
    outbox,
)

# All that a call's number leads to, and that is removed with its key.
OF_CALLS = (documents, legs, outbox, due, approvals, answered_requests, callback_phrases, evaluation_marks)
TOUCHED = (calls, interactions, messages, callback_wishes, invitations, *OF_CALLS)
CLAIMS_KEPT = timedelta(days=1)  # a carrier repeats a request within minutes
MARKS_KEPT = timedelta(days=31)
BOOTS_KEPT = timedelta(days=1)
ANSWERS_KEPT = timedelta(days=1)


def erase_call(books: Books, call_id: str) -> bool:
    """Remove a call's key, state, documents, legs and open work; its recordings follow. False where it is unknown or erased."""
    has_key = calls.c.wrapped_key.is_not(None)
    call_recordings.delete_soon(books, call_id)
    gone = books.write(update(calls).where(calls.c.id == call_id, has_key).values(wrapped_key=None, sealed=None)).rowcount == 1
    for table in OF_CALLS:
        books.write(delete(table).where(table.c.call_id == call_id))
    interaction_rows.erase(books, call_id)
    books.write(update(messages).where(messages.c.call_id == call_id).values(message_rows.GONE))
    nobodys = {"sealed": None, "number": None, "customer": None}
    books.write(update(callback_wishes).where(callback_wishes.c.call_id == call_id).values(nobodys))
    books.write(update(invitations).where(invitations.c.call_id == call_id).values(sealed=None, number=None))
    books.data_keys.pop(call_id, None)
    fact_rows.make(books, call_id)  # what is left of the journal: times without names
    return gone


def tidy(books: Books, now: datetime) -> int:
    """Remove request claims, answers, marks, boots and callback phrases whose time is over; gives how many."""
    old = (
        delete(claims).where(claims.c.deadline < now - CLAIMS_KEPT),
        delete(marks).where(marks.c.at < now - MARKS_KEPT),
        delete(answered_requests).where(answered_requests.c.at < now - ANSWERS_KEPT),
        delete(boots).where(boots.c.seen_at < now - BOOTS_KEPT),
    )
    return sum(books.write(statement).rowcount for statement in old) + phrase_rows.wipe_expired(books, now)
