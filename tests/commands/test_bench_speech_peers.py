"""Other recognisers are asked what ours is asked, and counted alike."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree

from voicebot.commands.bench_speech_clips import Clip
from voicebot.commands.bench_speech_peer import digits, wide
from voicebot.commands.bench_speech_peers import PeerFailed, comparable, measure_peer, plot, row, table

SOUND = np.arange(800, dtype=np.int16)
ECHO = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"value": "12345"[: asked["length"]], "seconds": 0.05}), flush=True)
"""


def clip(right: str, shape: str, group: str = "AN4") -> Clip:
    return Clip(group, "ann", shape, right, SOUND)


def test_only_numbers_of_a_known_length_are_compared() -> None:
    known = clip("123", "digits:3")
    others = [clip("123", "digits:3-10"), clip("", "digits:3"), clip("yes", "commands"), clip("123", "digits:2")]
    assert comparable([known, *others]) == [known]


@pytest.mark.parametrize(
    ("text", "heard"), [(" One, two. Oh!", "120"), ("412-26", "41226"), ("won to", ""), ("O'Neil 5", "05"), ("seventy", "")]
)
def test_digits_are_taken_from_a_transcript_spelt_or_not(text: str, heard: str) -> None:
    assert digits(text) == heard


def test_a_peer_is_asked_about_every_clip_and_its_figures_are_counted() -> None:
    clips = [clip("123", "digits:3"), clip("124", "digits:3"), clip("12", "digits:2", "FSDD")]
    first, second = measure_peer(clips, [sys.executable, "-c", ECHO], "echo")
    assert (first.condition, first.clips, first.exact, round(first.digit_errors, 3)) == ("AN4", 2, 0.5, 0.167)
    assert first.speed == pytest.approx(0.5)
    assert (second.condition, second.exact) == ("FSDD", 1.0)


def test_a_peer_that_ends_is_said_with_its_last_words() -> None:
    with pytest.raises(PeerFailed, match="no model here"):
        measure_peer([clip("1", "digits:1")], [sys.executable, "-c", "raise SystemExit('no model here')"], "none")


def test_sound_is_brought_to_twice_the_rate_at_the_same_level(tmp_path: Path) -> None:
    import wave

    tone = (10_000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.int16)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(tone.tobytes())
    made = wide(str(tmp_path / "a.wav"))
    wanted = 10_000 / 32768 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    assert len(made) == 16000
    assert np.abs(made - wanted).max() < 0.001


def test_the_program_of_a_peer_needs_nothing_of_voicebot() -> None:
    import voicebot.commands.bench_speech_peer as program

    done = subprocess.run([sys.executable, "-I", str(program.__file__), "nobody"], capture_output=True, text=True, check=False)
    assert "KeyError: 'nobody'" in done.stderr


def test_table_and_plot_show_every_figure() -> None:
    rows = [row("AN4", "ours", [("12", "12")], 0.01), row("AN4", "theirs & co", [("12", "13")], 0.2)]
    assert "| AN4 | 1 | 100.0% (0.0%) | 0.0% (50.0%) |" in table(rows)
    assert "ours 0.010, theirs & co 0.200" in table(rows)
    picture = ElementTree.fromstring(plot(rows))
    assert {"ours", "theirs & co", "100%", "0%"} <= {element.text for element in picture.iter() if element.text}
