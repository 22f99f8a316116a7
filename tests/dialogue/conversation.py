"""A call told in deeds: the caller keys, says, is silent; the back end finds, matches; an agent accepts.

Every deed is one event to `step`. After each, the state goes to plain JSON and back, as it does between two requests.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from voicebot.dialogue.actions import (
    Action,
    Ask,
    BookCallback,
    CancelCallback,
    Errand,
    FindWishes,
    HandOver,
    Hangup,
    Join,
    MoveCallback,
    PlanCallback,
    Say,
    Wait,
)
from voicebot.dialogue.approving import ApprovalResult, ApprovalVerdict, CheckCode
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.deeds import (
    AgentMuted,
    CallEnded,
    CallerHeld,
    CallerResumed,
    CallPassed,
    ConsultAsked,
    ConsultCompleted,
    ConsultEnded,
    Deed,
    SupervisorListens,
    SupervisorStopped,
    Target,
)
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    AgentTurnedDown,
    ApprovalAnswered,
    ApprovalRequested,
    Arranged,
    CallArrived,
    CallbackBooked,
    CallbackChanged,
    CallbackPlanned,
    CallerHungUp,
    CallerIdentified,
    CodeChecked,
    CustomerLinked,
    DetailsFetched,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    Event,
    ExistingFound,
    HandOverEnded,
    NoInput,
    PartyEntered,
    RoomLeft,
    SecretChecked,
    SpeechLost,
    TimeCame,
    TroubleMet,
    WishesFound,
)
from voicebot.dialogue.forms import (
    CheckDigit,
    Detail,
    DialTarget,
    FieldPlan,
    Grammar,
    LinePlan,
    NextStep,
    QueuePlan,
    Verification,
)
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.outbound import BookingResult, ChangeResult
from voicebot.dialogue.values import (
    Ani,
    AniStanding,
    Attestation,
    Customer,
    Hearing,
    IdentifyResult,
    Loudness,
    Party,
    Secret,
    SecretVerdict,
    Shape,
    Supervision,
)
from voicebot.dialogue.wishing import KnownWish

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GRAMMAR = Grammar(
    language="en",
    digits=(
        ("zero", "0"), ("oh", "0"), ("one", "1"), ("two", "2"), ("three", "3"), ("four", "4"),
        ("five", "5"), ("six", "6"), ("seven", "7"), ("eight", "8"), ("nine", "9"),
    ),
    multipliers=(("double", 2),),
    commands=(
        ("yes", ("yes",)),
        ("no", ("no",)),
        ("repeat", ("repeat",)),
        ("help", ("help",)),
        ("agent", ("agent",)),
        ("dont_have_it", ("i don't have it",)),
        ("start_over", ("start again",)),
    ),
)
ACCOUNT_NUMBER = FieldPlan("account_number", Shape.parse("digits:8"))
CUSTOMER_ID = FieldPlan("customer_id", Shape.parse("digits:5"))
TRACKING_NUMBER = FieldPlan("tracking_number", Shape.parse("digits:10"), always_read_back=True)
ACCOUNT_ENDING = FieldPlan("account_ending", Shape.parse("digits:4"))
POSTAL_CODE = FieldPlan("postal_code", Shape.parse("digits:5"))
PHONE_NUMBER = FieldPlan("phone_number", Shape.parse("phone"))
METER = FieldPlan("meter", Shape.parse("digits:8"), check=CheckDigit.LUHN)
PIN = FieldPlan("pin", Shape.parse("digits:6"), secret=True)
BIRTH_YEAR = FieldPlan("birth_year", Shape.parse("digits:4"), secret=True)
DELIVERY = Target(QueuePlan("delivery", max_wait=600, skills=("parcels",)), "delivery")
OMAR = Target(QueuePlan("billing"), "Omar", "omar")
BALANCE = Detail("balance", "amount", currency="EUR")
OFFICE = Detail("office", private=False)

BILLING = LinePlan(
    name="billing",
    dnis="+12025550110",
    language="en",
    region="US",
    queue=QueuePlan("billing", max_wait=900),
    grammar=GRAMMAR,
    identifiers=(ACCOUNT_NUMBER,),
    secrets=(PIN,),
)
TWO_WAYS = replace(BILLING, identifiers=(ACCOUNT_NUMBER, CUSTOMER_ID))
TWO_SECRETS = replace(BILLING, secrets=(PIN, BIRTH_YEAR))
PARCELS = replace(BILLING, name="parcels", identifiers=(TRACKING_NUMBER,), secrets=())
OPEN_BOOK = replace(BILLING, name="open book", secrets=())
SELF_SERVICE = replace(BILLING, name="balance", next_step=NextStep.SELF_SERVICE, details=(BALANCE, OFFICE))
APART = replace(BILLING, name="apart", identifiers=(ACCOUNT_NUMBER, PHONE_NUMBER), separators=(POSTAL_CODE, ACCOUNT_ENDING))
JOINT = replace(BILLING, name="joint", ani_identification=False, verification=Verification.JOINT)
METERS = replace(BILLING, name="meters", identifiers=(METER,))
WEB = replace(BILLING, name="web", next_step=NextStep.URL, hand_over=DialTarget("https://flows.example.com/voice?flow=7"))
PEER = replace(BILLING, name="peer", next_step=NextStep.SIP, hand_over=DialTarget("sip:service@pbx.example.com;transport=tls"))

ADA = Customer("ref-1", "40719238", "Ada Marsh")
ACCOUNT = "40719238"
ACCOUNT_SAID = "four oh seven one nine two three eight"
PIN_KEYED = "493817"
CODE = "482913"  # what the app shows
PIN_SAID = "four nine three eight one seven"
WITHHELD = Ani(AniStanding.WITHHELD)
KNOWN_NUMBER = Ani(AniStanding.USABLE, "+12025550199", Attestation.A)

PAUSE = 5.0  # seconds that pass before each deed, so that nobody acts in a moment that only a test would know


class Conversation:
    """One call from its ring on. `line` decides what is asked; `keypad` and `closed` say what is otherwise, `open_for` (minutes)
    that the line closes.
    """

    def __init__(
        self, line: LinePlan = BILLING, ani: Ani = WITHHELD, *,
        keypad: bool = False, closed: bool = False, open_for: float | None = None,
    ) -> None:
        self.now = NOON
        self.call = Call("call-1", line)
        self.actions: list[Action] = []
        self.journal: list[Note] = []
        self.booking = BookingResult.PROMISED  # what becomes of a wish to be called back
        self.slots: tuple[Window, ...] = ()  # that may be chosen for it
        self.promised: tuple[KnownWish, ...] = ()  # callbacks that the caller is to have already
        self.taken = 0  # so many of them were taken meanwhile
        self.caller, self.back_end, self.agent, self.elsewhere = Caller(self), BackEnd(self), Agent(self), Elsewhere(self)
        self.colleague, self.supervisor, self.app = Colleague(self), Supervisor(self), App(self)
        closes_at = None if open_for is None else self.now + timedelta(minutes=open_for)
        self.happens(CallArrived(self.now, line, ani, not closed, not keypad, closes_at))

    @classmethod
    def resumed(cls, call: Call) -> "Conversation":
        """A call that was stored, taken up again."""
        talk = cls(call.line)
        talk.call, talk.now, talk.actions, talk.journal = call, call.started_at or NOON, [], []
        return talk

    def happens(self, event: Event) -> list[Action]:
        """One step, and what every state must bear: to be stored and read again."""
        self.call, self.actions = step(self.call, event)
        stored = json.loads(json.dumps(self.call.to_dict()))
        assert Call.from_dict(stored, self.call.line) == self.call
        self.journal += [action for action in self.actions if isinstance(action, Note)]
        done = self.actions
        if any(isinstance(action, FindWishes) for action in done):
            done = [*done, *self.happens(WishesFound(self.now, self.promised, "Europe/Copenhagen"))]
        if any(isinstance(action, MoveCallback | CancelCallback) for action in done):
            kind = ChangeResult.CANCELLED if any(isinstance(action, CancelCallback) for action in done) else ChangeResult.MOVED
            done = [*done, *self.happens(CallbackChanged(self.now, ChangeResult.REFUSED if self.taken else kind))]
        if any(isinstance(action, PlanCallback) for action in done):
            done = [*done, *self.happens(CallbackPlanned(self.now, self.booking, self.slots, "Europe/Copenhagen"))]
        if any(isinstance(action, BookCallback) for action in done):
            result = BookingResult.FULL if self.taken else self.booking
            self.taken = max(0, self.taken - 1)
            done = [*done, *self.happens(CallbackBooked(self.now, result))]
        for check in [action for action in done if isinstance(action, CheckCode)]:
            right = check.keys.reveal() == CODE
            done = [*done, *self.happens(CodeChecked(self.now, check.approval, right))]
        self.actions = done
        return self.actions

    def passes(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def time_comes(self, name: str) -> list[Action]:
        return self.happens(TimeCame(self.now, name))

    def meets_trouble(self) -> list[Action]:
        return self.happens(TroubleMet(self.now, "test"))

    def arranged(self, leg: str = "", *, done: bool = True) -> list[Action]:
        """The line has done, or could not do, what was last wanted for this leg."""
        return self.happens(Arranged(self.passes(0.2), leg, done))

    def loses_speech(self) -> list[Action]:
        return self.happens(SpeechLost(self.now, self.call.phase))

    @property
    def stage(self) -> Stage:
        return self.call.stage

    @property
    def ask(self) -> Ask:
        """The question that is open."""
        return next(verb for verb in self.call.verbs if isinstance(verb, Ask))

    @property
    def says(self) -> list[Say]:
        """Every prompt of the present document, in order."""
        said: list[Say] = []
        for verb in self.call.verbs:
            if isinstance(verb, Say):
                said.append(verb)
            elif isinstance(verb, Ask | Wait):
                said += verb.say
        return said

    @property
    def hears(self) -> list[str]:
        """The prompt ids of the present document."""
        return [say.prompt_id for say in self.says]

    @property
    def errand(self) -> Errand:
        """The errand that the last step asked for."""
        return next(a for a in self.actions if isinstance(a, Errand))

    def facts(self, what: Noted) -> dict[str, object]:
        """The newest journal row of this kind."""
        return dict(next(note for note in reversed(self.journal) if note.what is what).facts)

    def count(self, what: Noted) -> int:
        return sum(1 for note in self.journal if note.what is what)

    def does(self, kind: type[Action]) -> bool:
        """Whether the last step asked for such an action."""
        return any(isinstance(action, kind) for action in self.actions)

    @property
    def leaves_for(self) -> HandOver:
        """The hand-over in the present document."""
        return next(verb for verb in self.call.verbs if isinstance(verb, HandOver))

    def goes_on(self) -> bool:
        """Whether the leg has something to do, or hangs up on purpose, or an outcome is awaited."""
        ends = bool(self.call.verbs) and isinstance(self.call.verbs[-1], Ask | Wait | Join | HandOver | Hangup)
        return ends or self.call.open_errand is not None

    # ---- common beginnings ---------------------------------------------------------------------------------------

    def is_identified(self) -> "Conversation":
        """The caller has given an account number that the back end knows."""
        self.caller.keys(ACCOUNT)
        self.back_end.finds()
        return self

    def is_verified(self) -> "Conversation":
        self.is_identified().caller.keys(PIN_KEYED)
        self.back_end.matches()
        return self

    def waits(self) -> "Conversation":
        self.caller.keys("0")
        return self

    def is_with_agent(self) -> "Conversation":
        """Verified, accepted and joined."""
        self.is_verified().agent.accepts()
        self.agent.enters()
        self.caller.enters()
        return self


class Caller:
    """What a caller may do."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def keys(self, keys: str, *, after: float = PAUSE, turn: int | None = None) -> list[Action]:
        asked = self._talk.call.turn if turn is None else turn
        return self._talk.happens(EntryKeyed(self._talk.passes(after), asked, Secret(keys), keys.endswith("#")))

    def says(
        self,
        words: str,
        hearing: Hearing = Hearing.ACCEPTED,
        *,
        after: float = PAUSE,
        turn: int | None = None,
        fitted: bool = False,
        rivals: Sequence[str] = (),
        loudness: Loudness = Loudness.FINE,
        among_customers: bool = False,
    ) -> list[Action]:
        asked, at = self._talk.call.turn if turn is None else turn, self._talk.passes(after)
        others = tuple(map(Secret, rivals))
        spoken = EntrySpoken(at, asked, Secret(words), hearing, 0.4, fitted, others, loudness, among_customers)
        return self._talk.happens(spoken)

    def is_silent(self, *, after: float = 8.0, speaking: bool = False) -> list[Action]:
        """The question's time runs out. `speaking`: the ear hears the caller speak all the same."""
        talk = self._talk
        extension = next((verb.extension for verb in talk.call.verbs if isinstance(verb, Ask)), 0)
        return talk.happens(NoInput(talk.passes(after), talk.call.turn, extension, speaking))

    def presses_terminator(self, *, after: float = 1.0) -> list[Action]:
        """The line tells of a terminator without keys before it as it tells of silence, only sooner."""
        return self.is_silent(after=after)

    def enters(self) -> list[Action]:
        return self._talk.happens(PartyEntered(self._talk.passes(1), Party.CALLER))

    def leaves_room(self) -> list[Action]:
        return self._talk.happens(RoomLeft(self._talk.passes(1)))

    def hangs_up(self) -> list[Action]:
        return self._talk.happens(CallerHungUp(self._talk.passes(1)))


