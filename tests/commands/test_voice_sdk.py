"""`twilio voice-sdk` over an npm that does what the test says: checked, kept whole, and said in words where it fails."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.telephony.test_browser_phone import published
from voicebot.cli import cli
from voicebot.telephony.browser_phone import place_of_script

__all__ = ["published"]
Npm = Callable[[str], None]


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    """Puts a program of this name on the path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def put(script: str) -> None:
        program = programs / "npm"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)

    return put


def fetch(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["twilio", "voice-sdk", *arguments], env={"VOICEBOT_DATA": str(tmp_path / "data")})


def test_npm_fetches_it_and_it_is_kept(tmp_path: Path, published: bytes, npm: Npm) -> None:
    (tmp_path / "published.tgz").write_bytes(published)
    npm(f'test "$1" = pack && cp {tmp_path}/published.tgz sdk.tgz')
    done = fetch(tmp_path)
    assert (done.exit_code, "checked" in done.output) == (0, True)
    assert place_of_script(tmp_path / "data").read_bytes() == b"window.Twilio = {};"
    assert fetch(tmp_path).exit_code == 0  # again is no harm


def test_a_package_that_was_fetched_by_hand_is_taken(tmp_path: Path, published: bytes) -> None:
    (tmp_path / "by-hand.tgz").write_bytes(published)
    assert fetch(tmp_path, "--package", str(tmp_path / "by-hand.tgz")).exit_code == 0
    assert place_of_script(tmp_path / "data").is_file()


def test_another_file_is_not_kept(tmp_path: Path, npm: Npm) -> None:
    npm("echo something else > sdk.tgz")
    done = fetch(tmp_path)
    assert done.exit_code == 1
    assert "checksum" in done.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("script", "told"),
    [("echo 'npm error network ENOTFOUND' >&2; exit 1", "network ENOTFOUND"), ("exit 0", "it does not say why")],
)
def test_a_failure_is_said_with_the_other_way(tmp_path: Path, npm: Npm, script: str, told: str) -> None:
    npm(script)
    done = fetch(tmp_path)
    assert done.exit_code == 1
    assert told in done.output
    assert "--package FILE" in done.output


def test_without_npm_the_other_way_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = fetch(tmp_path)
    assert done.exit_code == 1
    assert "npm is not installed here" in done.output
    assert "--package FILE" in done.output
