"""A form of the customers' page: what somebody wrote, what is wrong with it, and the choices. All is kept but the secret word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

import phonenumbers

from voicebot.callbacks.words import Words
from voicebot.switchboard.slots import Slot
from voicebot.switchboard.wanted import Fault

SOON = ""
FIELDS = ("subject", "number", "start", "medium", "note")


@dataclass(frozen=True)
class Choice:
    """One of a list. `value` is what the form sends."""

    value: str
    text: str


@dataclass(frozen=True)
class Day:
    """Slots of one day."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Form:
    """`values`: field -> what was written, never the secret word; `wrong`: field -> words for it."""

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


def days(found: Sequence[Slot], words: Words) -> list[Day]:
    """Slots by day, as the language writes them."""
    return [
        Day(name, tuple(Choice(value_of(one.window.start), _times(one, words)) for one in some))
        for name, some in groupby(found, lambda one: words.day(one.window.start))
    ]


def value_of(start: datetime | None) -> str:
    """A beginning as the form sends it."""
    return SOON if start is None else start.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def start_of(value: str) -> tuple[datetime | None, bool]:
    """(beginning, whether it is one at all); empty is as soon as possible."""
    if value == SOON:
        return None, True
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC), True
    except ValueError:
        return None, False


def told(found: Sequence[Fault], words: Words, region: str) -> dict[str, str]:
    """Field -> what is wrong with it, in words, in the order of the form."""
    return {one.field: words(f"wrong.{one.why.value}", example=example_of(region)) for one in found}


def example_of(region: str) -> str:
    """A number as it is written in this country."""
    number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    number = number or phonenumbers.example_number(region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL) if number else "+45 32 12 34 56"


def _times(slot: Slot, words: Words) -> str:
    times = words("slot", start=words.time(slot.window.start), until=words.time(slot.window.until))
    return f"{words.short_day(slot.window.start)}, {times}"  # a phone shows what was chosen in one short line
