"""Rendering prompts at the command line, and what `doctor` says of those without sound."""

import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The example company; support is asked over streams."""
    for name in ("prompts", "grammars"):
        (tmp_path / name).symlink_to(PROJECT / name)
    text = (PROJECT / "voicebot.toml").read_text()
    text = re.sub(r'^(dnis = "\+12025550120")', r'\1\ndoor = "stream"', text, flags=re.MULTILINE)
    (tmp_path / "voicebot.toml").write_text(text)
    return tmp_path


def run(place: Path, *words: str) -> Result:
    env = {"VOICEBOT_DATA": str(place / "data"), "DATABASE_URL": "", "PATH": str(place / "bin")}
    return CliRunner().invoke(cli, ["--config", str(place / "voicebot.toml"), *words], env=env)


def install(place: Path, wav: Path) -> None:
    """A synthesiser that always says the same."""
    program = place / "bin" / "espeak-ng"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec /bin/cat {wav}\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)


def test_without_a_voice_the_prompts_are_named_and_the_exit_status_is_1(place: Path) -> None:
    shown = run(place, "prompts", "render")
    assert shown.exit_code == 1
    assert "espeak-ng" in shown.output
    assert "lines.support: account_number.ask" in shown.output
    told = run(place, "doctor")
    assert "without sound" in told.output
    assert "account_number.confirm" in told.output
    assert "prompts render" in told.output


def test_what_was_rendered_is_sound_without_the_voice(place: Path) -> None:
    install(place, PROJECT / "tests" / "recordings" / "yes.wav")
    shown = run(place, "prompts", "render")
    assert shown.exit_code == 0, shown.output
    assert re.search(r"^[1-9]\d+ pieces of \d+ prompts were rendered", shown.output)
    assert re.match(r"0 pieces of \d+ prompts", run(place, "prompts", "render").output)
    (place / "bin" / "espeak-ng").unlink()
    told = run(place, "doctor")
    assert "have sound" in told.output
    assert "without sound" not in told.output


def test_where_no_line_has_a_stream_there_is_nothing_to_do(place: Path) -> None:
    (place / "voicebot.toml").write_text((PROJECT / "voicebot.toml").read_text())
    shown = run(place, "prompts", "render")
    assert shown.exit_code == 0
    assert "No line" in shown.output
    assert "two-way" not in run(place, "doctor").output
