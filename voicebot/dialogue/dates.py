"""Dates as callers give them: eight digits in their language's order, or a year of two digits. Pure; today is an argument.

A date is eight digits, year first (`19571127`), until it is shown or looked up (`1957-11-27`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from voicebot.dialogue.values import DateSpan
from voicebot.dialogue.words import DateOrder

CENTURIES = ("20", "19")  # that a year of two digits can be of
OLDEST = 130  # years; nothing that a caller is asked about is older
FARTHEST = 30  # years ahead
A_DAY = timedelta(days=1)  # the caller's day need not be ours


def in_year_order(digits: str, order: DateOrder) -> str:
    """Eight digits keyed in a language's order, with the year in front. Nothing says yet that there is such a day."""
    match order:
        case DateOrder.DAY_FIRST:
            return digits[4:] + digits[2:4] + digits[:2]
        case DateOrder.MONTH_FIRST:
            return digits[4:] + digits[:4]
    return digits


def date_of(digits: str) -> date | None:
    """The date of eight digits, year first; None if there is no such day."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def is_meant(digits: str, span: DateSpan, today: date) -> bool:
    """Whether there is such a day, and it can be meant: not long ago, not far ahead, and on the right side of today."""
    day = date_of(digits)
    if day is None or not today.year - OLDEST <= day.year <= today.year + FARTHEST:
        return False
    match span:
        case DateSpan.PAST:
            return day <= today + A_DAY
        case DateSpan.FUTURE:
            return day >= today - A_DAY
    return True


def one_century(readings: Sequence[str], today: date) -> list[str]:
    """Of readings that differ in nothing but the century the one whose year is nearest, as people mean "the fifth of May '58"."""
    nearest: dict[str, str] = {}
    for digits in sorted(readings, key=lambda digits: abs(int(digits[:4]) - today.year)):
        nearest.setdefault(digits[2:], digits)
    return [digits for digits in readings if nearest[digits[2:]] == digits]


def in_both_centuries(year: str) -> Iterable[str]:
    """A year of four digits as it is, one of two in the centuries that it can be of."""
    return [year] if len(year) == 4 else [century + year for century in CENTURIES]
