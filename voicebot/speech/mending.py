"""What may be said to put right a number that was read back, as the recogniser wants it: arcs beside the yes and the no.

A lone digit counts only with a place ("the last one is seven") or against another ("five not nine"): "no" is too near "oh".
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Command
from voicebot.speech.fst import Machine
from voicebot.speech.graph import UNKNOWN

SHORTEST_BLOCK = 2  # digits that are said without more
LONGEST_MENDED = 4  # digits that take the place of others
# Nats that putting right costs beyond a mere yes or no, which most callers say; found on recordings.
MENDING_COST = 4.0


def mending_words(grammar: Grammar) -> list[str]:
    """The phrases of it, digits and commands apart."""
    mending = grammar.corrections
    return [*mending.instead, *mending.nots, *mending.rathers, *(phrase for phrase, _ in mending.places)]


@dataclass
class Mending:
    """Writes the ways to put a number of at most `longest` digits right into a machine. `numbers`: word -> label."""

    machine: Machine
    grammar: Grammar
    numbers: dict[str, int]
    longest: int

    def __post_init__(self) -> None:
        self._cost = math.log(max(1, len(self.grammar.digits)))

    def write(self, sources: tuple[int, ...]) -> None:
        """From each of `sources` on, at the beginning or after a "no"."""
        mended, denied, said = (self.machine.new_state() for _ in range(3))
        self.machine.finals[mended] = 0.0
        for phrase in dict(self.grammar.commands).get(Command.NO, ()):
            for source in sources:
                self._phrase(source, phrase, denied, MENDING_COST)
        self._between(denied)
        for source in (*sources, denied):
            cost = 0.0 if source == denied else MENDING_COST
            self._digits(source, said, SHORTEST_BLOCK, self.longest, cost)
            for phrase, place in self.grammar.corrections.places:
                self._phrase(source, phrase, placed := self.machine.new_state(), cost)
                self._between(placed)
                self._digits(placed, mended, abs(place), abs(place), 0.0)
            for phrase in self.grammar.corrections.instead:
                self._phrase(source, phrase, after := self.machine.new_state(), cost)
                self._digits(after, mended, 1, self.longest, 0.0)
            self._digits(source, one := self.machine.new_state(), 1, LONGEST_MENDED, cost)
            for phrase in (*self.grammar.corrections.nots, *self.grammar.corrections.rathers):
                self._phrase(one, phrase, other := self.machine.new_state(), 0.0)
                self._digits(other, mended, 1, LONGEST_MENDED, 0.0)
        self.machine.finals[said] = 0.0
        self._between(mended)
        self._between(said)

    def _digits(self, source: int, target: int, fewest: int, most: int, cost: float) -> None:
        """So many digits between two states; "double" stands for more than one."""
        states = [source, *(self.machine.new_state() for _ in range(most - 1))]
        for count, state in enumerate(states):
            for word, digits in self._said():
                reached = count + digits
                price = self._cost + (cost if count == 0 else 0.0)
                if reached < most:
                    self._phrase(state, word, states[reached], price)
                if fewest <= reached <= most:
                    self._phrase(state, word, target, price)
            if count:
                self._unknown(state)

    def _said(self) -> Iterator[tuple[str, int]]:
        """Words for digits, and how many each says."""
        for word, digits in self.grammar.digits:
            yield word, len(digits)
            for multiplier, times in self.grammar.multipliers:
                yield f"{multiplier} {word}", times * len(digits)

    def _phrase(self, source: int, phrase: str, target: int, cost: float) -> None:
        words = phrase.split()
        if all(word in self.numbers for word in words):
            self.machine.chain(source, [self.numbers[word] for word in words], target, cost)

    def _between(self, state: int) -> None:
        """Words that mean nothing."""
        self._unknown(state)
        for word in self.grammar.fillers:
            self._phrase(state, word, state, math.log(len(self.numbers)))

    def _unknown(self, state: int) -> None:
        if UNKNOWN in self.numbers:
            self.machine.accept(state, self.numbers[UNKNOWN], state)
