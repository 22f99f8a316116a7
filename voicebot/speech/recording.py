"""Reads a WAV recording as a telephone would carry it: 8 kHz, one channel. Says plainly what is wrong with any other file."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voicebot.errors import AudioRefused
from voicebot.speech.codec import RATE, Samples, to_samples

TAKEN = "taken are WAV files of 8 or 16 kHz, mono or stereo, PCM 16-bit or µ-law"
PCM, MULAW, EXTENSIBLE = 1, 7, 0xFFFE
BITS = {PCM: 16, MULAW: 8}
FORMATS = {1: "PCM", 2: "ADPCM", 3: "floating point", 6: "A-law", 7: "µ-law", 0x11: "ADPCM", 0x31: "GSM", 0x55: "MP3"}
RATES = (RATE, 2 * RATE)
LONGEST_SECONDS = 600
FILTER_TAPS = 95
FILTER_EDGE = 3700.0  # Hz, below half of the telephone's rate


@dataclass(frozen=True)
class _Format:
    code: int
    channels: int
    rate: int
    bits: int


def read_recording(path: Path) -> Samples:
    """The samples of a recording at 8 kHz, stereo mixed down. Raises AudioRefused: the file, what it is, what is taken."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AudioRefused(f"{path}: cannot be read ({error.strerror})") from error
    return samples_of(content, path)


def samples_of(content: bytes, path: Path) -> Samples:
    """The same of a file's content, which `path` names."""
    form, data = _chunks(path, content)
    if form.code not in BITS:
        raise _refused(path, f"it is {FORMATS.get(form.code, f'of WAV format {form.code}')}")
    if form.bits != BITS[form.code]:
        raise _refused(path, f"it has {form.bits} bits a sample")
    if form.rate not in RATES:
        raise _refused(path, f"it has {form.rate} Hz")
    if form.channels not in (1, 2):
        raise _refused(path, f"it has {form.channels} channels")
    width = form.channels * form.bits // 8
    if len(data) > LONGEST_SECONDS * form.rate * width:
        raise _refused(path, f"it is longer than {LONGEST_SECONDS} seconds")
    data = data[: len(data) // width * width]
    samples = np.frombuffer(data, "<i2").astype(np.int16) if form.code == PCM else to_samples(data)
    if form.channels == 2:
        samples = samples.reshape(-1, 2).astype(np.int32).mean(axis=1).astype(np.int16)
    if not len(samples):
        raise _refused(path, "it holds no sound")
    return halve_rate(samples) if form.rate != RATE else samples


def halve_rate(samples: Samples) -> Samples:
    """16 kHz to 8 kHz: what the lower rate cannot carry is filtered out first (windowed sinc, half-sample error at most)."""
    filtered = np.convolve(samples.astype(np.float64), _low_pass(), "same")[: len(samples)]
    return np.clip(np.rint(filtered[::2]), -32768, 32767).astype(np.int16)


def _low_pass() -> npt.NDArray[np.float64]:
    time = np.arange(FILTER_TAPS) - FILTER_TAPS // 2
    taps = np.sinc(2 * FILTER_EDGE / (2 * RATE) * time) * np.hamming(FILTER_TAPS)
    return np.asarray(taps / taps.sum())


def _refused(path: Path, what: str) -> AudioRefused:
    return AudioRefused(f"{path}: {what}; {TAKEN}")


def _chunks(path: Path, content: bytes) -> tuple[_Format, bytes]:
    """The format and the audio of a RIFF file; chunks of other kinds are skipped, a cut-off last one counts as far as it goes."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise _refused(path, "it is not a WAV file" if content else "it is empty")
    form: _Format | None = None
    position = 12
    while position + 8 <= len(content):
        name, length = content[position : position + 4], struct.unpack_from("<I", content, position + 4)[0]
        body = content[position + 8 : position + 8 + length]
        if name == b"fmt ":
            form = _read_format(path, body)
        elif name == b"data":
            if form is None:
                raise _refused(path, "its format is missing")
            return form, body
        position += 8 + length + length % 2
    raise _refused(path, "it holds no sound")


def _read_format(path: Path, body: bytes) -> _Format:
    if len(body) < 16:
        raise _refused(path, "its format is cut off")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    return _Format(code, channels, rate, bits)
