"""Effects on the outside world that are still to be done, each leased by one runner at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Row, and_, case, delete, insert, select, update

from voicebot.errors import KeyringError
from voicebot.ports.store import Effect, EffectKind
from voicebot.records import claims
from voicebot.records.books import Books
from voicebot.records.schema import outbox

_ABOUT = "effect"
# Keys that are missing may come back, so what they sealed is kept; meanwhile it stands in nobody's way.
PUT_ASIDE = timedelta(hours=1)

log = structlog.get_logger(__name__)


def put_effect(books: Books, effect: Effect, at: datetime) -> Effect:
    """A new row, due at once. TypeError where `about` holds anything but plain values."""
    sealed = books.seal_for_call(effect.call_id, effect.about, _ABOUT)
    row = {"call_id": effect.call_id, "kind": effect.kind.value, "sealed": sealed, "due_at": at, "tries": effect.tries}
    made: Any = books.write(insert(outbox).values(row)).inserted_primary_key
    return replace(effect, id=made.id)


def lease_effects(
    books: Books, ids: Sequence[int] | None, owner: str, now: datetime, until: datetime, limit: int
) -> list[Effect]:
    """Take due rows that nobody holds, oldest first. `ids` narrows the choice; None means any.

    Whoever held a lease before may have done the effect before it died, so that counts as a try.
    """
    chosen = select(outbox).where(_free(now)).order_by(outbox.c.id).limit(limit)
    if ids is not None:
        chosen = chosen.where(outbox.c.id.in_(ids))
    found = books.rows(books.locked(chosen, skip=True)).all()
    mine = outbox.c.id.in_([row.id for row in found])
    tried = case((outbox.c.leased_until.is_(None), outbox.c.tries), else_=outbox.c.tries + 1)
    books.write(update(outbox).where(mine).values(owner=owner, leased_until=until, tries=tried))
    opened = [(row, _opened(books, row, now)) for row in found]
    return [Effect(EffectKind(row.kind), row.call_id, about, row.id, _tries(row)) for row, about in opened if about is not None]


def _opened(books: Books, row: Row[Any], now: datetime) -> Any:
    """What it is about; None where the call is erased, or where no key that is here opens it, which puts it aside."""
    try:
        return books.open_for_call(row.call_id, row.sealed, _ABOUT)
    except KeyringError:
        log.error("an effect cannot be opened with the keys that are here; it waits for an hour", call=row.call_id, kind=row.kind)
        retry_effect(books, row.id, now + PUT_ASIDE)
        return None


def due_effects(books: Books, now: datetime, limit: int) -> list[int]:
    """Ids of rows that could be leased now."""
    return [row.id for row in books.rows(select(outbox.c.id).where(_free(now)).order_by(outbox.c.id).limit(limit))]


def finish_effect(books: Books, effect_id: int) -> None:
    """Gone: the journal remembers."""
    books.write(delete(outbox).where(outbox.c.id == effect_id))


def retry_effect(books: Books, effect_id: int, at: datetime) -> None:
    """Free again from `at` on, one more try counted."""
    values = {"due_at": at, "tries": outbox.c.tries + 1, "owner": None, "leased_until": None}
    books.write(update(outbox).where(outbox.c.id == effect_id).values(values))


def hasten_effect(books: Books, effect_id: int, at: datetime) -> None:
    """Due at this time, unless it was before; one that somebody holds is left to them."""
    mine = (outbox.c.id == effect_id, outbox.c.owner.is_(None), outbox.c.due_at > at)
    books.write(update(outbox).where(*mine).values(due_at=at))


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(outbox.c.due_at <= now, claims.is_let_go(outbox.c.owner, outbox.c.leased_until, now))


def _tries(row: Row[Any]) -> int:
    """As they stand after taking the row."""
    return int(row.tries) + (0 if row.leased_until is None else 1)
