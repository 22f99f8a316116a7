"""A recording as somebody has it, as one that the telephone plays: WAV, 8000 Hz, mono, 16-bit PCM."""

import io
import wave

import numpy as np
import soundfile
import soxr

from voicebot.config.recordings import RATE
from voicebot.errors import ConfigError

TAKEN = ("WAV", "WAVEX", "AIFF", "FLAC", "OGG", "MP3")
LONGEST = 60  # seconds
HIGHEST_RATE, MOST_CHANNELS = 192_000, 8
SILENT = 0.003  # of full scale, about -50 dB: the loudest sample of something that nobody would hear
LOUDEST = 0.98  # after a change of rate, peaks may overshoot
WANTED = "send WAV, FLAC, OGG or MP3 of at most a minute"


def for_telephone(upload: bytes) -> bytes:
    """Mixed to one channel, at the telephone's rate, as loud as it was. Raises ConfigError with what is wrong, in words."""
    if not upload:
        raise ConfigError(f"is empty; {WANTED}")
    try:
        with soundfile.SoundFile(io.BytesIO(upload)) as file:
            sound, rate = _read(file)
    except soundfile.LibsndfileError:
        raise ConfigError(f"is no recording that can be read; {WANTED}") from None
    mono = sound.mean(axis=1)
    if not len(mono) or float(np.abs(mono).max()) < SILENT:
        raise ConfigError("is silent: nobody would hear anything")
    return _wav(soxr.resample(mono, rate, RATE, quality="VHQ") if rate != RATE else mono)


def _read(file: soundfile.SoundFile) -> "tuple[np.ndarray, int]":
    """Its samples by channel, from -1 to 1. No more is unpacked than may be in it, whatever it claims."""
    if file.format not in TAKEN:
        raise ConfigError(f"is {file.format}; {WANTED}")
    if file.samplerate > HIGHEST_RATE or file.channels > MOST_CHANNELS:
        raise ConfigError(f"has {file.channels} channels at {file.samplerate} Hz, which no recording of speech has; {WANTED}")
    most = LONGEST * file.samplerate
    sound = file.read(frames=most + 1, dtype="float32", always_2d=True)
    if len(sound) > most:
        raise ConfigError(f"is longer than {LONGEST} seconds")
    return np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), file.samplerate


def _wav(sound: np.ndarray) -> bytes:
    peak = float(np.abs(sound).max())
    level = sound if peak <= LOUDEST else sound * (LOUDEST / peak)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((level * 32767).astype("<i2").tobytes())
    return out.getvalue()
