"""Private model directories: a model's big files linked, with our own grammar and settings beside them.

Vosk reads its grammar and its rules from the directory that it opens, so one directory stands for one grammar. They are
named by what they hold and made once; only a worker makes them.
"""

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from voicebot.speech.fst import Machine, symbols
from voicebot.speech.graph import UNKNOWN, Lexicon, pronunciation_graph, read_lexicon, words_file
from voicebot.speech.pruning import pruned

# The recogniser must never end an utterance by itself: an exact grammar would start again in the middle of a number, and
# people pause. We decide when the caller has done. Seconds.
NEVER = 600
ENDPOINT_RULES = (
    *(f"--endpoint.rule{number}.min-trailing-silence={NEVER}" for number in (1, 2, 3, 4)),
    f"--endpoint.rule5.min-utterance-length={NEVER}",
)
# Telephone audio is 8 kHz whatever the model was trained on; without this such a model ends the process.
RESAMPLING = ("--allow-upsample=true", "--allow-downsample=true")
# Nats: what is further behind the best path is not kept. As much as a number must lead by (`agreement.CLEAR_LEAD`); a deeper
# lattice of music or of a noisy minute costs more than it brings (docs/adr/0018-looked-for.md).
LATTICE_BEAM = "--lattice-beam=3.0"
# A lattice is made deterministic once, when an utterance ends (frames). Kaldi would begin after each 60 frames, which keeps a
# worker's other lines waiting for up to a second where sounds are many-voiced, and mostly for nothing: music comes to no number.
AT_THE_END = "--determinize-max-delay=1000000"
# Bytes for what is made of a lattice. Music fits every reading about as well, and would take half a second. Speech has enough:
# only the second network's deeper lattice of 16 digits and more in noise meets it, beyond the likeliest twenty that are used.
LATTICE_MEMORY = "--max-mem=1000000"
# Of the network that is asked for a second opinion. It hears only what may be a number, so that a deeper lattice is cheap, and a
# little behind the first one, so that it can take many frames at a time.
OF_THE_SECOND = ("--lattice-beam=6.0", "--frames-per-chunk=60")
SECOND = "second"
BIG_GRAPH = 20_000_000  # bytes


