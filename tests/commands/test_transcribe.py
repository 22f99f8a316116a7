import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli
from voicebot.speech.models import find_model


def transcribe(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["transcribe", *arguments])


@pytest.fixture
def spoken(project: Path) -> Path:
    if find_model("en") is None:
        pytest.skip("needs an English recognition model")
    return project / "tests" / "recordings" / "yes.wav"


def test_each_file_is_one_line_of_json(spoken: Path) -> None:
    shown = transcribe("--shape", "yesno", "--json", str(spoken), str(spoken))
    assert shown.exit_code == 0, shown.output
    first, second = (json.loads(line) for line in shown.stdout.splitlines())
    assert (first["file"], first["value"], first["decision"]) == (str(spoken), "yes", "accepted")
    assert set(first) == set(second) == {"file", "value", "decision", "text", "seconds"}


def test_without_json_a_line_is_for_people(spoken: Path) -> None:
    shown = transcribe("--shape", "yesno", str(spoken))
    assert shown.stdout.startswith(f"{spoken}: yes  (accepted, ")


@pytest.mark.parametrize("shape", ["digits", "digits:0", "digits:9-3", "words"])
def test_a_shape_that_is_none_is_bad_usage_with_what_is_allowed(shape: str) -> None:
    shown = transcribe("--shape", shape, "a.wav")
    assert shown.exit_code == 2
    assert "digits:N or digits:N-M" in " ".join(shown.output.split())


@pytest.mark.usefixtures("spoken")
def test_a_file_that_cannot_be_heard_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"no sound at all")
    shown = transcribe("--shape", "yesno", str(tmp_path / "noise.wav"))
    assert shown.exit_code == 2
    assert "noise.wav" in shown.output


def test_files_that_cannot_be_heard_keep_no_other_from_being_recognised(spoken: Path, tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"no sound at all")
    shown = transcribe("--shape", "yesno", "--json", str(tmp_path / "noise.wav"), str(spoken), str(tmp_path / "none.wav"))
    assert shown.exit_code == 2
    assert [json.loads(line)["value"] for line in shown.stdout.splitlines()] == ["yes"]
    assert [line.startswith("Error: ") for line in shown.stderr.splitlines()] == [True, True]


def test_a_language_without_a_model_says_how_to_bring_one() -> None:
    shown = transcribe("--shape", "yesno", "--language", "xx", "a.wav")
    assert shown.exit_code == 2
    assert "VOICEBOT_MODEL_XX" in shown.output
