"""Hashes made in helpers are those that a check accepts, in order; no secret leaves, and helpers end with whoever made them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.identity.hashing import CountingHasher
from voicebot.child import POLITE
from voicebot.dialogue.values import Secret
from voicebot.errors import ImportRefused
from voicebot.identity.hashing import (
    AHEAD,
    AT_ONCE,
    FEW,
    ParallelHashing,
    _begin_helping,
    _hash_all,
    argon2,
    cores,
)
from voicebot.identity.secrets import HASHER, SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.secrets import SecretOf

DIED = r"hashing stopped: a helper process died \(out of memory, perhaps\); run it again to go on"
as_hex = bytes.hex  # stands for Argon2: shows what a helper was given


@pytest.fixture
def keeper(tmp_path: Path) -> SecretKeeper:
    return SecretKeeper(Keyring.open(tmp_path / "keys"), CountingHasher())


def secrets(count: int) -> Iterator[SecretOf]:
    return (SecretOf(f"C{n}", "pin", Secret(f"{n:06d}")) for n in range(count))


@pytest.mark.parametrize("count", [0, 1, FEW - 1, FEW, FEW + 1, 100])
def test_hashes_come_in_the_order_of_secrets(keeper: SecretKeeper, count: int) -> None:
    made = list(ParallelHashing(keeper, 2, as_hex)(secrets(count)))
    keyed = [keeper.keyed(one.customer_id, one.field, one.secret) for one in secrets(count)]
    assert made == [f"{pepper}:{secret.hex()}" for pepper, secret in keyed]


def test_a_hash_from_a_helper_is_accepted_at_a_check(keeper: SecretKeeper) -> None:
    made = list(ParallelHashing(keeper, 1, argon2)(secrets(FEW)))
    assert made[FEW - 1].startswith("1:$argon2id$v=19$m=19456,t=2,p=1$")
    account = f"C{FEW - 1}"
    assert keeper.matches(made[FEW - 1], account, "pin", Secret(f"{FEW - 1:06d}")) is True
    assert keeper.matches(made[FEW - 1], account, "pin", Secret("999999")) is False
    assert keeper.matches(made[FEW - 1], "C0", "pin", Secret(f"{FEW - 1:06d}")) is False


def test_few_secrets_are_taken_ahead_of_their_hashes(keeper: SecretKeeper) -> None:
    taken: list[int] = []

    def counted() -> Iterator[SecretOf]:
        for number, one in enumerate(secrets(2000)):
            taken.append(number)
            yield one

    hashes = ParallelHashing(keeper, 2, as_hex)(counted())
    next(hashes)
    assert len(taken) <= 2 * AT_ONCE * AHEAD
    hashes.close()  # type: ignore[attr-defined]  # a generator, and this ends its helpers


def test_a_helper_that_dies_is_told_in_words(keeper: SecretKeeper) -> None:
    hashes = ParallelHashing(keeper, 1, as_hex)(secrets(5000))
    next(hashes)
    for helper in multiprocessing.active_children():
        os.kill(helper.pid or 0, signal.SIGKILL)
    with pytest.raises(ImportRefused, match=rf"^{DIED}$"):
        list(hashes)


PARENT = """
import multiprocessing, sys
from pathlib import Path
from voicebot.child import POLITE
from voicebot.dialogue.values import Secret
from voicebot.identity.hashing import ParallelHashing
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.secrets import SecretOf

if __name__ == "__main__":
    keeper = SecretKeeper(Keyring.open(Path(sys.argv[1])))
    hashes = ParallelHashing(keeper, 2, bytes.hex)(SecretOf("C", "pin", Secret("1")) for _ in range(10**9))
    next(hashes)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    sys.stdin.read()
"""


def test_helpers_end_when_their_parent_is_killed(project: Path, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script), str(tmp_path / "keys")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(project)}, text=True, **pipes) as parent:
        assert parent.stdout is not None
        helpers = [int(pid) for pid in parent.stdout.readline().split()]
        assert helpers
        parent.send_signal(signal.SIGKILL)
        parent.stdout.read()  # to its end: the helpers had it too, and are ending
    for pid in helpers:
        until_gone(pid)


def until_gone(pid: int) -> None:
    """It has let go of all its files already; what is left takes the system a moment."""
    end = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs still. One that has ended and waits to be collected does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_one_hash_costs_what_the_product_asks_and_is_of_what_it_was_given() -> None:
    made = argon2(b"keyed")
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert HASHER.verify(made, b"keyed")


def test_all_of_an_errand_is_hashed_in_its_order() -> None:
    assert _hash_all(as_hex, [b"a", b"b"]) == ["61", "62"]


def test_helpers_are_one_at_least_and_no_more_than_processors(keeper: SecretKeeper) -> None:
    assert ParallelHashing(keeper, 1)._processes == 1
    assert ParallelHashing(keeper, 10_000)._processes == ParallelHashing(keeper)._processes == cores()
    assert cores() == len(os.sched_getaffinity(0))


def test_where_a_system_does_not_say_it_is_taken_to_have_what_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


def test_errands_wait_for_every_helper(keeper: SecretKeeper) -> None:
    """So that none is idle: as many as are wanted ahead, for each of them, are taken before the first hash is there."""
    taken: list[int] = []

    def counted() -> Iterator[SecretOf]:
        for number, one in enumerate(secrets(2000)):
            taken.append(number)
            yield one

    hashing = ParallelHashing(keeper, 1, as_hex)
    hashing._processes = 2  # whatever this machine has
    hashes = hashing(counted())
    next(hashes)
    assert len(taken) == 2 * AT_ONCE * AHEAD
    hashes.close()  # type: ignore[attr-defined]  # a generator, and this ends its helpers


def test_helpers_are_started_anew_and_not_copied_from_a_process_with_threads_and_they_give_way(keeper: SecretKeeper) -> None:
    hashes = ParallelHashing(keeper, 1, as_hex)(secrets(5000))
    next(hashes)
    (helper,) = multiprocessing.active_children()
    assert type(helper).__name__ == "SpawnProcess"
    assert os.getpriority(os.PRIO_PROCESS, helper.pid or 0) == min(19, os.nice(0) + POLITE)
    hashes.close()  # type: ignore[attr-defined]  # a generator, and this ends its helpers
    assert multiprocessing.active_children() == []


def test_a_helper_gives_way_and_leaves_ctrl_c_to_its_parent() -> None:
    with get_context("spawn").Pool(1, initializer=_begin_helping) as pool:
        assert pool.apply(os.nice, (0,)) == min(19, os.nice(0) + POLITE)
        assert pool.apply(signal.getsignal, (signal.SIGINT,)) == signal.SIG_IGN
