"""A process that is killed loses nothing that it had acknowledged, and leaves nothing half done."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from voicebot.keyring import Keyring
from voicebot.records.inspect import inspect_file
from voicebot.records.store import SqlStore, open_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

# Marks twice a transaction and says the number once it is committed. `hold` stops inside a transaction, after its changes.
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from voicebot.keyring import Keyring
from voicebot.records.store import open_store

store = open_store(sys.argv[1], Keyring.open(Path(sys.argv[2])))
hold, number = sys.argv[3] == "hold", 0
while True:
    number += 1
    with store.transaction() as ledger:
        ledger.mark("k", datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
        ledger.put_snapshot(str(number), b"x" * 2000)
        ledger.mark("k", datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
        if hold and number == 3:
            print("holding", flush=True)
            sys.stdin.read()
    print(number, flush=True)
"""


@contextmanager
def writer(path: Path, keys: Path, how: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", WRITER, f"sqlite:///{path}", str(keys), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def words(child: "subprocess.Popen[str]") -> Iterator[str]:
    """What the child says about its work, without what it logs."""
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip().isdigit() or line.strip() == "holding":
            yield line.strip()


def kill(child: "subprocess.Popen[str]") -> list[str]:
    """Kill the child and give the rest of what it had said."""
    child.send_signal(signal.SIGKILL)
    said = list(words(child))
    assert child.wait() == -signal.SIGKILL
    return said


def marks(store: SqlStore) -> int:
    with store.reading() as ledger:
        return ledger.count("k", NOON, 60)


def test_a_kill_inside_a_transaction_leaves_the_last_committed_state(path: Path, tmp_path: Path) -> None:
    with writer(path, tmp_path / "keys", "hold") as child:
        assert list(islice(words(child), 3)) == ["1", "2", "holding"]
        kill(child)
    store = open_store(f"sqlite:///{path}", Keyring.open(tmp_path / "keys"))  # its lock died with it
    assert marks(store) == 4
    with store.transaction() as ledger:
        assert ledger.snapshot("3") is None
        ledger.mark("k", NOON)
    assert marks(store) == 5
    store.close()


@pytest.mark.parametrize("after", [1, 40, 130])
def test_a_kill_at_any_moment_loses_no_acknowledged_commit(path: Path, tmp_path: Path, after: int) -> None:
    with writer(path, tmp_path / "keys", "run") as child:
        said = [*islice(words(child), after), *kill(child)]
    acknowledged = int(said[-1])
    store = open_store(f"sqlite:///{path}", Keyring.open(tmp_path / "keys"))
    found = marks(store)
    assert found % 2 == 0
    assert acknowledged <= found // 2 <= acknowledged + 1
    with store.reading() as ledger:
        assert ledger.snapshot(str(found // 2)) == b"x" * 2000
    store.close()
    assert inspect_file(path).sound


def test_two_processes_write_in_turn_and_lose_nothing(path: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    said: list[list[str]] = []
    with writer(path, keys, "run") as first, writer(path, keys, "run") as second:
        said += [list(islice(words(child), 50)) for child in (first, second)]
        said[0] += kill(first)
        said[1] += kill(second)
    acknowledged = sum(int(lines[-1]) for lines in said)
    store = open_store(f"sqlite:///{path}", Keyring.open(keys))
    assert 2 * acknowledged <= marks(store) <= 2 * (acknowledged + 2)
    store.close()
    assert inspect_file(path).sound
