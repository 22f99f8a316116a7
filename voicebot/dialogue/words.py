"""What a language's number words, dates, amounts and corrections are made of: the parts of a Grammar beyond single digits.

Values only. `understand` reads utterances with them, `config.grammars` fills them from `grammars/<language>.toml`.
"""

from dataclasses import dataclass
from enum import StrEnum

Phrases = tuple[str, ...]  # each of one word or more, small letters, one space between


@dataclass(frozen=True)
class Tens:
    """A phrase for a multiple of ten, and up to which number it leads: "twenty" 20 to 29, "soixante" 60 to 79."""

    phrase: str
    value: int
    last: int


@dataclass(frozen=True)
class NumberWords:
    """How numbers above nine are said.

    `whole`: phrases that are a number as they stand ("eleven" -> 11). `powers`: word -> power of ten, multiplied by the number
    before it; with `bare_powers` it may stand alone for one of it ("cent"). `ones`: words for one that stand before a power only
    ("a hundred"). `joins`: words between two parts ("and"). `ones_first`: "three and twenty", also written as one word.
    """

    whole: tuple[tuple[str, int], ...] = ()
    tens: tuple[Tens, ...] = ()
    powers: tuple[tuple[str, int], ...] = ()
    ones: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    ones_first: bool = False
    bare_powers: bool = False


class DateOrder(StrEnum):
    """In which order a language names day, month and year in figures, spoken and keyed."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(frozen=True)
class DateWords:
    """`months` and `ordinals`: phrase -> number. `day_marks`: words after the day ("일"), which are no digit there."""

    order: DateOrder = DateOrder.DAY_FIRST
    months: tuple[tuple[str, int], ...] = ()
    ordinals: tuple[tuple[str, int], ...] = ()
    day_marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class AmountWords:
    """`units`: words after the whole part ("dollars"); `parts`: after the hundredths ("cents"); `points`: before decimals."""

    units: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class CorrectionWords:
    """How something said is put right.

    `instead`: what follows takes the place of what was said last ("sorry"), as after a "no". `nots`: "five *not* nine", or
    "*not* nine, five". `rathers`: "nine *rather* five", the wrong one first. `places`: phrase -> how many digits from the
    beginning it means, negative from the end ("last two" -> -2).
    """

    instead: Phrases = ()
    nots: Phrases = ()
    rathers: Phrases = ()
    places: tuple[tuple[str, int], ...] = ()
