"""Invitations as rows, sealed with the interaction that was opened for each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update

from voicebot.errors import KeyringError
from voicebot.ports.invitations import OPEN, Invitation, InvitationState
from voicebot.records import message_rows
from voicebot.records.books import Books
from voicebot.records.schema import invitations

SEALED = "invitation"
_column = invitations.c


def keep(books: Books, invitation: Invitation) -> bool:
    """Once for a campaign and a number."""
    plain = {"number": invitation.number, "reason": invitation.reason, "customer": invitation.customer}
    row = {
        "call_id": invitation.id, "subject": invitation.subject, "queue": invitation.queue,
        "number": _hash(books, invitation.number),
        "sealed": books.seal_for_call(invitation.id, plain, SEALED), "language": invitation.language, "by": invitation.by,
        "campaign": invitation.campaign, "at": invitation.at, "send_at": invitation.send_at, "until": invitation.until,
        "state": invitation.state.value,
    }  # fmt: skip
    new = books.insert(invitations).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return books.write(new).rowcount == 1


def of_id(books: Books, invitation_id: str) -> Invitation | None:
    """One."""
    return next(iter(_found(books, [_column.call_id == invitation_id], 1)), None)


def open_one(books: Books, queue: str, number: str) -> Invitation | None:
    """The newest."""
    return next(iter(_found(books, [_column.queue == queue, _column.number == _hash(books, number), _is_open()], 1)), None)


def was_invited(books: Books, campaign: str, number: str) -> bool:
    """Open or not."""
    theirs = (_column.campaign == campaign, _column.number == _hash(books, number))
    return books.rows(select(_column.call_id).where(*theirs).limit(1)).first() is not None


def due(books: Books, now: datetime, limit: int) -> list[Invitation]:
    """Not sent yet, and not over. One that no key opens keeps no other waiting."""
    chosen = (_column.state == InvitationState.WAITING.value, _column.send_at <= now, _column.until > now)
    all_due = select(invitations).where(*chosen).order_by(_column.send_at, _column.call_id).limit(limit)
    found, seen = list[Invitation](), 0
    while len(found) < limit and (rows := books.rows(all_due.offset(seen)).all()):
        seen += len(rows)
        found += [one for row in rows if (one := _if_opened(books, row)) is not None]
    return found[:limit]


def expired(books: Books, now: datetime, limit: int) -> list[str]:
    """Open, and over."""
    found = select(_column.call_id).where(_is_open(), _column.until <= now).limit(limit)
    return [row.call_id for row in books.rows(found)]


def newest(books: Books, limit: int) -> list[Invitation]:
    """The newest first."""
    return _found(books, [], limit)


def last_of_campaign(books: Books, campaign: str) -> datetime | None:
    """Its latest time to be sent."""
    last: datetime | None = books.connection.scalar(select(func.max(_column.send_at)).where(_column.campaign == campaign))
    return last


def move(books: Books, invitation_id: str, state: InvitationState, at: datetime) -> bool:
    """What is over stays as it is. The message of one that is over, if it still waits, is not sent."""
    mine = update(invitations).where(_column.call_id == invitation_id, _is_open())
    if state is InvitationState.SENT:
        mine = mine.where(_column.state == InvitationState.WAITING.value)
    moved = books.write(mine.values(state=state.value)).rowcount == 1
    if moved and state not in OPEN:
        message_rows.drop_waiting(books, invitation_id, "over", at)
    return moved


def _found(books: Books, chosen: Sequence[ColumnElement[bool]], limit: int) -> list[Invitation]:
    found = select(invitations).where(*chosen).order_by(_column.at.desc(), _column.call_id).limit(limit)
    return [_opened(books, row) for row in books.rows(found)]


def _is_open() -> ColumnElement[bool]:
    return _column.state.in_([one.value for one in OPEN])


def _opened(books: Books, row: Row[Any]) -> Invitation:
    plain: dict[str, str] = (books.open_for_call(row.call_id, row.sealed, SEALED) if row.sealed else None) or {}
    return Invitation(
        row.call_id, row.subject, row.queue, plain.get("number", ""), plain.get("reason", ""), row.language, row.by, row.at,
        row.send_at, row.until, row.campaign, plain.get("customer", ""), InvitationState(row.state),
    )  # fmt: skip


def _if_opened(books: Books, row: Row[Any]) -> Invitation | None:
    try:
        return _opened(books, row)
    except KeyringError:
        books.tell_unopened("invitation", row.call_id)
        return None


def _hash(books: Books, number: str) -> str:
    return books.keyring.blind("callback-number", number)
