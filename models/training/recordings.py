"""Reads an index of recordings and the recordings, and names all that is wrong with them. Needs numpy, nothing else.

An index is a table `index.tsv` with a heading: `file`, `speaker`, `transcript` and, if the files lie in archives, `archive` (a
zip beside the index, without `.zip`). An empty transcript is noise.
"""

import csv
import functools
import io
import re
import wave
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.int16]
RATE = 8000
NEEDED = ("file", "speaker", "transcript")
SHOWN = 12  # complaints before "and so many more"
WORD = re.compile(r"[a-z][a-z'-]*")


class RecordingsRefused(Exception):
    """Recordings that cannot be trained on. The text names each line and what to do."""


class Kind(StrEnum):
    """What a clip is: a string of words, a word spoken alone, a digit cut out of a string, synthetic, no speech."""

    SPEECH = "speech"
    WORD = "word"
    DIGIT = "digit"
    SYNTHETIC = "synthetic"
    NEURAL = "neural"
    NOISE = "noise"


@dataclass(frozen=True)
class Clip:
    """A recording: 8 kHz, its words in order, none for noise."""

    kind: Kind
    speaker: str
    words: tuple[str, ...]
    sound: Sound = field(repr=False, compare=False)


@dataclass(frozen=True)
class _Row:
    line: int
    collection: str
    file: str
    speaker: str
    words: tuple[str, ...]


def read_recordings(directory: Path, is_known: Callable[[str], bool]) -> list[Clip]:
    """Every clip of the index in `directory`. `is_known` says whether a word has sounds.

    Raises RecordingsRefused, with all that is wrong at once.
    """
    wrong: list[str] = []
    rows = list(_rows(directory / "index.tsv", is_known, wrong))
    alone = _collections_of_single_words(rows)
    clips = []
    for row in rows:
        try:
            sound = _sound(directory, row)
        except RecordingsRefused as error:
            wrong.append(f"line {row.line}: {error}")
            continue
        kind = Kind.NOISE if not row.words else Kind.WORD if row.collection in alone else Kind.SPEECH
        clips.append(Clip(kind, row.speaker, row.words, sound))
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise RecordingsRefused("\n  ".join([f"{directory / 'index.tsv'}:", *wrong[:SHOWN], *more]))
    return clips


def _rows(index: Path, is_known: Callable[[str], bool], wrong: list[str]) -> Iterator[_Row]:
    if not index.is_file():
        raise RecordingsRefused(f"there is no {index}: it says of each recording its {', '.join(NEEDED)}, tab between them")
    with index.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t")
        missing = [name for name in NEEDED if name not in (table.fieldnames or ())]
        if missing:
            raise RecordingsRefused(f"{index}: its heading lacks {', '.join(missing)} (columns are separated by tabs)")
        for row in table:
            words = tuple((row["transcript"] or "").lower().split())
            if complaint := _complaint(row, words, is_known):
                wrong.append(f"line {table.line_num}: {complaint}")
            else:
                yield _Row(table.line_num, row.get("archive") or "", row["file"], row["speaker"], words)


def _complaint(row: dict[str, str], words: Sequence[str], is_known: Callable[[str], bool]) -> str:
    if not row["file"] or (words and not row["speaker"]):
        return "no file or no speaker is named; speakers decide what may be tested"
    if odd := [word for word in words if not WORD.fullmatch(word)]:
        return f"'{odd[0]}' is no word: write what is said, digits too, as words without punctuation"
    if unknown := [word for word in words if not is_known(word)]:
        return f"nobody knows how '{unknown[0]}' sounds: add it to the model's lexicon.txt, or leave the clip out"
    return ""


def _collections_of_single_words(rows: Sequence[_Row]) -> set[str]:
    """Archives whose clips hold one word each. What lies in no archive counts as strings."""
    longest: dict[str, int] = {}
    for row in rows:
        longest[row.collection] = max(longest.get(row.collection, 0), len(row.words))
    return {collection for collection, most in longest.items() if collection and most == 1}


@functools.lru_cache(maxsize=8)
def _archive(path: Path) -> zipfile.ZipFile:
    """Opened once: thousands of clips lie in one archive, and its list of files is long."""
    return zipfile.ZipFile(path)


def _sound(directory: Path, row: _Row) -> Sound:
    try:
        if row.collection:
            archive = _archive(directory / f"{row.collection}.zip")
            return samples(io.BytesIO(archive.read(row.file)), row.file)
        return samples(io.BytesIO((directory / row.file).read_bytes()), row.file)
    except (FileNotFoundError, IsADirectoryError, KeyError):
        raise RecordingsRefused(f"{Path(row.collection, row.file)} is not there") from None
    except zipfile.BadZipFile:
        raise RecordingsRefused(f"{row.collection}.zip is no zip archive") from None


def samples(content: io.BytesIO, name: str) -> Sound:
    """The samples of a WAV of 8 kHz, mono, 16 bits; RecordingsRefused says how to make one of another."""
    try:
        with wave.open(content) as file:
            made = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16) if made == (RATE, 1, 2) else None
    except (wave.Error, EOFError) as error:
        raise RecordingsRefused(f"{name} is no WAV file ({error or 'it is cut off'})") from None
    if sound is None:
        found = f"{made[0]} Hz, {made[1]} channel(s), {8 * made[2]} bits"
        raise RecordingsRefused(f"{name} has {found}: `sox {name} -r 8000 -c 1 -b 16 new.wav` makes what is needed")
    if not sound.any():
        raise RecordingsRefused(f"{name} holds no sound")
    return sound
