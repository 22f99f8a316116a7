"""What the conversation wants done: *verbs* that the line performs, *errands* that the house is asked, and notes for the journal.

Verbs are stored with the call and rendered by `telephony`; they hold prompt ids, never wording, and never a secret.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from voicebot.dialogue.approving import CheckCode, DropApproval, RequestApproval
from voicebot.dialogue.calling_back import NotReached, Window, WishResult
from voicebot.dialogue.context import Context
from voicebot.dialogue.forms import DialTarget, Door, PaymentPlan
from voicebot.dialogue.notes import Note
from voicebot.dialogue.payment import Piece, Request
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.dialogue.spoken import Spoken
from voicebot.dialogue.values import Secret, Shape

# ---- verbs: what the line does -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say:
    """Play a prompt. `attempt` (from 1) chooses its variant; `args` fill its places.

    `general`: what may stand in the place of the first part of `prompt_id`, where that has no words of its own.
    """

    prompt_id: str
    attempt: int = 1
    args: tuple[tuple[str, Spoken], ...] = ()
    general: str = ""


@dataclass(frozen=True)
class KeyPlan:
    """How keys are gathered. Seconds; `count` None means that only `terminator` or `inter_digit_timeout` ends the entry."""

    count: int | None
    terminator: str = "#"
    timeout: int = 6


@dataclass(frozen=True)
class Ask:
    """Play prompts, then take keys and, if `listen`, speech. Whoever comes first claims the turn.

    `phase` numbers the listening phase (one audio stream each); `opens_stream` is true in its first question.
    `extension` counts how often the turn has been held open, since the caller was still speaking or a stray key cut it off.
    """

    turn: int
    say: tuple[Say, ...]
    shape: Shape
    keys: KeyPlan
    listen: bool = False
    phase: int = 0
    opens_stream: bool = False
    extension: int = 0
    secret: bool = False
    field: str = ""
    door: Door = Door.GATHER


@dataclass(frozen=True)
class StopListening:
    """Close the forked audio stream of this phase: from here on we must not hear."""

    phase: int


@dataclass(frozen=True)
class Wait:
    """Hold the caller in line for at most ten seconds: music segment number `segment`, after `say`. Keys bring `turn` back.

    `keys`: so many of them end the entry by themselves.
    """

    turn: int
    segment: int
    say: tuple[Say, ...] = ()
    keys: int = 1


@dataclass(frozen=True)
class Join:
    """Put this leg into a room with the other party. `muted`: it only hears, until it is arranged otherwise."""

    room: str
    muted: bool = False


@dataclass(frozen=True)
class AskAgent:
    """On the agent's leg: the queue's name, and wait for 1 or 2. Nothing about the caller."""

    say: tuple[Say, ...]
    timeout: int = 8


@dataclass(frozen=True)
class HandOver:
    """Give this leg to another system. An address of the web takes it for good; a SIP peer may give it back."""

    target: DialTarget
    context: Context


@dataclass(frozen=True)
class TakeCard:
    """Have the carrier take a card from this leg and charge it, the caller alone. No key of it reaches us.

    `amount` is a number as people write it; `says`: what is said when (a piece's name, `charging`, `wrong`).
    """

    number: int
    plan: PaymentPlan
    amount: str
    says: tuple[tuple[str, Say], ...] = ()


@dataclass(frozen=True)
class Hangup:
    """End this leg."""


Verb: TypeAlias = Say | Ask | StopListening | Wait | Join | AskAgent | HandOver | TakeCard | Hangup

# ---- errands: what the house is asked ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Among:
    """The customers whom an earlier number names: `by` is a field's name or `ani`."""

    by: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class IdentifyCaller:
    """*Query.* Whose is this? `by` is a field's name or `ani`. With `within`, only those customers come into question."""

    errand: int
    by: str
    value: str = field(repr=False)
    within: Among | None = None


@dataclass(frozen=True)
class FindExisting:
    """*Query.* Which of these values, likeliest first, of which one was said, does anybody have? Of about so many customers.

    Of only as many as `policy.how_many_to_look_for` allows, so that one that was never said is hardly found by chance.
    """

    errand: int
    by: str
    values: tuple[str, ...] = field(repr=False)
    customers: int


@dataclass(frozen=True)
class Claim:
    """Whose secret is to be checked: a customer already found, or (under `joint`) a field and its value not looked up yet."""

    ref: str | None = field(default=None, repr=False)
    by: str | None = None
    value: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CheckSecret:
    """*Check.* Is this the secret? Lives in memory only; the account's attempt is reserved before it runs."""

    errand: int
    claim: Claim
    field: str
    secret: Secret


@dataclass(frozen=True)
class FetchDetails:
    """*Query.* What the customer wants to know, by name."""

    errand: int
    ref: str = field(repr=False)
    names: tuple[str, ...] = ()


Errand: TypeAlias = IdentifyCaller | FindExisting | CheckSecret | FetchDetails

# ---- the rest ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OfferToFloor:
    """Put this call in line for an agent of a queue. `consult` names a piece of work of its own: somebody to be asked first.

    `agent`: this one is meant, by id.
    """

    queue: str
    skills: tuple[str, ...] = ()
    agent: str = ""
    consult: str = ""


@dataclass(frozen=True)
class WithdrawFromFloor:
    """Take this call off the floor: out of line, and whoever rings or talks for it is rid of it. `item`: only that piece."""

    item: str = ""


@dataclass(frozen=True)
class BookCallback:
    """The caller would leave the line to be called at this number (E.164). `CallbackBooked` says what became of it, at once.

    `window`: when; None: as soon as possible, with the place that they have.
    """

    queue: str
    number: str = field(repr=False)
    window: Window | None = None


@dataclass(frozen=True)
class FindWishes:
    """Which callbacks is this caller promised already? `WishesFound` says it, at once."""


@dataclass(frozen=True)
class MoveCallback:
    """Such a callback is to come at another time. `CallbackChanged` says what became of it, at once."""

    wish: str
    window: Window | None


@dataclass(frozen=True)
class CancelCallback:
    """Such a callback is not wanted any more. `CallbackChanged` says what became of it, at once."""

    wish: str


@dataclass(frozen=True)
class PlanCallback:
    """Could they be called at this number, and when? `CallbackPlanned` says it, at once. Nothing is promised yet."""

    queue: str
    number: str = field(repr=False)


@dataclass(frozen=True)
class KeepPhrase:
    """Seal this phrase for the callback that is booked in this call. It replaces an earlier one."""

    phrase: CallbackPhrase


@dataclass(frozen=True)
class MakePhrase:
    """Make a phrase of two words in the line's language, and seal it likewise."""


@dataclass(frozen=True)
class DropPhrase:
    """Nothing was booked: it is not kept."""


@dataclass(frozen=True)
class Dial:
    """*Effect.* Ring the customer at this number (E.164). `leg`: our name of their leg; it is never dialled twice."""

    leg: str
    number: str = field(repr=False)


@dataclass(frozen=True)
class AssignWish:
    """An agent, by name, has a wish to be called back, and the customer's telephone is to ring."""

    wish: str
    agent: str


@dataclass(frozen=True)
class SettleWish:
    """What became of a wish to be called back, after so many dials. `again_at`: not in the end; it is due again then.

    `why` nobody was reached, where somebody was dialled.
    """

    wish: str
    result: WishResult
    tries: int = 0
    again_at: datetime | None = None
    why: NotReached | None = None


@dataclass(frozen=True)
class CloseRoom:
    """*Effect.* Everybody out; the room is done."""

    room: str


@dataclass(frozen=True)
class Arrange:
    """*Effect.* Have somebody in the room sit as `seats` says. `leg`: a reservation; empty: the caller."""

    leg: str = ""


@dataclass(frozen=True)
class RingSupervisor:
    """*Effect.* Ring a supervisor's phone for this leg."""

    leg: str
    supervisor: str


@dataclass(frozen=True)
class EndLeg:
    """*Effect.* A leg that the floor knows nothing of is not wanted any more, ringing or not."""

    leg: str


@dataclass(frozen=True)
class Record:
    """*Effect.* Have the recording of the caller's leg do what `taping` says."""


@dataclass(frozen=True)
class Pay:
    """*Effect.* Ask the carrier for this about a payment. `key`: the same for the same request, however often it is made.

    `amount` is a number as people write it, in the currency of the payment's plan.
    """

    request: Request
    number: int
    step: int
    key: str
    session: str = ""
    piece: Piece | None = None
    amount: str = ""


@dataclass(frozen=True)
class SendPaymentLink:
    """*Effect.* Send the caller the link to the payment page, for payment `number`. The same again leads to the same payment."""

    number: int


@dataclass(frozen=True)
class WakeAt:
    """Send `TimeCame(name)` at this time. A later one of the same name replaces it."""

    at: datetime
    name: str


Action: TypeAlias = (
    Verb | Errand | OfferToFloor | WithdrawFromFloor | FindWishes | MoveCallback | CancelCallback | PlanCallback | KeepPhrase
    | MakePhrase | DropPhrase | BookCallback | Dial | AssignWish | SettleWish | RequestApproval | CheckCode | DropApproval
    | CloseRoom | Arrange | Record | RingSupervisor | EndLeg | Pay | SendPaymentLink | WakeAt | Note
)
