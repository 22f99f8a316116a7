"""Vosk, and nothing else of it anywhere. Runs in a worker process only: Vosk can end the process that it runs in.

A decoder belongs to one thread. Grammars are never empty, lists are plain UTF-8 JSON, and every word is one that the model
knows: each of these would otherwise cost the process or, silently, the words.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path as Directory
from typing import Any, Protocol

import numpy as np
import vosk

from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Shape, ShapeKind
from voicebot.speech.agreement import Path
from voicebot.speech.codec import RATE, Samples
from voicebot.speech.hiss import LOUDNESS, Hiss
from voicebot.speech.listening import ListeningModel
from voicebot.speech.loop import free_loop
from voicebot.speech.shapes import acceptor, customers_acceptor, fitting_acceptor

# Models with a grammar of their own: a few megabytes a piece, of Vosk's own a seventh of a gigabyte.
MOST_OPEN = 48
MOST_OPEN_BIG = 12
MOST_PATHS = 20
EXACT = (ShapeKind.DIGITS, ShapeKind.PHONE)  # what an exact number of digits is asked for


class Decoder(Protocol):
    """One utterance through one grammar."""

    def hear(self, samples: Samples) -> None:
        """8 kHz samples, in order."""
        ...

    def words(self) -> str:
        """The words so far; they may change yet."""
        ...


class ExactDecoder(Decoder, Protocol):
    """One that can also tell what else it may have been."""

    def paths(self) -> tuple[Path, ...]:
        """What it may have been, likeliest first. Ends the utterance."""
        ...


DecoderPair = tuple[ExactDecoder, Decoder]  # exact, free


@dataclass(frozen=True)
class Fitting:
    """A check digit, and how to open an exact decoder that hears only numbers which it fits."""

    check: CheckDigit
    open_exact: Callable[[], ExactDecoder]


@dataclass(frozen=True)
class Known:
    """The numbers that customers have, and how to open an exact decoder that hears no others."""

    numbers: frozenset[str] = field(repr=False)
    open_exact: Callable[[], ExactDecoder]


class VoskDecoder:
    """A Kaldi recogniser, with a hiss under what it hears. Joins the pieces if it should end an utterance by itself."""

    def __init__(self, model: Any, hiss: Hiss) -> None:
        self._recogniser, self._hiss = vosk.KaldiRecognizer(model, RATE), hiss
        self._recogniser.SetMaxAlternatives(MOST_PATHS)
        self._settled: list[str] = []

    def hear(self, samples: Samples) -> None:
        """Decode; about a hundredth of the audio's own time."""
        if len(samples) and self._recogniser.AcceptWaveform(self._hiss.under(samples).tobytes()):
            self._settled += [path.words for path in _paths(self._recogniser.Result())[:1]]

    def words(self) -> str:
        """The best path now. Vosk's final result is not asked for: it averages over paths, and doubles a long "oh"."""
        partial = json.loads(self._recogniser.PartialResult()).get("partial", "")
        return " ".join(filter(None, [*self._settled, partial]))

    def paths(self) -> tuple[Path, ...]:
        """Those within the lattice's beam; nothing of an utterance that was cut up, whose pieces have lists of their own."""
        return () if self._settled else _paths(self._recogniser.FinalResult())


def _paths(result: str) -> tuple[Path, ...]:
    """What Vosk calls the confidence of an alternative is the logarithm of its likelihood."""
    found = json.loads(result).get("alternatives", [])
    return tuple(Path(" ".join(one.get("text", "").split()), float(one.get("confidence", 0.0))) for one in found)


