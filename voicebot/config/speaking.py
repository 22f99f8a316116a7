"""Values as a language says them: digits one by one, money, dates, names, and other prompts' words.

Must not know a prompt, and must not fail: a value that is not what it should be is spoken as it stands.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, get_currency_precision

from voicebot.dialogue.spoken import (
    Amount,
    Count,
    Day,
    Digits,
    KeptPhrase,
    Moment,
    Sounded,
    Spoken,
    Words,
)

LONGEST_WORDS = 100  # characters of people's own data in one prompt


@dataclass(frozen=True)
class Voice:
    """How a language sounds. `locale` is for numbers and dates (`en_US`), `language` and `voice` are the carrier's words for it.

    `digit_separator` stands between digits that are spoken one by one, `block_separator` between the parts of a number; a comma
    makes the voice pause a little, a full stop more. `digit_words`: ten words for 0 to 9, where the voice says figures otherwise
    than people say numbers. `money`: currency -> wording for whole amounts, and a second one with `{part}` for the others.
    """

    locale: str
    language: str
    voice: str = ""
    digit_separator: str = ", "
    block_separator: str = ". "
    digit_words: list[str] = field(default_factory=list)
    money: dict[str, list[str]] = field(default_factory=dict)


def spoken(value: Spoken, voice: Voice, text_of: Callable[[str], str]) -> str:
    """The words for a value. `text_of` gives another prompt's text by its id."""
    match value:
        case Digits(digits, blocks):
            return voice.block_separator.join(_one_by_one(block, voice) for block in _in_blocks(digits, blocks))
        case Amount(amount, currency):
            return _amount(amount, currency, voice)
        case Day(iso):
            return _day(iso, voice.locale)
        case Moment(at, zone):
            return _moment(at.astimezone(ZoneInfo(zone)), voice.locale)
        case KeptPhrase():
            return ""  # it is gone: whoever speaks it puts its words in its place while it is there
        case Words(text):
            return as_words(text)
        case Count(number):
            return str(number)
        case Sounded(prompt_id):
            return text_of(prompt_id)


def as_words(text: str) -> str:
    """People's own data without anything that cannot be spoken, on one line and not without end."""
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join(kept.split())[:LONGEST_WORDS].strip()


def _in_blocks(digits: str, blocks: tuple[int, ...]) -> list[str]:
    if sum(blocks) != len(digits):
        return [digits]
    return [digits[end - size : end] for end, size in zip(accumulate(blocks), blocks, strict=True)]


def _one_by_one(digits: str, voice: Voice) -> str:
    known = len(voice.digit_words) == 10 and digits.isascii() and digits.isdigit()
    return voice.digit_separator.join(voice.digit_words[int(digit)] if known else digit for digit in digits)


def _amount(amount: str, currency: str, voice: Voice) -> str:
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return as_words(amount)
    if not number.is_finite():
        return as_words(amount)
    wordings = voice.money.get(currency)
    if not wordings or number < 0:
        return as_words(format_currency(number, currency, locale=Locale.parse(voice.locale)))
    places = get_currency_precision(currency)
    whole, part = divmod(int(number.scaleb(places).to_integral_value()), 10**places)
    return as_words(wordings[-1 if part else 0].replace("{whole}", str(whole)).replace("{part}", str(part)))


def _moment(at: datetime, locale: str) -> str:
    """Weekday, day and time of day; with the name of the zone where the clock shows that time twice on that day."""
    known = Locale.parse(locale)
    time = format_time(at, "short", locale=known)
    if at.replace(fold=1).utcoffset() != at.replace(fold=0).utcoffset():
        time += f" {format_time(at, 'zzzz', locale=known)}"
    return as_words(f"{format_date(at, 'full', locale=known)}, {time}")


def _day(iso: str, locale: str) -> str:
    try:
        return as_words(format_date(date.fromisoformat(iso), "long", locale=Locale.parse(locale)))
    except ValueError:
        return as_words(iso)
