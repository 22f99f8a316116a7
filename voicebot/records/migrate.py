"""Brings a database to this release's tables when it is opened. Two processes may open at once: one migrates, one waits."""

from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy import column as a_column
from sqlalchemy import table as a_table

from voicebot.errors import StoreError
from voicebot.records.engine import MIGRATING
from voicebot.records.schema import REVISION

_MIGRATIONS = Path(__file__).parent / "migrations"
_OURS = 0x766F6963  # "voic": the advisory lock's number
log = structlog.get_logger(__name__)


def migrate(connection: Connection) -> None:
    """Run what is missing, inside the connection's open write transaction. Raises StoreError for a newer release's database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATING:.0f}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:ours)"), {"ours": _OURS})
    found = revision(connection)
    if found == REVISION:
        return
    # Here and not above: a start with nothing to migrate should not pay for the import.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreError("the database was made by a newer release of Voicebot than this one") from None
    log.info("database_migrated", before=found, after=REVISION)


def revision(connection: Connection) -> str | None:
    """The step that this database is at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(select(a_column("version_num")).select_from(a_table("alembic_version")))
    return found
