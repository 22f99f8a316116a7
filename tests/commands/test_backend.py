"""`backend mock` and `backend check` as people run them, over a real server on this machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.identity.backends import BASE, SECRET, Moved, a_mock
from tests.serving_stage import served
from voicebot.cli import cli
from voicebot.identity.conformance.check import RULES
from voicebot.simulator.backend_flaws import Flaw

DATA = ["--data", "examples/backend-check.toml"]
ENV = {"VOICEBOT_BACKEND_SECRET": SECRET, "VOICEBOT_BACKEND_TEST_SECRET": ""}


@pytest.fixture(autouse=True)
def at_home(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)


def check(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, ["backend", "check", *arguments], env=env or ENV)


@contextmanager
def a_served_mock(*flaws: Flaw) -> Iterator[str]:
    """Real time, so that the signatures' clock is the same on both sides."""
    import time

    from tests.identity.backends import COLUMNS, EXAMPLES
    from voicebot.simulator.backend import MockBackEnd, MockPlan

    plan = MockPlan(EXAMPLES / "customers.csv", COLUMNS, secret=SECRET, flaws=frozenset(flaws), wall=time.time)
    with served(MockBackEnd(plan, BASE)) as running:
        yield f"http://127.0.0.1:{running.port}{BASE}"


def test_the_mock_is_found_to_be_all_right() -> None:
    with a_served_mock() as url:
        shown = check(url, *DATA)
    assert shown.exit_code == 0, shown.output
    assert shown.output.endswith(f"{len(RULES)} ok, 0 broken, 0 not testable.\n")
    assert SECRET not in shown.output
    assert "493817" not in shown.output


def test_a_broken_back_end_is_told_in_words_and_by_the_exit_status() -> None:
    with a_served_mock(Flaw.KEY_IGNORED) as url:
        shown = check(url, *DATA)
    assert shown.exit_code == 1, shown.output
    line = next(line for line in shown.output.splitlines() if "key_repeated" in line)
    assert line.startswith("broken")
    assert "the first answer was mismatched, repeats of its key gave mismatched and matched" in line


def test_what_nobody_told_it_is_not_testable_and_no_failure() -> None:
    with a_served_mock() as url:
        shown = check(url, "--identifier-field", "account_number", "--known", "40719238")
    assert shown.exit_code == 0, shown.output
    assert ", 0 broken, " in shown.output
    assert "not testable  several " in shown.output


def test_the_secret_may_come_from_the_environment() -> None:
    asked = ["--identifier-field", "account_number", "--known", "40719238", "--secret-field", "pin"]
    with a_served_mock() as url:
        right = check(url, *asked, env={**ENV, "VOICEBOT_BACKEND_TEST_SECRET": "493817"})
        wrong = check(url, *asked, env={**ENV, "VOICEBOT_BACKEND_TEST_SECRET": "111111"})
    assert right.exit_code == 0, right.output
    assert wrong.exit_code == 1
    assert "matched was due, mismatched came" in wrong.output


def test_another_shared_secret_is_found_at_once() -> None:
    with a_served_mock() as url:
        shown = check(url, *DATA, env={"VOICEBOT_BACKEND_SECRET": SECRET[::-1]})
    assert shown.exit_code == 1
    assert "answered with status 401 where 200 was due" in shown.output


def test_a_back_end_that_is_not_there_is_broken() -> None:
    shown = check("http://127.0.0.1:9", *DATA)
    assert shown.exit_code == 1
    assert "there was no answer: no connection" in shown.output


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        ([], ENV, "must be an address"),
        (["http://crm.example.com", *DATA], ENV, "must begin with https://"),
        (["https://crm.example.com", *DATA], {"VOICEBOT_BACKEND_SECRET": ""}, "VOICEBOT_BACKEND_SECRET: is needed"),
        (["https://crm.example.com"], ENV, "--identifier-field"),
        (["https://crm.example.com", "--data", "nowhere.toml"], ENV, "nowhere.toml"),
        (["https://crm.example.com", "--known", "x", *DATA], ENV, "--known: must be digits"),
    ],
)
def test_bad_usage_is_said_before_anything_is_sent(arguments: list[str], env: dict[str, str], said: str) -> None:
    shown = check(*arguments, env=env)
    assert shown.exit_code == 2, shown.output
    assert said in shown.output


# ---- mock ---------------------------------------------------------------------------------------------------------------


@contextmanager
def mock_command(project: Path, *arguments: str, **env: str) -> Iterator[tuple[str, list[str]]]:
    """The command itself, on a free port: its address, and the lines that it printed before."""
    command = [sys.executable, "-m", "voicebot.cli", "backend", "mock", "--port", "0", *arguments]
    whole = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_BACKEND")} | env
    process = subprocess.Popen(command, cwd=project, env=whole, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = []
    try:
        for line in process.stdout:
            printed.append(line.strip())
            if "http://" in line:
                break
        yield printed[-1].rpartition(" ")[2], printed[:-1]
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        process.stdout.close()
        process.wait(20)


def test_the_command_serves_what_the_other_command_finds_all_right(project: Path) -> None:
    with mock_command(project) as (url, printed):
        secret = printed[0].partition("VOICEBOT_BACKEND_SECRET=")[2]
        shown = check(url, *DATA, env={"VOICEBOT_BACKEND_SECRET": secret})
    assert shown.exit_code == 0, shown.output


def test_the_command_breaks_a_promise_when_told_to(project: Path) -> None:
    with mock_command(project, "--flaw", "wrong-words", VOICEBOT_BACKEND_SECRET=SECRET) as (url, printed):
        assert printed == []
        shown = check(url, *DATA)
    assert shown.exit_code == 1
    assert "Invalid value 'hit'" in shown.output


def test_every_flaw_is_named_and_no_other_taken() -> None:
    listed = CliRunner().invoke(cli, ["backend", "mock", "--flaw", "list"])
    assert listed.output.split() == list(Flaw)
    refused = CliRunner().invoke(cli, ["backend", "mock", "--flaw", "wrong-word"])
    assert refused.exit_code == 2
    assert "--flaw list" in refused.output


def test_a_file_that_is_no_file_of_customers_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    refused = CliRunner().invoke(cli, ["backend", "mock", "--customers", str(file)], env=ENV)
    assert refused.exit_code == 2
    assert "other.csv: has no column customer_id" in refused.output


def test_the_mock_shows_no_secret() -> None:
    mock = a_mock(Moved())
    assert "493817" not in repr(mock.book) + repr(vars(mock)) + repr(mock.book.kept[0])
    assert SECRET not in repr(vars(mock))
