"""Which recordings a robot can say, and what becomes of them on the way into the telephone."""

import base64
import stat
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from voicebot.errors import AudioRefused
from voicebot.simulator import recording, voice


def wav(body: bytes, *, codec: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, extra: bytes = b"") -> bytes:
    block = channels * bits // 8
    shape = struct.pack("<HHIIHH", codec, channels, rate, rate * block, block, bits)
    inside = b"WAVEfmt " + struct.pack("<I", 16) + shape + extra + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def tone(rate: int, hertz: float, seconds: float = 0.5) -> NDArray[np.float64]:
    return 8000 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def pcm(samples: NDArray[np.float64]) -> bytes:
    return np.rint(samples).astype("<i2").tobytes()


def decoded(frames: tuple[str, ...]) -> NDArray[np.float64]:
    codes = np.frombuffer(b"".join(base64.b64decode(one) for one in frames), dtype=np.uint8)
    return recording._ULAW_TO_PCM[codes].astype(np.float64)


def load(tmp_path: Path, content: bytes) -> NDArray[np.float64]:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    return decoded(recording.load_speech(path))


def test_every_mulaw_code_comes_back_as_itself() -> None:
    codes = np.arange(256, dtype=np.uint8)
    again = np.frombuffer(recording.to_mulaw(recording._ULAW_TO_PCM[codes].astype(np.float64)), dtype=np.uint8)
    assert [code for code in range(256) if again[code] != code] == [127]  # minus zero is plus zero
    assert (recording._ULAW_TO_PCM[0], recording._ULAW_TO_PCM[128], recording._ULAW_TO_PCM[255]) == (-32124, 32124, 0)


def test_a_recording_at_telephone_rate_arrives_as_it_is(tmp_path: Path) -> None:
    samples = tone(8000, 440)
    heard = load(tmp_path, wav(pcm(samples)))[: len(samples)]
    assert np.abs(heard - samples).max() < 300


def test_stereo_is_mixed_and_wide_band_is_brought_to_telephone_rate(tmp_path: Path) -> None:
    wide = tone(16000, 440)
    both = np.stack([wide, np.zeros_like(wide)], axis=1).reshape(-1)
    heard = load(tmp_path, wav(pcm(both), channels=2, rate=16000))
    assert len(heard) == 4000
    expected = tone(8000, 440) / 2
    assert np.abs(heard[200:3800] - expected[200:3800]).max() < 300


def test_what_a_telephone_cannot_carry_is_filtered_and_not_folded_back(tmp_path: Path) -> None:
    heard = load(tmp_path, wav(pcm(tone(16000, 6000)), rate=16000))
    assert np.abs(heard[200:-200]).max() < 400


def test_mulaw_travels_unchanged_and_the_last_frame_is_filled_with_silence(tmp_path: Path) -> None:
    codes = bytes(range(128)) * 2
    path = tmp_path / "a.wav"
    path.write_bytes(wav(codes, codec=7, bits=8))
    sent = b"".join(base64.b64decode(one) for one in recording.load_speech(path))
    assert len(sent) == 320
    assert sent[256:] == b"\xff" * 64
    assert sent[:127] == codes[:127]


def test_other_chunks_and_streamed_lengths_are_read_over(tmp_path: Path) -> None:
    content = wav(pcm(tone(8000, 440)), extra=b"LIST" + struct.pack("<I", 3) + b"abc\x00")
    assert len(load(tmp_path, content)) == 4000
    streamed = wav(pcm(tone(8000, 440))).replace(b"data" + struct.pack("<I", 8000), b"data\xff\xff\xff\xff")
    assert len(load(tmp_path, streamed)) == 4000


def test_an_extensible_header_tells_its_codec_further_back(tmp_path: Path) -> None:
    shape = (
        struct.pack("<HHIIHH", 0xFFFE, 1, 8000, 16000, 2, 16) + struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", 1) + b"\0" * 14
    )
    body = pcm(tone(8000, 440))
    inside = b"WAVEfmt " + struct.pack("<I", len(shape)) + shape + b"data" + struct.pack("<I", len(body)) + body
    assert len(load(tmp_path, b"RIFF" + struct.pack("<I", len(inside)) + inside)) == 4000


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"hello, this is text", "not a WAV file"),
        (b"ID3\x04rest", "an MP3 file"),
        (b"OggS....", "an Ogg file"),
        (b"fLaC....", "a FLAC file"),
        (wav(b"", rate=8000), "without a single sample"),
        (wav(b"\0\0", rate=44100), "44100 Hz"),
        (wav(b"\0\0\0", bits=24), "PCM 24 bit"),
        (wav(b"\0", codec=6, bits=8), "A-law"),
        (wav(b"\0\0\0\0", codec=3, bits=32), "floating-point 32 bit"),
        (wav(b"\0" * 12, channels=6), "6 channels"),
        (wav(b"\0\0")[:20], "broken"),
        (wav(b"\0\0", channels=0), "broken"),
    ],
)
def test_anything_else_is_refused_with_the_files_name_and_what_it_is(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "said.wav"
    path.write_bytes(content)
    with pytest.raises(AudioRefused) as refused:
        recording.load_speech(path)
    assert str(path) in str(refused.value)
    assert what in str(refused.value)
    assert "PCM16 or mu-law" in str(refused.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AudioRefused, match=r"nowhere\.wav: it cannot be read"):
        recording.load_speech(tmp_path / "nowhere.wav")


def test_every_recording_of_the_test_material_can_be_said(material: Path) -> None:
    files = sorted((material / "audio" / "an4").glob("*.wav"))[:20]
    if not files:
        pytest.skip("the test material holds no recordings")
    for path in files:
        wave = recording.read_wave(path.read_bytes(), path.name)
        assert len(recording.load_speech(path)) == -(-round(wave.seconds * 8000) // 160)


def test_a_text_is_spoken_by_the_synthesiser_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kit: Any) -> None:
    said = tmp_path / "said.bin"
    said.write_bytes(wav(pcm(tone(22050, 440)), rate=22050))
    flite = tmp_path / "flite"
    flite.write_text(f'#!/bin/sh\n/bin/cp "{said}" "$4"\n')
    flite.chmod(flite.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert voice.command("hi", Path("x.wav")) == [str(flite), "-t", "hi", "-o", "x.wav"]
    assert len(kit.run(voice.speak("four oh seven"))) == 25
    flite.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(AudioRefused, match="flite could not speak"):
        kit.run(voice.speak("four oh seven"))


def test_without_a_synthesiser_both_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AudioRefused, match="neither flite nor espeak-ng was found"):
        voice.command("hi", Path("x.wav"))
