"""What can happen in a call, one event each, in the past tense. Read it aloud: this is all that the conversation ever learns.

An event is never stored. `turn` is the number of the question that an entry answers; `errand` the number of the request
that an outcome answers. Times are aware datetimes in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from voicebot.dialogue.approving import ApprovalResult, ApprovalVerdict
from voicebot.dialogue.calling_back import CalledOff, NotReached, Window
from voicebot.dialogue.deeds import Deed
from voicebot.dialogue.forms import LinePlan, QueuePlan
from voicebot.dialogue.outbound import BookingResult, ChangeResult
from voicebot.dialogue.payment import PaymentNotAsked, PaymentOpened, PaymentReported, PaymentTold
from voicebot.dialogue.spoken import InLine
from voicebot.dialogue.values import (
    Ani,
    Customer,
    Hearing,
    IdentifyResult,
    Loudness,
    Party,
    Secret,
    SecretVerdict,
)
from voicebot.dialogue.wishing import KnownWish


@dataclass(frozen=True)
class CallArrived:
    """A call reached one of our numbers. `line` is what the operator wants there; it stays with the call to its end.

    `closes_at`: when nobody will be there any more, if that is known.
    """

    at: datetime
    line: LinePlan
    ani: Ani
    is_open: bool
    can_listen: bool  # whether a recognition model for the line's language is there
    closes_at: datetime | None = None


@dataclass(frozen=True)
class EntryKeyed:
    """The caller pressed keys, at least one. They may be a secret, so they always travel as one."""

    at: datetime
    turn: int
    keys: Secret
    ended_by_terminator: bool = False


@dataclass(frozen=True)
class EntrySpoken:
    """The ear made words of what the caller said. `delay` is seconds from the end of speech to this decision.

    `fitted`: only numbers with a right check digit were listened for, so that this one has it proves nothing. `among_customers`:
    only customers' numbers were, so that it is one proves nothing. `rivals`: other numbers that are nearly as likely, likeliest
    first; none for a secret.
    """

    at: datetime
    turn: int
    words: Secret
    hearing: Hearing
    delay: float = 0.0
    fitted: bool = False
    rivals: tuple[Secret, ...] = ()
    loudness: Loudness = Loudness.FINE
    among_customers: bool = False


@dataclass(frozen=True)
class NoInput:
    """Nothing was keyed until the time ran out. `speech_active`: the caller is speaking, or is still being understood."""

    at: datetime
    turn: int
    extension: int = 0
    speech_active: bool = False
    place: InLine | None = None  # where a waiting caller stands now


@dataclass(frozen=True)
class SpeechLost:
    """This turn's listening failed (stream, recogniser). Keys go on; the next question may listen again."""

    at: datetime
    phase: int


@dataclass(frozen=True)
class DoorFailed:
    """The door through which this turn's question was put has failed: a two-way stream never opened, broke, fell silent; a
    recording could not be heard. `by_caller`: it works, but they pressed a key instead of speaking into it.
    """

    at: datetime
    turn: int
    by_caller: bool = False


@dataclass(frozen=True)
class CallerIdentified:
    """The back end answered to an identifier or to the calling number. `customer` only with FOUND.

    `separators` only with SEVERAL: names of fields in which all of them differ.
    """

    at: datetime
    errand: int
    result: IdentifyResult
    customer: Customer | None = None
    separators: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExistingFound:
    """Which of several values somebody has. `looked` False: not all were looked up, so that nothing follows from it."""

    at: datetime
    errand: int
    looked: bool
    values: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class SecretChecked:
    """The back end answered to a secret. `under_attack`: somebody is guessing at many accounts, so that it proves nothing now."""

    at: datetime
    errand: int
    verdict: SecretVerdict
    under_attack: bool = False


@dataclass(frozen=True)
class DetailsFetched:
    """The back end answered with what a customer wants to know: name -> text. `available` False: it could not."""

    at: datetime
    errand: int
    available: bool
    details: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ErrandLost:
    """Nobody knows what became of an errand (we were restarted, or it took too long). Its reservation stays."""

    at: datetime
    errand: int


@dataclass(frozen=True)
class TimeCame:
    """A time that the conversation asked for with `WakeAt` has come."""

    at: datetime
    name: str


@dataclass(frozen=True)
class AgentAccepted:
    """An agent pressed 1 and is the one. `agent` is a name, `agent_id` who may control the conversation."""

    at: datetime
    reservation: str
    agent: str
    agent_id: str = ""


@dataclass(frozen=True)
class AgentTurnedDown:
    """An agent was rung in vain: declined, no key (voicemail), busy, no answer, failed. The place is kept.

    `item`: for which piece of the call's work; empty: for the call itself. `reason`: what the agent said to it, by code.
    """

    at: datetime
    agent: str
    why: str
    item: str = ""
    reason: str = ""


