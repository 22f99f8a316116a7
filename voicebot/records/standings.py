"""Failed attempts per account, and marks per key within a time. Both are known by keyed hashes only."""

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from voicebot.dialogue.lockout import Standing
from voicebot.ports.accounts import TryLimit
from voicebot.records.books import Books
from voicebot.records.schema import marks, standings


def standing(books: Books, account: str) -> Standing:
    """An account's failures; in a write transaction nobody else sees or changes them until it ends."""
    if books.writable:  # a row that is not there cannot be locked
        books.write(books.insert(standings).values(_row(account, Standing())).on_conflict_do_nothing())
    row = books.rows(books.locked(select(standings).where(standings.c.account == account))).one_or_none()
    if row is None:
        return Standing()
    recent, unknown = _times(row.recent), _times(row.unknown)
    return Standing(row.consecutive, row.since_success, recent, unknown, row.locked_until, row.disabled)


def save_standing(books: Books, account: str, kept: Standing) -> None:
    """Write it, over what was there."""
    row = _row(account, kept)
    books.write(books.insert(standings).values(row).on_conflict_do_update(index_elements=[standings.c.account], set_=row))


def count(books: Books, key: str, at: datetime, window_seconds: int) -> int:
    """Marks of this key later than `window_seconds` before `at`, up to `at`."""
    within = (marks.c.at > at - timedelta(seconds=window_seconds)) & (marks.c.at <= at)
    counted = books.connection.scalar(select(func.count()).select_from(marks).where(marks.c.key == key, within))
    return counted or 0


def wait_for(books: Books, limit: TryLimit, at: datetime) -> int:
    """Whole seconds, at least 1, until one more has room; 0 where it has now."""
    here = count(books, limit.key, at, limit.within)
    if here < limit.most:
        return 0
    if not limit.most:
        return limit.within
    window = timedelta(seconds=limit.within)
    within = (marks.c.key == limit.key) & (marks.c.at > at - window) & (marks.c.at <= at)
    oldest = select(marks.c.at).where(within).order_by(marks.c.at).offset(here - limit.most).limit(1)
    leaves: datetime = books.connection.execute(oldest).scalar_one() + window
    return max(1, math.ceil((leaves - at).total_seconds()))


def mark(books: Books, key: str, at: datetime) -> None:
    """One more mark."""
    books.write(insert(marks).values(key=key, at=at))


def unmark(books: Books, key: str, at: datetime) -> None:
    """One mark of this time less."""
    one = select(func.min(marks.c.id)).where(marks.c.key == key, marks.c.at == at).scalar_subquery()
    books.write(delete(marks).where(marks.c.id == one))


def last_mark(books: Books, key: str, at: datetime) -> datetime | None:
    """The newest mark of this key up to `at`."""
    return books.connection.scalar(
        select(marks.c.at).where(marks.c.key == key, marks.c.at <= at).order_by(marks.c.at.desc()).limit(1)
    )


def _row(account: str, kept: Standing) -> dict[str, Any]:
    return {
        "account": account,
        "consecutive": kept.consecutive,
        "since_success": kept.since_success,
        "recent": _as_text(kept.recent),
        "unknown": _as_text(kept.unknown),
        "locked_until": kept.locked_until,
        "disabled": kept.disabled,
    }


def _as_text(times: Iterable[datetime]) -> str:
    return json.dumps([time.astimezone(UTC).isoformat() for time in times])


def _times(text: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(time) for time in json.loads(text))
