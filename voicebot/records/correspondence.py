"""The port `Correspondence`: threads over the rows of messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update

from voicebot.ports.correspondence import OpenAnswers, Reply, ReplyState, Thread, Written
from voicebot.ports.outgoing import Channel
from voicebot.records.books import Books
from voicebot.records.interaction_rows import CUSTOMER
from voicebot.records.message_rows import customer_of, opened, opt, person_of, sealed
from voicebot.records.schema import messages
from voicebot.records.store import SqlStore

_column = messages.c
LONGEST_THREAD = 200
OPEN = (ReplyState.NEW, ReplyState.TAKEN)


class SqlCorrespondence:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def arrived(self, reply: Reply, state: ReplyState, stops: bool | None = None) -> bool:
        """Once, by the carrier's id."""
        with self._store.writing() as books:
            person = person_of(books, reply.person)
            same = (_column.person == person, _column.channel == reply.channel, _column.sender == reply.sender)
            has_it = select(_column.by).where(*same, _column.incoming, _column.state == ReplyState.TAKEN).limit(1)
            agent = books.connection.scalar(has_it) if state is ReplyState.NEW else None
            row = sealed(books, reply.sid, {"to": reply.person, "text": reply.text}) | {
                "name": reply.sid, "incoming": True, "channel": reply.channel, "sender": reply.sender, "person": person,
                "customer": customer_of(books, person), "by": agent or "", "at": reply.at,
                "state": ReplyState.TAKEN if agent else state, "tries": 0, "sid": reply.sid, "reason": "",
                "changed_at": reply.at,
            }  # fmt: skip
            new = books.insert(messages).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
            is_new: bool = books.write(new).rowcount == 1
            if is_new and stops is not None:
                opt(books, person, reply.sender, out=stops, at=reply.at)
            return is_new

    def open_threads(self, limit: int = 50) -> list[Thread]:
        """One row for each, by its oldest open answer."""
        oldest = func.min(_column.id).label("id")
        of_each = (_column.person, _column.channel, _column.sender)
        chosen = select(oldest).where(_column.incoming, _column.state.in_(OPEN)).group_by(*of_each).order_by(oldest).limit(limit)
        with self._store.viewing() as books:
            numbers = [row.id for row in books.rows(chosen)]
            return [found for number in numbers if (found := _thread(books, number)) is not None]

    def threads(self, limit: int = 50) -> list[Thread]:
        """Notices of the house are not correspondence, unless somebody answers."""
        newest = func.max(_column.id).label("id")
        spoken = _column.incoming | (_column.by != "")
        of_each = (_column.person, _column.channel, _column.sender)
        chosen = select(newest).where(spoken, _column.person.is_not(None)).group_by(*of_each).order_by(newest.desc()).limit(limit)
        with self._store.viewing() as books:
            found = []
            for number in [row.id for row in books.rows(chosen)]:
                row = books.rows(select(messages).where(_column.id == number)).one()
                found.append(_put_together(books, [row]))
            return found

    def thread(self, number: int) -> Thread | None:
        """With notices of the house, if they went to the same address from the same sender."""
        with self._store.viewing() as books:
            return _thread(books, number)

    def take(self, number: int, agent: str, at: datetime) -> bool:
        """Decided by the database."""
        return self._moved(number, ReplyState.NEW, {"state": ReplyState.TAKEN, "by": agent, "changed_at": at}, agent)

    def done(self, number: int, agent: str, at: datetime) -> bool:
        """By whoever has it, or nobody."""
        return self._moved(number, ReplyState.NEW, {"state": ReplyState.DONE, "by": agent, "changed_at": at}, agent, done=True)

    def release(self, number: int, agent: str, at: datetime) -> bool:
        """As if nobody had taken them."""
        with self._store.writing() as books:
            row = books.rows(select(messages).where(_column.id == number)).one_or_none()
            if row is None or row.person is None:
                return False
            theirs = (*_same(row), _column.incoming, _column.state == ReplyState.TAKEN, _column.by == agent)
            free = update(messages).where(*theirs).values(state=ReplyState.NEW, by="", changed_at=at)
            return books.write(free).rowcount > 0

    def oldest_open(self, number: int) -> int | None:
        """By the thread's row."""
        with self._store.viewing() as books:
            row = books.rows(select(messages).where(_column.id == number)).one_or_none()
            if row is None or row.person is None:
                return None
            theirs = select(func.min(_column.id)).where(*_same(row), _column.incoming, _column.state.in_(OPEN))
            oldest: int | None = books.connection.scalar(theirs)
            return oldest

    def open_answers(self) -> list[OpenAnswers]:
        """By whoever has any of them: a thread is with one agent."""
        of_each = (_column.person, _column.channel, _column.sender)
        is_open = (_column.incoming, _column.state.in_(OPEN), _column.person.is_not(None))
        numbers = (func.min(_column.id).label("id"), func.min(_column.at).label("since"), func.max(_column.by).label("by"))
        chosen = select(*of_each, *numbers).where(*is_open).group_by(*of_each).order_by(numbers[0])
        with self._store.viewing() as books:
            return [OpenAnswers(row.id, row.since, row.by, _last_agent(books, row)) for row in books.rows(chosen).all()]

    def belongs(self, person: str, customer: str) -> None:
        """Later ones take it over."""
        with self._store.writing() as books:
            theirs = update(messages).where(_column.person == person_of(books, person), _column.customer.is_(None))
            books.write(theirs.values(customer=books.keyring.blind(CUSTOMER, customer)))

    def last_in(self, channel: Channel, person: str, sender: str) -> datetime | None:
        """STOP counts as writing, too."""
        with self._store.viewing() as books:
            theirs = (_column.person == person_of(books, person), _column.channel == channel, _column.sender == sender)
            newest = select(_column.at).where(*theirs, _column.incoming).order_by(_column.id.desc()).limit(1)
            row = books.rows(newest).first()
            return None if row is None else row.at

    def _moved(self, number: int, free: ReplyState, values: dict[str, Any], agent: str, *, done: bool = False) -> bool:
        with self._store.writing() as books:
            row = books.rows(books.locked(select(messages).where(_column.id == number))).one_or_none()
            if row is None or row.person is None:
                return False
            theirs = (*_same(row), _column.incoming, _column.state.in_(OPEN))
            held = books.rows(books.locked(select(_column.by, _column.state).where(*theirs))).all()
            if not held or any(one.state != free and one.by != agent for one in held):
                return False
            mine = update(messages).where(*theirs, (_column.state == free) if not done else _column.state.in_(OPEN))
            books.write(mine.values(values))
            return True


