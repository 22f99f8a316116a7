"""The soft hiss under every call: a recogniser has never learned from dead silence."""

import numpy as np

from voicebot.speech.codec import RATE
from voicebot.speech.hiss import LOUDNESS, PERIOD, Hiss
from voicebot.speech.level import AIM, measure, rms


def test_dead_silence_becomes_a_soft_hiss() -> None:
    heard = Hiss(LOUDNESS).under(np.zeros(RATE, np.int16))
    assert abs(heard.astype(float).std() - LOUDNESS) < 1
    assert not measure(heard).clipped
    assert rms(heard) < AIM - 50


def test_it_is_the_same_however_the_audio_is_cut_up_and_goes_on_where_it_was() -> None:
    silence = np.zeros(3 * PERIOD, np.int16)
    whole, pieces = Hiss(LOUDNESS).under(silence), Hiss(LOUDNESS)
    cut = np.concatenate([pieces.under(silence[start : start + 320]) for start in range(0, len(silence), 320)])
    assert np.array_equal(cut, whole)
    assert len(np.unique(whole[:PERIOD])) > 100


def test_the_loudest_samples_stay_within_sixteen_bits() -> None:
    for loudest in (-32768, 32767):
        heard = Hiss(LOUDNESS).under(np.full(PERIOD, loudest, np.int16))
        assert np.abs(heard.astype(int) - loudest).max() < 6 * LOUDNESS


def test_no_samples_stay_none() -> None:
    assert Hiss(LOUDNESS).under(np.zeros(0, np.int16)).dtype == np.int16


def test_without_loudness_everything_stays_as_it_was() -> None:
    voice = np.arange(-400, 400, dtype=np.int16)
    assert np.array_equal(Hiss(0.0).under(voice), voice)
