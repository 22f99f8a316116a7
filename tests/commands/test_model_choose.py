"""Another model listens only if it was measured to be better."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from voicebot.cli import cli
from voicebot.commands import model_choose
from voicebot.commands.bench_speech import Answer
from voicebot.commands.bench_speech_clips import Clip
from voicebot.commands.model_choose import Standing, better, standing
from voicebot.dialogue.values import Hearing
from voicebot.speech.models import CHOSEN, MODELS, NEEDED, find_model

OFFICIAL = "vosk-model-small-en-us-0.15"
SOUND = np.zeros(8, np.int16)


def answer(right: str, value: str, decision: Hearing) -> Answer:
    return Answer("fbbh", right, value, decision, None)


def test_what_was_read_back_is_right_and_what_was_refused_is_not_wrong() -> None:
    answers = [
        answer("123", "123", Hearing.ACCEPTED),
        answer("123", "123", Hearing.CONFIRM),
        answer("123", "124", Hearing.CONFIRM),
        answer("123", "124", Hearing.ACCEPTED),
        answer("123", "", Hearing.REJECTED),
        answer("", "", Hearing.REJECTED),
        answer("", "9", Hearing.ACCEPTED),
    ]
    clips = [Clip("babble", "fbbh", "digits:3", one.right, SOUND) for one in answers]
    assert standing("ours", clips, answers) == Standing("ours", 7, right=3, wrong=2)


@pytest.mark.parametrize(
    ("other", "name"),
    [
        (Standing("other", 10, right=9, wrong=1), "other"),
        (Standing("other", 10, right=8, wrong=0), "ours"),  # no more right
        (Standing("other", 10, right=10, wrong=2), "ours"),  # but more wrong
    ],
)
def test_another_one_must_get_more_right_and_take_no_more_wrong(other: Standing, name: str) -> None:
    assert better([Standing("ours", 10, right=8, wrong=1), other]).name == name


def test_the_better_one_listens_from_then_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / "models"
    shelf.mkdir()
    shutil.copy(MODELS / "catalogue.toml", shelf)
    for name in ("en-telephone", OFFICIAL):
        for needed in NEEDED:
            (shelf / name / needed).parent.mkdir(parents=True, exist_ok=True)
            (shelf / name / needed).touch()
    clips = [Clip(model_choose.CONDITIONS[0], who, "digits:3", "123", SOUND) for who in ("fbbh", "mjwl", "fsaf", "mkem")]
    taken = [clip for clip in clips if model_choose.half_of(clip.speaker) == "development"]
    assert 0 < len(taken) < len(clips)

    def hear(heard: list[Clip], model: Path) -> list[Answer]:
        assert heard == taken
        value = "123" if model.name == OFFICIAL else ""
        return [answer("123", value, Hearing.ACCEPTED if value else Hearing.REJECTED) for _ in heard]

    monkeypatch.setattr(model_choose, "all_clips", lambda _: [*clips, Clip("music", taken[0].speaker, "digits:3", "", SOUND)])
    monkeypatch.setattr(model_choose, "hear", hear)
    done = CliRunner().invoke(cli, ["model", "choose", "--audio", str(tmp_path), "--shelf", str(shelf)])
    assert done.exit_code == 0, done.output
    assert f"{OFFICIAL}: {len(taken)} right, 0 taken wrong without a question, of {len(taken)}" in done.output
    assert (shelf / CHOSEN).is_file()
    assert find_model("en", {}, shelf) == (shelf / OFFICIAL).resolve()


def test_without_recordings_it_says_what_is_missing(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["model", "choose", "--audio", str(tmp_path)])
    assert done.exit_code != 0
    assert "index.tsv" in done.output