class App:
    """The customer's own app, and the provider behind it."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def begins(self, result: ApprovalResult = ApprovalResult.OPEN) -> list[Action]:
        """The provider was asked."""
        return self._talk.happens(ApprovalRequested(self._talk.passes(0.4), self._talk.call.approvals, result))

    def says(self, verdict: ApprovalVerdict = ApprovalVerdict.APPROVED, *, approval: int | None = None) -> list[Action]:
        number = self._talk.call.approvals if approval is None else approval
        return self._talk.happens(ApprovalAnswered(self._talk.passes(9), number, verdict))


class BackEnd:
    """What the company's back end may answer to the errand that is out (or to an earlier one, by number)."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def _number(self, errand: int | None) -> int:
        return self._talk.call.errands if errand is None else errand

    def finds(self, customer: Customer | None = ADA, *, errand: int | None = None) -> list[Action]:
        return self.says_of_identifier(IdentifyResult.FOUND, customer, errand=errand)

    def finds_several(self, *separators: str) -> list[Action]:
        """More than one; they differ in these fields."""
        return self.says_of_identifier(IdentifyResult.SEVERAL, separators=separators)

    def finds_nobody(self) -> list[Action]:
        return self.says_of_identifier(IdentifyResult.NOT_FOUND)

    def says_of_identifier(
        self, result: IdentifyResult, customer: Customer | None = None, *, errand: int | None = None,
        separators: tuple[str, ...] = (),
    ) -> list[Action]:
        at = self._talk.passes(0.3)
        return self._talk.happens(CallerIdentified(at, self._number(errand), result, customer, separators))

    def knows(self, *values: str) -> list[Action]:
        """Of those looked for, somebody has these."""
        return self._talk.happens(ExistingFound(self._talk.passes(0.3), self._number(None), True, values))

    def cannot_look(self) -> list[Action]:
        return self._talk.happens(ExistingFound(self._talk.passes(0.3), self._number(None), False))

    def matches(self) -> list[Action]:
        return self.says_of_secret(SecretVerdict.MATCHED)

    def says_of_secret(
        self, verdict: SecretVerdict, *, errand: int | None = None, under_attack: bool = False
    ) -> list[Action]:
        return self._talk.happens(SecretChecked(self._talk.passes(0.3), self._number(errand), verdict, under_attack))

    def tells(self, *details: tuple[str, str], errand: int | None = None) -> list[Action]:
        return self._talk.happens(DetailsFetched(self._talk.passes(0.3), self._number(errand), True, details))

    def cannot_tell(self) -> list[Action]:
        return self._talk.happens(DetailsFetched(self._talk.passes(0.3), self._number(None), False))

    def is_lost(self) -> list[Action]:
        """Nobody knows what became of the errand."""
        return self._talk.happens(ErrandLost(self._talk.passes(3), self._number(None)))


