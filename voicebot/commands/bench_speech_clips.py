"""What `bench speech` lets the ear hear: recorded people over a simulated telephone, and sound that says nothing.

The recordings are test material of AN4 and FSDD and no part of the project. All chance comes from one seed, so that two runs
hear the same.
"""

import csv
import hashlib
import io
import shutil
import subprocess
import wave
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voicebot.errors import VoicebotError

Sound = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float64]
RATE = 8000
SEED = 7
LOUD = 12000  # peak of what a telephone carries, near -9 dBFS
SPOKEN = 1200  # samples above this are speech when its power is taken
BAND = (300, 3400)  # Hz, what a telephone lets through
JOINED = 30  # strings of six digits per speaker
NOISES = 20  # clips of each kind of sound that says nothing
NOISE_SECONDS = 5
VOICES = 8  # that speak at once in babble
OURS = ("yes", "no", "help", "repeat")  # the commands of AN4 that are also ours
PHONE = "telephone"
CONDITIONS: dict[str, float | None] = {PHONE: None, "telephone, 15 dB": 15, "telephone, 5 dB": 5}


# What a mobile network and a call over the internet do to a voice: ffmpeg's encoder and container.
CODECS = {"GSM": ["-c:a", "libgsm", "-f", "gsm"], "Opus, 12 kbit/s": ["-c:a", "libopus", "-b:a", "12k", "-f", "ogg"]}
PLAIN = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"]


class ClipsMissing(VoicebotError):
    """There are no recordings of people here. The text says where they were looked for."""


@dataclass(frozen=True)
class Clip:
    """One answer. `group` is its row in the table; `right` is what was said, empty where nothing may be accepted."""

    group: str
    speaker: str
    shape: str
    right: str
    sound: Sound = field(repr=False, compare=False)


def half_of(speaker: str) -> str:
    """`development` or `report`: thresholds are chosen on the first half of the speakers and told of the second."""
    return "report" if hashlib.sha256(speaker.encode()).digest()[0] % 2 else "development"


def all_clips(material: Path, *, codecs: bool = True) -> list[Clip]:
    """Every clip of every row, those through CODECS only if wanted. `material` holds `an4` and `fsdd`. Raises ClipsMissing."""
    index = material / "an4" / "index.tsv"
    if not index.is_file():
        raise ClipsMissing(f"there is no {index}: name the directory that holds an4 and fsdd")
    chance = np.random.default_rng(SEED)
    with index.open(encoding="utf-8", newline="") as lines:
        rows = [(row, read(str(material / "an4" / row["file"]))) for row in csv.DictReader(lines, delimiter="\t")]
    said = _strings(rows, chance, codecs=codecs and can_code())
    return [*said, *_others(rows, chance), *_joins(material / "fsdd", chance), *_sounds(rows, chance)]