class DecoderShelf:
    """Opens decoders for one language's model and keeps what is costly. One thread at a time."""

    def __init__(self, source: Directory, cache: Directory) -> None:
        vosk.SetLogLevel(-1)
        self._model = ListeningModel(source, cache)
        second = ListeningModel(source, cache, second=True)
        self._second = second if second.network.is_dir() else None
        self._opened: OrderedDict[Directory, Any] = OrderedDict()
        self._most = MOST_OPEN_BIG if self._model.is_big else MOST_OPEN
        # Directories, not machines: to find that of a machine, all of it is written out, which takes up to a third of a second.
        self._fitting: dict[tuple[Shape, Grammar, CheckDigit], Directory | None] = {}
        self._places: dict[tuple[Shape, Grammar, int], tuple[Directory, Directory]] = {}
        self._second_places: dict[tuple[Shape, Grammar], Directory] = {}

    def pair(self, shape: Shape, grammar: Grammar) -> DecoderPair:
        """Fresh decoders for one utterance of this shape: the exact grammar, and the free loop beside it."""
        exact, free = self._places_of(shape, grammar)
        return self._decoder(exact), self._decoder(free)

    def opener(self, shape: Shape, grammar: Grammar) -> Callable[[], DecoderPair]:
        """`pair`, prepared: what is costly is done now."""
        for place in self._places_of(shape, grammar):
            self._open(place)
        return lambda: self.pair(shape, grammar)

    def fitting(self, shape: Shape, grammar: Grammar, check: CheckDigit) -> Fitting | None:
        """For numbers of this shape; None where there is no check digit, or no grammar of it."""
        key = (shape, grammar, check)
        if key not in self._fitting:
            if len(self._fitting) >= MOST_OPEN:
                self._fitting.clear()
            machine = fitting_acceptor(shape, grammar, self._model.numbers, check)
            self._fitting[key] = None if machine is None else self._model.directory(machine, vocabulary(grammar))
        place = self._fitting[key]
        if place is None:
            return None
        self._open(place)
        return Fitting(check, lambda: self._decoder(place))

    def second(self, shape: Shape, grammar: Grammar) -> Callable[[], ExactDecoder] | None:
        """The exact grammar with the model's other network, prepared; None where it has none."""
        if self._second is None or shape.kind not in EXACT:
            return None
        key = (shape, grammar)
        if key not in self._second_places:
            if len(self._second_places) >= MOST_OPEN:
                self._second_places.clear()
            machine = acceptor(shape, grammar, self._model.numbers, datetime.now(UTC).date())
            self._second_places[key] = self._second.directory(machine, vocabulary(grammar))
            self._decoder(self._second_places[key]).hear(np.zeros(RATE, np.int16))  # a network that cannot hear shows it now
        place = self._second_places[key]
        self._open(place)
        return lambda: self._decoder(place)

    def known(self, shape: Shape, grammar: Grammar, customers: Collection[str]) -> Known | None:
        """For these numbers, which come to no disk; None where they are too many. May be called on another thread."""
        machine = customers_acceptor(shape, grammar, self._model.numbers, customers)
        if machine is None:
            return None
        with self._model.in_memory(machine, vocabulary(grammar)) as place:
            opened = vosk.Model(str(place))
        return Known(frozenset(customers), lambda: self._opened_decoder(opened))

    def _places_of(self, shape: Shape, grammar: Grammar) -> tuple[Directory, Directory]:
        today = datetime.now(UTC).date()
        key = (shape, grammar, today.year)  # of which a date's years are counted
        if key not in self._places:
            if len(self._places) >= MOST_OPEN:
                self._places.clear()
            numbers, words = self._model.numbers, vocabulary(grammar)
            free = free_loop(shape, grammar, numbers)
            if not free.arcs[0]:
                raise ValueError("the model knows no word of this grammar")
            exact = acceptor(shape, grammar, numbers, today)
            self._places[key] = self._model.directory(exact, words), self._model.directory(free, words)
        return self._places[key]

    def _decoder(self, place: Directory) -> VoskDecoder:
        return self._opened_decoder(self._open(place))

    def _opened_decoder(self, model: Any) -> VoskDecoder:
        return VoskDecoder(model, Hiss(LOUDNESS if self._model.is_ours else 0.0))

    def _open(self, place: Directory) -> Any:
        if place not in self._opened:
            while len(self._opened) >= self._most:
                self._opened.popitem(last=False)
            self._opened[place] = vosk.Model(str(place))
        self._opened.move_to_end(place)
        return self._opened[place]
