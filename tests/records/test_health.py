"""An operator is told whether the database can be used, and looking changes nothing in it."""

import sqlite3
from pathlib import Path

import pytest

from voicebot.errors import StoreError, StoreUnavailable
from voicebot.records.health import Health, look_at
from voicebot.records.schema import REVISION
from voicebot.records.store import SqlStore


def test_a_database_in_use_is_found_well(store: SqlStore, path: Path) -> None:
    del store
    assert look_at(f"sqlite:///{path}") == Health(REVISION, REVISION, writable=True)


def test_looking_leaves_a_closed_database_as_it_was(store: SqlStore, path: Path) -> None:
    store.close()
    before = path.read_bytes()
    look_at(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_an_older_release_is_seen(store: SqlStore, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    assert look_at(f"sqlite:///{path}").revision == "0000"


def test_a_file_that_is_not_ours_is_not_written_to(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE letters (text)")
    connection.close()
    before = other.read_bytes()
    assert look_at(f"sqlite:///{other}") == Health(None, REVISION, writable=None)
    assert other.read_bytes() == before


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not there"):
        look_at(f"sqlite:///{tmp_path / 'nothing.db'}")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_or_no_address_is_said() -> None:
    with pytest.raises(StoreError):
        look_at("mysql://x/y")
    with pytest.raises(StoreUnavailable):
        look_at("postgresql+psycopg://voicebot:canary@127.0.0.1:1/voicebot")