@dataclass(frozen=True)
class ListeningModel:
    """One language's model as installed, and where its private directories are made. `second`: with its other network."""

    source: Path
    cache: Path
    second: bool = False

    @property
    def network(self) -> Path:
        """The directory of the network's file. A model of ours may bring a second one, for another opinion on the same sound."""
        return self.source / (SECOND if self.second else "am")

    @cached_property
    def lexicon(self) -> Lexicon | None:
        """The words with their sounds, where the model brings them: then any of them can be put into the graph."""
        return read_lexicon(self.source) if (self.source / "lexicon.txt").is_file() else None

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Word -> number in the graph, without the empty word."""
        if self.lexicon is not None:
            return self.lexicon.word_numbers
        return read_words(self.source / "graph")

    @property
    def is_ours(self) -> bool:
        """Whether it was made by the recipe of `models/training`: only such a model brings a lexicon."""
        return self.lexicon is not None

    @cached_property
    def is_big(self) -> bool:
        """Whether it brings a graph of so many words that one cut down to the grammar's is worth making."""
        return self.lexicon is None and (self.source / "graph" / "HCLr.fst").stat().st_size > BIG_GRAPH

    @cached_property
    def fingerprint(self) -> str:
        """Changes when the model does, or what we make of it."""
        stamp = hashlib.sha256(repr((self.source, self._settings, RESAMPLING)).encode())
        if self.lexicon is not None:
            stamp.update(pronunciation_graph(self.lexicon).to_bytes())
        for path in sorted(path for path in self.source.rglob("*") if path.is_file()):
            status = path.stat()
            stamp.update(f"{path.relative_to(self.source)} {status.st_size} {status.st_mtime_ns}\n".encode())
        return stamp.hexdigest()

    @property
    def _settings(self) -> tuple[str, ...]:
        return (*ENDPOINT_RULES, *(OF_THE_SECOND if self.second else (LATTICE_BEAM,)), AT_THE_END, LATTICE_MEMORY)

    def directory(self, grammar: Machine, vocabulary: Collection[str]) -> Path:
        """A directory to open: with `grammar` as its only sentences, of words of this vocabulary."""
        words, content = self._words_of(vocabulary), grammar.to_bytes()

        def fill(place: Path) -> None:
            self._fill(place, words)
            (place / "graph" / "Gr.fst").write_bytes(content)

        return self._made(repr(words).encode() + content, fill)

    @contextmanager
    def in_memory(self, grammar: Machine, vocabulary: Collection[str]) -> Iterator[Path]:
        """The same for a grammar that must not come to a disk: the directory links to a file that is memory of this process
        alone. Both are gone afterwards; what Vosk opened meanwhile goes on. Raises OSError where the system has no such files.
        """
        if not hasattr(os, "memfd_create"):
            raise OSError("this system has no files in memory")
        place = self.cache / f"in-memory.{uuid.uuid4().hex}"
        place.mkdir(parents=True)
        try:
            with os.fdopen(os.memfd_create("grammar"), "wb") as file:
                file.write(grammar.to_bytes())
                file.flush()
                self._fill(place, self._words_of(vocabulary))
                (place / "graph" / "Gr.fst").symlink_to(f"/proc/self/fd/{file.fileno()}")
                yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _words_of(self, vocabulary: Collection[str]) -> list[int]:
        """What a graph is cut down to; nothing where it is not."""
        return sorted(self.numbers[word] for word in {*vocabulary, UNKNOWN} & self.numbers.keys()) if self.is_big else []

    def _made(self, content: bytes, fill: Callable[[Path], None]) -> Path:
        """The directory of this content, which `fill` makes if nobody has yet."""
        name = hashlib.sha256(self.fingerprint.encode() + content).hexdigest()[:32]
        finished = self.cache / name
        if not finished.is_dir():
            unfinished = self.cache / f"{name}.{uuid.uuid4().hex}"
            unfinished.mkdir(parents=True)
            fill(unfinished)
            try:
                unfinished.rename(finished)
            except OSError:  # somebody else was first, with the same content
                shutil.rmtree(unfinished, ignore_errors=True)
        return finished

    def _cut(self, words: Collection[int]) -> Path:
        """The model's graph with only these words. Made once for all grammars of a language: it takes seconds."""

        def fill(place: Path) -> None:
            (place / "HCLr.fst").write_bytes(pruned(self.source / "graph" / "HCLr.fst", words))

        return self._made(repr(words).encode(), fill) / "HCLr.fst"

    def _fill(self, directory: Path, words: Collection[int]) -> None:
        """All but the grammar."""
        graph = directory / "graph"
        graph.mkdir()
        own = {"Gr.fst"}
        if self.is_big:
            own |= {"HCLr.fst"}
            (graph / "HCLr.fst").symlink_to(self._cut(words).resolve())
        if self.lexicon is not None:
            own |= {"HCLr.fst", "words.txt"}
            pronunciation_graph(self.lexicon).write(graph / "HCLr.fst")
            (graph / "words.txt").write_text(words_file(self.lexicon.word_numbers), encoding="utf-8")
        elif not (self.source / "graph" / "words.txt").is_file():  # its words went with the grammar that we replace
            (graph / "words.txt").write_text(words_file(self.numbers), encoding="utf-8")
        _link_all(self.source, directory, leave={"conf", "graph", "am", SECOND})
        (directory / "am").symlink_to(self.network.resolve())
        _link_all(self.source / "graph", graph, leave=own)
        _write_settings(self.source / "conf", directory / "conf", self._settings)


def read_words(graph: Path) -> dict[str, int]:
    """Word -> number of a model's graph, without the empty word: of `words.txt`, or of the table within `Gr.fst`."""
    path = graph / "words.txt"
    if not path.is_file():
        return {word: number for word, number in symbols((graph / "Gr.fst").read_bytes()) if number}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1] != "0"}


def _link_all(source: Path, target: Path, leave: set[str]) -> None:
    for path in source.iterdir():
        if path.name not in leave:
            (target / path.name).symlink_to(path.resolve())


def _write_settings(source: Path, target: Path, settings: tuple[str, ...]) -> None:
    target.mkdir()
    for path in source.iterdir():
        own = {"model.conf": settings, "mfcc.conf": RESAMPLING}.get(path.name)
        if own is None:
            (target / path.name).symlink_to(path.resolve())
            continue
        names = [re.escape(line.split("=")[0]) for line in own]
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not re.match("|".join(names), line)]
        (target / path.name).write_text("\n".join([*kept, *own]) + "\n", encoding="utf-8")
