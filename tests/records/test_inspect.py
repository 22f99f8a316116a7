"""Operators can look at a database without being able to change it, also while it is in use."""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicebot.errors import StoreUnavailable
from voicebot.records.inspect import inspect_file
from voicebot.records.schema import metadata
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_database_in_use_is_counted_and_found_sound(store: SqlStore, path: Path) -> None:
    with store.transaction() as ledger:
        ledger.mark("k", NOON)
        ledger.mark("k", NOON)
    found = inspect_file(path)
    assert found.sound
    assert found.journal_mode == "wal"
    assert found.bytes > 0
    filled = {"alembic_version": 1, "customer_editions": 1, "floor": 1, "house": 2, "marks": 2}
    assert {name: rows for name, rows in found.rows.items() if rows} == filled
    assert set(found.rows) == set(metadata.tables) | {"alembic_version"}


def test_a_closed_database_is_inspected_without_a_trace(store: SqlStore, path: Path) -> None:
    store.close()
    before = path.read_bytes()
    assert inspect_file(path).sound
    assert path.read_bytes() == before


def test_a_damaged_database_is_not_called_sound(store: SqlStore, path: Path) -> None:
    with store.transaction() as ledger:
        for number in range(50):
            ledger.put_snapshot(str(number), b"x" * 3000)
    store.close()
    damaged = bytearray(path.read_bytes())
    for page in range(8, len(damaged) // 4096, 3):
        damaged[page * 4096 : page * 4096 + 64] = b"\xaa" * 64
    path.write_bytes(damaged)
    with suppress(StoreUnavailable):  # so damaged that it cannot be read at all: said as well
        assert not inspect_file(path).sound


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear all, " * 200)
    for name in ("letter.txt", "nothing.db"):
        with pytest.raises(StoreUnavailable, match=name):
            inspect_file(tmp_path / name)
    assert not (tmp_path / "nothing.db").exists()


def test_an_old_sqlite_is_told_of(store: SqlStore, path: Path) -> None:  # noqa: ARG001 - makes the file
    assert bool(inspect_file(path).notes) == (sqlite3.sqlite_version_info < (3, 51, 3))
