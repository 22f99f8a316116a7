"""What an agent sees of a call: who, how sure, why not surer, and what has happened. A projection; it decides nothing.

A card holds times, never ages: whoever shows it counts on. It never holds a secret, since a call knows none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicebot.dialogue.approving import ApprovalProgress
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import CallingBack
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.payment import Payment, PaymentState, Piece
from voicebot.dialogue.proving import Progress, StepUp
from voicebot.dialogue.serving import Consult
from voicebot.dialogue.story import sentence
from voicebot.dialogue.values import AniStanding, Assurance, Attestation, Ending, Evidence, Reason


class Doing(StrEnum):
    """What goes on with the caller at this moment."""

    AT_THE_LINE = "at_the_line"  # being asked, or hearing what they wanted to know
    WAITING = "waiting"
    CALLING_BACK = "calling_back"  # in line for an agent, or being dialled
    CONNECTING = "connecting"  # an agent has accepted; not both are in the room yet
    TALKING = "talking"
    SURVEYED = "surveyed"  # the conversation is over, and they are asked how it was
    ELSEWHERE = "elsewhere"  # another system has the call
    ENDED = "ended"


@dataclass(frozen=True)
class Step:
    """One thing that happened, in people's words."""

    at: datetime
    told: str = field(repr=False)


@dataclass(frozen=True)
class Failed:
    """How many complete entries for a field were wrong."""

    field: str
    entries: int


@dataclass(frozen=True)
class Handed:
    """An agent passed the call on, with these words."""

    by: str
    at: datetime
    note: str = field(repr=False)


@dataclass(frozen=True)
class Proving:
    """How a step-up goes, without any digit. `token`: there is one to be shown, once. `until`: so long does it count."""

    action: str
    amount: str
    proof: str
    progress: Progress
    why: str
    wrong: int
    token: bool
    until: datetime | None


class PieceState(StrEnum):
    """How it stands with a piece of the card data."""

    WANTED = "wanted"
    ASKED = "asked"
    WRONG = "wrong"  # and asked again
    DONE = "done"


@dataclass(frozen=True)
class PieceShown:
    """One piece of the card data: which, and how it stands with it."""

    piece: Piece
    state: PieceState


@dataclass(frozen=True)
class Paying:
    """How a card payment goes, and what it came to. `card`: its last four digits; `reference`: the charge's name elsewhere."""

    amount: str
    state: PaymentState
    why: str
    pieces: tuple[PieceShown, ...]
    card: str
    reference: str
    authorisation: str
    link: bool


class PhraseShown(StrEnum):
    """How it stands with the phrase by which we prove who is calling. It is never shown here."""

    NONE = "none"
    SET = "set"  # and not to be seen before somebody has pressed the key
    READY = "ready"  # to be shown once, and read out before anything else
    READ = "read"


@dataclass(frozen=True)
class CalledBack:
    """We call, and are not called. `tries`: earlier dials for the same wish."""

    subject: str = field(repr=False)
    tries: int
    phrase: PhraseShown
    read_by: str
    read_at: datetime | None


@dataclass(frozen=True)
class Card:
    """`assurance` in words is *Identified and verified*, *Identified only* or *Not identified*.

    `distrusted`: a secret has matched, but while somebody is guessing at many accounts it proves nothing.
    `number` is the calling number where it was not withheld, a claim, however well attested; or the one that we call.
    """

    call: str
    assurance: Assurance
    identifier: str = field(repr=False)
    name: str = field(repr=False)
    evidence: tuple[Evidence, ...]
    reason: Reason | None
    distrusted: bool
    failures: tuple[Failed, ...]
    number: str = field(repr=False)
    attestation: Attestation
    standing: AniStanding | None
    line: str
    language: str
    queue: str
    doing: Doing
    agent: str
    held_since: datetime | None  # the caller hears music
    muted: bool  # the agent is not heard
    consulting: str  # whom the agent asks, while they do
    proof: Proving | None  # the newest step-up
    payment: Paying | None  # the newest
    approval: ApprovalProgress | None  # in the customer's app, of who is calling
    callback: CalledBack | None
    passed_on: tuple[Handed, ...]
    started_at: datetime | None
    waiting_since: datetime | None
    joined_at: datetime | None
    ended_at: datetime | None
    ending: Ending | None
    path: tuple[Step, ...] = ()


