"""How somebody's wish to be called back is written down, in the transaction that ends the call; and what becomes of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, false, func, or_, select, update

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.calling_back import BookedBy, Window, WishResult, WishStatus, phrase_kept_until
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records import news_rows, phrase_rows
from voicebot.records.books import Books
from voicebot.records.fact_list import want
from voicebot.records.interaction_rows import CUSTOMER
from voicebot.records.schema import callback_wishes

SEALED = "callback_wish"
STATUS = {
    WishResult.SERVED: WishStatus.DONE,
    WishResult.SERVED_OTHERWISE: WishStatus.DONE,
    WishResult.NOT_REACHED: WishStatus.MISSED,
    WishResult.CALLED_OFF: WishStatus.CANCELLED,
}


def keep_wish(books: Books, wish: CallbackWish) -> bool:
    """A call has one at most, and a queue one for a number; False where there is one."""
    row = _written(books, wish) | {
        "call_id": wish.call_id, "queue": wish.queue, "since": wish.since, "at": wish.at, "done_by": "",
        "booked_by": wish.booked_by, "status": WishStatus.BOOKED,
    }  # fmt: skip
    new = books.insert(callback_wishes).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if books.write(new).rowcount != 1:
        return False
    phrase_rows.last_until(books, wish.call_id, phrase_kept_until(wish.window, wish.at))
    news_rows.tell(books, wish.call_id, WishStatus.BOOKED, wish.at)
    return True


def change_wish(books: Books, wish: CallbackWish, at: datetime) -> bool:
    """Number, window, subject, medium and when it is due, of an open one that no call is at."""
    before = _open_one(books, callback_wishes.c.call_id == wish.call_id, callback_wishes.c.dialled_in.is_(None))
    other = wish_for(books, wish.queue, wish.number)
    if before is None or (other is not None and other.call_id != wish.call_id):
        return False
    moved = before.window != wish.window
    status = WishStatus.RESCHEDULED if moved else before.status
    books.write(_still_open(wish.call_id).values(_written(books, wish) | {"status": status}))
    phrase_rows.last_until(books, wish.call_id, phrase_kept_until(wish.window, at))
    if moved:
        news_rows.tell(books, wish.call_id, WishStatus.RESCHEDULED, at)
    return True


def assign_wish(books: Books, call_id: str, agent: str, at: datetime) -> None:
    """An agent has accepted it."""
    if books.write(_still_open(call_id).values(status=WishStatus.ASSIGNED, assigned=agent)).rowcount == 1:
        news_rows.tell(books, call_id, WishStatus.ASSIGNED, at, agent=agent)


def _written(books: Books, wish: CallbackWish) -> dict[str, Any]:
    plain = {"number": wish.number, "subject": wish.subject, "customer": wish.customer}
    return {
        "sealed": books.seal_for_call(wish.call_id, plain, SEALED), "number": _hash(books, wish.number), "due_at": wish.due_at,
        "start": wish.window.start if wish.window else None, "until": wish.window.until if wish.window else None,
        "medium": wish.medium, "customer": books.keyring.blind(CUSTOMER, wish.customer) if wish.customer else None,
    }  # fmt: skip


def is_wished(books: Books, queue: str, number: str) -> bool:
    """Whether there is an open one."""
    column = callback_wishes.c
    same = (column.queue == queue, column.number == _hash(books, number), column.done_at.is_(None))
    return books.rows(select(column.call_id).where(*same)).first() is not None


def wish(books: Books, call_id: str) -> CallbackWish | None:
    """The open one of this call. Whoever may write has it alone from then on: nobody begins or changes it meanwhile."""
    return _open_one(books, callback_wishes.c.call_id == call_id)


def wish_for(books: Books, queue: str, number: str) -> CallbackWish | None:
    """The open one of this queue for this number."""
    column = callback_wishes.c
    return _open_one(books, column.queue == queue, column.number == _hash(books, number))


def any_wish(books: Books, call_id: str) -> CallbackWish | None:
    """The wish of this call, open or not."""
    row = books.rows(select(callback_wishes).where(callback_wishes.c.call_id == call_id)).first()
    return None if row is None else wish_of(books, row)


def missed(books: Books, since: datetime, limit: int, seen: int) -> list[CallbackWish]:
    """Closed since then, and nobody was reached. Earliest first, without the first `seen`."""
    column = callback_wishes.c
    chosen = select(callback_wishes).where(column.done_at >= since, column.result == WishResult.NOT_REACHED.value)
    return [wish_of(books, row) for row in books.rows(chosen.order_by(column.done_at, column.call_id).offset(seen).limit(limit))]


def wishes_of(books: Books, customer: str, number: str) -> list[CallbackWish]:
    """Open ones of this customer (the back end's key) or for this number; an empty one names nobody. Earliest first."""
    column = callback_wishes.c
    names = [column.customer == books.keyring.blind(CUSTOMER, customer)] if customer else []
    names += [column.number == _hash(books, number)] if number else []
    chosen = select(callback_wishes).where(column.done_at.is_(None), or_(false(), *names))
    return [wish_of(books, row) for row in books.rows(chosen.order_by(column.due_at, column.since))]


def wished_in(books: Books, queue: str, start: datetime, until: datetime) -> int:
    """How many open ones of this queue have a window that begins from `start` on and before `until`."""
    column = callback_wishes.c
    within = (column.queue == queue, column.start >= start, column.start < until, column.done_at.is_(None))
    return books.connection.scalar(select(func.count()).select_from(callback_wishes).where(*within)) or 0


def wished_starts(books: Books, queue: str, start: datetime, until: datetime) -> dict[datetime, int]:
    """The same, by the beginning of their windows."""
    column = callback_wishes.c
    within = (column.queue == queue, column.start >= start, column.start < until, column.done_at.is_(None))
    chosen = select(column.start, func.count().label("number")).where(*within).group_by(column.start)
    return {row.start: row.number for row in books.rows(chosen)}


def dialled_in(books: Books, call_id: str) -> str:
    """Also of one that an agent has just closed by hand, while its call goes on."""
    found = books.connection.scalar(select(callback_wishes.c.dialled_in).where(callback_wishes.c.call_id == call_id))
    return found or ""


def due_wishes(books: Books, now: datetime, limit: int) -> list[str]:
    """Open, due, and nobody is at it. What was erased has no number to dial."""
    column = callback_wishes.c
    due = (column.done_at.is_(None), column.dialled_in.is_(None), column.due_at <= now, column.number.is_not(None))
    return [row.call_id for row in books.rows(select(column.call_id).where(*due).order_by(column.due_at).limit(limit))]


def begin_wish(books: Books, call_id: str, dialled_in: str) -> bool:
    """One call at a time."""
    free = _still_open(call_id).where(callback_wishes.c.dialled_in.is_(None))
    return books.write(free.values(dialled_in=dialled_in)).rowcount == 1


def put_off_wish(books: Books, call_id: str, until: datetime) -> None:
    """Due then."""
    books.write(_still_open(call_id).values(due_at=until))


def settle_wish(books: Books, settled: SettleWish, at: datetime, by: str) -> None:
    """Closed, or free for the next call."""
    again, mine, before = settled.again_at, _still_open(settled.wish), wish(books, settled.wish)
    if before is None:
        return
    status, dialled = STATUS[settled.result], settled.tries > before.tries
    why = {"why": settled.why.value} if settled.why else {}
    if again is None:
        over = {"done_at": at, "done_by": by, "result": settled.result.value, "tries": settled.tries, "status": status}
        books.write(mine.values(over | why))
        phrase_rows.wipe(books, settled.wish)
        news_rows.tell(books, settled.wish, status, at)
        if settled.result is WishResult.SERVED:
            want(books, settled.wish)
        return
    status = status if dialled else WishStatus.BOOKED
    books.write(mine.values(due_at=again, tries=settled.tries, dialled_in=None, status=status, **why))
    if dialled:
        news_rows.tell(books, settled.wish, status, at, again_at=again)


def wish_of(books: Books, row: Row[Any]) -> CallbackWish:
    """A row as it is read."""
    plain: dict[str, str] = (books.open_for_call(row.call_id, row.sealed, SEALED) if row.sealed else None) or {}
    return CallbackWish(
        row.call_id, row.queue, plain.get("number", ""), row.since, row.at, row.due_at, row.tries, row.dialled_in or "",
        Window(row.start, row.until) if row.start else None, plain.get("subject", ""), row.medium, plain.get("customer", ""),
        BookedBy(row.booked_by), WishStatus(row.status), row.assigned,
    )  # fmt: skip


def _open_one(books: Books, *same: ColumnElement[bool]) -> CallbackWish | None:
    row = books.rows(books.locked(select(callback_wishes).where(callback_wishes.c.done_at.is_(None), *same))).first()
    return None if row is None else wish_of(books, row)


def _still_open(call_id: str) -> Update:
    return update(callback_wishes).where(callback_wishes.c.call_id == call_id, callback_wishes.c.done_at.is_(None))


def _hash(books: Books, number: str) -> str:
    return books.keyring.blind("callback-number", number)
