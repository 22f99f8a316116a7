"""Who is alive on this machine: known by locks that die with their process, and by nothing else."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.records.sign_of_life import SignOfLife

LIVES = """
import sys
from pathlib import Path
from voicebot.records.sign_of_life import SignOfLife

SignOfLife(Path(sys.argv[1]), "other").begin()
print("alive", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "alive"


def other(here: Path) -> "subprocess.Popen[str]":
    child = subprocess.Popen([sys.executable, "-c", LIVES, str(here)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "alive\n"
    return child


def killed(child: "subprocess.Popen[str]") -> None:
    with child:
        child.send_signal(signal.SIGKILL)


def test_a_process_is_dead_from_the_moment_it_was_killed_until_it_is_forgotten(here: Path) -> None:
    own = SignOfLife(here, "own")
    own.begin()
    child = other(here)
    assert list(own.dead()) == []
    killed(child)
    assert list(own.dead()) == ["other"]
    own.forget("other")
    assert list(own.dead()) == []


def test_one_that_ended_in_order_leaves_no_sign(here: Path) -> None:
    ended, own = SignOfLife(here, "ended"), SignOfLife(here, "own")
    ended.begin()
    own.begin()
    ended.end()
    ended.end()
    assert list(own.dead()) == []
    assert [path.name for path in here.iterdir()] == ["alive-own"]


def test_a_copied_directory_tells_nothing_of_the_processes_of_the_first(here: Path, tmp_path: Path) -> None:
    child = other(here)
    copied = tmp_path / "copied"
    shutil.copytree(here, copied)
    assert list(SignOfLife(copied, "own").dead()) == []
    killed(child)
    assert list(SignOfLife(copied, "own").dead()) == []
    assert list(SignOfLife(here, "own").dead()) == ["other"]


def test_a_sign_that_is_half_made_is_nobodys_death(here: Path) -> None:
    here.mkdir()
    (here / "born-other").touch()
    assert list(SignOfLife(here, "own").dead()) == []


def test_whoever_cannot_give_a_sign_says_so(tmp_path: Path) -> None:
    (tmp_path / "alive").touch()
    with pytest.raises(OSError, match="alive"):
        SignOfLife(tmp_path / "alive", "own").begin()
