"""Makes the facts of interactions that are listed for it, a few in each transaction, so that no call waits long."""

import structlog
from sqlalchemy import delete, func, select

from voicebot.records.fact_list import missing
from voicebot.records.fact_rows import make
from voicebot.records.schema import facts_wanted
from voicebot.records.store import SqlStore

AT_ONCE, TIMES = 20, 5  # interactions of one transaction; transactions of one look

log = structlog.get_logger(__name__)


class FactMaking:
    """Over a store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def missing(self) -> int:
        """Listed, not made."""
        with self._store.looking() as connection:
            return missing(connection)

    def make_wanted(self) -> int:
        """Make facts of some of the listed interactions; gives how many. One whose journal cannot be read stays listed."""
        made = 0
        for _ in range(TIMES):
            if not self.missing() or not (now := self._make_some()):
                break
            made += now
        return made

    def _make_some(self) -> int:
        made = 0
        with self._store.writing() as books:
            chosen = select(facts_wanted.c.call_id).order_by(func.random()).limit(AT_ONCE)
            for (call_id,) in books.rows(books.locked(chosen, skip=True)).all():
                try:
                    with books.connection.begin_nested():
                        books.write(delete(facts_wanted).where(facts_wanted.c.call_id == call_id))
                        make(books, call_id)
                    made += 1
                except Exception as trouble:  # noqa: BLE001 - the others are made all the same
                    log.error("an interaction's facts cannot be made", trouble=type(trouble).__name__)
        return made
