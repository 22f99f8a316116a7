"""One webhook's key is worked on once, whoever repeats it; and which of our processes are alive."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from voicebot.errors import StoreError
from voicebot.ports.store import ClaimState, RequestClaim
from voicebot.records.books import Books
from voicebot.records.schema import boots, claims

UNSEEN_IS_DEAD = timedelta(seconds=10)


def claim(books: Books, key: str, owner: str, now: datetime, deadline: datetime) -> RequestClaim:
    """Take a key: ours if new; taken over if its owner's boot is over or its deadline has passed."""
    row = {"key": key, "owner": owner, "deadline": deadline}
    # An INSERT's count of rows is not kept unless one asks.
    taken = books.insert(claims).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if books.write(taken).rowcount == 1:
        return RequestClaim(ClaimState.MINE)
    kept = books.rows(books.locked(select(claims).where(claims.c.key == key))).one()
    if kept.answer is not None:
        return RequestClaim(ClaimState.DONE, kept.answer)
    if kept.deadline > now and (kept.owner == owner or not _is_dead(books, kept.owner, now)):
        return RequestClaim(ClaimState.BUSY)
    books.write(update(claims).where(claims.c.key == key).values(owner=owner, deadline=deadline))
    return RequestClaim(ClaimState.MINE, taken_over=True)


def answer(books: Books, key: str, answered: str) -> None:
    """Keep the answer. The first one stays; StoreError for a key that nobody claimed."""
    books.write(update(claims).where(claims.c.key == key, claims.c.answer.is_(None)).values(answer=answered))
    if books.connection.scalar(select(claims.c.key).where(claims.c.key == key)) is None:
        raise StoreError("an answer to a request that nobody claimed")


def begin_boot(books: Books, owner: str, now: datetime) -> None:
    """This process is alive from now on."""
    row = {"owner": owner, "seen_at": now, "ended": False}
    books.write(books.insert(boots).values(row).on_conflict_do_update(index_elements=[boots.c.owner], set_=row))


def seen(books: Books, owner: str, now: datetime) -> None:
    """This process is still alive. A sighting never goes back in time."""
    books.write(update(boots).where(boots.c.owner == owner, boots.c.seen_at < now).values(seen_at=now))


def end_boot(books: Books, owner: str) -> None:
    """This process has ended: what it claimed or leased may be taken over at once."""
    books.write(update(boots).where(boots.c.owner == owner).values(ended=True))


def is_let_go(
    owner: ColumnElement[str | None], leased_until: ColumnElement[datetime | None], now: datetime
) -> ColumnElement[bool]:
    """Whether nobody holds a row: it was never leased, its lease has run out, or its holder has certainly ended.

    A holder that was only not seen for a while may still be at it, and what it does must not be done twice.
    """
    ended = select(boots.c.owner).where(boots.c.ended)
    return or_(leased_until.is_(None), leased_until <= now, owner.in_(ended))


def _is_dead(books: Books, owner: str, now: datetime) -> bool:
    """A process that never reported is not known to be dead: its deadlines decide."""
    row = books.rows(select(boots).where(boots.c.owner == owner)).one_or_none()
    return row is not None and (row.ended or row.seen_at < now - UNSEEN_IS_DEAD)
