"""The pronunciation graph of a model that brings a lexicon: words to phones to the network's outputs, made in milliseconds.

Holds for models trained as ours is: each phone is one state with a self-loop, a blank may stand between any two (CTC), and
the plain phones make a loop for what is not a word (`[unk]`). Never touches other models' graphs.

Run as `python -m voicebot.speech.graph MODEL_DIRECTORY` it writes the model's own graph from its `lexicon.txt`.
"""

import math
import sys
from dataclasses import dataclass
from pathlib import Path

from voicebot.errors import ModelMissing
from voicebot.speech.fst import EPSILON, Machine

UNKNOWN = "[unk]"
BLANK_BETWEEN = "SIL"
BLANK_INSIDE = "BLK_I"
# Found on recordings: the bonus offsets what a word costs in a word list; dearer unknown words accept wrong digits.
WORD_COST = -2.0
UNKNOWN_COST = 4.0
UNKNOWN_PHONE_COST = 2.0
FIELDS = 2

Pronunciation = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """Words with their pronunciations, and the model's phones by name with place in word (`AH_B`) -> number."""

    pronunciations: tuple[tuple[str, Pronunciation], ...]
    phones: dict[str, int]

    @property
    def words(self) -> tuple[str, ...]:
        """Every word once, sorted, without `[unk]`."""
        return tuple(sorted({word for word, _ in self.pronunciations}))

    @property
    def word_numbers(self) -> dict[str, int]:
        """Word -> number in the graph, from 1; 0 is no word; `[unk]` comes last."""
        return {word: number for number, word in enumerate((*self.words, UNKNOWN), start=1)}

    @property
    def plain_phones(self) -> list[str]:
        """Phones that belong to no word in particular."""
        return sorted({name.rsplit("_", 1)[0] for name in self.phones if name.count("_") == 1} - {"BLK"})


def read_lexicon(model: Path) -> Lexicon:
    """Read `lexicon.txt` and `graph/phones.txt` of a model; ModelMissing names the file and line that is wrong."""
    phones: dict[str, int] = {}
    for line in (model / "graph" / "phones.txt").read_text(encoding="utf-8").splitlines():
        name, phone = line.split()
        phones[name] = int(phone)
    path = model / "lexicon.txt"
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        word, *sounds = line.split()
        unknown = [sound for sound in sounds if f"{sound}_S" not in phones]
        if not sounds or unknown:
            raise ModelMissing(f"{path.name}, line {number}: the model has no phone {' '.join(unknown) or '(none given)'}")
        found.append((word, tuple(sounds)))
    return Lexicon(tuple(found), phones)


def pronunciation_graph(lexicon: Lexicon) -> Machine:
    """The transducer from the network's transitions to words: a loop over all words and `[unk]`."""
    return _GraphWriter(lexicon).write()


class _GraphWriter:
    """Builds one graph. `between` is where words end; `begin` where the next begins, after blanks if any.

    A word of one sound ends in a place of its own, from which that sound begins no word before a blank: the network tells two of
    a kind apart by the blank, and a long "oh" would be two otherwise.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.machine = Machine()
        self.between, self.blank, self.begin = (self.machine.new_state() for _ in range(3))
        single = sorted({sounds[0] for _, sounds in lexicon.pronunciations if len(sounds) == 1})
        self.after = {sound: self.machine.new_state() for sound in single}

    def write(self) -> Machine:
        machine = self.machine
        ends = (self.between, *self.after.values())
        machine.finals = dict.fromkeys((*ends, self.blank), 0.0)
        for end in ends:
            machine.transduce(end, self._enter(BLANK_BETWEEN), EPSILON, self.blank)
        machine.transduce(self.blank, self._stay(BLANK_BETWEEN), EPSILON, self.blank)
        machine.transduce(self.between, EPSILON, EPSILON, self.begin)
        machine.transduce(self.blank, EPSILON, EPSILON, self.begin)
        numbers = self.lexicon.word_numbers
        for word, sounds in self.lexicon.pronunciations:
            self._word(numbers[word], sounds)
        self._unknown(numbers[UNKNOWN])
        return machine

    def _enter(self, phone: str) -> int:
        return 2 * self.lexicon.phones[phone]

    def _stay(self, phone: str) -> int:
        return 2 * self.lexicon.phones[phone] - 1

    def _begins(self, sound: str) -> list[int]:
        """Where a word with this first sound can begin."""
        return [self.begin, *(state for last, state in self.after.items() if last != sound)]

    def _phone(self, sources: list[int], phone: str, word: int, cost: float) -> int:
        """A state that lasts as long as `phone` sounds, entered from any of `sources`."""
        state = self.machine.new_state()
        for source in sources:
            self.machine.transduce(source, self._enter(phone), word, state, cost)
        self.machine.transduce(state, self._stay(phone), EPSILON, state)
        return state

    def _word(self, number: int, sounds: Pronunciation) -> None:
        sources = self._begins(sounds[0])
        for position, sound in enumerate(sounds):
            first, last = position == 0, position == len(sounds) - 1
            place = "S" if first and last else "B" if first else "E" if last else "I"
            state = self._phone(sources, f"{sound}_{place}", number if first else EPSILON, WORD_COST if first else 0.0)
            if last:
                end = self.after[sound] if first else self.between
                self.machine.transduce(state, EPSILON, EPSILON, end)
            else:
                sources = [state, self._phone([state], BLANK_INSIDE, EPSILON, 0.0)]

    def _unknown(self, number: int) -> None:
        """At least two plain phones in any order."""
        machine = self.machine
        hub, blank = machine.new_state(), machine.new_state()
        machine.transduce(blank, self._stay(BLANK_INSIDE), EPSILON, blank)
        machine.transduce(blank, EPSILON, EPSILON, hub)
        for sound in self.lexicon.plain_phones:
            first = self._phone(self._begins(sound), f"{sound}_B", number, UNKNOWN_COST)
            further = self._phone([hub], f"{sound}_I", EPSILON, UNKNOWN_PHONE_COST)
            for state in (first, further):
                machine.transduce(state, EPSILON, EPSILON, hub)
                machine.transduce(state, self._enter(BLANK_INSIDE), EPSILON, blank)
            last = self._phone([hub], f"{sound}_E", EPSILON, UNKNOWN_PHONE_COST)
            machine.transduce(last, EPSILON, EPSILON, self.between)


def word_loop(numbers: dict[str, int]) -> Machine:
    """Any words in any order, all alike."""
    machine = Machine()
    state = machine.new_state()
    machine.finals = {state: 0.0}
    for number in numbers.values():
        machine.accept(state, number, state, math.log(len(numbers)))
    return machine


def words_file(numbers: dict[str, int]) -> str:
    """The text of `words.txt`."""
    return "<eps> 0\n" + "".join(f"{word} {number}\n" for word, number in numbers.items())


def write_graph(model: Path) -> None:
    """Write graph/HCLr.fst, graph/Gr.fst and graph/words.txt of a model from its lexicon."""
    lexicon = read_lexicon(model)
    graph = model / "graph"
    pronunciation_graph(lexicon).write(graph / "HCLr.fst")
    word_loop(lexicon.word_numbers).write(graph / "Gr.fst")
    (graph / "words.txt").write_text(words_file(lexicon.word_numbers), encoding="utf-8")


if __name__ == "__main__":
    write_graph(Path(sys.argv[1]))
