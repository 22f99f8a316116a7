"""A card payment: what is to be paid, which card data the carrier has, how it ended. Never a digit of the card but its last four.

Card data go from the caller's keypad to the carrier and from there to whoever charges. Nothing here could hold them.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from voicebot.dialogue.check_digits import check_digit_fits
from voicebot.dialogue.forms import CheckDigit, PaymentPlan

TRIES = 3  # wrong entries of one piece
OPENS_WITHIN = timedelta(seconds=45)  # of the carrier, tries of ours included
CHARGED_WITHIN = timedelta(seconds=90)  # then nobody knows, and nobody tries again
DECIDED_WITHIN = timedelta(minutes=5)  # of the agent, once the card is complete
SHORTEST_CARD, LONGEST_CARD = 13, 19  # digits of the card numbers in use (ISO/IEC 7812-1)

_REFERENCE = re.compile(r"[A-Za-z0-9_.:#/-]{1,64}")
_WHY = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MASKED = re.compile(r"[xX*•\s-]{4,}([0-9]{4})")
_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9])*")


class Piece(StrEnum):
    """What the caller keys, one after the other."""

    CARD_NUMBER = "card_number"
    EXPIRY = "expiry"
    SECURITY_CODE = "security_code"


class PaymentState(StrEnum):
    """How far a payment has come. The first four are under way."""

    OPENING = "opening"  # the carrier has been asked for a session: nobody may key yet
    ENTERING = "entering"  # the caller is to key a piece
    ENTERED = "entered"  # all pieces are there; nothing is charged before the agent says so
    CHARGING = "charging"
    LINKED = "linked"  # a link is out: the caller may pay on a device of their own, and the call goes on
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"  # before anything was charged
    FAILED = "failed"  # the same, by no wish of anybody
    UNCERTAIN = "uncertain"  # it was to be charged, and nobody has said whether it was


UNDER_WAY = (PaymentState.OPENING, PaymentState.ENTERING, PaymentState.ENTERED, PaymentState.CHARGING)


class Way(StrEnum):
    """How the caller pays. Words of the store."""

    AGENT = "agent"  # on the live call, the agent stays
    ALONE = "alone"  # to the line itself
    DEVICE = "device"  # by a link, on a device of their own


class Request(StrEnum):
    """What the carrier is asked to do about a payment."""

    OPEN = "open"
    ASK = "ask"
    CHARGE = "charge"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """What the carrier says in the end."""

    CHARGED = "charged"
    DECLINED = "declined"
    NOT_CHARGED = "not_charged"  # it came to no charge: hung up, interrupted, never completed
    UNKNOWN = "unknown"  # a failure of which nobody can tell whether it charged


@dataclass(frozen=True)
class PaymentOpened:
    """The carrier has begun a session, which it knows by this name."""

    at: datetime
    number: int
    session: str


@dataclass(frozen=True)
class PaymentTold:
    """What the carrier tells of a payment, of its request number `step`. `missing` None: it says nothing of pieces.

    `last_four`, `reference` and `why` are what `last_four_of`, `reference_of` and `why_of` have let through.
    """

    at: datetime
    number: int
    step: int
    session: str
    missing: tuple[Piece, ...] | None = None
    wrong: str = ""
    last_four: str = ""
    outcome: Outcome | None = None
    reference: str = ""
    why: str = ""


@dataclass(frozen=True)
class PaymentNotAsked:
    """A request to the carrier did not go through. `certain`: it was surely not done."""

    at: datetime
    number: int
    step: int
    certain: bool


@dataclass(frozen=True)
class PaymentReported:
    """The company's own payment page says what became of a link. `amount` as on the card (`12.50 EUR`)."""

    at: datetime
    number: int
    amount: str
    paid: bool
    transaction: str = ""
    authorisation: str = ""
    last_four: str = ""


PaymentNews: TypeAlias = PaymentOpened | PaymentTold | PaymentNotAsked | PaymentReported


@dataclass(frozen=True)
class Payment:
    """`amount` is in the currency's smallest coins. `step` numbers the requests to the carrier. `until`: by then it has gone on.

    `asked`: what the caller is to key now; `done`: what is there; `wrong`: entries of the present piece that were no good.
    `charge`: the step that asked for the charge; 0 before. `alone`: without an agent; the carrier charges by itself.
    `link`: on a device of the caller's own.
    """

    number: int
    plan: PaymentPlan
    amount: int
    since: datetime
    until: datetime
    step: int = 1
    state: PaymentState = PaymentState.OPENING
    why: str = ""
    session: str = ""
    asked: Piece | None = None
    done: tuple[Piece, ...] = ()
    wrong: int = 0
    charge: int = 0
    alone: bool = False
    link: bool = False
    last_four: str = ""
    reference: str = ""
    authorisation: str = ""

    @property
    def open(self) -> bool:
        """Whether money may still be moved for it."""
        return self.under_way or self.state is PaymentState.LINKED

    @property
    def under_way(self) -> bool:
        """Whether it has not come to an end."""
        return self.state in UNDER_WAY

    @property
    def cancellable(self) -> bool:
        """Whether it can still be ended without a charge."""
        return self.under_way and self.state is not PaymentState.CHARGING

    @property
    def way(self) -> Way:
        """How the caller pays."""
        return Way.DEVICE if self.link else Way.ALONE if self.alone else Way.AGENT

    @property
    def amount_told(self) -> str:
        """The amount as people write it (`12.50 EUR`)."""
        return self.plan.told(self.amount)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What a card needs here, in the order in which it is asked."""
        return tuple(Piece) if self.plan.security_code else (Piece.CARD_NUMBER, Piece.EXPIRY)

    @property
    def next_piece(self) -> Piece | None:
        """What is to be asked next; None: the card is complete."""
        return next((piece for piece in self.pieces if piece not in self.done), None)

    def over(self, state: PaymentState, why: str = "") -> "Payment":
        """It has come to its end."""
        return replace(self, state=state, why=why, asked=None)


def last_four_of(masked: str) -> str:
    """The last four digits of a number that the carrier has masked (`xxxxxxxxxxxx4242`); empty for anything else."""
    found = _MASKED.fullmatch(masked.strip())
    return found[1] if found else ""


def reference_of(text: str) -> str:
    """A transaction's name that may be kept and shown; empty where it is none, or could be a card's number."""
    return text if _REFERENCE.fullmatch(text) and not has_card_number(text) else ""


def why_of(text: str) -> str:
    """A reason in the carrier's own words, which are few and have hyphens; empty for anything else."""
    return text if _WHY.fullmatch(text) and not has_card_number(text) else ""


def has_card_number(text: str) -> bool:
    """Whether a run of digits in it, perhaps in groups, could be the number of a card."""
    runs = ("".join(digit for digit in found[0] if digit.isdecimal()) for found in _DIGITS.finditer(text))
    return any(SHORTEST_CARD <= len(run) <= LONGEST_CARD and check_digit_fits(run, CheckDigit.LUHN) for run in runs)
