"""`call`: bad usage is said before anything starts, with what is allowed."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["call", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["foo:1"], "'foo' is no turn"),
        (["keys:12a4"], "keys: takes 0 to 9, * and # only"),
        (["keys:"], "needs something after the colon"),
        (["say:"], "needs something after the colon"),
        (["--turn", "nonsense"], "is no turn"),
        (["--agent", "maybe"], "'accept', 'decline', 'voicemail', 'busy', 'none'"),
        (["--line", "abc"], "'abc' is no number that can be dialled"),
        (["--line", "+1 202 555 0110"], "is no number that can be dialled"),
        (["--patience", "-1"], "-1 is not from 0 to 3600"),
        (["--patience", "nan"], "nan is not from 0 to 3600"),
        (["--desk", "shout"], "'shout' is nothing an agent does; known are hold, resume"),
        (["--desk", "pay:much"], "pay: takes amount, not 'much'"),
        (["--customers", "/no/such/file.csv"], "does not exist"),
    ],
)
def test_bad_usage_is_status_2_and_says_what_is_allowed(arguments: list[str], said: str) -> None:
    shown = call(*arguments, "hangup")
    assert shown.exit_code == 2
    assert said in " ".join(shown.output.split())


def test_a_recording_that_cannot_be_heard_is_named_before_the_call_goes_on(tmp_path: Path) -> None:
    (tmp_path / "mine.wav").write_bytes(b"ID3\x03" + os.urandom(100))
    shown = call(f"audio:{tmp_path / 'mine.wav'}", "--fast")
    assert shown.exit_code == 2
    assert "mine.wav" in shown.output
    assert "8 or 16 kHz" in shown.output


def test_words_without_a_synthesiser_name_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = call("say:hello", "--fast")
    assert shown.exit_code == 2
    assert "flite" in shown.output
    assert "espeak-ng" in shown.output
