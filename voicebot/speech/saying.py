"""How digits are said, as a machine of words: from `BETWEEN` and back to it, each way says some digits.

Made of a Grammar's number words, which `dialogue.understand` reads back. A digit is known as soon as no later word can change it,
so that a grammar of any shape can follow: "two hundred" and "two hundred and five" are two ways, and both begin with a 2.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import NumberTable, number_table

BETWEEN = 0
# Nats that a number above nine costs beyond a digit; found on recordings (docs/benchmarks/listening.md).
NUMBER_COST = 4.0

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One word: the digits that are known with it, the state after it, and what it costs in nats."""

    word: str
    digits: str = field(repr=False)
    target: int
    cost: float = 0.0


@dataclass(frozen=True)
class Sayings:
    """`steps` by state. From `BETWEEN` a way leads back to it; no other state has a way that comes by twice.

    `widest`: digits of the widest number; `cost`: nats of one word.
    """

    steps: tuple[tuple[Step, ...], ...]
    widest: int
    cost: float

    @property
    def size(self) -> int:
        """How many steps there are."""
        return sum(map(len, self.steps))


def sayings(grammar: Grammar, known: Collection[str], widest: int) -> Sayings:
    """Digits one by one, doubled, and in numbers of up to `widest` digits, in the words that the model knows."""
    return _Writer(grammar, known, widest).write()


class _Writer:
    """Builds the machine. Ways to go on that are alike share their state, whatever was said before."""

    def __init__(self, grammar: Grammar, known: Collection[str], widest: int) -> None:
        self._grammar, self._known, self._widest = grammar, known, widest
        self._table: NumberTable = number_table(grammar)
        self._cost = math.log(max(1, len(grammar.digits)))
        self._steps: list[list[Step]] = [[]]
        self._states: dict[object, int] = {}

    def write(self) -> Sayings:
        digits = [(word, said) for word, said in self._grammar.digits if word in self._known]
        found = [self._step((word,), said, BETWEEN) for word, said in digits]
        for word, times in self._grammar.multipliers:
            found.append(self._step((word,), "", self._repeated(digits, times)))
        for width in range(2, self._widest + 1):
            numbers = self._number(width, BETWEEN, padded=False)
            found += [replace(step, cost=step.cost + NUMBER_COST) for step in numbers]
        self._steps[BETWEEN] = [step for step in dict.fromkeys(found) if step.word in self._known]
        return Sayings(tuple(tuple(steps) for steps in self._steps), self._widest, self._cost)

    def _repeated(self, digits: list[tuple[str, str]], times: int) -> int:
        """After "double": the digit."""
        return self._state(("times", times), lambda: [self._step((word,), said * times, BETWEEN) for word, said in digits])

    def _number(self, width: int, then: int, *, padded: bool) -> list[Step]:
        """Ways to say a number of exactly so many digits; `padded`: of at most so many, with noughts before it, not nought."""
        found = [*self._whole(width, then, padded=padded), *self._tens(width, then, padded=padded)]
        for power in self._table.steps:
            noughts = len(str(power)) - 1
            if noughts >= width:
                continue
            front = width - noughts  # digits of how many of it, which is a number below it
            times = min(front, noughts)
            if times == front or padded:
                after = self._power(power, then)
                found += _after("0" * (front - times), self._number(times, after, padded=padded))
                if padded or front == 1:
                    found += [self._step((word,), "1".zfill(front), after) for word in self._table.ones]
                    found += _after("1".zfill(front), self._steps[after]) if self._table.bare_powers else []
        return found

    def _power(self, power: int, then: int) -> int:
        """Where the word for a power of ten must come, and what is left below it may."""

        def steps() -> Iterator[Step]:
            noughts = len(str(power)) - 1
            rest = self._state(("rest", noughts, then), lambda: self._rest(noughts, then))
            for word in (word for word, value in self._table.powers.items() if value == power):
                yield self._step((word,), "0" * noughts, then)
                yield self._step((word,), "", rest)

        return self._state(("power", power, then), steps)

    def _rest(self, width: int, then: int) -> list[Step]:
        """After a power of ten: "five", "and five"."""
        below = self._number(width, then, padded=True)
        return [*below, *self._joined(("below", width, then), below)]

    def _joined(self, name: object, steps: list[Step]) -> list[Step]:
        """The same with a word between."""
        return [self._step((word,), "", self._state(name, lambda: steps)) for word in self._table.joins]

    def _whole(self, width: int, then: int, *, padded: bool) -> Iterator[Step]:
        """Numbers below a hundred that are said as they stand: "seven", "eleven"."""
        for phrase, value in self._table.small.items():
            digits = str(value)
            if len(digits) == width or (padded and len(digits) < width):
                yield self._step(phrase, digits.zfill(width), then)

    def _tens(self, width: int, then: int, *, padded: bool) -> Iterator[Step]:
        """From "twenty" on: "twenty three", or "three and twenty" where the ones come first."""
        if width != 2 and not (padded and width > 2):
            return
        front = "0" * (width - 2)
        for phrase, (ten, last) in self._table.tens.items():
            yield self._step(phrase, f"{front}{ten}", then)
            for decade in () if self._table.ones_first else range(last // 10 - ten // 10 + 1):
                yield self._step(phrase, f"{front}{ten // 10 + decade}", self._ones(decade, last - ten, then))
        if self._table.ones_first:
            yield from (self._step(phrase, front, self._after_one(value, then)) for phrase, value in self._units())

    def _units(self) -> list[tuple[Phrase, int]]:
        return [(phrase, value) for phrase, value in self._table.small.items() if value < 10]

    def _ones(self, decade: int, most: int, then: int) -> int:
        """After a ten, so many tens further: the last digit."""
        small = [(phrase, value) for phrase, value in self._table.small.items() if value // 10 == decade and value <= most]
        steps = [self._step(phrase, str(value % 10), then) for phrase, value in small]
        name = ("ones", decade, most, then)
        return self._state(name, lambda: [*steps, *self._joined((*name, "joined"), steps)])

    def _after_one(self, value: int, then: int) -> int:
        """After "three": "and twenty"."""
        tens = [self._step(phrase, str(ten + value), then) for phrase, (ten, _) in self._table.tens.items()]
        return self._state(("one", value, then), lambda: self._joined(("one", value, then, "joined"), tens))

    def _step(self, phrase: Phrase, digits: str, target: int) -> Step:
        """A phrase of one word or more; its digits are known with the last one."""
        first, *others = phrase
        if not others:
            return Step(first, digits, target, self._cost)
        name = ("rest of", *others, digits, target)
        return Step(first, "", self._state(name, lambda: [self._step(tuple(others), digits, target)]), self._cost)

    def _state(self, name: object, steps: Callable[[], Iterable[Step]]) -> int:
        """The state of this name; what follows it is found out when it is first asked for."""
        if name not in self._states:
            self._states[name] = number = len(self._steps)
            self._steps.append([])
            self._steps[number] = [step for step in dict.fromkeys(steps()) if step.word in self._known]
        return self._states[name]


def _after(digits: str, steps: Iterable[Step]) -> list[Step]:
    """The same ways, with digits that are known before."""
    return [replace(step, digits=digits + step.digits) for step in steps]
