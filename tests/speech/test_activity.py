"""A voice is louder than the line; a key's tone is no voice."""

import itertools

import numpy as np
import pytest

from voicebot.speech.activity import FRAME, HIGH_TONES, LOW_TONES, Activity, is_key_tone

RANDOM = np.random.default_rng(3)


def noise(level: float, frames: int) -> list[np.ndarray]:
    samples = RANDOM.normal(0, 32768 * 10 ** (level / 20), frames * FRAME).clip(-32768, 32767).astype(np.int16)
    return list(samples.reshape(-1, FRAME))


def key_tone(low: float, high: float, phase: float = 0.0, off: float = 1.0) -> np.ndarray:
    time = np.arange(FRAME) / 8000
    return (5000 * (np.sin(2 * np.pi * low * off * time + phase) + np.sin(2 * np.pi * high * off * time))).astype(np.int16)


def test_silence_is_not_speech() -> None:
    activity = Activity()
    assert not any(activity.is_speech(np.zeros(FRAME, np.int16)) for _ in range(200))


@pytest.mark.parametrize("level", [-60.0, -45.0, -35.0])
def test_a_steady_noise_stops_counting_as_speech_within_two_seconds(level: float) -> None:
    activity = Activity()
    verdicts = [activity.is_speech(frame) for frame in noise(level, 200)]
    assert not any(verdicts[100:])


@pytest.mark.parametrize("level", [-60.0, -45.0])
def test_what_stands_out_of_the_noise_is_speech_at_once(level: float) -> None:
    activity = Activity()
    for frame in noise(level, 150):
        activity.is_speech(frame)
    assert all(activity.is_speech(frame) for frame in noise(level + 15, 5))
    assert not any(activity.is_speech(frame) for frame in noise(level, 20))


@pytest.mark.parametrize(("low", "high"), list(itertools.product(LOW_TONES, HIGH_TONES)))
def test_every_key_is_known_by_its_tone(low: float, high: float) -> None:
    assert all(is_key_tone(key_tone(low, high, phase, off)) for phase in (0.0, 1.0, 2.0) for off in (0.985, 1.0, 1.015))


def test_noise_one_tone_and_silence_are_no_keys() -> None:
    time = np.arange(FRAME) / 8000
    assert not any(is_key_tone(frame) for frame in noise(-20.0, 500))
    assert not is_key_tone((8000 * np.sin(2 * np.pi * 770 * time)).astype(np.int16))
    assert not is_key_tone(np.zeros(FRAME, np.int16))
