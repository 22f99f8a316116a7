"""Workers are replaced when they die, and left alone when they will not live."""

import os
import queue
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voicebot.speech.pool import MOST_EARLY_DEATHS, Pool
from voicebot.speech.wire import Header

PATIENCE = 20.0


class Office:
    """Collects what a pool tells."""

    def __init__(self) -> None:
        self.told: queue.Queue[tuple[int, Header]] = queue.Queue()
        self.lost: queue.Queue[list[int]] = queue.Queue()

    def pool(self, place: Path, size: int, rest: float = 1e9) -> Pool:
        pool = Pool(size, place, lambda line, header: self.told.put((line, header)), self.lost.put, rest=rest)
        pool.start([])
        return pool

    def until(self, what: str) -> int:
        while True:
            line, header = self.told.get(timeout=PATIENCE)
            if header["is"] == what:
                return line


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def pools(office: Office, tmp_path: Path) -> Iterator[Callable[..., Pool]]:
    made: list[Pool] = []

    def make(size: int, rest: float = 1e9) -> Pool:
        made.append(office.pool(tmp_path, size, rest))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def test_lines_are_shared_out_evenly_and_stay_where_they_are(pools: Callable[..., Pool]) -> None:
    pool = pools(2)
    for line in range(1, 7):
        pool.send(line, {"do": "ignore"})
    owners = [pool.pid_of(line) for line in range(1, 7)]
    assert [3, 3] == sorted(owners.count(pid) for pid in pool.pids)
    pool.send(1, {"do": "ignore"})
    assert owners[0] == pool.pid_of(1)
    pool.release(1)
    assert pool.pid_of(1) is None


def test_a_dead_worker_is_replaced_and_its_lines_are_named(pools: Callable[..., Pool], office: Office) -> None:
    pool = pools(2)
    for line in (1, 2, 3):
        pool.send(line, {"do": "ignore"})
    dead = pool.pid_of(1)
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    assert [1, 3] == office.lost.get(timeout=PATIENCE)
    assert dead not in pool.pids
    assert len(pool.pids) == 2
    pool.send(1, {"do": "close", "decide": False})
    assert office.until("closed") == 1


def test_workers_that_will_not_live_are_given_a_rest_and_then_tried_again(pools: Callable[..., Pool], office: Office) -> None:
    pool = pools(1, rest=0.0)
    for _ in range(MOST_EARLY_DEATHS):
        assert pool.alive
        os.kill(pool.pids[0], signal.SIGKILL)
        office.lost.get(timeout=PATIENCE)
    assert not pool.alive
    pool.send(1, {"do": "ignore"})
    assert pool.pid_of(1) is None
    pool.revive()
    assert pool.alive
    pool.send(1, {"do": "close", "decide": False})
    assert office.until("closed") == 1


@pytest.mark.parametrize(("soon", "told_again"), [(0.0, True), (1e9, False)])
def test_what_lasts_is_told_to_new_workers_too_unless_it_may_have_killed_the_old_one(
    pools: Callable[..., Pool], office: Office, monkeypatch: pytest.MonkeyPatch, soon: float, *, told_again: bool
) -> None:
    monkeypatch.setattr("voicebot.speech.pool.SOON", soon)
    pool = pools(1)
    pool.tell_all("a list", [({"do": "sing", "line": 0}, b"")])
    assert office.until("failed") == 0
    os.kill(pool.pids[0], signal.SIGKILL)
    office.lost.get(timeout=PATIENCE)
    pool.send(1, {"do": "close", "decide": False})
    heard = [office.told.get(timeout=PATIENCE)[1]["is"]]
    while heard[-1] != "closed":
        heard.append(office.told.get(timeout=PATIENCE)[1]["is"])
    assert ("failed" in heard) is told_again


def test_a_rest_is_kept(pools: Callable[..., Pool], office: Office) -> None:
    pool = pools(1)
    for _ in range(MOST_EARLY_DEATHS):
        os.kill(pool.pids[0], signal.SIGKILL)
        office.lost.get(timeout=PATIENCE)
    pool.revive()
    assert not pool.alive


def test_a_worker_leaves_no_core_file(pools: Callable[..., Pool], office: Office) -> None:
    pool = pools(1)
    office.until("ready")
    limits = Path(f"/proc/{pool.pids[0]}/limits")
    if not limits.is_file():
        pytest.skip("this system does not tell a process's limits")
    (core,) = [line for line in limits.read_text(encoding="utf-8").splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
