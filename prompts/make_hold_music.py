"""Makes the hold music: soft chords in four pieces of eight seconds that go on where the last one ended, round and round.

    .venv/bin/python prompts/make_hold_music.py prompts/en

Writes hold.wav, hold.2.wav … as the telephone plays them (8000 Hz, mono, µ-law). Made by rule, so nobody's rights are in it.
"""

import struct
import sys
from pathlib import Path

import numpy as np

RATE = 8000
PIECES = 4
PIECE_SECONDS = 8
CHORD_SECONDS = 4
RELEASE_SECONDS = 1.5  # a chord fades while the next one comes
LEVEL_DBFS = -20.0
# Notes in semitones from A4 (440 Hz), low to high; each chord keeps some notes of the one before, so that nothing jumps.
CHORDS = (
    (-21, -9, -5, -2, 2),  # C major seventh
    (-24, -9, -5, -2, 0),  # A minor seventh
    (-28, -12, -9, -4, 0),  # F major seventh
    (-26, -14, -9, -2, 2),  # G sixth
    (-21, -9, -5, 2, 3),  # C, its third above
    (-17, -10, -5, -2, 2),  # E minor seventh
    (-28, -12, -7, -4, 0),  # F sixth
    (-26, -10, -7, -2, 2),  # G seventh
)
OVERTONES = ((1, 1.0), (2, 0.28), (3, 0.12), (4, 0.05))


def loop() -> np.ndarray:
    """All pieces in one go; what fades out at the end fades in at the beginning, so the loop has no seam."""
    sound = np.zeros(RATE * PIECE_SECONDS * PIECES)
    length = int(RATE * (CHORD_SECONDS + RELEASE_SECONDS))
    for number, notes in enumerate(CHORDS):
        chord = sum(tone(440.0 * 2 ** (note / 12), length) for note in notes) * swell(length)
        places = (np.arange(length) + number * CHORD_SECONDS * RATE) % len(sound)
        np.add.at(sound, places, chord)
    return sound * 10 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(sound**2))


def tone(hertz: float, length: int) -> np.ndarray:
    """One note with a few overtones, as far as a telephone carries them."""
    time = np.arange(length) / RATE
    parts = [(n * hertz, loudness) for n, loudness in OVERTONES if n * hertz < 3400]
    return sum(loudness * np.sin(2 * np.pi * pitch * time) for pitch, loudness in parts)


def swell(length: int) -> np.ndarray:
    """In softly, out softly."""
    attack, release = int(RATE * 1.0), int(RATE * RELEASE_SECONDS)
    shape = np.ones(length)
    shape[:attack] = np.sin(np.linspace(0, np.pi / 2, attack)) ** 2
    shape[-release:] = np.cos(np.linspace(0, np.pi / 2, release)) ** 2
    return shape


def mulaw(sound: np.ndarray) -> bytes:
    """µ-law bytes (ITU-T G.711) of samples from -1 to 1."""
    pcm = np.clip(np.round(sound * 32767), -32635, 32635).astype(int)
    magnitude = np.abs(pcm) + 132
    exponent = np.floor(np.log2(magnitude)).astype(int) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(pcm < 0, 0x80, 0)
    return (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()


def wav(sound: bytes) -> bytes:
    """A WAV file of µ-law bytes."""
    form = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)
    fact = struct.pack("<I", len(sound))
    chunks = ((b"fmt ", form), (b"fact", fact), (b"data", sound))
    body = b"".join(name + struct.pack("<I", len(part)) + part for name, part in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def main(place: Path) -> None:
    """Write all pieces."""
    for number, piece in enumerate(np.split(loop(), PIECES), start=1):
        path = place / ("hold.wav" if number == 1 else f"hold.{number}.wav")
        path.write_bytes(wav(mulaw(piece)))
        print(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_hold_music.py DIRECTORY")
    main(Path(sys.argv[1]))
