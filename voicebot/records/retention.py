"""Forgets by itself what is older than the days that the company keeps it: calls with all that is theirs, and messages.

What is still open is kept, however old: a call that goes on, a callback that is wanted, an answer that nobody is done with.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from voicebot.dialogue.call import Stage
from voicebot.ports.correspondence import ReplyState
from voicebot.ports.outgoing import OPEN, MessageState
from voicebot.records import erasure
from voicebot.records.books import Books
from voicebot.records.message_rows import GONE
from voicebot.records.schema import callback_wishes, calls, interactions, invitations, messages
from voicebot.records.store import SqlStore

AT_ONCE = 20  # rows of one transaction, so that live calls wait for none of them long
MOST = 2000  # of each in one run; the next one goes on
UNFINISHED = (*OPEN, ReplyState.NEW, ReplyState.TAKEN)


def forget_old(
    store: SqlStore, now: datetime, *, call_days: int, message_days: int, is_over: Callable[[], bool] = lambda: False
) -> int:
    """Gives how many calls and messages were forgotten. 0 days: none of them are. The bytes are gone from the disk, too.

    `is_over`: the next run is to go on, somebody waits for the end of this one.
    """
    forgotten = 0
    if call_days:
        forgotten += _in_portions(store, lambda books: _calls(books, now - timedelta(days=call_days), now), is_over)
    if message_days:
        forgotten += _in_portions(store, lambda books: _messages(books, now - timedelta(days=message_days)), is_over)
    if forgotten:
        for table in (calls, interactions, messages):
            store.vacuum(table.name)
        store.checkpoint()
    return forgotten


def _in_portions(store: SqlStore, some: Callable[[Books], int], is_over: Callable[[], bool]) -> int:
    done = 0
    while done < MOST and not is_over():
        with store.writing() as books:
            count = some(books)
        done += count
        if count < AT_ONCE:
            break
    return done


def _calls(books: Books, before: datetime, now: datetime) -> int:
    column, wished, invited = calls.c, callback_wishes.c, invitations.c
    wanted = select(wished.call_id).where(wished.done_at.is_(None))
    awaited = select(invited.call_id).where(invited.until > now)
    old: tuple[ColumnElement[bool], ...] = (
        column.started_at < before, column.stage == Stage.ENDED, column.wrapped_key.is_not(None),
        column.id.not_in(wanted), column.id.not_in(awaited),
    )  # fmt: skip
    chosen = books.rows(select(column.id).where(*old).order_by(column.started_at).limit(AT_ONCE))
    return sum(erasure.erase_call(books, row.id) for row in chosen.all())


def _messages(books: Books, before: datetime) -> int:
    column = messages.c
    never_told = and_(column.state == MessageState.UNKNOWN, column.due_at.is_(None))  # nobody looks for it any more
    old = (column.at < before, column.wrapped_key.is_not(None), or_(column.state.not_in(UNFINISHED), never_told))
    chosen = [row.id for row in books.rows(select(column.id).where(*old).order_by(column.id).limit(AT_ONCE))]
    books.write(update(messages).where(column.id.in_(chosen)).values(GONE))
    return len(chosen)
