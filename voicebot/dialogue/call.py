"""The state of one call, and nothing else: who it may be, how sure we are, which journey it is on.

Frozen; every step makes a new one. `to_dict` leaves the line plan out (it is kept once per content hash, not per call)
and `from_dict` fills what an older release did not know with its default.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from voicebot.dialogue.actions import Among, Say, Verb
from voicebot.dialogue.approving import Approval
from voicebot.dialogue.calling_back import CallingBack
from voicebot.dialogue.codec import from_plain, to_plain
from voicebot.dialogue.forms import Door, LinePlan, QueuePlan
from voicebot.dialogue.payment import Payment
from voicebot.dialogue.proving import StepUp
from voicebot.dialogue.serving import PassedOn, Serving
from voicebot.dialogue.values import Ani, Assurance, Customer, Ending, Evidence, Modality, Reason
from voicebot.dialogue.wishing import CallbackWish


class Stage(StrEnum):
    """Which journey the call is on."""

    NEW = "new"
    AUTHENTICATE = "authenticate"
    SELF_SERVICE = "self_service"
    WAIT = "wait"
    TRANSFER = "transfer"
    CALLBACK = "callback"  # we call, and have not reached anybody yet
    SURVEY = "survey"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


@dataclass(frozen=True)
class Tally:
    """What has happened at the present question. Each counter has its own limit; none stands in for another."""

    asks: int = 0
    rejected: int = 0
    no_input: int = 0
    no_match: int = 0
    short: int = 0
    back_end_down: int = 0
    speech_failures: int = 0
    mistyped: int = 0


@dataclass(frozen=True)
class Part:
    """Of a number: its digits from `start` up to `stop`, counted from 0. `asks`: how often it has been asked for."""

    start: int
    stop: int
    asks: int = 1


@dataclass(frozen=True)
class Heard:
    """An identifier on its way: collected, not yet believed. Never a secret.

    `doubtful`: the ear was not sure, but the check digit is right; the back end's answer stands for a yes. `blocks`: the parts in
    which it is read back. `others`: what else can have been meant, offered after a no. `part`: that is asked for anew.
    """

    value: str
    modality: Modality
    needs_yes: bool = False
    doubtful: bool = False
    blocks: tuple[int, ...] = ()
    others: tuple[str, ...] = ()
    part: Part | None = None

    def __repr__(self) -> str:
        return f"Heard(•••, {self.modality.value})"


@dataclass(frozen=True)
class Claimed:
    """An identifier whose secret is asked before anybody is looked up. `proven`: the secret has matched."""

    by: str
    value: str
    modality: Modality
    proven: Evidence | None = None

    def __repr__(self) -> str:
        return f"Claimed({self.by}, •••)"


@dataclass(frozen=True)
class Authenticating:
    """The form's place: which field is asked, what was tried."""

    position: int = 0  # index into identifiers, then secrets
    by_ani: bool = False  # the open errand looks the calling number up
    tally: Tally = Tally()
    asked_at: datetime | None = None
    prefix: str = ""  # keys of a short identifier, to be continued
    spilled: bool = False  # a star cut the last entry of a secret off, so its last keys may stand in front of the next one
    heard: Heard | None = None  # waiting for a yes, or for the back end
    denied: tuple[str, ...] = ()  # values the caller said no to
    keypad_only: bool = False
    speech_won_at: datetime | None = None
    speech_won: str = ""  # the identifier that speech won with, to know its repetition by key
    attempts: int = 0  # complete entries for this field, for the evidence
    modality: Modality | None = None  # how the entry under check came
    within: Among | None = None  # several customers, to be told apart
    separating: str = ""  # by this field
    claimed: Claimed | None = None  # under `joint`
    distrusted: bool = False  # the secret that has matched proves nothing now: somebody is guessing

    def __repr__(self) -> str:
        return f"Authenticating(position={self.position}, tally={self.tally}, keypad_only={self.keypad_only})"


