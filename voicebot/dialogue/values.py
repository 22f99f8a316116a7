"""The values that the conversation is about: who, how sure, in what shape. No behaviour beyond their own rules."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NoReturn


class Secret:
    """Something that a caller must not have overheard: a PIN, a one-time code.

    It has no useful repr, cannot be compared, hashed, formatted, copied or pickled, so that it reaches no log,
    row or page by accident. `reveal` is called in two places only: where digits are collected and where they are checked.
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment]  # unhashable on purpose: no set or dict may hold one

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __format__(self, spec: str) -> str:
        return "•••"

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("secrets are not compared here; the back end checks them")

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are never pickled, copied or stored")


class Assurance(StrEnum):
    """How sure we are of who is calling. Only `verification` raises it."""

    NONE = "none"
    IDENTIFIED = "identified"
    VERIFIED = "verified"


class Modality(StrEnum):
    """How an entry came."""

    KEYPAD = "keypad"
    SPEECH = "speech"


class Attestation(StrEnum):
    """What the carrier says about the calling number (STIR/SHAKEN); never about the person."""

    A = "A"
    B = "B"
    C = "C"
    A_DIVERTED = "A-diverted"
    FAILED = "failed"
    NONE = "none"


class AniStanding(StrEnum):
    """Whether the calling number can be looked up."""

    USABLE = "usable"
    WITHHELD = "withheld"
    BOGUS = "bogus"


@dataclass(frozen=True)
class Ani:
    """The number that a call claims to come from: a claim, not a proof.

    `number` is E.164 (`+4533124567`) and present only when `standing` is USABLE.
    """

    standing: AniStanding
    number: str | None = field(default=None, repr=False)
    attestation: Attestation = Attestation.NONE


@dataclass(frozen=True)
class Customer:
    """A customer as the back end knows them. `ref` is the back end's own key; `identifier` is what a person would say."""

    ref: str = field(repr=False)
    identifier: str = field(repr=False)
    name: str | None = field(default=None, repr=False)


class Proof(StrEnum):
    """What a piece of evidence rests on."""

    ANI = "ani"
    IDENTIFIER = "identifier"
    SECRET = "secret"
    APPROVAL = "approval"  # in the customer's own app, with its code keyed into this call
    CALLBACK = "callback"  # they were this customer when they wished to be called back
    AGENT = "agent"  # an agent knew them, or found them; never more than identified


@dataclass(frozen=True)
class Evidence:
    """One reason to believe who is calling: what, how it came, after how many tries, when (UTC).

    `within`: an identifier that only told apart those whom something else had named (`ani`, or another field).
    """

    proof: Proof
    field: str
    at: datetime
    modality: Modality | None = None
    attempts: int = 1
    attestation: Attestation = Attestation.NONE
    within: str = ""


class ShapeKind(StrEnum):
    """What kind of thing may be said or keyed. All but the last two are numbers, and an answer to them is digits."""

    DIGITS = "digits"
    PHONE = "phone"  # a telephone number as people give it
    DATE = "date"  # digits as year, month, day: 19571127
    AMOUNT = "amount"  # digits as the smallest coins: 1250 is 12.50
    YES_NO = "yesno"
    COMMANDS = "commands"


class DateSpan(StrEnum):
    """Which dates can be meant, seen from the day of the call."""

    ANY = ""
    PAST = "past"
    FUTURE = "future"


_DIGITS = re.compile(r"digits:(\d{1,2})(?:-(\d{1,2}))?(?::(\d+(?:,\d+)*))?")
_AMOUNT = re.compile(r"amount:([0-3])")
_YES_NO = re.compile(r"yesno:(\d{1,2})")
LONGEST_DIGITS = 24
PHONE_DIGITS = (6, 18)  # the longest: an exit code of three digits before the fifteen of E.164
DATE_DIGITS = 8
AMOUNT_DIGITS = 9


