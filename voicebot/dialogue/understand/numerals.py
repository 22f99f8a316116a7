"""Number words to digits: every way to take a run of words, best first, within given lengths. Knows no question and no command.

"twenty three" is 23, or 20 and 3: both are readings, and what is asked decides. The fewest numbers come first, since people who
mean 203 rarely say it so. Nothing here depends on a language; a Grammar has its words and how they are put together.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TypeVar

from voicebot.dialogue.forms import Grammar

BREAK = "-"  # stands among the words where the caller made a dash of one; no number goes across it
PLUS = "+"  # the same before a country's code
EXIT_CODE = "00"  # what it is in digits
MOST_READINGS = 32
MOST_STEPS = 4000  # of a search; an utterance that needs more means nothing anyway
TOP = 10**9  # no number that is said as one is larger
ACROSS_A_PAUSE = 1  # what it costs a number to be said with a pause in it

Blocks = tuple[int, ...]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Reading:
    """One way to take the words. `blocks`: the lengths of the parts in which they were said; empty where there was one part."""

    digits: str = field(repr=False)
    blocks: Blocks = ()


@dataclass(frozen=True)
class Piece:
    """Words `start` to `end` as digits: single ones, a `number` above nine, or none where the words only connect."""

    start: int
    end: int
    digits: str = field(repr=False)
    number: bool = False


@dataclass(frozen=True)
class Bounds:
    """How many digits are wanted in all."""

    shortest: int
    longest: int

    def reachable(self, have: int, further: int) -> bool:
        """Whether one of the lengths in the bit set `further` leads into the bounds."""
        window = (1 << (self.longest + 1)) - (1 << self.shortest)
        return bool((further << have) & window)


def readings(
    words: Sequence[str], grammar: Grammar, bounds: Bounds, pauses: frozenset[int] = frozenset(), most: int = MOST_READINGS
) -> list[Reading]:
    """Every number of digits within the bounds that `words` can mean, at most `most`, each once.

    `pauses`: before which words the caller was silent for a moment.
    """
    found: dict[str, Reading] = {}
    for pieces in ways(words, grammar, bounds, pauses):
        digits = "".join(piece.digits for piece in pieces)
        found.setdefault(digits, Reading(digits, _blocks(words, pieces, pauses)))
        if len(found) >= most:
            break
    return list(found.values())


def ways(
    words: Sequence[str], grammar: Grammar, bounds: Bounds, pauses: frozenset[int] = frozenset()
) -> Iterator[tuple[Piece, ...]]:
    """The same as pieces that follow each other without a gap, cheapest first: an A* search over where a piece may end."""
    chart = _Chart(tuple(words), number_table(grammar))
    steps = [[(piece, _cost(piece, pauses)) for piece in chart.pieces(start)] for start in range(len(words))]
    further, rest = _lookahead(steps)
    order = count()
    queue: list[tuple[int, int, int, int, tuple[Piece, ...]]] = [(rest[0], next(order), 0, 0, ())]
    taken = 0
    while queue and taken < MOST_STEPS:
        cost, _, position, have, pieces = heapq.heappop(queue)
        taken += 1
        if position == len(words):
            if bounds.shortest <= have <= bounds.longest:
                yield pieces
            continue
        for piece, price in steps[position]:
            length = have + len(piece.digits)
            if bounds.reachable(length, further[piece.end]):
                ahead = cost - rest[position] + price + rest[piece.end]
                heapq.heappush(queue, (ahead, next(order), piece.end, length, (*pieces, piece)))


@cache
def number_words(grammar: Grammar) -> frozenset[str]:
    """Every single word that can be a part of a number."""
    table = number_table(grammar)
    phrases = {word for phrase in (*table.small, *table.tens) for word in phrase}
    return frozenset({*table.digits, *table.times, *phrases, *table.powers, *table.ones, *table.joins})


def _cost(piece: Piece, pauses: frozenset[int]) -> int:
    return bool(piece.digits) + ACROSS_A_PAUSE * sum(piece.start < pause < piece.end for pause in pauses)


def _lookahead(steps: list[list[tuple[Piece, int]]]) -> tuple[list[int], list[int]]:
    """For each position: which numbers of digits can still follow, as a bit set; and what that costs at least."""
    last = len(steps)
    further, rest = [0] * last + [1], [0] * (last + 1)
    for position in reversed(range(last)):
        going = [(piece, price) for piece, price in steps[position] if further[piece.end]]
        rest[position] = min((price + rest[piece.end] for piece, price in going), default=0)
        for piece, _ in going:
            further[position] |= further[piece.end] << len(piece.digits)
    return further, rest


def _blocks(words: Sequence[str], pieces: tuple[Piece, ...], pauses: frozenset[int]) -> Blocks:
    """Parts as the caller made them: by pauses and dashes; without any, each number by itself and single digits together."""
    said = [piece for piece in pieces if piece.digits]
    cuts = pauses | {place for place, word in enumerate(words) if word == BREAK}
    by_cuts = _lengths(said, lambda one, other: any(one.start < cut <= other.start for cut in cuts))
    return by_cuts or _lengths(said, lambda one, other: one.number or other.number)


def _lengths(said: list[Piece], parted: Callable[[Piece, Piece], bool]) -> Blocks:
    lengths: list[int] = []
    for place, piece in enumerate(said):
        if not lengths or parted(said[place - 1], piece):
            lengths.append(0)
        lengths[-1] += len(piece.digits)
    return tuple(lengths) if len(lengths) > 1 else ()


@dataclass(frozen=True)
class NumberTable:
    """A grammar's number words, ready to be looked up. Phrases as tuples of words."""

    digits: dict[str, str]
    times: dict[str, int]
    small: dict[tuple[str, ...], int]  # units and what is a number as it stands
    tens: dict[tuple[str, ...], tuple[int, int]]
    powers: dict[str, int]
    ones: frozenset[str]
    joins: frozenset[str]
    ones_first: bool
    bare_powers: bool
    longest: int

    @property
    def steps(self) -> list[int]:
        """The powers of ten, greatest first."""
        return sorted(set(self.powers.values()), reverse=True)


