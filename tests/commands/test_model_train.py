"""`model train` says what is wrong before minutes go into an environment; and takes its options together that belong together."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.cli import cli
from voicebot.commands.own_environment import EnvironmentRefused, own_environment


def run(monkeypatch: pytest.MonkeyPatch, data: Path, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("VOICEBOT_DATA", str(data))
    done = CliRunner().invoke(cli, ["model", "train", *words])
    return done.exit_code, done.output


def test_without_an_index_nothing_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    status, said = run(monkeypatch, tmp_path / "data", "--audio", str(tmp_path))
    assert status == 2
    assert "there is no" in said
    assert "index.tsv" in said
    assert not (tmp_path / "data").exists()


def test_a_model_that_is_there_is_not_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data" / "models" / "mine").mkdir(parents=True)
    status, said = run(monkeypatch, tmp_path / "data", "--audio", str(tmp_path), "--name", "mine")
    assert status == 2
    assert "already there: choose another --name" in said


def test_folds_do_not_go_on_from_a_model_that_heard_the_speakers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = ("--audio", str(tmp_path), "--folds", "5", "--begin", str(tmp_path))
    status, said = run(monkeypatch, tmp_path / "data", *words)
    assert status == 2
    assert "a model that has heard the speakers" in said


def test_more_folds_than_speakers_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "index.tsv").write_text("file\tspeaker\ttranscript\n", encoding="utf-8")
    status, said = run(monkeypatch, tmp_path / "data", "--audio", str(tmp_path), "--folds", "5")
    assert status == 2
    assert "0 speakers cannot be dealt into 5 folds" in said


def test_an_environment_that_cannot_be_filled_is_not_taken_for_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    requirements = tmp_path / "requirements-none.txt"
    requirements.write_text("no-such-package-at-all==1.0\n", encoding="utf-8")
    with pytest.raises(EnvironmentRefused, match="no-such-package-at-all"):
        own_environment(tmp_path / "environment", requirements)
    assert not (tmp_path / "environment" / "installed").exists()
    assert (tmp_path / "environment" / "install.log").is_file()
