import io
import struct
import wave

import pytest

from voicebot.config.recordings import fault_of


def pcm(rate: int = 8000, channels: int = 1, width: int = 2, frames: int = 100) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        wav.writeframes(b"\0" * (width * channels * frames))
    return made.getvalue()


def mulaw(kind: int = 7) -> bytes:
    form = struct.pack("<HHIIHH", kind, 1, 8000, 8000, 1, 8)
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # a chunk of odd length is padded
    sound = b"data" + struct.pack("<I", 2) + b"\xff\xff"
    return b"RIFF" + struct.pack("<I", 99) + b"WAVEfmt " + struct.pack("<I", 16) + form + odd + sound


@pytest.mark.parametrize("wav", [pcm(), mulaw()], ids=["PCM16", "µ-law"])
def test_what_the_telephone_can_play_is_taken(wav: bytes) -> None:
    assert fault_of(wav) == ""


@pytest.mark.parametrize(
    ("wav", "said"),
    [
        (pcm(rate=16000), "16-bit PCM, 16000 Hz, 1 channel;"),
        (pcm(channels=2), "8000 Hz, 2 channels;"),
        (pcm(width=1), "8-bit PCM"),
        (mulaw(kind=6), "8-bit A-law"),
        (pcm(frames=0), "holds no sound"),
        (b"ID3 something", "is no WAV file"),
        (b"RIFF\0\0\0\0WAVE", "is a broken WAV file"),
        (b"", "is no WAV file"),
    ],
)
def test_anything_else_is_named(wav: bytes, said: str) -> None:
    assert said in fault_of(wav)
