"""The benchmark of speech counts what it says. Its figures decide nothing here."""

import csv
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from voicebot.cli import cli
from voicebot.commands.bench_speech import Answer, interval, row, table
from voicebot.commands.bench_speech_clips import CODECS, RATE, ClipsMissing, all_clips, can_code, coded, half_of
from voicebot.dialogue.values import Hearing


def answer(right: str, value: str, decision: Hearing, speaker: str = "ann", seconds: float | None = 0.2) -> Answer:
    return Answer(speaker, right, value, decision, seconds)


def test_right_wrong_read_back_and_nothing_are_counted_apart() -> None:
    answers = [
        answer("1234", "1234", Hearing.ACCEPTED),
        answer("1234", "1235", Hearing.ACCEPTED),
        answer("1234", "1234", Hearing.CONFIRM, seconds=0.4),
        answer("1234", "", Hearing.REJECTED, seconds=None),
    ]
    counted = row("quiet", answers, 0.5)
    assert (counted.exact, counted.confirm, counted.nothing, counted.wrong) == (0.5, 1, 1, 0.25)
    assert counted.digit_errors == 5 / 16  # one changed, four lost
    assert counted.questions == 5 / 2  # four questions and a read-back, for two right values
    assert (counted.p50, counted.p95) == (0.2, 0.4)
    assert "| quiet | 4 | 1 | 50.0% | 31.2% | 1 | 1 | 25.0% (" in table([counted])


def test_of_sound_that_says_nothing_only_what_was_accepted_counts() -> None:
    counted = row("babble", [answer("", "", Hearing.REJECTED, seconds=None), answer("", "12", Hearing.ACCEPTED)], 0.5)
    assert (counted.exact, counted.digit_errors, counted.questions, counted.wrong) == (None, None, None, 0.5)
    assert "| babble | 2 | 1 | – | – | 0 | 1 | 50.0% (" in table([counted])


def test_the_interval_is_wilsons() -> None:
    assert interval([(0, 1)] * 100) == pytest.approx((0.0, 0.0370), abs=1e-4)
    assert interval([(1, 1)] * 5 + [(0, 1)] * 95) == pytest.approx((0.0215, 0.1118), abs=1e-3)


def test_the_interval_is_wider_where_one_speaker_is_always_wrong() -> None:
    apart = interval([(1, 10)] * 10)
    together = interval([(10, 10)] + [(0, 10)] * 9)
    assert together[0] < apart[0] < 0.1 < apart[1] < together[1]


def test_each_speaker_is_in_one_half_whatever_the_run() -> None:
    halves = {name: half_of(name) for name in ("mskh", "mcrt", "fsdd", "jackson", "theo", "nicolas")}
    assert set(halves.values()) == {"development", "report"}
    assert halves == {name: half_of(name) for name in halves}


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """Eleven short made-up recordings in the place of people's."""
    place = tmp_path / "an4"
    place.mkdir()
    hiss = np.random.default_rng(1).normal(0, 900, RATE // 2).astype(np.int16)
    kinds = [("digits", "one two three", "123"), ("command", "yes", ""), ("command", "go", ""), *[("spelling", "a b", "")] * 8]
    with (place / "index.tsv").open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines, delimiter="\t")
        rows.writerow(["file", "speaker", "sex", "kind", "transcript", "digits"])
        for number, (kind, transcript, digits) in enumerate(kinds):
            rows.writerow([f"{number}.wav", "ann", "f", kind, transcript, digits])
            with wave.open(str(place / f"{number}.wav"), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(hiss.tobytes())
    return tmp_path


def test_all_conditions_are_made_and_the_same_every_time(material: Path) -> None:
    clips, again = all_clips(material), all_clips(material)
    assert [clip.sound.tobytes() for clip in clips] == [clip.sound.tobytes() for clip in again]
    groups = {clip.group for clip in clips}
    assert {"AN4, as recorded", "AN4, telephone, 5 dB", "babble", "ringback", "music", "keys pressed"} <= groups
    assert [clip.shape for clip in clips if clip.group == "AN4, one digit more than asked for"] == ["digits:2"]
    assert all(clip.sound.any() for clip in clips)


def test_a_directory_without_recordings_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["bench", "speech", str(tmp_path)])
    assert done.exit_code != 0
    assert str(tmp_path / "an4" / "index.tsv") in done.output


@pytest.mark.skipif(not can_code(), reason="needs ffmpeg")
@pytest.mark.parametrize("name", CODECS)
def test_a_codec_gives_back_nearly_what_it_was_given(name: str) -> None:
    tone = (8000 * np.sin(2 * np.pi * 500 * np.arange(8000) / 8000)).astype(np.int16)
    heard = coded(tone, CODECS[name])
    assert abs(len(heard) - len(tone)) < 800
    assert 2000 < np.abs(heard[1000:7000].astype(int)).mean() < 8000


@pytest.mark.skipif(not can_code(), reason="needs ffmpeg")
def test_a_codec_that_ffmpeg_lacks_is_named() -> None:
    with pytest.raises(ClipsMissing, match="ffmpeg cannot encode with nosuch"):
        coded(np.ones(80, np.int16), ["-c:a", "nosuch", "-f", "gsm"])


def test_folds_that_are_not_there_are_named(material: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["bench", "speech", str(material), "--only", "babble", "--folds", str(tmp_path)])
    assert said.exit_code == 2
    assert f"{tmp_path}: no folds of `model train --folds`" in said.output