class Elsewhere:
    """What another system may do with a call that was handed over."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def gives_back(self, *, connected: bool) -> list[Action]:
        return self._talk.happens(HandOverEnded(self._talk.passes(30), connected))


class Agent:
    """What an agent may do."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def accepts(self, reservation: str = "call-1.1") -> list[Action]:
        return self._talk.happens(AgentAccepted(self._talk.passes(12), reservation, "Mira", "mira"))

    def turns_down(self) -> list[Action]:
        return self._talk.happens(AgentTurnedDown(self._talk.passes(8), "Mira", "declined"))

    def enters(self) -> list[Action]:
        return self._talk.happens(PartyEntered(self._talk.passes(1), Party.AGENT))

    def links(self, customer: Customer, by: str = "account_number") -> list[Action]:
        return self._talk.happens(CustomerLinked(self._talk.passes(5), "Mira", customer, by))

    def leaves(self, reservation: str = "call-1.1", *, after: float = 60) -> list[Action]:
        return self._talk.happens(AgentLeft(self._talk.passes(after), reservation))

    def leaves_during_the_whisper(self) -> list[Action]:
        return self.leaves(after=6)

    # ---- with the caller ---------------------------------------------------------------------------------------------

    def holds(self) -> list[Action]:
        """On hold, and the line says that it is so."""
        self.does(lambda at: CallerHeld(at, "mira"))
        asked = list(self._talk.actions)
        return asked + self._talk.arranged()

    def asks(self, target: Target = OMAR) -> list[Action]:
        """A colleague is wanted, and the caller is on hold by now."""
        self.does(lambda at: ConsultAsked(at, "mira", target))
        asked = list(self._talk.actions)
        return asked + self._talk.arranged()

    def resumes(self) -> list[Action]:
        return self.does(lambda at: CallerResumed(at, "mira"))

    def mutes(self, *, muted: bool = True) -> list[Action]:
        return self.does(lambda at: AgentMuted(at, "mira", muted))

    def returns(self) -> list[Action]:
        return self.does(lambda at: ConsultEnded(at, "mira"))

    def completes(self) -> list[Action]:
        return self.does(lambda at: ConsultCompleted(at, "mira"))

    def passes_to(self, target: Target = DELIVERY, note: str = "", *, free: bool = True, by: str = "mira") -> list[Action]:
        return self.does(lambda at: CallPassed(at, by, target, note, free))

    def ends(self) -> list[Action]:
        return self.does(lambda at: CallEnded(at, "mira"))

    def does(self, deed: Callable[[datetime], Deed]) -> list[Action]:
        return self._talk.happens(deed(self._talk.passes(3)))