@dataclass(frozen=True)
class AgentLeft:
    """The leg of an agent or a supervisor of this call is gone: hung up, or lost before it came into the room."""

    at: datetime
    reservation: str


@dataclass(frozen=True)
class CustomerLinked:
    """The agent who has the call has said who the caller is. `agent` by name, `by` the field that the agent looked up."""

    at: datetime
    agent: str
    customer: Customer
    by: str


@dataclass(frozen=True)
class PartyEntered:
    """Caller or agent came into the room. `leg` is the reservation of whoever is not the caller; empty: the agent's."""

    at: datetime
    party: Party
    leg: str = ""


@dataclass(frozen=True)
class RoomLeft:
    """The caller's leg came out of a room (the agent left, or the room was closed); empty `room`: of whichever it is in."""

    at: datetime
    room: str = ""


@dataclass(frozen=True)
class Arranged:
    """The line has done what `Arrange` asked for this leg (empty: the caller's). `done` False: it could not be done."""

    at: datetime
    leg: str
    done: bool = True


@dataclass(frozen=True)
class HandOverEnded:
    """The caller's leg came back from a SIP peer. `connected`: the peer had answered."""

    at: datetime
    connected: bool


@dataclass(frozen=True)
class CallerHungUp:
    """The caller's leg has ended, by whomever."""

    at: datetime


@dataclass(frozen=True)
class ProofRedeemed:
    """The company's back end makes use of a proof, for this customer, action and amount (`1250.00 EUR`)."""

    at: datetime
    number: int
    customer: str = field(repr=False)
    action: str
    amount: str


@dataclass(frozen=True)
class WishesFound:
    """The callbacks that this caller is promised and may change; `zone`: in whose time they are told."""

    at: datetime
    wishes: tuple[KnownWish, ...] = ()
    zone: str = "UTC"


@dataclass(frozen=True)
class CallbackChanged:
    """What became of `MoveCallback` or `CancelCallback`."""

    at: datetime
    result: ChangeResult


@dataclass(frozen=True)
class CallbackPlanned:
    """What would become of it now, and which slots may be chosen, earliest first; `zone`: in whose time they are told."""

    at: datetime
    result: BookingResult
    slots: tuple[Window, ...] = ()
    zone: str = "UTC"


@dataclass(frozen=True)
class CallbackBooked:
    """What became of `BookCallback`."""

    at: datetime
    result: BookingResult


@dataclass(frozen=True)
class ApprovalRequested:
    """What became of `RequestApproval`."""

    at: datetime
    approval: int
    result: ApprovalResult


@dataclass(frozen=True)
class ApprovalAnswered:
    """The customer answered in the app, or never did. Approved is only what the provider vouches for as this customer's word."""

    at: datetime
    approval: int
    verdict: ApprovalVerdict


@dataclass(frozen=True)
class CodeChecked:
    """What became of `CheckCode`."""

    at: datetime
    approval: int
    right: bool


@dataclass(frozen=True)
class CallbackDue:
    """It is time to call somebody back: the first event of a call that we make. `wish`: the call in which it was wished.

    `since`: when they got in line, `tries`: how often they were dialled for it; `customer` where they were identified then;
    `subject`: what they want to talk about; `has_phrase`: one is to be read out to them.
    """

    at: datetime
    line: LinePlan
    queue: QueuePlan
    wish: str
    number: str = field(repr=False)
    since: datetime
    tries: int = 0
    customer: Customer | None = None
    closes_at: datetime | None = None
    subject: str = field(default="", repr=False)
    has_phrase: bool = False


@dataclass(frozen=True)
class CustomerAnswered:
    """Somebody, or a machine, has picked up the telephone that we dialled."""

    at: datetime


@dataclass(frozen=True)
class CustomerNotReached:
    """The telephone that we dialled was busy, or nobody picked it up, or it is no more."""

    at: datetime
    why: NotReached


@dataclass(frozen=True)
class CallbackCalledOff:
    """They are not to be called back, or not now."""

    at: datetime
    why: CalledOff


@dataclass(frozen=True)
class TroubleMet:
    """Something of ours failed. The caller goes to an agent as *not verified*."""

    at: datetime
    where: str


Event: TypeAlias = (
    CallArrived | EntryKeyed | EntrySpoken | NoInput | SpeechLost | DoorFailed | CallerIdentified | ExistingFound
    | SecretChecked | DetailsFetched | ErrandLost | TimeCame | AgentAccepted | AgentTurnedDown | AgentLeft
    | CustomerLinked | PartyEntered | RoomLeft | Arranged | HandOverEnded | CallerHungUp | ProofRedeemed | WishesFound
    | CallbackChanged | CallbackPlanned | CallbackBooked | CallbackDue | CustomerAnswered | CustomerNotReached
    | CallbackCalledOff | ApprovalRequested | ApprovalAnswered | CodeChecked | PaymentOpened | PaymentTold
    | PaymentNotAsked | PaymentReported | TroubleMet | Deed
)
