"""Recordings of the four kinds are read alike; every other is refused by name."""

import struct
from pathlib import Path

import numpy as np
import pytest

from voicebot.errors import AudioRefused
from voicebot.speech.codec import to_mulaw
from voicebot.speech.recording import halve_rate, read_recording

TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.int16)
TONE_16K = (8000 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)).astype(np.int16)


def wav(data: bytes, *, code: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, before: bytes = b"") -> bytes:
    form = struct.pack("<HHIIHH", code, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    chunks = before + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def both(samples: np.ndarray) -> bytes:
    return np.stack([samples, samples], axis=1).tobytes()


@pytest.mark.parametrize(
    "content",
    [
        wav(TONE.tobytes()),
        wav(TONE_16K.tobytes(), rate=16000),
        wav(both(TONE), channels=2),
        wav(both(TONE_16K), channels=2, rate=16000),
        wav(to_mulaw(TONE), code=7, bits=8),
        wav(to_mulaw(TONE_16K), code=7, bits=8, rate=16000),
        wav(TONE.tobytes(), before=b"LIST" + struct.pack("<I", 5) + b"hello\0"),
        wav(TONE.tobytes()) + b"LIST\x01\x00\x00\x00x\x00",
        wav(TONE.tobytes())[:-1000],
    ],
)
def test_every_kind_that_is_taken_sounds_the_same(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(content)
    samples = read_recording(path)
    assert len(samples) in range(7499, 8001)
    middle = slice(200, 7000)
    assert np.max(np.abs(samples[middle].astype(int) - TONE[middle])) < 300


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it is empty"),
        (b"ID3\x03 not a wave at all", "it is not a WAV file"),
        (wav(TONE.tobytes(), rate=44100), "it has 44100 Hz"),
        (wav(TONE.tobytes(), code=3, bits=32), "it is floating point"),
        (wav(TONE.tobytes(), code=6, bits=8), "it is A-law"),
        (wav(TONE.tobytes(), code=999), "it is of WAV format 999"),
        (wav(TONE.tobytes(), bits=24), "it has 24 bits"),
        (wav(TONE.tobytes(), channels=3), "it has 3 channels"),
        (wav(b""), "it holds no sound"),
        (b"RIFF\x04\x00\x00\x00WAVE", "it holds no sound"),
        (b"RIFF\x04\x00\x00\x00WAVEdata\x02\x00\x00\x00ab", "its format is missing"),
        (b"RIFF\x04\x00\x00\x00WAVEfmt \x02\x00\x00\x00ab", "its format is cut off"),
        (wav(bytes(8000 * 601), code=7, bits=8), "it is longer than 600 seconds"),
    ],
)
def test_what_cannot_be_heard_is_named_with_what_can(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "other.wav"
    path.write_bytes(content)
    with pytest.raises(AudioRefused) as raised:
        read_recording(path)
    assert f"{path}: {what}" in str(raised.value)
    assert "8 or 16 kHz, mono or stereo, PCM 16-bit or µ-law" in str(raised.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(AudioRefused, match="cannot be read"):
        read_recording(tmp_path / "none.wav")


def test_an_extensible_header_is_read_by_its_inner_format(tmp_path: Path) -> None:
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 0) + struct.pack("<H", 1) + bytes(14)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(TONE) * 2) + TONE.tobytes()
    path = tmp_path / "extensible.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    assert list(read_recording(path)) == list(TONE)


def test_what_a_telephone_cannot_carry_does_not_come_back_as_something_else() -> None:
    high = (8000 * np.sin(2 * np.pi * 6000 * np.arange(16000) / 16000)).astype(np.int16)
    assert np.max(np.abs(halve_rate(high)[100:-100])) < 100
