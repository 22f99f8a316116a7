"""A store on SQLite, in a directory of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from voicebot.keyring import Keyring
from voicebot.records.store import SqlStore, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "voicebot.db"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def store(path: Path, keyring: Keyring) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{path}", keyring)
    yield opened
    opened.close()