@cache
def number_table(grammar: Grammar) -> NumberTable:
    """The number words of a grammar, the ones that are put together of several included."""
    numbers = grammar.numbers
    units = {(word,): int(digits) for word, digits in grammar.digits if len(digits) == 1 and digits != "0"}
    tens = {tuple(ten.phrase.split()): (ten.value, ten.last) for ten in numbers.tens}
    small = units | {tuple(phrase.split()): value for phrase, value in numbers.whole}
    if numbers.ones_first:
        small |= {
            (f"{unit}{join}{ten.phrase}",): ten.value + value
            for (unit,), value in units.items()
            for join in numbers.joins
            for ten in numbers.tens
        }
    return NumberTable(
        digits=dict(grammar.digits),
        times=dict(grammar.multipliers),
        small=small,
        tens=tens,
        powers=dict(numbers.powers),
        ones=frozenset(numbers.ones),
        joins=frozenset(numbers.joins),
        ones_first=numbers.ones_first,
        bare_powers=numbers.bare_powers,
        longest=max(map(len, (*small, *tens)), default=0),
    )


class _Chart:
    """What can be said between two places of one run of words. Remembers what it has found."""

    def __init__(self, words: tuple[str, ...], table: NumberTable) -> None:
        self._words, self._table = words, table
        self._known: dict[tuple[int, int], set[tuple[int, int]]] = {}
        self._steps = [power for power in table.steps if any(table.powers.get(word) == power for word in words)]

    def pieces(self, start: int) -> list[Piece]:
        """Everything that the words from here on can be the beginning of."""
        word, table = self._words[start], self._table
        found = [Piece(start, end, str(value), number=True) for end, value in self._numbers(start, TOP) if value > 9]
        if word in table.digits:
            found.append(Piece(start, start + 1, table.digits[word]))
        elif word in table.times and (digits := table.digits.get(self._word(start + 1))):
            found.append(Piece(start, start + 2, digits * table.times[word]))
        elif word == PLUS:
            found.append(Piece(start, start + 1, EXIT_CODE))
        elif word in table.times or word in table.joins or word in table.ones or word == BREAK:
            found.append(Piece(start, start + 1, ""))
        return found

    def _word(self, place: int) -> str:
        return self._words[place] if place < len(self._words) else ""

    def _numbers(self, start: int, limit: int) -> set[tuple[int, int]]:
        """Every number below `limit` that begins here: where it ends, and what it is."""
        if (start, limit) not in self._known:
            found = {(end, value) for end, value in self._below_hundred(start) if value < limit}
            for power in self._steps:  # each of them: "twelve hundred" is a number beside a thousand too
                found |= self._with_power(start, power, limit) if power < limit else set()
            self._known[start, limit] = found
        return self._known[start, limit]

    def _with_power(self, start: int, power: int, limit: int) -> set[tuple[int, int]]:
        """So many of a power, and what is left below it: "three hundred (and) five"."""
        found = set()
        for end, times in {*self._numbers(start, power), *self._one(start)}:
            if self._table.powers.get(self._word(end)) != power or times * power >= limit:
                continue
            found.add((end + 1, times * power))
            for begin in self._after_join(end + 1):
                found |= {(last, times * power + value) for last, value in self._numbers(begin, power)}
        return found

    def _one(self, start: int) -> list[tuple[int, int]]:
        """Where a power stands for one of it: after "a", or alone."""
        if self._word(start) in self._table.ones:
            return [(start + 1, 1)]
        return [(start, 1)] if self._table.bare_powers else []

    def _after_join(self, place: int) -> list[int]:
        return [place, place + 1] if self._word(place) in self._table.joins else [place]

    def _below_hundred(self, start: int) -> Iterator[tuple[int, int]]:
        for end, value in self._phrases(start, self._table.small):
            yield end, value
            if self._table.ones_first and value < 10 and self._word(end) in self._table.joins:
                yield from ((last, value + ten) for last, (ten, _) in self._phrases(end + 1, self._table.tens))
        for end, (ten, top) in self._phrases(start, self._table.tens):
            yield end, ten
            if self._table.ones_first:
                continue
            for begin in self._after_join(end):
                for last, value in self._phrases(begin, self._table.small):
                    if ten + value <= top:
                        yield last, ten + value

    def _phrases(self, start: int, known: Mapping[tuple[str, ...], Value]) -> Iterator[tuple[int, Value]]:
        for end in range(start + 1, min(start + self._table.longest, len(self._words)) + 1):
            value = known.get(self._words[start:end])
            if value is not None:
                yield end, value
