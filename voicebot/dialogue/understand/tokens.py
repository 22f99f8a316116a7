"""Words to tokens: which are number words, which a command, which put something right; what means nothing is left out.

The longest phrase wins. Knows what words are, not what they come to together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand.numerals import BREAK, PLUS, number_words
from voicebot.dialogue.values import Command, ShapeKind

PAUSE = "[pause]"  # the ear's own word for a moment of silence


class Mark(StrEnum):
    """What a word does that is no number and no command. The last three are for amounts only."""

    PAUSE = "pause"
    INSTEAD = "instead"
    NOT = "not"
    RATHER = "rather"
    UNIT = "unit"
    PART = "part"
    POINT = "point"


@dataclass(frozen=True)
class Word:
    """A number word, `BREAK` for a dash, or `PLUS`."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Place:
    """So many digits from the beginning, or from the end if negative."""

    digits: int


@dataclass(frozen=True)
class Month:
    """A month by its name."""

    number: int


@dataclass(frozen=True)
class Ordinal:
    """A day as in "the fifth"."""

    number: int = field(repr=False)


Token: TypeAlias = Word | Command | Mark | Place | Month | Ordinal
_Phrases = dict[tuple[str, ...], Token]


def tokens(words: str, grammar: Grammar, kind: ShapeKind = ShapeKind.DIGITS) -> list[Token]:
    """What is in an utterance, in order. `words`: small letters, one space between; `[pause]` is the only mark that counts.

    Parts of dates, amounts and foreign numbers count only where one of this `kind` is asked.
    """
    known, longest = _phrases(grammar, kind)
    said = [word for word in _spaced(words.split(), known, grammar) if word == PAUSE or not word.startswith(("[", "<"))]
    found: list[Token] = []
    while said:
        for length in range(min(longest, len(said)), 0, -1):
            if (token := known.get(tuple(said[:length]))) is not None:
                found.append(token)
                break
        said = said[length:]
    return found


def _spaced(words: list[str], known: _Phrases, grammar: Grammar) -> Iterator[str]:
    """A word that nobody knows may be several in one: "vingt-deux" with a hyphen, "trehundrede" with a power at its end."""
    for word in words:
        power = next((power for power, _ in grammar.numbers.powers if word.endswith(power) and (word,) not in known), "")
        yield from [word.removesuffix(power), power] if power else [word] if (word,) in known else word.split("-")


@cache
def _phrases(grammar: Grammar, kind: ShapeKind) -> tuple[_Phrases, int]:
    """Everything that counts, and how many words the longest of it has."""
    mending = grammar.corrections
    known: dict[str, Token] = {}
    if kind not in (ShapeKind.DATE, ShapeKind.AMOUNT):  # "first two" is a place in a number, and no part of a date
        known |= dict.fromkeys(mending.nots, Mark.NOT) | dict.fromkeys(mending.rathers, Mark.RATHER)
        known |= {phrase: Place(digits) for phrase, digits in mending.places}
    known |= {PAUSE: Mark.PAUSE}
    known |= {word: Word(word) for word in number_words(grammar)}
    known |= dict.fromkeys(grammar.breaks, Word(BREAK))
    known |= {phrase: Command(name) for name, phrases in grammar.commands for phrase in phrases}
    known |= dict.fromkeys(mending.instead, Mark.INSTEAD)
    match kind:
        case ShapeKind.PHONE:
            known |= dict.fromkeys(grammar.plus, Word(PLUS))
        case ShapeKind.DATE:
            known |= {phrase: Ordinal(day) for phrase, day in grammar.dates.ordinals}
            known |= {phrase: Month(month) for phrase, month in grammar.dates.months}
        case ShapeKind.AMOUNT:
            known |= dict.fromkeys(grammar.amounts.units, Mark.UNIT)
            known |= dict.fromkeys(grammar.amounts.parts, Mark.PART)
            known |= dict.fromkeys(grammar.amounts.points, Mark.POINT)
    by_words = {tuple(phrase.split()): token for phrase, token in known.items()}
    return by_words, max(map(len, by_words))
