"""What is spoken within a prompt: values that `telephony` puts into the caller's language. None of them is a secret."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True)
class Digits:
    """Digits to be spoken one by one, in parts of these lengths; without `blocks`, in one."""

    digits: str = field(repr=False)
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Amount:
    """Money to be spoken in the caller's language: a decimal in text and an ISO 4217 code."""

    amount: str = field(repr=False)
    currency: str


@dataclass(frozen=True)
class Day:
    """A date to be spoken in the caller's language, ISO 8601."""

    iso: str = field(repr=False)


@dataclass(frozen=True)
class Moment:
    """A day and a time of day, to be spoken as the clocks of this time zone show it (`Europe/Copenhagen`). `at` is aware."""

    at: datetime
    zone: str


@dataclass(frozen=True)
class KeptPhrase:
    """The phrase that was agreed in this call. Whoever speaks it looks it up: it stands in no document that is stored."""


@dataclass(frozen=True)
class Words:
    """A name or a few words from the company's own records, spoken as they are."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Count:
    """A number of things, spoken as one number."""

    number: int


@dataclass(frozen=True)
class InLine:
    """Where a waiting caller stands. `minutes` only where a wait can honestly be told."""

    position: int
    minutes: int | None = None


@dataclass(frozen=True)
class Sounded:
    """The text of another prompt (`queue.billing`), put in where this value stands."""

    prompt_id: str


Spoken: TypeAlias = Digits | Amount | Day | Moment | KeptPhrase | Words | Count | Sounded