@dataclass(frozen=True)
class Shape:
    """The shape of an answer. Digits are strings, always.

    Written `digits:8`, `digits:3-10`, `digits:8:44,45` (with what one begins with), `phone`, `date`, `date:past`, `date:future`,
    `amount:2` (so many decimals), `yesno`, `yesno:8` (or what puts right a number of at most so many digits that was read back),
    or `commands`.
    """

    kind: ShapeKind
    shortest: int = 0
    longest: int = 0
    span: DateSpan = DateSpan.ANY
    decimals: int = 0
    prefixes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Shape":
        """The shape that is written so; ValueError with what may be written otherwise."""
        if text in (ShapeKind.YES_NO, ShapeKind.COMMANDS):
            return cls(ShapeKind(text))
        if (found := _YES_NO.fullmatch(text)) and 2 <= int(found[1]) <= LONGEST_DIGITS:
            return cls.read_back(int(found[1]))
        if text == ShapeKind.PHONE:
            return cls(ShapeKind.PHONE, *PHONE_DIGITS)
        if (found := _DIGITS.fullmatch(text)) and 1 <= int(found[1]) <= int(found[2] or found[1]) <= LONGEST_DIGITS:
            prefixes = tuple(found[3].split(",")) if found[3] else ()
            return cls(ShapeKind.DIGITS, int(found[1]), int(found[2] or found[1]), prefixes=prefixes)
        if found := _AMOUNT.fullmatch(text):
            return cls(ShapeKind.AMOUNT, 1, AMOUNT_DIGITS, decimals=int(found[1]))
        kind, _, span = text.partition(":")
        if kind == ShapeKind.DATE and span in list(DateSpan) and bool(span) is (":" in text):
            return cls(ShapeKind.DATE, DATE_DIGITS, DATE_DIGITS, DateSpan(span))
        raise ValueError(
            f"a shape is digits:N or digits:N-M (1 to {LONGEST_DIGITS}, N no greater than M), with :44,45 for what it begins "
            f"with, phone, date, date:past, date:future, amount:N (0 to 3 decimals), yesno or commands, not {text!r}"
        )

    @classmethod
    def read_back(cls, longest: int) -> "Shape":
        """A yes or no to a number of at most so many digits, or what puts it right."""
        return cls(ShapeKind.YES_NO, longest=longest)

    @property
    def puts_right(self) -> bool:
        """Whether an answer may be a part of a number that was read back."""
        return self.kind is ShapeKind.YES_NO and self.longest > 0

    @property
    def takes_digits(self) -> bool:
        """Whether an answer is digits; otherwise it is a word."""
        return self.kind not in (ShapeKind.YES_NO, ShapeKind.COMMANDS)

    @property
    def fixed(self) -> bool:
        """Whether a complete answer has exactly one length."""
        return self.takes_digits and self.shortest == self.longest

    def fits(self, digits: str) -> bool:
        """Whether this is a complete answer of digits. No amount is nothing at all."""
        fits = self.takes_digits and self.shortest <= len(digits) <= self.longest
        return fits and not (self.kind is ShapeKind.AMOUNT and set(digits) == {"0"})

    def begins(self, digits: str) -> bool:
        """Whether these digits begin as an answer must."""
        return not self.prefixes or digits.startswith(self.prefixes)

    def __str__(self) -> str:
        match self.kind:
            case ShapeKind.DIGITS:
                lengths = f"{self.shortest}" if self.fixed else f"{self.shortest}-{self.longest}"
                return ":".join(filter(None, ("digits", lengths, ",".join(self.prefixes))))
            case ShapeKind.AMOUNT:
                return f"amount:{self.decimals}"
            case ShapeKind.YES_NO if self.puts_right:
                return f"yesno:{self.longest}"
            case ShapeKind.DATE if self.span:
                return f"date:{self.span.value}"
        return self.kind.value


class Command(StrEnum):
    """What a caller may say at any question instead of an answer."""

    REPEAT = "repeat"
    HELP = "help"
    AGENT = "agent"
    DONT_HAVE_IT = "dont_have_it"
    START_OVER = "start_over"
    YES = "yes"
    NO = "no"


class Hearing(StrEnum):
    """What two decoders make of an utterance together: take it, ask whether it is right, or do not use it."""

    ACCEPTED = "accepted"
    CONFIRM = "confirm"
    REJECTED = "rejected"


class Loudness(StrEnum):
    """How a voice comes over the line."""

    FINE = "fine"
    QUIET = "quiet"  # so soft that recognition suffers
    LOUD = "loud"  # louder than the line can carry


class IdentifyResult(StrEnum):
    """What the back end says to an identifier. The four stay apart to the caller's ear."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    SEVERAL = "several"
    UNAVAILABLE = "unavailable"
    LIMITED = "limited"  # not asked: this number has tried too many unknown identifiers today


class SecretVerdict(StrEnum):
    """What the back end says to a secret."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    LOCKED = "locked"
    NOT_SET = "not_set"
    UNAVAILABLE = "unavailable"  # certainly not checked
    TIMED_OUT = "timed_out"  # perhaps checked, perhaps not
    LIMITED = "limited"  # not asked: too many tries have failed from this number


class Party(StrEnum):
    """Who is in the room."""

    CALLER = "caller"
    AGENT = "agent"


class Tape(StrEnum):
    """What the recording of a call does."""

    OFF = "off"
    PAUSED = "paused"
    RUNS = "runs"


class Supervision(StrEnum):
    """How a supervisor is in on a conversation: heard by nobody, by the agent alone, or by everybody."""

    SILENT = "silent"
    COACHING = "coaching"
    SPEAKING = "speaking"


class Reason(StrEnum):
    """Why a caller goes on without full assurance; told to the agent."""

    NO_IDENTIFIER = "no_identifier"  # does not have it, or would not say it
    ASKED_FOR_AGENT = "asked_for_agent"
    UNKNOWN_IDENTIFIER = "unknown_identifier"
    NO_SECRET = "no_secret"  # does not have or know it
    WRONG_SECRET = "wrong_secret"
    LOCKED = "locked"
    SECRET_NOT_SET = "secret_not_set"
    NOT_CONFIRMED = "not_confirmed"  # number and secret together, and nobody is told which of them was wrong
    TOO_MANY_TRIES = "too_many_tries"  # from this calling number
    SECRET_NOT_ENOUGH = "secret_not_enough"  # somebody is guessing at many accounts, so a secret alone proves nothing now
    NO_ANSWER = "no_answer"
    NOT_UNDERSTOOD = "not_understood"
    BACK_END_DOWN = "back_end_down"
    TROUBLE = "trouble"


class Ending(StrEnum):
    """How a call ended."""

    SERVED = "served"  # an agent had it
    CONTAINED = "contained"  # the line itself did what was wanted
    ABANDONED = "abandoned"  # the caller left before an agent came
    CLOSED = "closed"  # out of hours
    HANDED_OVER = "handed_over"  # another system had it
    WAITED_TOO_LONG = "waited_too_long"
    CLOSED_MEANWHILE = "closed_meanwhile"  # everybody went home while the caller was in line
    CALLBACK_PROMISED = "callback_promised"  # left the line to be called back
    NOT_REACHED = "not_reached"  # called back in vain
    CALLED_OFF = "called_off"  # not called back, since it was not wanted any more