UNTOLD = frozenset({Noted.ASKED, Noted.DROPPED, Noted.WHISPERED, Noted.TOO_LATE})  # of use to whoever looks for a fault only


def card(call: Call, path: tuple[Step, ...] = ()) -> Card:
    """The card of a call as it stands."""
    customer, ani, serving = call.customer, call.ani, call.serving
    return Card(
        call=call.id,
        assurance=call.assurance,
        identifier=customer.identifier if customer else "",
        name=(customer.name or "") if customer else "",
        evidence=call.evidence,
        reason=None if call.assurance is Assurance.VERIFIED else call.reason,
        distrusted=call.authenticating.distrusted,
        failures=tuple(Failed(name, entries) for name, entries in call.failures),
        number=call.callback.number if call.callback else (ani.number or "") if ani else "",
        attestation=ani.attestation if ani else Attestation.NONE,
        standing=ani.standing if ani else None,
        line=call.line.name,
        language=call.line.language,
        queue=call.queue.name,
        doing=_doing(call),
        agent=serving.agent if serving else "",
        held_since=serving.hold.since if serving and serving.hold else None,
        muted=serving is not None and serving.muted,
        consulting=_consulting(serving.consult) if serving and serving.consult else "",
        proof=_proof(call.step_up) if call.step_up else None,
        payment=_paying(call.payment) if call.payment else None,
        approval=call.approval.progress if call.approval and not call.approval.step_up else None,
        callback=_called_back(call.callback) if call.callback else None,
        passed_on=tuple(Handed(one.by, one.at, one.note) for one in call.passed_on),
        started_at=call.started_at,
        waiting_since=call.waiting.since if call.waiting else None,
        joined_at=serving.joined_at if serving else None,
        ended_at=call.ended_at,
        ending=call.ending,
        path=path,
    )


def _doing(call: Call) -> Doing:
    match call.stage:
        case Stage.WAIT:
            return Doing.WAITING
        case Stage.TRANSFER:
            return Doing.TALKING if call.serving and call.serving.joined_at else Doing.CONNECTING
        case Stage.CALLBACK:
            return Doing.CALLING_BACK
        case Stage.SURVEY:
            return Doing.SURVEYED
        case Stage.HANDED_OVER:
            return Doing.ELSEWHERE
        case Stage.ENDED:
            return Doing.ENDED
    return Doing.AT_THE_LINE


def _consulting(consult: Consult) -> str:
    return consult.agent or consult.target.name


def _proof(one: StepUp) -> Proving:
    token = one.progress is Progress.PASSED and not one.shown
    return Proving(one.plan.name, one.amount_told, one.proof.name, one.progress, one.why, one.wrong, token, one.until)


def _called_back(one: CallingBack) -> CalledBack:
    shown = PhraseShown.NONE
    if one.has_phrase:
        shown = PhraseShown.READ if one.read_at else PhraseShown.READY if one.is_phrase_ready else PhraseShown.SET
    return CalledBack(one.subject, one.tries, shown, one.read_by, one.read_at)


def _paying(one: Payment) -> Paying:
    pieces = tuple(PieceShown(piece, _piece(one, piece)) for piece in one.pieces)
    return Paying(one.amount_told, one.state, one.why, pieces, one.last_four, one.reference, one.authorisation, one.link)


def _piece(one: Payment, piece: Piece) -> PieceState:
    if piece is one.asked:
        return PieceState.WRONG if one.wrong else PieceState.ASKED
    return PieceState.DONE if piece in one.done else PieceState.WANTED


def path(rows: Iterable[tuple[datetime, str, Mapping[str, object]]], *, whole: bool = False) -> tuple[Step, ...]:
    """The way through the flow, from journal rows (time, kind, facts). `whole`: with what only a search for a fault needs."""
    return tuple(Step(at, sentence(what, facts)) for at, what, facts in rows if whole or what not in UNTOLD)