def read(source: str | io.BytesIO) -> Sound:
    """The samples of a mono PCM file."""
    with wave.open(source) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def written(clip: Clip, path: Path) -> Path:
    """This path, with the clip's sound in it."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(clip.sound.tobytes())
    return path


def telephone(sound: Sound, noise: float | None, chance: np.random.Generator) -> Sound:
    """300 to 3400 Hz at a telephone's level, with low-pass noise so many dB below the speech. µ-law is the ear's own."""
    wide = np.convolve(sound.astype(np.float64), _band(), "same")
    wide *= LOUD / (np.abs(wide).max() + 1)
    if noise is not None:
        power = np.sqrt(np.mean(wide[np.abs(wide) > SPOKEN] ** 2))
        hiss = np.convolve(chance.normal(0, 1, len(wide)), 0.9 ** np.arange(60))[: len(wide)]
        wide += hiss / hiss.std() * power * 10 ** (-noise / 20)
    return _samples(wide)


def can_code() -> bool:
    """Whether ffmpeg is here; without it GSM and Opus are not measured."""
    return shutil.which("ffmpeg") is not None


def coded(sound: Sound, options: Sequence[str]) -> Sound:
    """The same through one of CODECS and back. Raises ClipsMissing if this ffmpeg cannot."""
    quiet = ["ffmpeg", "-hide_banner", "-loglevel", "error"]
    try:
        encode = [*quiet, *PLAIN, "-i", "pipe:0", *options, "pipe:1"]
        sent = subprocess.run(encode, input=sound.tobytes(), capture_output=True, check=True).stdout
        decode = [*quiet, "-f", options[-1], "-i", "pipe:0", *PLAIN, "pipe:1"]
        return np.frombuffer(subprocess.run(decode, input=sent, capture_output=True, check=True).stdout, np.int16)
    except subprocess.CalledProcessError as error:
        raise ClipsMissing(f"ffmpeg cannot encode with {options[1]}: {error.stderr.decode(errors='replace').strip()}") from None


def _band(taps: int = 129) -> Wave:
    time = np.arange(taps) - taps // 2
    low, high = (2 * edge / RATE * np.sinc(2 * edge / RATE * time) for edge in BAND)
    return np.asarray((high - low) * np.hamming(taps))


def _samples(sound: Wave) -> Sound:
    return sound.clip(-32768, 32767).astype(np.int16)


Rows = Sequence[tuple[dict[str, str], Sound]]


def _strings(rows: Rows, chance: np.random.Generator, *, codecs: bool) -> Iterator[Clip]:
    """Digit strings: as recorded and over telephones, and on a clean telephone with other lengths asked for."""
    said = [(row["speaker"], row["digits"], sound) for row, sound in rows if row["kind"] == "digits"]
    for speaker, digits, sound in said:
        yield Clip("AN4, as recorded", speaker, f"digits:{len(digits)}", digits, sound)
        for name, noise in CONDITIONS.items():
            yield Clip(f"AN4, {name}", speaker, f"digits:{len(digits)}", digits, telephone(sound, noise, chance))
        clean = telephone(sound, None, chance)
        for name, options in CODECS.items() if codecs else ():
            yield Clip(f"AN4, {name}", speaker, f"digits:{len(digits)}", digits, coded(clean, options))
        yield Clip("AN4, length not known (3 to 10)", speaker, "digits:3-10", digits, clean)
        yield Clip("AN4, one digit more than asked for", speaker, f"digits:{len(digits) - 1}", "", clean)


def _others(rows: Rows, chance: np.random.Generator) -> Iterator[Clip]:
    """Commands, and spelled names where a number was asked for."""
    for row, sound in rows:
        clean = telephone(sound, None, chance)
        if row["kind"] == "spelling":
            for shape in ("digits:4", "digits:8"):
                yield Clip(f"spelled names, {shape}", row["speaker"], shape, "", clean)
        elif row["kind"] == "command" and row["transcript"] in OURS:
            yield Clip(f"AN4 {', '.join(OURS)}", row["speaker"], "commands", row["transcript"], clean)
        elif row["kind"] == "command":
            yield Clip("AN4 words that are no command", row["speaker"], "commands", "", clean)


def _joins(archives: Path, chance: np.random.Generator) -> Iterator[Clip]:
    """Six single digits of one speaker with short pauses, over a clean telephone."""
    for archive in sorted(archives.glob("*.zip")):
        with zipfile.ZipFile(archive) as file:
            names = sorted(name for name in file.namelist() if name.endswith(".wav"))
            takes = {digit: [name for name in names if Path(name).name.startswith(digit)] for digit in "0123456789"}
            for _ in range(JOINED):
                digits = "".join(chance.choice(list("0123456789"), 6))
                parts = [np.zeros(RATE // 5, np.int16)]
                for digit in digits:
                    parts.append(read(io.BytesIO(file.read(str(chance.choice(takes[digit]))))))
                    parts.append(np.zeros(int(chance.uniform(0.05, 0.3) * RATE), np.int16))
                yield Clip("FSDD, joined", archive.stem, "digits:6", digits, telephone(np.concatenate(parts), None, chance))


def _sounds(rows: Rows, chance: np.random.Generator) -> Iterator[Clip]:
    """Sound that says no number, where four digits are asked for. Each clip counts as a speaker of its own."""
    spelled = [sound for row, sound in rows if row["kind"] == "spelling"]
    for number in range(NOISES):
        made = {
            "babble": _babble(spelled, chance),
            "ringback": _tones([440, 480], 2.0),
            "music": _music(chance),
            "keys pressed": _keys(chance),
            "white noise": chance.normal(0, 1, NOISE_SECONDS * RATE),
        }
        for name, sound in made.items():
            level = LOUD * 10 ** (-chance.uniform(0, 20) / 20) / (np.abs(sound).max() + 1e-9)
            yield Clip(name, f"{name} {number}", "digits:4", "", _samples(sound * level))


def _babble(spelled: Sequence[Sound], chance: np.random.Generator) -> Wave:
    sound = np.zeros(NOISE_SECONDS * RATE)
    for voice in chance.choice(len(spelled), VOICES, replace=False):
        sound += np.resize(spelled[voice].astype(np.float64), len(sound)) / np.abs(spelled[voice]).max()
    return sound


def _tones(hertz: Sequence[float], seconds: float, length: float = NOISE_SECONDS) -> Wave:
    """These tones at once for so many seconds, then silence up to `length`."""
    time = np.arange(int(length * RATE)) / RATE
    return np.asarray(sum(np.sin(2 * np.pi * one * time) for one in hertz) * (time < seconds))


def _music(chance: np.random.Generator) -> Wave:
    """Chords of three notes of a major scale, four a second."""
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    return np.concatenate([_tones(list(chance.choice(scale, 3)), 0.22, 0.25) for _ in range(4 * NOISE_SECONDS)])


def _keys(chance: np.random.Generator) -> Wave:
    """Keys of a telephone, two a second."""
    low, high = (697, 770, 852, 941), (1209, 1336, 1477)
    pressed = [[float(chance.choice(low)), float(chance.choice(high))] for _ in range(2 * NOISE_SECONDS)]
    return np.concatenate([_tones(pair, 0.2, 0.5) for pair in pressed])
