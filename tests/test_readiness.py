"""Whether a process says the truth about being ready."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.switchboard.house import HandClock
from voicebot.errors import StoreUnavailable
from voicebot.keyring import Keyring
from voicebot.readiness import LEAST_FREE, SILENT, Readiness
from voicebot.records.sign_of_life import SignOfLife
from voicebot.records.store import SqlStore, open_store
from voicebot.ticker import Ticker


class Board:
    """A switchboard that only counts."""

    owner = "boot-1"

    def __init__(self) -> None:
        self.ticks = 0
        self.fails: list[Exception] = []

    def tick(self, now: object) -> int:
        del now
        self.ticks += 1
        if self.fails:
            raise self.fails.pop()
        return 0


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    return open_store(f"sqlite:///{tmp_path / 'voicebot.db'}", Keyring.open(tmp_path / "keys"))


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def ticker(board: Board, store: SqlStore, tmp_path: Path) -> Ticker:
    return Ticker(board, store, HandClock(), SignOfLife(tmp_path / "alive", board.owner))  # type: ignore[arg-type]


def ready(ticker: Ticker, tmp_path: Path, *, free: int = LEAST_FREE, hears: bool = True) -> Readiness:
    return Readiness(ticker, tmp_path, ["en", "da", "en"], lambda language: hears or language == "en", lambda _: free)


def until(so: Callable[[], bool]) -> None:
    """Until another thread has come so far."""
    end = time.monotonic() + 10
    while not so():
        assert time.monotonic() < end


def test_a_process_is_ready_from_its_first_heartbeat_to_its_end(ticker: Ticker, store: SqlStore, tmp_path: Path) -> None:
    readiness = ready(ticker, tmp_path)
    assert readiness.missing() == ["starting"]
    ticker.start()
    assert readiness.missing() == []
    ticker.close()
    assert readiness.missing() == ["draining: this process is about to end"]
    store.close()


def test_a_database_that_takes_no_writes_is_said(
    ticker: Ticker, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticker.start()
    monkeypatch.setattr("voicebot.readiness.SILENT", -1.0)
    assert ready(ticker, tmp_path).missing() == ["the database takes no writes"]
    ticker.close()
    store.close()


def test_a_heartbeat_that_is_not_written_does_not_count(
    ticker: Ticker, board: Board, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def full(*_: object) -> None:
        tried.append("")
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr("voicebot.ticker.HEARTBEAT", 0.0)
    monkeypatch.setattr(store, "seen", full)
    ticker.start()
    silent = ticker.silent_for()
    until(lambda: len(tried) >= 3)
    assert silent is not None
    assert (ticker.silent_for() or 0) > silent
    assert board.ticks >= 3  # the calls go on
    ticker.close()
    store.close()


def test_ticks_that_fail_do_not_keep_a_process_from_showing_that_it_is_alive(
    ticker: Ticker, board: Board, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr("voicebot.ticker.HEARTBEAT", 0.0)
    monkeypatch.setattr("voicebot.ticker.AFTER_TROUBLE", 0.01)
    monkeypatch.setattr(store, "seen", lambda *about: seen.append(about))
    board.fails = [ZeroDivisionError()] * 1000
    ticker.start()
    until(lambda: len(seen) >= 2)
    ticker.close()
    store.close()


def sign_of_a_killed_process(place: Path, owner: str) -> None:
    """A file that was locked once and that nobody locks any more."""
    place.mkdir(exist_ok=True)
    sign = place / f"alive-{owner}"
    sign.touch()
    sign.write_text(str(sign.stat().st_ino))


def test_killed_processes_are_noted_as_ended_and_their_signs_removed(
    ticker: Ticker, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr("voicebot.ticker.HEARTBEAT", 0.0)
    monkeypatch.setattr(store, "end_boot", ended.append)
    sign_of_a_killed_process(tmp_path / "alive", "killed-before")
    ticker.start()
    assert ended == ["killed-before"]
    sign_of_a_killed_process(tmp_path / "alive", "killed-since")
    until(lambda: len(ended) == 2)
    ticker.close()
    assert ended == ["killed-before", "killed-since"]  # not we ourselves: something of ours may still be under way
    ticker.end()
    assert ended[2:] == ["boot-1"]
    assert list((tmp_path / "alive").iterdir()) == []
    store.close()


def test_chores_are_done_now_and_then_and_one_that_fails_keeps_back_no_other(
    board: Board, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("first")
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr("voicebot.ticker.CHORES", 0.0)
    chores = {"first failed": fails, "second failed": lambda: done.append("second")}
    life = SignOfLife(tmp_path / "alive", board.owner)
    ticker = Ticker(board, store, HandClock(), life, chores)  # type: ignore[arg-type]
    ticker.start()
    until(lambda: len(done) >= 4)
    ticker.close()
    assert done[:4] == ["first", "second", "first", "second"]
    store.close()


def test_a_chore_that_takes_long_keeps_no_call_waiting_and_ends_with_us(
    board: Board, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    monkeypatch.setattr("voicebot.ticker.CHORES", 0.0)

    def slow() -> None:
        begun.append(board.ticks)
        until(lambda: ticker.is_over)

    ticker = Ticker(board, store, HandClock(), SignOfLife(tmp_path / "alive", board.owner), {"slow": slow})  # type: ignore[arg-type]
    ticker.start()
    until(lambda: begun and board.ticks >= begun[0] + 3)
    ticker.close()
    assert len(begun) == 1
    store.close()


def test_a_disk_that_is_almost_full_is_said(ticker: Ticker, store: SqlStore, tmp_path: Path) -> None:
    ticker.start()
    assert ready(ticker, tmp_path, free=LEAST_FREE - 1).missing() == ["the disk is almost full"]
    ticker.close()
    store.close()


def test_a_language_that_cannot_be_heard_is_remarked_and_is_no_reason_not_to_answer(
    ticker: Ticker, store: SqlStore, tmp_path: Path
) -> None:
    ticker.start()
    readiness = ready(ticker, tmp_path, hears=False)
    assert readiness.missing() == []
    assert readiness.remarks() == ["keypad only: da"]
    assert ready(ticker, tmp_path).remarks() == []
    ticker.close()
    store.close()


def test_the_real_disk_is_asked(ticker: Ticker, tmp_path: Path) -> None:
    assert SILENT > 0
    assert Readiness(ticker, tmp_path, [], lambda _: True).missing() in (["starting"], ["starting", "the disk is almost full"])