@dataclass(frozen=True)
class Waiting:
    """In line for an agent."""

    since: datetime
    segment: int = 0
    again_since: datetime | None = None  # back in line, at the place from before
    here_since: datetime | None = None  # passed on to this queue, whose limits count from then
    wish: CallbackWish | None = None
    closed: bool = False  # nobody comes any more; the caller is only asked about being called back
    minutes: int | None = None  # that it may still take, as far as that was known when it was last looked at
    in_line: bool = True  # False: out of hours, when there is no line


@dataclass(frozen=True)
class Survey:
    """The caller is asked how satisfied they were. `score` (0 to 10) once they have said it."""

    asks: int = 1
    score: int | None = None


@dataclass(frozen=True)
class Call:
    """One interaction from ring to end. `id` is ours (128 random bits); the carrier's leg ids are elsewhere."""

    id: str
    line: LinePlan
    stage: Stage = Stage.NEW
    ani: Ani | None = None
    started_at: datetime | None = None
    is_open: bool = True
    closes_at: datetime | None = None
    can_listen: bool = False
    turn: int = 0
    phase: int = 0
    stream_open: bool = False
    stream_door: Door = Door.GATHER  # what the open phase is heard through
    door_failed: bool = False  # two-way streams have failed in this call, and are not tried again
    lost_streams: int = 0  # forked ones that nobody heard to their end
    lost_phase: int = 0  # whose stream nobody hears any more, though the line may still send it
    open_errand: int | None = None
    errands: int = 0  # how many were asked so far; numbers them
    assurance: Assurance = Assurance.NONE
    customer: Customer | None = None
    identified_by: str = ""
    evidence: tuple[Evidence, ...] = ()
    reason: Reason | None = None
    authenticating: Authenticating = Authenticating()
    waiting: Waiting | None = None
    serving: Serving | None = None
    recording_announced: bool = False
    recording_begun: bool = False
    served_by: tuple[str, ...] = ()  # ids of the agents who have had it, the newest last
    rooms: int = 0  # how many there were; each conversation has its own
    legs: int = 0  # of second agents and supervisors, so far; numbers them
    passed_to: QueuePlan | None = None  # the queue that it was passed on to, if not the line's own
    passed_on: tuple[PassedOn, ...] = ()
    step_up: StepUp | None = None  # the newest; under way, or what it came to
    step_ups: int = 0  # how many there were
    payment: Payment | None = None  # the newest; under way, or what it came to
    payments: int = 0  # how many there were
    owed: int = 0  # what the caller was told and may pay, in the smallest coins
    approval: Approval | None = None  # the newest; under way, or what it came to
    approvals: int = 0  # how many there were
    survey: Survey | None = None
    callback: CallingBack | None = None  # of a call that we make
    ending: Ending | None = None
    ended_at: datetime | None = None
    failures: tuple[tuple[str, int], ...] = ()  # field -> rejected entries, for the agent
    served_itself: bool = False  # the line has said what the caller wanted to know
    loudness_told: bool = False  # the caller knows that their voice was too soft or too loud; once is enough
    prelude: tuple[Say, ...] = ()  # to be said at the beginning of the next document
    verbs: tuple[Verb, ...] = ()  # what the caller's leg is doing now

    @property
    def queue(self) -> QueuePlan:
        """The queue that the call is in now."""
        return self.passed_to or self.line.queue

    def to_dict(self) -> dict[str, Any]:
        """Plain values for storage, without the line plan."""
        return to_plain(replace(self, line=None))  # type: ignore[arg-type, no-any-return]

    @classmethod
    def from_dict(cls, plain: dict[str, Any], line: LinePlan) -> "Call":
        """The call again. Unknown keys are ignored and missing ones take their default, so the previous release's state reads."""
        call: Call = from_plain(plain | {"line": None}, cls)
        return replace(call, line=line)
