"""What an agent or a supervisor does about a call, one event each. `by` is who does it, by id.

A deed that is not to be done now (`refusals`) leaves a journal note and nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.payment import Piece
from voicebot.dialogue.values import Supervision


@dataclass(frozen=True)
class Target:
    """Whom an agent turns to: the agent of this id, or with none anybody of the queue. `name` is what people call it."""

    queue: QueuePlan
    name: str
    agent: str = ""


@dataclass(frozen=True)
class CallerHeld:
    """The agent has put the caller on hold."""

    at: datetime
    by: str


@dataclass(frozen=True)
class CallerResumed:
    """The agent has taken the caller off hold."""

    at: datetime
    by: str


@dataclass(frozen=True)
class AgentMuted:
    """The agent is to be heard by nobody, or again by everybody."""

    at: datetime
    by: str
    muted: bool


@dataclass(frozen=True)
class ConsultAsked:
    """The agent wants to talk to somebody else first; the caller is put on hold."""

    at: datetime
    by: str
    target: Target


@dataclass(frozen=True)
class ConsultEnded:
    """The agent goes back to the caller, without the other."""

    at: datetime
    by: str


@dataclass(frozen=True)
class ConsultCompleted:
    """The agent leaves the caller to the one who was consulted."""

    at: datetime
    by: str


@dataclass(frozen=True)
class CallPassed:
    """The agent gives the call away. `somebody_free`: an agent of the target could take it at once. `note` is for who does."""

    at: datetime
    by: str
    target: Target
    note: str = field(default="", repr=False)
    somebody_free: bool = True


@dataclass(frozen=True)
class CallEnded:
    """The agent has ended the call."""

    at: datetime
    by: str


@dataclass(frozen=True)
class SupervisorListens:
    """A supervisor wants to be in on the conversation like this; their phone is rung if they are not yet."""

    at: datetime
    by: str
    name: str
    supervision: Supervision


@dataclass(frozen=True)
class SupervisorStopped:
    """A supervisor wants out of the conversation."""

    at: datetime
    by: str


@dataclass(frozen=True)
class StepUpAsked:
    """The agent wants a fresh proof for this action. `amount` in the smallest coins; `proof` names one, empty: the first."""

    at: datetime
    by: str
    action: str
    amount: int = 0
    proof: str = ""


@dataclass(frozen=True)
class StepUpStopped:
    """The agent wants the caller back without the proof."""

    at: datetime
    by: str


@dataclass(frozen=True)
class TokenShown:
    """The agent has been given the validation token of a proof that was passed."""

    at: datetime
    by: str


@dataclass(frozen=True)
class PhraseRead:
    """The agent has been shown the phrase of the customer whom we have called back, to read it out. `found`: there was one still;
    its time may have been over.
    """

    at: datetime
    by: str
    found: bool = True


@dataclass(frozen=True)
class PaymentAsked:
    """The agent wants the caller to pay this by card. `amount` in the smallest coins; `link`: on a device of their own."""

    at: datetime
    by: str
    amount: int
    link: bool = False


@dataclass(frozen=True)
class PieceAsked:
    """The agent wants a piece of the card data keyed once more."""

    at: datetime
    by: str
    piece: Piece


@dataclass(frozen=True)
class ChargeAsked:
    """The agent says that the card, which is complete, is to be charged."""

    at: datetime
    by: str


@dataclass(frozen=True)
class PaymentStopped:
    """The agent does not want the payment any more."""

    at: datetime
    by: str


PaymentDeed: TypeAlias = PaymentAsked | PieceAsked | ChargeAsked | PaymentStopped
CallDeed: TypeAlias = (
    CallerHeld | CallerResumed | AgentMuted | ConsultAsked | ConsultEnded | ConsultCompleted | CallPassed | CallEnded
    | SupervisorListens | SupervisorStopped | StepUpAsked | StepUpStopped | TokenShown
    | PhraseRead
)
Deed: TypeAlias = CallDeed | PaymentDeed