class Colleague:
    """Omar, who is asked for help with the call."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def accepts(self, reservation: str = "call-1~1.2") -> list[Action]:
        return self._talk.happens(AgentAccepted(self._talk.passes(4), reservation, "Omar", "omar"))

    def enters(self, reservation: str = "call-1~1.2") -> list[Action]:
        return self._talk.happens(PartyEntered(self._talk.passes(6), Party.AGENT, reservation))

    def turns_down(self, why: str = "declined", item: str = "call-1~1") -> list[Action]:
        return self._talk.happens(AgentTurnedDown(self._talk.passes(4), "omar", why, item))

    def leaves(self, reservation: str = "call-1~1.2") -> list[Action]:
        return self._talk.happens(AgentLeft(self._talk.passes(10), reservation))


class Supervisor:
    """Sofia, who is in on the call."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    def wants(self, how: Supervision = Supervision.SILENT, *, by: str = "sofia") -> list[Action]:
        return self._talk.happens(SupervisorListens(self._talk.passes(2), by, "Sofia", how))

    def enters(self, leg: str = "call-1~1.0") -> list[Action]:
        return self._talk.happens(PartyEntered(self._talk.passes(6), Party.AGENT, leg))

    def stops(self) -> list[Action]:
        return self._talk.happens(SupervisorStopped(self._talk.passes(2), "sofia"))

    def leaves(self, leg: str = "call-1~1.0") -> list[Action]:
        return self._talk.happens(AgentLeft(self._talk.passes(2), leg))
