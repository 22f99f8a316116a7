"""Values as a language says them: digits one by one, money, dates, names, and other prompts' words.

Must not know a prompt, and must not fail: a value that is not what it should be is spoken as it stands.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from voicebot.dialogue.values import Amount, Day, Digits, Sounded, Spoken, Words

LONGEST_WORDS = 100  # characters of people's own data in one prompt


@dataclass(frozen=True)
class Voice:
    """How a language sounds. `locale` is for numbers and dates (`en_US`), `language` and `voice` are the carrier's words for it.

    `digit_separator` stands between digits that are spoken one by one; a comma makes the voice pause a little.
    """

    locale: str
    language: str
    voice: str = ""
    digit_separator: str = ", "


def spoken(value: Spoken, voice: Voice, text_of: Callable[[str], str]) -> str:
    """The words for a value. `text_of` gives another prompt's text by its id."""
    match value:
        case Digits(digits):
            return voice.digit_separator.join(digits)
        case Amount(amount, currency):
            return _amount(amount, currency, voice.locale)
        case Day(iso):
            return _day(iso, voice.locale)
        case Words(text):
            return as_words(text)
        case Sounded(prompt_id):
            return text_of(prompt_id)


def as_words(text: str) -> str:
    """People's own data without anything that cannot be spoken, on one line and not without end."""
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join(kept.split())[:LONGEST_WORDS].strip()


def _amount(amount: str, currency: str, locale: str) -> str:
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return as_words(amount)
    if not number.is_finite():
        return as_words(amount)
    return as_words(format_currency(number, currency, locale=Locale.parse(locale)))


def _day(iso: str, locale: str) -> str:
    try:
        return as_words(format_date(date.fromisoformat(iso), "long", locale=Locale.parse(locale)))
    except ValueError:
        return as_words(iso)
