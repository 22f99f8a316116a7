"""The port `Store` on SQLAlchemy: opens the database, hands out transactions, and what operators ask of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import LinePlan
from voicebot.errors import StoreError
from voicebot.keyring import Keyring
from voicebot.ports.store import Ledger
from voicebot.records import claims, erasure, journal
from voicebot.records.books import Books
from voicebot.records.calls import leg_of
from voicebot.records.engine import Engines, make_engines
from voicebot.records.floor import THE_ROW
from voicebot.records.ledger import SqlLedger
from voicebot.records.migrate import migrate
from voicebot.records.schema import calls, floor, house

_MARK, _TABLE_KEY = "key_mark", "table_key"


@dataclass(frozen=True)
class CallLine:
    """One call in a list."""

    id: str
    started_at: datetime
    stage: Stage


def open_store(url: str, keyring: Keyring) -> "SqlStore":
    """The database at `sqlite:////path/to/file` or `postgresql+psycopg://…`, brought to this release's tables.

    Raises StoreError for a wrong URL, a newer database, or one of other keys; StoreUnavailable where it cannot be reached.
    """
    engines = make_engines(url)
    try:
        with engines.opening() as connection:
            migrate(connection)
            table_key = _settle(connection, keyring)
    except BaseException:
        engines.close()
        raise
    return SqlStore(engines, keyring, table_key)


class SqlStore:
    """Where everything is kept. Safe to share between threads; `close` it at the end."""

    def __init__(self, engines: Engines, keyring: Keyring, table_key: bytes) -> None:
        self._engines = engines
        self._keyring = keyring
        self._table_key = table_key
        self._plans: dict[str, LinePlan] = {}
        self._unopened: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"SqlStore({self._engines.dialect})"

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """Commits at the end, rolls back on an exception. Short: nothing slow inside."""
        with self.writing() as books:
            yield SqlLedger(books)

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """A consistent view that blocks no writer; writing through it raises StoreError."""
        with self.viewing() as books:
            yield SqlLedger(books)

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """A write transaction for this room's own modules."""
        with self._engines.writing() as connection:
            yield Books(connection, self._keyring, self._table_key, self._plans, writable=True, unopened=self._unopened)

    @contextmanager
    def viewing(self) -> Iterator[Books]:
        """A reading transaction for this room's own modules."""
        with self._engines.reading() as connection:
            yield Books(connection, self._keyring, self._table_key, self._plans, writable=False, unopened=self._unopened)

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A reading transaction for what needs no key."""
        with self._engines.reading() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engines.close()

    # ---- which processes are alive -----------------------------------------------------------------------------------

    def begin_boot(self, owner: str, now: datetime) -> None:
        """This process makes claims and holds leases as `owner` from now on. Call `seen` at least every few seconds."""
        with self.writing() as books:
            claims.begin_boot(books, owner, now)

    def seen(self, owner: str, now: datetime) -> None:
        """Still alive. After 10 s without, others take over its claims."""
        with self.writing() as books:
            claims.seen(books, owner, now)

    def end_boot(self, owner: str) -> None:
        """This process has certainly ended, by itself or not: others take over at once."""
        with self.writing() as books:
            claims.end_boot(books, owner)

    # ---- looking back ------------------------------------------------------------------------------------------------

    def recent_calls(self, limit: int = 20) -> list[CallLine]:
        """The newest calls, newest first."""
        newest = select(calls.c.id, calls.c.started_at, calls.c.stage).order_by(calls.c.started_at.desc(), calls.c.id)
        with self.viewing() as books:
            return [CallLine(row.id, row.started_at, Stage(row.stage)) for row in books.rows(newest.limit(limit))]

    def latest_call_of_leg(self, leg_id: str) -> str | None:
        """The call that a carrier's leg belongs to."""
        with self.viewing() as books:
            leg = leg_of(books, leg_id)
        return leg.call_id if leg else None

    # ---- the journal's proof, and forgetting -------------------------------------------------------------------------

    def verify_chain(self, call_id: str) -> bool:
        """Whether a call's journal is whole and as it was written. Holds after erasure too; False for an unknown call."""
        with self.viewing() as books:
            return journal.chain_holds(books, call_id)

    def sign_day(self, day: date) -> journal.DayRoot:
        """Sign a UTC day that is over. A day that is signed keeps its signature."""
        with self.writing() as books:
            return journal.sign_day(books, day)

    def verify_day(self, day: date) -> bool:
        """Whether a signed day is still what was signed; False for one that was never signed."""
        with self.viewing() as books:
            return journal.day_holds(books, day)

    def erase_call(self, call_id: str) -> bool:
        """Forget what a call was about, in the file and in the log. False where it is unknown or erased already."""
        with self.writing() as books:
            erased = erasure.erase_call(books, call_id)
        self._engines.vacuum(calls.name)
        self._engines.checkpoint()
        return erased

    def vacuum(self, table: str) -> None:
        """PostgreSQL: let go of a table's dead rows now. `table` is a name of ours."""
        self._engines.vacuum(table)

    def tidy(self, now: datetime) -> int:
        """Remove rows that can decide nothing any more; gives how many."""
        with self.writing() as books:
            return erasure.tidy(books, now)

    def checkpoint(self) -> bool:
        """SQLite: empty the write-ahead log into the file, for a copy. False where a reader stood in the way."""
        return self._engines.checkpoint()


def _settle(connection: Connection, keyring: Keyring) -> bytes:
    """First opening: remember whose keys these are. Later: refuse others. Gives the table key."""
    kept = {row.name: row.content for row in connection.execute(select(house))}
    mark = keyring.mark().encode()
    if kept.get(_MARK, mark) != mark:
        raise StoreError("this database was written with other keys: bring back the keys that belong to it")
    if _TABLE_KEY not in kept:
        table_key = keyring.new_data_key()
        rows = [{"name": _MARK, "content": mark}, {"name": _TABLE_KEY, "content": keyring.wrap(table_key, _TABLE_KEY)}]
        connection.execute(insert(house), rows)
        connection.execute(insert(floor).values(id=THE_ROW, version=0))
        return table_key
    return keyring.unwrap(kept[_TABLE_KEY], _TABLE_KEY)
