"""Whether the database can be used: reachable, of this release, writable. It writes nothing, migrates nothing, makes nothing."""

from dataclasses import dataclass

from sqlalchemy import text

from voicebot.errors import StoreError
from voicebot.records.engine import make_engines, sqlite_path
from voicebot.records.migrate import revision
from voicebot.records.schema import REVISION


@dataclass(frozen=True)
class Health:
    """`revision`: the step that its tables are at (None: they are not there yet); `newest`: the one of this release.

    `writable` is None where that was not tried, since the database is not one of ours.
    """

    revision: str | None
    newest: str
    writable: bool | None


def look_at(url: str) -> Health:
    """Look at an existing database. Raises StoreUnavailable where it cannot be reached, StoreError for a wrong URL."""
    path = sqlite_path(url)
    if path is not None and not path.is_file():
        raise StoreError(f"{path} is not there")
    engines = make_engines(url)
    try:
        with engines.reading() as connection:
            found = revision(connection)
        if found is None:
            return Health(None, REVISION, None)
        # Begun and ended with nothing in it: whoever may not write is refused at the beginning, or says so.
        with engines.writing() as connection:
            read_only = engines.dialect == "postgresql" and connection.scalar(text("SHOW transaction_read_only")) == "on"
        return Health(found, REVISION, not read_only)
    finally:
        engines.close()
