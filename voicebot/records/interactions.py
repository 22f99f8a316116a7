"""Calls to be looked for, by desk and wallboard: the port `Interactions` over the rows that `interaction_rows` writes."""

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update

from voicebot.dialogue.call import Stage
from voicebot.dialogue.values import Assurance, Ending
from voicebot.errors import StoreError
from voicebot.ports.interactions import Interaction, Offered, Page, Sought, Which
from voicebot.records.books import Books
from voicebot.records.interaction_rows import CUSTOMER, IDENTIFIER, SEALED
from voicebot.records.schema import interactions
from voicebot.records.store import SqlStore

MOST_AT_ONCE = 500


class SqlInteractions:
    """Implements `ports.interactions.Interactions`."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def find(self, sought: Sought, *, limit: int = 50, older: str = "") -> Page:
        """A page, newest first."""
        limit = max(1, min(limit, MOST_AT_ONCE))
        newest = interactions.c.started_at.desc(), interactions.c.call_id.desc()
        with self._store.viewing() as books:
            wanted = [*_conditions(books, sought), *_from(older)]
            rows = books.rows(select(interactions).where(*wanted).order_by(*newest).limit(limit + 1)).all()
            shown = tuple(_told(books, row) for row in rows[:limit])
        return Page(shown, _cursor(shown[-1]) if len(rows) > limit else "")

    def get(self, call_id: str) -> Interaction | None:
        """One of them."""
        with self._store.viewing() as books:
            row = books.rows(select(interactions).where(interactions.c.call_id == call_id)).one_or_none()
            return None if row is None else _told(books, row)

    def earlier(self, customer: str, before: datetime, limit: int = 5) -> tuple[Interaction, ...]:
        """A customer's newest calls before this time."""
        with self._store.viewing() as books:
            theirs = interactions.c.customer == books.keyring.blind(CUSTOMER, customer), interactions.c.started_at < before
            rows = books.rows(select(interactions).where(*theirs).order_by(interactions.c.started_at.desc()).limit(limit)).all()
            return tuple(_told(books, row) for row in rows)

    def lately(self, since: datetime, each: int) -> dict[str, tuple[str, ...]]:
        """Calls that are over for who had them last, by them, newest first; their callers may still be asked how it was."""
        column = interactions.c
        done = or_(column.ended_at.is_not(None), column.stage == Stage.SURVEY.value)
        over = column.started_at >= since, done, column.agent != ""
        chosen = select(column.agent, column.call_id).where(*over).order_by(column.started_at.desc(), column.call_id.desc())
        had: dict[str, tuple[str, ...]] = {}
        with self._store.viewing() as books:
            for row in books.rows(chosen):
                had[row.agent] = (*had.get(row.agent, ()), row.call_id)[:each]
        return had

    def offered(self, since: datetime) -> tuple[Offered, ...]:
        """Everybody who got in line from this time on, oldest first."""
        column = interactions.c
        answered = column.answered_at.is_not(None).label("answered")
        chosen = select(column.queue, column.queued_at, column.waited, answered, column.ending)
        with self._store.viewing() as books:
            rows = books.rows(chosen.where(column.queued_at >= since).order_by(column.queued_at))
            return tuple(
                Offered(row.queue, row.queued_at, row.waited, bool(row.answered), Ending(row.ending) if row.ending else None)
                for row in rows
            )

    def wrapped_up(self, call_id: str, code: str) -> None:
        """How the agent filed it."""
        with self._store.writing() as books:
            filed = books.write(update(interactions).where(interactions.c.call_id == call_id).values(wrap_up=code))
            if filed.rowcount != 1:
                raise StoreError("a call that is not there cannot be filed")


def _conditions(books: Books, sought: Sought) -> Iterator[ColumnElement[bool]]:
    column = interactions.c
    match sought.which:
        case Which.LIVE:
            yield column.ended_at.is_(None)
        case Which.PAST:
            yield column.ended_at.is_not(None)
    if sought.since is not None:
        yield column.started_at >= sought.since
    if sought.until is not None:
        yield column.started_at < sought.until
    for name in ("line", "queue", "language", "agent", "wrap_up"):
        if wanted := getattr(sought, name):
            yield column[name] == wanted
    if sought.assurance is not None:
        yield column.assurance == sought.assurance.value
    if sought.ending is not None:
        yield column.ending == sought.ending.value
    if sought.scores is not None:
        yield column.score.between(*sought.scores)
    if sought.identifier:
        yield column.identifier == books.keyring.blind(IDENTIFIER, sought.identifier)


def _told(books: Books, row: Row[Any]) -> Interaction:
    who = books.open_for_call(row.call_id, row.sealed, SEALED) if row.sealed else None
    return Interaction(
        call_id=row.call_id,
        started_at=row.started_at,
        line=row.line,
        queue=row.queue,
        language=row.language,
        stage=row.stage,
        assurance=Assurance(row.assurance),
        queued_at=row.queued_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        ending=Ending(row.ending) if row.ending else None,
        agent=row.agent,
        wrap_up=row.wrap_up,
        identifier=who["identifier"] if who else "",
        name=who["name"] if who else "",
        score=row.score,
    )


# ---- pages -------------------------------------------------------------------------------------------------------


def _cursor(last: Interaction) -> str:
    """Where a page ended. It goes into an address, so it holds nothing but a time and a call's id."""
    return base64.urlsafe_b64encode(f"{last.started_at.isoformat()} {last.call_id}".encode()).decode()


def _from(older: str) -> Iterator[ColumnElement[bool]]:
    if not older:
        return
    try:
        when, call_id = base64.urlsafe_b64decode(older).decode().split(" ")
        at = datetime.fromisoformat(when).astimezone(UTC)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise StoreError("there is no such page") from None
    column = interactions.c
    yield or_(column.started_at < at, and_(column.started_at == at, column.call_id < call_id))
