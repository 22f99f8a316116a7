"""Where in a number one can be while it is said: an automaton of digits, which a grammar of words follows. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from voicebot.dialogue.check_digits import CHECKS, Check, State
from voicebot.dialogue.forms import CheckDigit
from voicebot.dialogue.values import Shape

# Of a shape: so many digits said, what the check digit's rule remembers of them, and they themselves while a prefix is still to
# be completed. Of a list of numbers: which of its places.
Place: TypeAlias = tuple[int, State, str]


@dataclass(frozen=True)
class Places:
    """Where in a number one can be. `ways`: place -> the place after each digit from 0 to 9, for those from which a whole number
    can still come; `whole`: where one is complete.
    """

    ways: dict[Place, dict[str, Place]] = field(repr=False)  # of a list, they are its numbers
    whole: frozenset[Place]
    start: Place

    def after(self, place: Place, digits: str) -> Place | None:
        """Where these digits lead; None where no number goes on so."""
        for digit in digits:
            following = self.ways[place].get(digit)
            if following is None:
                return None
            place = following
        return place


def places_of_shape(shape: Shape, check: CheckDigit) -> Places:
    """Every place of a number of this shape from which a whole one can come."""
    rule = None if check is CheckDigit.NONE else CHECKS[check]
    start: Place = (0, rule.start if rule is not None else (), "")
    rows = [{start}]
    ways: dict[Place, dict[str, Place]] = {}
    for _ in range(shape.longest):
        for place in rows[-1]:
            following = ((str(digit), _after(place, digit, rule, shape.prefixes)) for digit in range(10))
            ways[place] = {digit: after for digit, after in following if after is not None}
        rows.append({after for place in rows[-1] for after in ways[place].values()})
    ends = {place for row in rows[shape.shortest :] for place in row if not place[2]}
    whole = {place for place in ends if rule is None or rule.fits(place[1])}
    useful = set(whole)
    for row in reversed(rows[:-1]):
        for place in row:
            ways[place] = {digit: after for digit, after in ways[place].items() if after in useful}
            useful |= {place} if ways[place] else set()
    ways |= {place: {} for place in rows[-1]}
    return Places({place: ways[place] for place in useful}, frozenset(whole), start)


def _after(place: Place, digit: int, rule: Check | None, prefixes: tuple[str, ...]) -> Place | None:
    """The place after one more digit; None where no number begins so."""
    count, state, begun = place
    if prefixes and len(begun) == count:  # none of them is complete yet
        begun += str(digit)
        if not any(prefix.startswith(begun) for prefix in prefixes):
            return None
        begun = "" if begun in prefixes else begun
    return count + 1, rule.step(state, digit) if rule is not None else (), begun


def places_of_numbers(numbers: Collection[str]) -> Places:
    """Every place of exactly these numbers, which are digits of one length: the smallest automaton that takes them.

    Beginnings are shared, and so is whatever can follow in the same way (Revuz, "Minimisation of acyclic deterministic automata
    in linear time", 1992): ten thousand numbers of ten digits by chance have 24,000 places instead of 47,000.
    """
    found: dict[tuple[tuple[str, Place], ...], Place] = {}

    def place(endings: Sequence[str]) -> Place:
        """Where any of these, sorted, can follow."""
        further = groupby(endings, key=lambda ending: ending[:1])
        ways = tuple((digit, place([ending[1:] for ending in some])) for digit, some in further if digit)
        return found.setdefault(ways, (len(found), (), ""))

    start = place(sorted(set(numbers)))
    ways = {one: dict(further) for further, one in found.items()}
    return Places(ways, frozenset({found[()]}) if numbers else frozenset(), start)
