"""One interaction in facts: the call, its stays in line, and each agent's part of it. Times are aware; lengths are exact."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from voicebot.dialogue.values import Modality

NOTHING = timedelta()


class Outcome(StrEnum):
    """How a stay in line ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    WAITED_TOO_LONG = "waited_too_long"
    CLOSED_MEANWHILE = "closed_meanwhile"
    CALLBACK_PROMISED = "callback_promised"
    OTHER = "other"  # the line ended the call in some other way


class GivenTo(StrEnum):
    """What an agent did with a call that was not at its end."""

    NOBODY = ""
    PASSED_ON = "passed_on"  # back in line, for another agent or queue
    TAKEN_OVER = "taken_over"  # by the colleague whom they had asked
    LOST = "lost"  # the agent's leg ended while the caller was on hold


@dataclass(frozen=True)
class Stay:
    """One time in line of one queue. `until`: answered, or given up. `again`: the caller came back from an agent who was lost."""

    queue: str
    since: datetime
    until: datetime
    outcome: Outcome
    again: bool = False

    @property
    def waited(self) -> timedelta:
        """From joining the queue to its end."""
        return self.until - self.since


@dataclass(frozen=True)
class Spell:
    """An agent's part of a conversation. `wrap_up` is None where they have not filed it."""

    agent: str
    queue: str
    since: datetime
    until: datetime
    hold: timedelta = NOTHING
    wrap_up: timedelta | None = None
    consults: int = 0
    given_to: GivenTo = GivenTo.NOBODY
    verified: bool = False  # the caller was, when the part began

    @property
    def talk(self) -> timedelta:
        """The conversation without its holds."""
        return self.until - self.since - self.hold

    @property
    def handling(self) -> timedelta:
        """Talk, hold and, where it was filed, wrap-up."""
        return self.until - self.since + (self.wrap_up or NOTHING)


@dataclass(frozen=True)
class InVain:
    """An agent's phone rang for this call, and they did not take it."""

    agent: str
    queue: str
    at: datetime


class Came(StrEnum):
    """What a question of the form came to."""

    ACCEPTED = "accepted"  # the back end knows the number, or the secret is right
    REFUSED = "refused"  # it says no
    NOT_CHECKED = "not_checked"  # it could not be asked
    KEPT = "kept"  # believed as heard, and waits for its secret (`joint`), or the call ended before the answer
    NOT_UNDERSTOOD = "not_understood"  # of no use: too short, no match, a wrong check digit, denied at the read-back
    SILENT = "silent"
    HELPED = "helped"  # the caller wanted it again, or an explanation
    OPTED_OUT = "opted_out"  # wanted an agent, or does not have it
    LEFT = "left"  # nothing more came: the caller has left, or the time was up


@dataclass(frozen=True)
class Question:
    """One question before any line, with its read-back. `attempt`: the how manieth of its step in this call, from 1.

    `modality` is None where nothing was keyed and nothing said.
    """

    step: str
    attempt: int
    at: datetime
    came: Came = Came.LEFT
    modality: Modality | None = None
    confirmed: int = 0
    denied: int = 0


@dataclass(frozen=True)
class Unproven:
    """The caller went on to an agent without full proof: after which question, and why (`dialogue.values.Reason`)."""

    step: str
    attempt: int
    modality: Modality | None
    reason: str
    at: datetime


class Alarming(StrEnum):
    """Security events of calls."""

    WRONG_PROOF = "wrong_proof"
    ACCOUNT_IS_LOCKED = "account_is_locked"  # a proof was not looked at
    TOO_MANY_TRIES = "too_many_tries"  # from this calling number
    ATTACK_BEGINS = "attack_begins"  # somebody is guessing at many accounts
    ATTACK_OVER = "attack_over"
    STEP_UP_WRONG = "step_up_wrong"  # a wrong entry, and another is allowed
    STEP_UP_FAILED = "step_up_failed"
    APPROVAL_DENIED = "approval_denied"  # by the customer, in the app
    APPROVAL_WRONG = "approval_wrong"  # a code that is not the app's, and another is allowed
    APPROVAL_FAILED = "approval_failed"  # such codes, too often
    APPROVAL_UNTRUE = "approval_untrue"  # the provider's word did not hold: forged, or of somebody else
    TOKEN_REFUSED = "token_refused"  # a validation token that is forged, of something else, used or too old


@dataclass(frozen=True)
class Alarm:
    """One of them."""

    what: Alarming
    at: datetime


@dataclass(frozen=True)
class Paying:
    """A card payment, and what is known of its end (words of `dialogue.payment`); `way` is empty where the journal is erased.

    Amounts are not facts. `queue` and `agent`: who had the caller.
    """

    at: datetime
    way: str
    state: str
    queue: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Known:
    """What a journal does not have. `customer` is a keyed hash, or empty where nobody was identified."""

    call_id: str
    customer: str = ""
    called_back_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """One interaction that is over.

    `since_last` is the time since the same customer's call before this one, None where there was none (`repeats.marked`).
    `checks_lost` could not be made, the back end being down; `outage` is how long the caller had to do with that.
    `verified_at` is None where nothing was proven, `score` (0 to 10) where the caller was not asked or said nothing.
    """

    call_id: str
    started_at: datetime
    ended_at: datetime
    line: str
    language: str
    ending: str
    assurance: str
    code: str = ""
    stays: tuple[Stay, ...] = ()
    spells: tuple[Spell, ...] = ()
    in_vain: tuple[InVain, ...] = ()
    customer: str = ""
    called_back_at: datetime | None = None
    since_last: timedelta | None = None
    verified_at: datetime | None = None
    score: int | None = None
    questions: tuple[Question, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    payments: tuple[Paying, ...] = ()
    out_of_hours: bool = False  # nobody was there when it rang, whatever came of it
    checks_lost: int = 0
    outage: timedelta = NOTHING
    dialled: bool = False  # by us, who called somebody back: nobody arrived, and nobody waited in line

    @property
    def time_to_verify(self) -> timedelta | None:
        """From the ring to the proof."""
        return None if self.verified_at is None else self.verified_at - self.started_at

    @property
    def picked_up_verified(self) -> bool:
        """Whether the first agent who talked with the caller had nothing left to ask for proof."""
        return bool(self.spells) and self.spells[0].verified
