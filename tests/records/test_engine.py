"""The database file is ours alone, synced at every commit, written by one at a time; its failures come as our exceptions."""

import sqlite3
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from voicebot.errors import StoreError, StoreUnavailable, VersionConflict
from voicebot.keyring import Keyring
from voicebot.records.books import Books
from voicebot.records.engine import make_engines, sqlite_path
from voicebot.records.schema import calls, snapshots
from voicebot.records.store import SqlStore, open_store
from voicebot.records.writer_lock import WriterLock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def pragma(books: Books, name: str) -> object:
    return books.connection.exec_driver_sql(f"pragma {name}").scalar()


def test_the_files_are_for_our_eyes_only(store: SqlStore, path: Path) -> None:
    with store.transaction() as ledger:
        ledger.mark("k", NOON)
    found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    endings = ("", "-wal", "-shm", ".lock", ".lock.next")
    assert found == {f"voicebot.db{ending}": 0o600 for ending in endings}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_writing_is_synced_logged_ahead_and_deletes_for_good(store: SqlStore) -> None:
    with store.writing() as books:
        assert pragma(books, "journal_mode") == "wal"
        assert pragma(books, "synchronous") == 2
        assert pragma(books, "secure_delete") == 1
        assert pragma(books, "wal_autocheckpoint") == 1000


def test_readers_never_write_nor_checkpoint(store: SqlStore) -> None:
    with store.viewing() as books:
        assert pragma(books, "query_only") == 1
        assert pragma(books, "wal_autocheckpoint") == 0
        with pytest.raises(StoreError):
            books.write(insert(snapshots).values(digest="d", content=b"x"))
    with pytest.raises(StoreError), store.viewing() as books:
        books.connection.execute(insert(snapshots).values(digest="d", content=b"x"))


def test_writing_begins_at_once_and_not_at_the_first_change(store: SqlStore, path: Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with store.writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("begin immediate")
    other.close()


def test_a_writer_inside_a_writer_is_refused_and_not_hung(store: SqlStore) -> None:
    with store.transaction(), pytest.raises(StoreError, match="inside another"), store.transaction():
        pass
    with store.transaction() as ledger:
        ledger.mark("k", NOON)


def test_the_lock_waits_for_threads_and_processes_only_so_long(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "lock", patience=0.05)
    of_another_process = WriterLock(tmp_path / "lock", patience=0.05)
    refused: list[str] = []

    def compete(competing: WriterLock) -> None:
        try:
            with competing.held():
                refused.append("nothing")
        except StoreUnavailable as error:
            refused.append(str(error))

    with lock.held():
        for competing in (lock, of_another_process):
            thread = threading.Thread(target=compete, args=(competing,))
            thread.start()
            thread.join()
    compete(of_another_process)
    assert refused == [
        "the database is busy: another thread keeps writing",
        "the database is busy: another process keeps writing",
        "nothing",
    ]


def test_whoever_has_more_patience_waits_longer_as_for_another_process_that_migrates(tmp_path: Path) -> None:
    lock, other = (WriterLock(tmp_path / "lock", patience=0.01) for _ in range(2))
    came = threading.Event()

    def opens() -> None:
        with other.held(60):
            came.set()

    with lock.held():
        opener = threading.Thread(target=opens)
        opener.start()
        assert not came.wait(0.1)  # by then its usual patience is over
    opener.join()
    assert came.is_set()


def test_a_lock_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "nowhere" / "lock")
    for _ in range(2):  # and lets go of what it held
        with pytest.raises(StoreUnavailable, match="cannot be opened"), lock.held():
            pass


def test_a_checkpoint_empties_the_log(store: SqlStore, path: Path) -> None:
    with store.transaction() as ledger:
        ledger.mark("k", NOON)
    log = path.with_name("voicebot.db-wal")
    assert log.stat().st_size > 0
    assert store.checkpoint()
    assert log.stat().st_size == 0


def test_a_reader_can_stand_in_a_checkpoints_way(store: SqlStore) -> None:
    with store.reading() as ledger:
        ledger.count("k", NOON, 60)
        with store.transaction() as writing:
            writing.mark("k", NOON)
        assert store.checkpoint() is False


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "not a url", ""])
def test_an_unfit_url_is_refused(url: str, keyring: Keyring) -> None:
    with pytest.raises(StoreError):
        open_store(url, keyring)


def test_a_refused_url_is_not_repeated_since_it_may_hold_a_password(keyring: Keyring) -> None:
    for url in ("postgres//voice:86091735@host", "postgresql+psycopg://voice:86091735@127.0.0.1:1/voicebot"):
        with pytest.raises(StoreError) as raised:
            open_store(url, keyring)
        assert "86091735" not in str(raised.value)


def test_a_server_that_is_not_there_is_unavailable(keyring: Keyring) -> None:
    with pytest.raises(StoreUnavailable):
        open_store("postgresql://voice@127.0.0.1:1/voicebot", keyring)


def test_a_place_that_cannot_be_written_is_unavailable(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}/file/voicebot.db", keyring)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, keyring: Keyring) -> None:
    path = tmp_path / "voicebot.db"
    path.write_bytes(b"this is a letter to grandmother, and a long one" * 100)
    with pytest.raises(StoreError):
        open_store(f"sqlite:///{path}", keyring)
    assert path.read_bytes().startswith(b"this is a letter")


def test_no_error_of_the_driver_comes_through_with_its_values(store: SqlStore) -> None:
    canary = {"digest": "86091735", "content": b"x"}
    with store.writing() as books:
        books.write(insert(snapshots).values(canary))
    with pytest.raises(VersionConflict) as raised, store.writing() as books:
        books.write(insert(snapshots).values(canary))
    assert "86091735" not in str(raised.value)
    with pytest.raises(StoreError) as refused, store.writing() as books:
        books.write(insert(calls).values(id=object(), version=86091735))
    assert "86091735" not in str(refused.value)
    with pytest.raises(StoreError), store.writing() as books:
        books.write(text("no such statement"))


def test_sqlite_urls_name_their_file() -> None:
    assert sqlite_path("sqlite:////var/lib/voicebot.db") == Path("/var/lib/voicebot.db")
    assert sqlite_path("postgresql://host/name") is None


def test_engines_know_their_dialect(tmp_path: Path) -> None:
    engines = make_engines(f"sqlite:///{tmp_path}/v.db")
    assert engines.dialect == "sqlite"
    engines.close()
