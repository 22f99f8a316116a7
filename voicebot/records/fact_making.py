"""Makes the facts of interactions that are listed for it, a few in each transaction, so that no call waits long."""

from collections.abc import Iterator
from datetime import datetime

import structlog
from sqlalchemy import delete, func, literal, select

from voicebot.dialogue.call import Stage
from voicebot.records.fact_list import missing
from voicebot.records.fact_rows import make
from voicebot.records.schema import calls, facts_wanted
from voicebot.records.store import SqlStore

AT_ONCE, TIMES = 5, 20  # interactions of one transaction; transactions of one look

log = structlog.get_logger(__name__)


class FactMaking:
    """Over a store. Each look goes on where the last one ended, so that what cannot be made keeps nothing else waiting."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self._after = store, ""

    def missing(self) -> int:
        """Listed, not made."""
        with self._store.looking() as connection:
            return missing(connection)

    def make_wanted(self) -> int:
        """Make facts of some of the listed interactions; gives how many. One whose journal cannot be read stays listed."""
        made = 0
        if not self._any():
            return made
        for _ in range(TIMES):
            self._after, now = self._make_some(self._after)
            made += now
            if not now and not self._after:
                break
        return made

    def make_all(self) -> Iterator[int]:
        """Make facts of all that are listed, and of what is listed over it; gives after each transaction how many."""
        going = self._any()
        while going:
            going, after, ended = False, "", False
            while not ended:
                after, made = self._make_some(after)
                going, ended = going or made > 0, not after
                yield made

    def list_again(self, since: datetime, until: datetime) -> int:
        """List what is over and began from `since` to before `until`, to be made anew; gives how many that are."""
        began = (calls.c.started_at >= since, calls.c.started_at < until, calls.c.stage == Stage.ENDED.value)
        with self._store.writing() as books:
            new = books.insert(facts_wanted).from_select(["call_id"], select(calls.c.id).where(*began))
            books.write(new.on_conflict_do_nothing())
            return books.connection.scalar(select(func.count()).select_from(calls).where(*began)) or 0

    def first(self) -> datetime | None:
        """When the first interaction of all began."""
        with self._store.looking() as connection:
            found: datetime | None = connection.scalar(select(func.min(calls.c.started_at, type_=calls.c.started_at.type)))
            return found

    def _any(self) -> bool:
        """Looked up beforehand, since to write is to keep others from it."""
        with self._store.looking() as connection:
            return connection.scalar(select(literal(1)).select_from(facts_wanted).limit(1)) is not None

    def _make_some(self, after: str) -> tuple[str, int]:
        """The last one that was looked at, empty where the list has ended, and how many were made."""
        made = 0
        with self._store.writing() as books:
            column = facts_wanted.c.call_id
            chosen = select(column).where(column > after).order_by(column).limit(AT_ONCE)
            ids = books.connection.scalars(books.locked(chosen, skip=True)).all()
            for call_id in ids:
                try:
                    with books.connection.begin_nested():
                        books.write(delete(facts_wanted).where(column == call_id))
                        make(books, call_id)
                    made += 1
                except Exception as trouble:  # noqa: BLE001 - the others are made all the same
                    log.error("an interaction's facts cannot be made", trouble=type(trouble).__name__)
        return (ids[-1] if len(ids) == AT_ONCE else ""), made
