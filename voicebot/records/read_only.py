"""The database for a process that only reads what lies open in it: it has no keys, and neither writes nor migrates."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from voicebot.records.engine import make_engines


class ReadOnly:
    """At `sqlite:////path/to/file` or `postgresql+psycopg://…`, whose tables are this release's already.

    `limit`: seconds after which PostgreSQL gives a statement up, for whoever asked may be gone. SQLite's end with their process.
    """

    def __init__(self, url: str, limit: float) -> None:
        self._engines, self._limit = make_engines(url), limit

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """One consistent view; the database itself refuses to write."""
        with self._engines.reading() as connection:
            if self._engines.dialect == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(self._limit * 1000)}")
            yield connection

    def close(self) -> None:
        """Let go of the connections."""
        self._engines.close()
