# ruff: noqa: INP001, T201  # a script that prints what it measured
"""Measures listening on recorded people, through the whole path of a call: `python docs/benchmarks/listening.py [MATERIAL]`.

MATERIAL holds `audio/an4` and `audio/fsdd`; its default is VOICEBOT_TEST_MATERIAL, else `../shared`. Prints the table of
listening.md. Noise and joins come from seed 7.
"""

import csv
import io
import os
import sys
import tempfile
import time
import wave
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from voicebot.dialogue.values import Hearing, Shape  # noqa: E402 - the path is set above
from voicebot.speech import transcribe_files  # noqa: E402 - the same

Sound = npt.NDArray[np.int16]
Change = Callable[[Sound], Sound]
RANDOM = np.random.default_rng(7)
JOINED = 30  # strings of six digits per speaker


def read(source: str | io.BytesIO) -> Sound:
    """The samples of a mono PCM file."""
    with wave.open(source) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def band(low: float, high: float, taps: int = 129) -> npt.NDArray[np.float64]:
    """A filter that lets through what a telephone does."""
    time_axis = np.arange(taps) - taps // 2
    ideal = [2 * edge / 8000 * np.sinc(2 * edge / 8000 * time_axis) for edge in (high, low)]
    return np.asarray((ideal[0] - ideal[1]) * np.hamming(taps))


def phone(noise: float | None) -> Change:
    """300 to 3400 Hz, peak near -9 dBFS, and low-pass noise so many dB below the speech."""

    def change(sound: Sound) -> Sound:
        wide = np.convolve(sound.astype(np.float64), band(300, 3400), "same")
        wide *= 12000 / (np.abs(wide).max() + 1)
        if noise is not None:
            power = np.sqrt(np.mean(wide[np.abs(wide) > 1200] ** 2))
            hiss = np.convolve(RANDOM.normal(0, 1, len(wide)), 0.9 ** np.arange(60))[: len(wide)]
            wide += hiss / hiss.std() * power * 10 ** (-noise / 20)
        return wide.clip(-32768, 32767).astype(np.int16)

    return change


def joined(archive: Path) -> Iterator[tuple[str, Sound]]:
    """Six single digits of one speaker with short pauses."""
    with zipfile.ZipFile(archive) as file:
        names = sorted(name for name in file.namelist() if name.endswith(".wav"))
        takes = {digit: [name for name in names if Path(name).name.startswith(digit)] for digit in "0123456789"}
        for _ in range(JOINED):
            digits = "".join(RANDOM.choice(list("0123456789"), 6))
            parts = [np.zeros(1600, np.int16)]
            for digit in digits:
                parts.append(read(io.BytesIO(file.read(RANDOM.choice(takes[digit])))))
                parts.append(np.zeros(int(RANDOM.uniform(0.05, 0.3) * 8000), np.int16))
            yield digits, np.concatenate(parts)


def report(name: str, clips: list[tuple[str, str, Sound]]) -> None:
    """Clips are (shape, what is right or empty, sound). One row of the table."""
    outcomes: Counter[str] = Counter()
    seconds = []
    began, length = time.perf_counter(), sum(len(sound) for _, _, sound in clips) / 8000
    with tempfile.TemporaryDirectory() as place:
        for shape in sorted({shape for shape, _, _ in clips}):
            chosen = [(right, sound) for asked, right, sound in clips if asked == shape]
            paths = [Path(place) / f"{number}.wav" for number in range(len(chosen))]
            for path, (_, sound) in zip(paths, chosen, strict=True):
                with wave.open(str(path), "wb") as file:
                    file.setparams((1, 2, 8000, 0, "NONE", ""))
                    file.writeframes(sound.tobytes())
            for (right, _), told in zip(chosen, transcribe_files(paths, Shape.parse(shape)), strict=True):
                kind = "nothing" if not told.value or told.decision is Hearing.REJECTED else str(told.decision)
                outcomes[f"{kind} {'right' if told.value == right else 'wrong'}" if kind != "nothing" else kind] += 1
                if kind != "nothing":
                    seconds.append(told.seconds)
    kinds = ("accepted right", "accepted wrong", "confirm right", "confirm wrong", "nothing")
    late = "/".join(f"{value:.2f}" for value in np.percentile(seconds, [50, 95])) if seconds else "-"
    speed = (time.perf_counter() - began) / length
    print(f"| {name} | {len(clips)} | {' | '.join(str(outcomes[kind]) for kind in kinds)} | {late} | {speed:.3f} |", flush=True)


def main(material: Path) -> None:
    """All rows."""
    with (material / "audio" / "an4" / "index.tsv").open(encoding="utf-8", newline="") as rows:
        index = list(csv.DictReader(rows, delimiter="\t"))
    sounds = {row["file"]: read(str(material / "audio" / "an4" / row["file"])) for row in index}
    strings = [(row["digits"], sounds[row["file"]]) for row in index if row["kind"] == "digits"]
    conditions: list[tuple[str, Change]] = [
        ("as recorded", lambda sound: sound), ("telephone", phone(None)), ("15 dB", phone(15)), ("5 dB", phone(5))
    ]  # fmt: skip
    for name, change in conditions:
        report(f"AN4, {name}", [(f"digits:{len(digits)}", digits, change(sound)) for digits, sound in strings])
    report("AN4, length not known (3 to 10)", [("digits:3-10", digits, sound) for digits, sound in strings])
    for more in (1, -1, -2):
        asked = [(f"digits:{len(digits) + more}", "", sound) for digits, sound in strings]
        report(f"AN4, asked for {more:+d} digits", asked)
    for shape in ("digits:4", "digits:8", "commands"):
        report(f"spelled names, {shape}", [(shape, "", sounds[row["file"]]) for row in index if row["kind"] == "spelling"])
    known = {"yes", "no", "help", "repeat"}
    words = [(row["transcript"], sounds[row["file"]]) for row in index if row["kind"] == "command"]
    report("AN4 yes, no, help, repeat", [("commands", word, sound) for word, sound in words if word in known])
    report("AN4 go, start, stop (not ours)", [("commands", "", sound) for word, sound in words if word not in known])
    for archive in sorted((material / "audio" / "fsdd").glob("*.zip")):
        report(f"FSDD joins, {archive.stem}", [("digits:6", digits, sound) for digits, sound in joined(archive)])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VOICEBOT_TEST_MATERIAL", PROJECT.parent / "shared")))
