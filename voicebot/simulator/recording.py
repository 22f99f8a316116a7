"""Recordings: what a caller says into the telephone, and how long the product's own audio lasts. Reads WAV, nothing else.

A spoken file may be 8 or 16 kHz, mono or stereo, PCM16 or mu-law. It must raise AudioRefused for everything else, naming the
file and what it is.
"""

import base64
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import AudioRefused

TELEPHONE_RATE = 8000
FRAME = 160  # samples in 20 ms
SILENCE = base64.b64encode(b"\xff" * FRAME).decode()

_PCM, _FLOAT, _ALAW, _ULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_CODECS = {_PCM: "PCM", _FLOAT: "floating-point", _ALAW: "A-law", _ULAW: "mu-law", 0x11: "ADPCM", 0x31: "GSM", 0x55: "MP3"}
_OTHERS = (
    (b"ID3", "an MP3 file"),
    (b"\xff\xfb", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"fLaC", "a FLAC file"),
    (b"RIFX", "a big-endian WAV file"),
    (b"FORM", "an AIFF file"),
    (b".snd", "an AU file"),
    (b"NIST_1A", "a NIST Sphere file"),
)
_TAKEN = "taken are WAV files, 8 or 16 kHz, mono or stereo, PCM16 or mu-law"


@dataclass(frozen=True)
class Wave:
    """What a WAV file holds. `body` is the samples as they stand in the file."""

    codec: int
    channels: int
    rate: int
    bits: int
    body: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.body) / (self.rate * self.channels * self.bits / 8)

    def __str__(self) -> str:
        codec = _CODECS.get(self.codec, f"codec {self.codec:#x}")
        bits = f" {self.bits} bit" if self.codec in (_PCM, _FLOAT) else ""
        return f"{codec}{bits}, {self.rate} Hz, {self.channels} channel{'s' if self.channels != 1 else ''}"


def read_wave(content: bytes, name: str) -> Wave:
    """Read a WAV file's chunks. Raises AudioRefused, naming `name`, where it is none or is broken."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        what = next((what for start, what in _OTHERS if content.startswith(start)), "not a WAV file" if content else "empty")
        raise AudioRefused(f"{name}: it is {what}; {_TAKEN}")
    shape: tuple[int, int, int, int] | None = None
    for kind, body in _chunks(content):
        if kind == b"fmt " and len(body) >= 16:
            codec, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            if codec == _EXTENSIBLE and len(body) >= 26:
                codec = struct.unpack("<H", body[24:26])[0]
            shape = (codec, channels, rate, bits)
        if kind == b"data" and shape is not None:
            if not (shape[1] and shape[2] and shape[3]):
                break
            return Wave(*shape, body)
    raise AudioRefused(f"{name}: it is a broken WAV file (no {'samples' if shape else 'format'} in it); {_TAKEN}")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        kind, size = content[at : at + 4], struct.unpack("<I", content[at + 4 : at + 8])[0]
        yield kind, content[at + 8 : at + 8 + size]  # a size of "unknown" (all ones) simply reads to the end
        at += 8 + size + size % 2


def load_speech(path: Path) -> tuple[str, ...]:
    """A recording as media payloads: mu-law, 8 kHz, 20 ms each, base64. Raises AudioRefused."""
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise AudioRefused(f"{path}: it cannot be read ({wrong.strerror}); {_TAKEN}") from None
    wave = read_wave(content, str(path))
    if wave.rate not in (8000, 16000) or wave.channels not in (1, 2):
        raise AudioRefused(f"{path}: it is {wave}; {_TAKEN}")
    return speech_frames(wave, str(path))


def speech_frames(wave: Wave, name: str) -> tuple[str, ...]:
    """A wave of any rate as media payloads. Raises AudioRefused where its codec is not PCM16 or mu-law, or it is empty."""
    match wave.codec, wave.bits:
        case 1, 16:
            samples = np.frombuffer(wave.body[: len(wave.body) // 2 * 2], dtype="<i2").astype(np.float64)
        case 7, 8:
            samples = _ULAW_TO_PCM[np.frombuffer(wave.body, dtype=np.uint8)].astype(np.float64)
        case _:
            raise AudioRefused(f"{name}: it is {wave}; {_TAKEN}")
    samples = samples[: len(samples) // wave.channels * wave.channels].reshape(-1, wave.channels).mean(axis=1)
    if not len(samples):
        raise AudioRefused(f"{name}: it is a WAV file without a single sample; {_TAKEN}")
    return frames_of(to_mulaw(_to_telephone_rate(samples, wave.rate)))


def frames_of(mulaw: bytes) -> tuple[str, ...]:
    """Cut mu-law into base64 payloads of 20 ms; the last one is filled with silence."""
    padded = mulaw + b"\xff" * (-len(mulaw) % FRAME)
    return tuple(base64.b64encode(padded[at : at + FRAME]).decode() for at in range(0, len(padded), FRAME))


def _to_telephone_rate(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    if rate == TELEPHONE_RATE:
        return samples
    if rate > TELEPHONE_RATE:
        samples = np.convolve(samples, _low_pass(3700 / rate), mode="same")
    at = np.arange(int(len(samples) * TELEPHONE_RATE / rate)) * (rate / TELEPHONE_RATE)
    resampled: NDArray[np.float64] = np.interp(at, np.arange(len(samples)), samples)
    return resampled


def _low_pass(cutoff: float, taps: int = 63) -> NDArray[np.float64]:
    """A windowed-sinc filter; `cutoff` as a share of the sampling rate."""
    at = np.arange(taps) - (taps - 1) / 2
    kernel: NDArray[np.float64] = np.sinc(2 * cutoff * at) * np.hamming(taps)
    kernel /= kernel.sum()
    return kernel


def _expansion() -> NDArray[np.int16]:
    """Mu-law codes to PCM16. Source: ITU-T G.711."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_ULAW_TO_PCM = _expansion()


def pcm_of(mulaw: bytes) -> NDArray[np.int16]:
    """PCM16 values of mu-law codes."""
    return _ULAW_TO_PCM[np.frombuffer(mulaw, dtype=np.uint8)]


def to_mulaw(samples: NDArray[np.float64]) -> bytes:
    """PCM16 values to mu-law codes. Source: ITU-T G.711."""
    limited = np.clip(np.rint(samples), -32635, 32635).astype(np.int32)
    biased = np.abs(limited) + 0x84
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    code: NDArray[np.uint8] = ~(np.where(limited < 0, 0x80, 0) | (exponent << 4) | mantissa).astype(np.uint8)
    return code.tobytes()
