"""A rehearsal leaves nothing behind and touches nothing of the real company's, however it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voicebot.rehearsal import DATABASE, example_customers

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(project: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts a command as a person does; ended at the end."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **more: str) -> "subprocess.Popen[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "DATABASE_"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "voicebot.cli", *arguments], cwd=project, text=True,
            env=environment | {"TMPDIR": str(tmp_path)} | more,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # as at a terminal
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if line.split()[1] == str(pid)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(so: Callable[[], object], seconds: float = 30) -> None:
    """Other processes are at work; there is nothing to wait on but what they do."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end
        time.sleep(0.05)


def server_of(process: "subprocess.Popen[str]", tmp_path: Path) -> int:
    """The server's process id, once a call has reached it."""
    until(lambda: [*tmp_path.glob("voicebot-*/import.log")])  # the customers are in: the next child is the server
    until(lambda: children(process.pid) and [*tmp_path.glob("voicebot-*/server.log")])
    return children(process.pid)[0]


@pytest.mark.parametrize(
    ("ended_by", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGINT, 1)], ids=["TERM", "HUP", "Ctrl-C"]
)
def test_a_call_that_is_broken_off_ends_its_server_and_leaves_no_data(
    start: Start, tmp_path: Path, ended_by: signal.Signals, status: int
) -> None:
    call = start("call", "silence")
    server = server_of(call, tmp_path)
    call.send_signal(ended_by)
    output, _ = call.communicate(timeout=20)
    assert call.returncode == status, output
    assert not is_alive(server)
    assert [*tmp_path.glob("voicebot-????????")] == []
    assert "Traceback" not in output


def test_a_server_whose_rehearsal_was_killed_ends_too(start: Start, tmp_path: Path) -> None:
    call = start("call", "silence")
    server = server_of(call, tmp_path)
    call.kill()
    call.communicate(timeout=10)
    until(lambda: not is_alive(server))


def test_a_rehearsal_beside_a_real_installation_uses_none_of_its_database(
    start: Start, tmp_path: Path, project: Path
) -> None:
    company, real = tmp_path / "company", tmp_path / "real.db"
    company.mkdir()
    shutil.copy(project / "voicebot.toml", company)
    for part in ("prompts", "grammars", "examples"):
        shutil.copytree(project / part, company / part)
    (company / ".env").write_text(f"DATABASE_URL=sqlite:///{real}\nTWILIO_AUTH_TOKEN_NEXT={'x' * 32}\nPORT=1\n")
    call = start("--config", str(company / "voicebot.toml"), "call", "--fast", "hangup")
    output, _ = call.communicate(timeout=60)
    assert call.returncode == 0, output
    assert not real.exists()


def test_made_up_customers_are_not_brought_among_real_ones(project: Path, tmp_path: Path) -> None:
    config = project / "voicebot.toml"
    assert example_customers(config) == example_customers(config, tmp_path) == project / "examples" / "customers.csv"
    (tmp_path / DATABASE).touch()
    assert example_customers(config, tmp_path) is None
    assert example_customers(tmp_path / "voicebot.toml") is None


def test_settings_that_are_wrong_are_said_as_such_before_anything_starts(start: Start, tmp_path: Path) -> None:
    (tmp_path / "voicebot.toml").write_text("[[")
    call = start("--config", str(tmp_path / "voicebot.toml"), "call", "hangup")
    output, _ = call.communicate(timeout=30)
    assert call.returncode == 2
    assert output.startswith("Error: voicebot.toml: is not TOML")


def test_data_that_cannot_be_kept_there_are_said_to_be(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    call = start("call", "--data", str(tmp_path / "file" / "data"), "hangup")
    output, _ = call.communicate(timeout=30)
    assert call.returncode == 2
    assert "data cannot be kept there" in output


def test_the_simulator_ends_at_once_with_ctrl_c_and_minds_no_typing_mistake(start: Start, tmp_path: Path) -> None:
    simulator = start("serve", "--simulator", VOICEBOT_DATA=str(tmp_path / "data"))
    assert simulator.stdin is not None
    assert simulator.stdout is not None
    simulator.stdin.write('keys:"open\nnonsense\n--line abc hangup\n--patience nan hangup\n')
    simulator.stdin.flush()
    said = ""
    while "patience" not in said:
        line = simulator.stdout.readline()
        assert line, said
        said += line if not line.startswith("  --line") else ""
    assert "No closing quotation" in said
    assert "'nonsense' is no turn" in said
    assert "'abc' is no number that can be dialled" in said
    simulator.send_signal(signal.SIGINT)
    output, _ = simulator.communicate(timeout=20)
    assert simulator.returncode == 1
    assert "Traceback" not in output
