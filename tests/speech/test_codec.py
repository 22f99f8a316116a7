"""µ-law and back."""

import numpy as np

from voicebot.speech.codec import SILENCE, to_mulaw, to_samples

EVERY_CODE = bytes(range(256))


def test_codes_have_the_values_of_the_standard() -> None:
    """ITU-T G.711, table 2a: ends, middle and signs."""
    values = to_samples(b"\x00\x80\x7f\xff\x0f\x8f")
    assert [-32124, 32124, 0, 0, -16764, 16764] == list(values)


def test_a_code_survives_decoding_and_encoding() -> None:
    again = to_mulaw(to_samples(EVERY_CODE))
    assert list(to_samples(again)) == list(to_samples(EVERY_CODE))


def test_no_sample_is_off_by_more_than_half_a_step() -> None:
    samples = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    off = np.abs(to_samples(to_mulaw(samples)).astype(int) - samples)
    inside = np.abs(samples.astype(int)) < 32124
    assert np.all(off[inside] <= (np.abs(samples[inside].astype(int)) + 132) / 32 + 1)


def test_silence_is_silent() -> None:
    assert [0] == list(to_samples(SILENCE))
    assert to_mulaw(np.zeros(1, np.int16)) == SILENCE
