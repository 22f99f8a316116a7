"""What customers want of callbacks without calling us, and what becomes of it, in values. Reads and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from voicebot.dialogue.forms import LinePlan, QueuePlan
from voicebot.dialogue.outbound import CallbackRules
from voicebot.dialogue.values import Customer
from voicebot.ports.callback_wishes import BY_PHONE, CallbackWish


class Why(StrEnum):
    """What is wrong with a field."""

    NEEDED = "needed"
    UNKNOWN_SUBJECT = "unknown_subject"
    NO_NUMBER = "no_number"
    NOT_CALLED = "not_called"  # a country or a kind of number that we do not call
    NO_SLOT = "no_slot"  # nobody is there then, or it is no slot of ours
    FULL = "full"
    NO_PHRASE = "no_phrase"
    TOO_LONG = "too_long"
    UNKNOWN_MEDIUM = "unknown_medium"
    UNKNOWN_LANGUAGE = "unknown_language"
    OPTED_OUT = "opted_out"  # they want no messages from us
    TAKEN = "taken"  # that number is to be called already, by another booking


@dataclass(frozen=True)
class Fault:
    """One field that cannot be taken."""

    field: str
    why: Why


@dataclass(frozen=True)
class Faults:
    """All that is wrong; nothing was done."""

    found: tuple[Fault, ...]


@dataclass(frozen=True)
class Limited:
    """Too many; in so many seconds there may be room."""

    wait: int


class Late(StrEnum):
    """Why a callback cannot be changed any more."""

    UNKNOWN = "unknown"  # there is none, or it was forgotten
    OVER = "over"
    UNDER_WAY = "under_way"  # the customer is being called just now


@dataclass(frozen=True)
class Booked:
    """To be called. `merged`: that number was to be called already, and nothing of that booking was changed."""

    wish: CallbackWish
    merged: bool = False


@dataclass(frozen=True)
class Subject:
    """What customers can book about. `texts`: language -> words."""

    name: str
    texts: Mapping[str, str]
    line: LinePlan
    queue: QueuePlan

    def words(self, language: str = "") -> str:
        """How it is called in this language, else in its line's, else in any."""
        return self.texts.get(language) or self.texts.get(self.line.language) or next(iter(self.texts.values()), self.name)

    @property
    def rules(self) -> CallbackRules:
        """Those of its line, which are those of the phone."""
        return self.line.callbacks


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for, as they wrote it. `start` None: as soon as possible; `language`: that of the page."""

    subject: str
    number: str = field(repr=False)
    start: datetime | None = None
    phrase: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    medium: str = BY_PHONE
    language: str = ""
    customer: Customer | None = None
    reason: str = field(default="", repr=False)  # why we had asked for it


@dataclass(frozen=True)
class Changes:
    """What of a callback is to be another; None stays. `moved`: `start` counts, and None there is as soon as possible."""

    number: str | None = field(default=None, repr=False)
    phrase: str | None = field(default=None, repr=False)
    medium: str | None = None
    moved: bool = False
    start: datetime | None = None


@dataclass(frozen=True)
class Shown:
    """A callback as its customer, or another system, may see it. `subject` None: it is none of those that are offered now."""

    wish: CallbackWish
    subject: Subject | None
    is_open: bool
    phrase_set: bool


Outcome: TypeAlias = Booked | Faults | Limited | Late