def _last_agent(books: Books, row: Row[Any]) -> str:
    written = select(_column.by).where(*_same(row), ~_column.incoming, _column.by != "").order_by(_column.id.desc()).limit(1)
    return books.connection.scalar(written) or ""


def _same(row: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    return (_column.person == row.person, _column.channel == row.channel, _column.sender == row.sender)


def _thread(books: Books, number: int) -> Thread | None:
    row = books.rows(select(messages).where(_column.id == number)).one_or_none()
    if row is None or row.person is None:
        return None
    newest = select(messages).where(*_same(row)).order_by(_column.id.desc()).limit(LONGEST_THREAD)
    return _put_together(books, list(reversed(books.rows(newest).all())))


def _put_together(books: Books, rows: Sequence[Row[Any]]) -> Thread:
    contents = [opened(books, row) for row in rows]
    written = tuple(
        Written(row.id, row.incoming, content.get("text", ""), row.at, row.state, row.reason, "" if row.incoming else row.by)
        for row, content in zip(rows, contents, strict=True)
    )
    last, address = rows[-1], next((one["to"] for one in reversed(contents) if one.get("to")), "")
    taken_by = next((row.by for row in rows if row.incoming and row.state == ReplyState.TAKEN), "")
    waits = any(row.incoming and row.state == ReplyState.NEW for row in rows)
    return Thread(last.id, Channel(last.channel), address, last.sender, written, taken_by, waits)
