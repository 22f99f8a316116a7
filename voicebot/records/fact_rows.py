"""Facts of interactions as rows: the journal of a call that is over, and what it adds to sums."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select

from voicebot.dialogue.calling_back import WishResult
from voicebot.facts.folding import facts_of
from voicebot.facts.interaction import Facts, Known
from voicebot.facts.periods import QUARTER
from voicebot.facts.sums import Count, Targets, counts
from voicebot.ports.facts import OF_JOURNALS, Part
from voicebot.records import journal
from voicebot.records.books import Books
from voicebot.records.fact_list import want
from voicebot.records.schema import SUMS, callback_wishes, fact_counts, facts, interactions

MICROSECOND = timedelta(microseconds=1)
_ANY = Targets()  # what depends on targets is not kept


def make(books: Books, call_id: str) -> None:
    """Write an interaction's facts, in place of older ones. A call that goes on, or is unknown, has none."""
    found = facts_of(_known(books, call_id), journal.entries(books, call_id))
    if found is None:
        return
    old = books.rows(select(facts.c.customer).where(facts.c.call_id == call_id)).one_or_none()
    found = replace(found, since_last=_since_last(books, found))
    for table in (facts, fact_counts):
        books.write(delete(table).where(table.c.call_id == call_id))
    keep(books, found)
    before = old.customer if old else None
    if old is None or (before or "") != found.customer:
        _want_next(books, found, {before or "", found.customer} - {""})


def keep(books: Books, *those: Facts) -> None:
    """Write the rows of interactions that have none."""
    books.write(insert(facts), [_row(found) for found in those])
    counted = [_counted(one, number, count) for one in those for number, count in enumerate(counts(one, _ANY))]
    if counted:  # a callback that reached nobody has nothing to count
        books.write(insert(fact_counts), counted)


def _known(books: Books, call_id: str) -> Known:
    customer = books.connection.scalar(select(interactions.c.customer).where(interactions.c.call_id == call_id))
    called = callback_wishes.c.result.in_(("", WishResult.SERVED))  # by hand, or by us
    wish = books.rows(select(callback_wishes.c.done_at).where(callback_wishes.c.call_id == call_id, called)).one_or_none()
    return Known(call_id, customer or "", wish.done_at if wish else None)


def _since_last(books: Books, found: Facts) -> timedelta | None:
    if not found.customer:
        return None
    column = facts.c
    theirs = column.customer == found.customer, column.started_at < found.started_at, column.call_id != found.call_id
    last: datetime | None = books.connection.scalar(
        select(column.started_at).where(*theirs).order_by(column.started_at.desc()).limit(1)
    )
    return None if last is None else found.started_at - last


def _want_next(books: Books, found: Facts, customers: Iterable[str]) -> None:
    """The same customer's next call may be a repeat now, or none any more."""
    column = facts.c
    for customer in sorted(customers):
        theirs = column.customer == customer, column.started_at > found.started_at
        after: Row[Any] | None = books.rows(
            select(column.call_id).where(*theirs).order_by(column.started_at).limit(1)
        ).one_or_none()
        if after is not None:
            want(books, after.call_id)


def _row(found: Facts) -> dict[str, Any]:
    return {
        "call_id": found.call_id, "started_at": found.started_at, "ended_at": found.ended_at, "line": found.line,
        "language": found.language, "ending": found.ending, "assurance": found.assurance, "code": found.code,
        "customer": found.customer or None, "called_back_at": found.called_back_at, "verified_at": found.verified_at,
        "satisfaction": found.score,
        "since_last": None if found.since_last is None else found.since_last // MICROSECOND,
    }  # fmt: skip


def _counted(found: Facts, number: int, one: Count) -> dict[str, Any]:
    where = {
        "part": next((part.value for part in OF_JOURNALS if getattr(one.tally, part.value)), Part.CALLS.value),  # a score alone
        "call_id": found.call_id, "number": number,
        "quarter": int(one.at.timestamp()) // QUARTER * QUARTER, "line": one.line,
        "language": one.language, "code": one.code, "ending": found.ending, "queue": one.queue, "agent": one.agent,
        "step": one.step, "attempt": one.attempt, "modality": one.modality, "reason": one.reason, "event": one.event,
        "way": one.way,
    }  # fmt: skip
    return where | {name: _whole(getattr(one.tally, name)) for name in SUMS}


def _whole(value: int | timedelta) -> int:
    return value // MICROSECOND if isinstance(value, timedelta) else int(value)
