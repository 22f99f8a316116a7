"""How what was said is put right: "no", "sorry", "five not nine", "the last two are …". Digits only; the likeliest first.

The same words put right what was said a moment ago and what was read back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import BREAK, MOST_READINGS, Blocks, Bounds, Reading, readings
from voicebot.dialogue.understand.tokens import Mark, Place, Token, Word
from voicebot.dialogue.values import Command


class Link(StrEnum):
    """What a part of an utterance does with the parts before it."""

    FIRST = "first"
    INSTEAD = "instead"
    NOT = "not"
    RATHER = "rather"
    PLACE = "place"


@dataclass(frozen=True)
class Clause:
    """A part of an utterance: its digits in every reading. `place` with PLACE: how many digits, negative from the end."""

    link: Link
    said: tuple[Reading, ...] = field(default=(), repr=False)
    place: int = 0

    @property
    def empty(self) -> bool:
        """Whether no digit was said in it."""
        return not any(reading.digits for reading in self.said)


_LINKS = {Mark.INSTEAD: Link.INSTEAD, Mark.NOT: Link.NOT, Mark.RATHER: Link.RATHER, Command.NO: Link.INSTEAD}


def clauses(said: Sequence[Token], grammar: Grammar, bounds: Bounds) -> list[Clause]:
    """The parts of an utterance; there is always a first one. Only one: its readings keep to the bounds. Of several, each may
    have any length that can lead there.
    """
    parts: list[tuple[Link, int, list[Token]]] = [(Link.FIRST, 0, [])]
    for token in said:
        if isinstance(token, Place):
            parts.append((Link.PLACE, token.digits, []))
        elif token in _LINKS:
            parts.append((_LINKS[token], 0, []))
        else:
            parts[-1][2].append(token)
    within = bounds if len(parts) == 1 else Bounds(0, 2 * bounds.longest)
    return [Clause(link, tuple(_readings(run, grammar, within)), place) for link, place, run in parts]


def _readings(run: Iterable[Token], grammar: Grammar, bounds: Bounds) -> list[Reading]:
    """A pause may stand within a number, a command may not."""
    words: list[str] = []
    pauses: set[int] = set()
    for token in run:
        if token is Mark.PAUSE:
            pauses.add(len(words))
        else:
            words.append(token.text if isinstance(token, Word) else BREAK)
    return readings(words, grammar, bounds, frozenset(pauses))


# ---- while a number is said --------------------------------------------------------------------------------------


def said_in_all(parts: Sequence[Clause]) -> list[Reading]:
    """What a number has become after everything that its caller put right on the way. Taken back and not replaced: nothing."""
    found = list(parts[0].said)
    if len(parts) > 1 and parts[-1].empty:
        return []
    for part in parts[1:]:
        put_right = (Reading(digits) for before in found for digits in _put_right(before.digits, part))
        found = list({reading.digits: reading for reading in put_right}.values())[:MOST_READINGS]
    return found


def _put_right(before: str, part: Clause) -> Iterator[str]:
    for reading in part.said:
        said, count = reading.digits, len(reading.digits)
        match part.link:
            case Link.NOT if count:
                yield from _swapped(before[:-count], before[-count:], said)
            case Link.RATHER if count:
                yield from _swapped(before[:-count], said, before[-count:])
            case Link.PLACE:
                yield from _placed(before, part.place, said)
            case _:
                yield from _replaced(before, said)


def _replaced(before: str, block: str) -> list[str]:
    """`block` in the place of the last digits of `before`: of as many as it has, or of fewer, or after them."""
    return [before[: len(before) - count] + block for count in range(min(len(before), len(block)), -1, -1)]


def _swapped(before: str, right: str, wrong: str) -> Iterator[str]:
    """`right` in the place of `wrong`, wherever that stands, the last one first."""
    place = before.rfind(wrong) if wrong else -1
    while place >= 0:
        yield before[:place] + right + before[place + len(wrong) :]
        place = before.rfind(wrong, 0, place + len(wrong) - 1)


def _placed(before: str, place: int, said: str) -> Iterator[str]:
    """Digits in the place of the last, or first, ones: of as many as were named, else of as many as were said.

    Said more than named: an article may have been taken for a digit ("le dernier est un sept"), so the last of them count first.
    """
    for count in dict.fromkeys((min(abs(place), len(said)), len(said))):
        if 0 < count <= len(before):
            yield before[:-count] + said[-count:] if place < 0 else said[-count:] + before[count:]


# ---- when a number is read back ----------------------------------------------------------------------------------


def put_right(value: str, blocks: Blocks, parts: Sequence[Clause]) -> list[str]:
    """What `value`, read back in these blocks, may become by what the caller says to it; empty if nothing is put right."""
    found, rest = _beginning(value, blocks, _without_mere_no(parts))
    for part in rest:
        known = found[:MOST_READINGS] or [value]
        found = [digits for before in dict.fromkeys(known) for digits in _put_right_by_block(before, blocks, part)]
    return [digits for digits in dict.fromkeys(found) if digits != value][:MOST_READINGS]


def _without_mere_no(parts: Sequence[Clause]) -> list[Clause]:
    """A "no" that only says that something is wrong: what follows it is the beginning."""
    first, *rest = [part for part in parts if not (part.link is Link.INSTEAD and part.empty)]
    if first.empty and rest and rest[0].link is Link.INSTEAD:
        return [replace(rest[0], link=Link.FIRST), *rest[1:]]
    return [first, *rest]


def _beginning(value: str, blocks: Blocks, parts: Sequence[Clause]) -> tuple[list[str], Sequence[Clause]]:
    """What the beginning comes to, and the parts that are left: "five not nine" takes two parts, "not nine, five" one."""
    first, *rest = parts
    link = rest[0].link if rest else Link.FIRST
    said, after = _digits(first), _digits(rest[0]) if rest else []
    if link is Link.NOT and first.empty:
        halves = [(both[: len(both) // 2], both[len(both) // 2 :]) for both in after if len(both) % 2 == 0]
        return [new for wrong, right in halves for new in _swapped(value, right, wrong)], rest[1:]
    if link is Link.NOT:
        return [new for right in said for wrong in after for new in _swapped(value, right, wrong)], rest[1:]
    if link is Link.RATHER:
        return [new for wrong in said for right in after for new in _swapped(value, right, wrong)], rest[1:]
    return list(_by_block(value, blocks, first)), rest


def _put_right_by_block(before: str, blocks: Blocks, part: Clause) -> Iterable[str]:
    return _put_right(before, part) if part.link is Link.PLACE else _by_block(before, blocks, part)


def _digits(part: Clause) -> list[str]:
    return [reading.digits for reading in part.said if reading.digits]


def _by_block(value: str, blocks: Blocks, part: Clause) -> Iterator[str]:
    """Digits without a place: all of them anew, or the block of so many digits that they are likest to, or the last ones."""
    for said in _digits(part):
        count = len(said)
        if count >= len(value):
            yield said
            continue
        starts = [end - size for end, size in zip(accumulate(blocks), blocks, strict=True) if size == count]
        for start in sorted(starts, key=lambda start: _differences(value[start : start + count], said)):
            yield value[:start] + said + value[start + count :]
        yield value[:-count] + said


def _differences(one: str, other: str) -> int:
    return sum(left != right for left, right in zip(one, other, strict=True))
