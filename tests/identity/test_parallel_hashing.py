"""Hashes made in helpers are those that a check accepts, in order; no secret leaves, and helpers end with whoever made them."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.identity.hashing import CountingHasher
from voicebot.dialogue.values import Secret
from voicebot.errors import ImportRefused
from voicebot.identity.hashing import AHEAD, AT_ONCE, FEW, ParallelHashing, argon2
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.secrets import SecretOf

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
    with pytest.raises(ImportRefused, match=r"a helper process died .* run it again to go on"):
        list(hashes)


PARENT = """
import multiprocessing, sys
from pathlib import Path
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
        parent.stdout.read()  # to its end: the helpers had it too, and have ended
    for pid in helpers:
        assert not alive(pid)


def alive(pid: int) -> bool:
    """Whether a process runs still. One that has ended and waits to be collected does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
