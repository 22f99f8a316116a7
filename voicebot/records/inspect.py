"""A look at an SQLite database from outside: counts and health. Reads only; shows no row."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from voicebot.errors import StoreUnavailable

SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True)
class Inspection:
    """`rows` counts each table; `sound` is SQLite's own integrity check; `notes` are sentences for the operator."""

    path: Path
    rows: dict[str, int]
    sound: bool
    journal_mode: str
    bytes: int
    notes: tuple[str, ...]


def inspect_file(path: Path) -> Inspection:
    """Open the file read-only, beside a running server if there is one. Raises StoreUnavailable."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            return _look(path, sqlite_utils.Database(connection, execute_plugins=False))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be read ({type(error).__name__})") from None


def _look(path: Path, database: sqlite_utils.Database) -> Inspection:
    tables = [name for name in database.table_names() if not name.startswith("sqlite_")]
    rows = {name: database.table(name).count for name in sorted(tables)}
    verdict = [row["integrity_check"] for row in database.query("pragma integrity_check")]
    return Inspection(path, rows, verdict == ["ok"], database.journal_mode, path.stat().st_size, _notes())


def _notes() -> tuple[str, ...]:
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return ()
    needed = ".".join(str(part) for part in SAFE_SQLITE)
    return (f"SQLite {sqlite3.sqlite_version} is older than {needed}: leave all writing to Voicebot, which writes alone",)
