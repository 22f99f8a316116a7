"""How loud is it, and how much louder should it be."""

import numpy as np
import pytest

from voicebot.dialogue.values import Loudness
from voicebot.speech.level import FLOOR, Level, amplify, gain_for, measure, rms


def tone(peak: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(int(8000 * seconds)) / 8000
    return np.rint(np.clip(32767 * 10 ** (peak / 20) * np.sin(2 * np.pi * 440 * time), -32767, 32767)).astype(np.int16)


@pytest.mark.parametrize("peak", [-3.0, -9.0, -30.0, -50.0])
def test_a_tone_measures_as_loud_as_it_was_made(peak: float) -> None:
    level = measure(tone(peak))
    assert level.peak == pytest.approx(peak, abs=0.2)
    assert level.rms == pytest.approx(peak - 3.01, abs=0.2)


def test_a_click_is_not_a_voice() -> None:
    samples = tone(-30.0)
    samples[100:104] = 32767
    assert measure(samples).peak == pytest.approx(-30, abs=0.3)


def test_too_loud_is_clipped_and_too_soft_is_quiet() -> None:
    assert measure(tone(6.0)).clipped
    assert not measure(tone(-3.0)).clipped
    assert measure(tone(-27.0)).quiet
    assert not measure(tone(-25.0)).quiet


@pytest.mark.parametrize(("peak", "loudness"), [(-9.0, Loudness.FINE), (-27.0, Loudness.QUIET), (6.0, Loudness.LOUD)])
def test_a_voice_is_fine_too_soft_or_louder_than_the_line_carries(peak: float, loudness: Loudness) -> None:
    assert measure(tone(peak)).loudness is loudness


def test_nothing_has_no_level() -> None:
    assert measure(np.zeros(0, np.int16)) == Level(FLOOR, FLOOR, clipped=False)
    assert rms(np.zeros(160, np.int16)) == FLOOR
    assert rms(np.zeros(0, np.int16)) == FLOOR


@pytest.mark.parametrize(("peak", "gain"), [(-9.0, 0.0), (-29.0, 20.0), (-60.0, 30.0), (0.0, -6.0)])
def test_gain_brings_speech_to_where_it_is_heard_best_within_limits(peak: float, gain: float) -> None:
    assert gain_for(peak) == gain


def test_amplified_speech_is_as_loud_as_wanted_and_never_turns_over() -> None:
    assert measure(amplify(tone(-29.0), 20.0)).peak == pytest.approx(-9, abs=0.2)
    assert np.max(amplify(tone(-1.0), 20.0)) == 32767
    assert amplify(tone(-9.0), 0.0) is not None
