"""Connections and transactions: SQLite by file, PostgreSQL by URL. Knows how each must be begun; knows no table.

SQLite: WAL, every commit synced, one writer under an flock, readers on connections of their own that never checkpoint.
PostgreSQL: READ COMMITTED for writing (versions and row locks do the rest), REPEATABLE READ for reading.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from voicebot.errors import StoreError, StoreUnavailable, VersionConflict
from voicebot.records.writer_lock import WriterLock

PATIENCE = 5.0  # seconds that a transaction waits for its turn, well within a carrier's own limit
MIGRATING = 60.0  # seconds that whoever opens it waits for another one's migration
_LOST_RACE = {"40001", "40P01", "23505"}  # serialization failure, deadlock, unique key: load and step again
_WRITER = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000", "secure_delete=ON", "busy_timeout=5000")
_READER = ("wal_autocheckpoint=0", "query_only=ON", "busy_timeout=5000")


class Engines:
    """A writing and a reading side of one database."""

    def __init__(self, writer: Engine, reader: Engine, lock: WriterLock | None) -> None:
        self._writer = writer
        self._reader = reader
        self._lock = lock

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back on an exception."""
        with self._alone(), _translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def opening(self) -> Iterator[Connection]:
        """A write transaction that waits while another process brings the database to this release's tables."""
        with self._alone(MIGRATING), _translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view. The database itself refuses to write here."""
        with _translated(), self._reader.connect() as connection:
            yield connection

    def checkpoint(self) -> bool:
        """SQLite: move everything from the log into the file and empty the log. False where a reader stood in the way."""
        if self.dialect != "sqlite":
            return True
        with self._alone(), _translated(), self._writer.connect() as connection:
            # The driver's own connection, since a checkpoint does not run inside a transaction. It waits for readers while
            # no one can write, so not for long.
            cursor = connection.connection.cursor()
            try:
                cursor.execute("PRAGMA busy_timeout=100")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                cursor.execute("PRAGMA busy_timeout=5000")
            except sqlite3.Error as error:
                connection.invalidate()  # its waiting time is not what it should be
                raise StoreUnavailable(f"the database cannot be checkpointed ({type(error).__name__})") from None
        return not busy

    def vacuum(self, table: str) -> None:
        """PostgreSQL: let go of a table's dead rows now. `table` is a name of ours, never from outside."""
        if self.dialect == "postgresql":
            with _translated(), self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM {table}")

    def close(self) -> None:
        """Let go of all connections. The last one checkpoints, so this too is done alone."""
        with self._alone():
            self._reader.dispose()
            self._writer.dispose()

    def _alone(self, patience: float | None = None) -> AbstractContextManager[None]:
        return self._lock.held(patience) if self._lock else nullcontext()


def make_engines(url: str) -> Engines:
    """Engines for `sqlite:////path/to/file` or `postgresql+psycopg://…`. Raises StoreError for any other URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("the database URL is neither sqlite:////path nor postgresql+psycopg://host/name") from None
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            return _postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise StoreError(f"the database is SQLite or PostgreSQL, not {parsed.get_backend_name()}")


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL, None for other databases."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _sqlite(url: URL) -> Engines:
    if not url.database or url.database == ":memory:":
        raise StoreError("the database must be a file: sqlite:////path/to/voicebot.db")
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its log the same mode
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be opened ({error.strerror})") from None
    writer = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=PATIENCE, hide_parameters=True)
    reader = create_engine(url, pool_size=16, max_overflow=48, pool_timeout=PATIENCE, hide_parameters=True)
    _prepare(writer, _WRITER, "BEGIN IMMEDIATE")
    _prepare(reader, _READER, "BEGIN")
    return Engines(writer, reader, WriterLock(path.with_name(path.name + ".lock"), PATIENCE))


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin late, and deferred
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL) -> Engines:
    options = f"-c lock_timeout={int(PATIENCE * 1000)} -c idle_in_transaction_session_timeout=60000"
    writer = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=PATIENCE,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": int(PATIENCE), "options": options},
    )
    return Engines(writer, writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True), None)


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's exceptions as ours, by class and code only: their texts may quote a row."""
    try:
        yield
    except PoolTimeout:
        raise StoreUnavailable("the database is busy: no connection became free") from None
    except IntegrityError:
        raise VersionConflict("the same row was written by somebody else") from None
    except DBAPIError as error:
        code = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "") or "")
        if code in _LOST_RACE:
            raise VersionConflict(f"somebody else was faster ({code})") from None
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise StoreUnavailable(f"the database cannot be used now ({type(error.orig).__name__} {code})".strip()) from None
        raise StoreError(f"the database refused ({type(error.orig).__name__} {code})") from None
    except SQLAlchemyError as error:
        raise StoreError(f"the database layer refused ({type(error).__name__})") from None
