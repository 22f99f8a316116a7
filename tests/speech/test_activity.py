"""A voice is louder than the line; a key's tone is no voice."""

import itertools

import numpy as np
import pytest

from voicebot.speech.activity import FRAME, HIGH_TONES, LOW_TONES, Activity, key_tones
from voicebot.speech.level import FLOOR, levels

RANDOM = np.random.default_rng(3)


def noise(level: float, frames: int) -> np.ndarray:
    samples = RANDOM.normal(0, 32768 * 10 ** (level / 20), frames * FRAME).clip(-32768, 32767).astype(np.int16)
    return samples.reshape(-1, FRAME)


def key_tone(low: float, high: float, phase: float = 0.0, off: float = 1.0) -> np.ndarray:
    time = np.arange(FRAME) / 8000
    return (5000 * (np.sin(2 * np.pi * low * off * time + phase) + np.sin(2 * np.pi * high * off * time))).astype(np.int16)


def test_silence_is_not_speech() -> None:
    activity = Activity()
    assert not any(activity.is_speech(FLOOR) for _ in range(200))


@pytest.mark.parametrize("level", [-60.0, -45.0, -35.0])
def test_a_steady_noise_stops_counting_as_speech_within_two_seconds(level: float) -> None:
    activity = Activity()
    verdicts = [activity.is_speech(one) for one in levels(noise(level, 200))]
    assert not any(verdicts[100:])


@pytest.mark.parametrize("level", [-60.0, -45.0])
def test_what_stands_out_of_the_noise_is_speech_at_once(level: float) -> None:
    activity = Activity()
    for one in levels(noise(level, 150)):
        activity.is_speech(one)
    assert all(activity.is_speech(one) for one in levels(noise(level + 15, 5)))
    assert not any(activity.is_speech(one) for one in levels(noise(level, 20)))


def keys(frames: np.ndarray) -> list[bool]:
    return key_tones(frames, levels(frames))


@pytest.mark.parametrize(("low", "high"), list(itertools.product(LOW_TONES, HIGH_TONES)))
def test_every_key_is_known_by_its_tone(low: float, high: float) -> None:
    assert all(keys(np.stack([key_tone(low, high, phase, off) for phase in (0.0, 1.0, 2.0) for off in (0.985, 1.0, 1.015)])))


def test_noise_one_tone_and_silence_are_no_keys() -> None:
    time = np.arange(FRAME) / 8000
    assert not any(keys(noise(-20.0, 500)))
    one_tone = (8000 * np.sin(2 * np.pi * 770 * time)).astype(np.int16)
    silence = np.zeros(FRAME, np.int16)
    assert keys(np.stack([one_tone, silence, key_tone(697.0, 1209.0)])) == [False, False, True]
    assert keys(silence[None]) == [False]
