"""Laws that hold whatever happens: random lines, random events, late ones, repeated ones, impossible ones, restarts."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.dialogue.conversation import (
    ACCOUNT_ENDING,
    ACCOUNT_NUMBER,
    ADA,
    BALANCE,
    BILLING,
    BIRTH_YEAR,
    CODE,
    CUSTOMER_ID,
    KNOWN_NUMBER,
    METER,
    NOON,
    OFFICE,
    PEER,
    PHONE_NUMBER,
    PIN,
    POSTAL_CODE,
    TRACKING_NUMBER,
    WITHHELD,
)
from voicebot.dialogue.actions import (
    Action,
    Ask,
    BookCallback,
    CancelCallback,
    CheckSecret,
    CloseRoom,
    FetchDetails,
    FindExisting,
    FindWishes,
    HandOver,
    Hangup,
    IdentifyCaller,
    Join,
    MoveCallback,
    OfferToFloor,
    PlanCallback,
    Say,
    Wait,
    WithdrawFromFloor,
)
from voicebot.dialogue.approving import ApprovalResult, ApprovalVerdict, CheckCode
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.collect import AFTER_SPEECH
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    AgentTurnedDown,
    ApprovalAnswered,
    ApprovalRequested,
    CallArrived,
    CallbackBooked,
    CallbackChanged,
    CallbackPlanned,
    CallerHungUp,
    CallerIdentified,
    CodeChecked,
    CustomerLinked,
    DetailsFetched,
    DoorFailed,
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
from voicebot.dialogue.forms import Door, Limits, LinePlan, NextStep, Verification
from voicebot.dialogue.notes import Note
from voicebot.dialogue.outbound import BookingResult, ChangeResult
from voicebot.dialogue.values import (
    Ani,
    Assurance,
    Hearing,
    IdentifyResult,
    Modality,
    Party,
    Proof,
    Secret,
    SecretVerdict,
    ShapeKind,
)
from voicebot.dialogue.wishing import KnownWish
from voicebot.errors import ImpossibleEvent

ORDER = [Assurance.NONE, Assurance.IDENTIFIED, Assurance.VERIFIED]
SPREAD = replace(ACCOUNT_NUMBER, customers=10_000)
CANARY = "805317"  # a secret, keyed or said; no identifier of these tests holds a run of its digits
SPOKEN = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TOLD = (("balance", "1.00"), ("office", "Elm Street"))
RUNS = [CANARY[start : start + 3] for start in range(len(CANARY) - 2)]

LIMITS = st.builds(
    Limits,
    max_attempts=st.sampled_from([3, 3, 2, 1]),
    no_input=st.sampled_from([3, 3, 1]),
    no_match=st.sampled_from([3, 3, 1]),
    short=st.sampled_from([3, 3, 1]),
    back_end_down=st.sampled_from([2, 2, 1]),
    speech_failures=st.sampled_from([2, 2, 1]),
    asks=st.sampled_from([8, 8, 4, 1]),
)
SLOTS = tuple(Window(NOON + timedelta(hours=hour), NOON + timedelta(hours=hour + 1)) for hour in range(1, 5))
KNOWN = tuple(KnownWish(f"wish-{number}", "billing", "+12025550123", slot) for number, slot in enumerate((None, SLOTS[0])))
LINES = st.builds(
    replace,
    st.just(BILLING),
    identifiers=st.sampled_from(
        [(SPREAD,), (ACCOUNT_NUMBER, CUSTOMER_ID), (TRACKING_NUMBER,), (METER, PHONE_NUMBER), (SPREAD,), ()]
    ),
    secrets=st.sampled_from([(PIN,), (PIN, BIRTH_YEAR), ()]),
    separators=st.sampled_from([(), (ACCOUNT_ENDING,), (POSTAL_CODE, ACCOUNT_ENDING)]),
    next_step=st.sampled_from(NextStep),
    hand_over=st.just(PEER.hand_over),
    details=st.sampled_from([(), (BALANCE,), (BALANCE, OFFICE)]),
    greet_by_name=st.booleans(),
    limits=LIMITS,
    door=st.sampled_from(Door),
    secrets_door=st.sampled_from(Door),
    survey=st.booleans(),
    approvals=st.booleans(),
    queue=st.sampled_from([BILLING.queue, replace(BILLING.queue, offer_callback=True)]),
)
JOINT_LINES = st.builds(
    replace,
    LINES,
    verification=st.just(Verification.JOINT),
    ani_identification=st.just(False),
    identifiers=st.sampled_from([(ACCOUNT_NUMBER,), (ACCOUNT_NUMBER, CUSTOMER_ID), (METER, PHONE_NUMBER)]),
    secrets=st.sampled_from([(PIN,), (PIN,), (PIN, BIRTH_YEAR)]),
    separators=st.just(()),
)
ALL_LINES = st.one_of(LINES, LINES, JOINT_LINES)
NUMBER = "4446622299"
METER_NUMBER = "44466225"  # its check digit is right; that of NUMBER's first eight is not
SEPARATORS = st.sampled_from([(), ("account_ending",), ("account_ending", "postal_code", "account_number", "phone_number")])
ANIS = st.sampled_from([WITHHELD, KNOWN_NUMBER])
CLOSES = st.none() | st.integers(0, 30).map(lambda minutes: NOON + timedelta(minutes=minutes))
OPEN = st.sampled_from([True] * 9 + [False])
KEYS = st.sampled_from(
    ["*", "#", "1", "2", "7", "22", "2#", "44466", NUMBER[:8], NUMBER, NUMBER + "999", "9*" + NUMBER[:8], "0", METER_NUMBER]
)
WORDS = st.sampled_from(
    [
        "yes", "no", "agent", "repeat", "help", "start again", "i don't have it", "[unk]", "", "four four",
        "four four four six six two two two", "double four four double six two two two", "two two two two two",
        "four four four six six two two two nine nine", "four four four six six two two two no nine nine",
    ]
)  # fmt: skip
PAUSES = st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, 6.0, 30.0])
GOOD_STEPS = st.lists(st.booleans(), max_size=2)
NEARBY = st.sampled_from([0, 0, 0, 0, -1, -2, 1])  # mostly what is open, sometimes what was, sometimes what never was


class OneCall(RuleBasedStateMachine):
    """A call to which anything may happen. What it was told is written down beside it, and compared."""

    call: Call
    now: datetime

    @initialize(line=ALL_LINES, ani=ANIS, is_open=OPEN, can_listen=st.booleans(), closes=CLOSES)
    def ring(self, line: LinePlan, ani: Ani, is_open: bool, can_listen: bool, closes: datetime | None) -> None:
        self.now = NOON
        self.asked_for: dict[int, str] = {}  # errand -> field whose value is looked up or checked
        self.looked_for: tuple[str, ...] = ()
        self.matched: set[str] = set()
        self.found = False
        self.coded: set[int] = set()  # approvals whose code was keyed
        self.approved: set[int] = set()
        self.rejected: dict[str, int] = {}
        self.in_line = False
        self.rooms: set[str] = set()
        self.call = Call("call-1", line)
        self.happens(CallArrived(NOON, line, ani, is_open, can_listen, closes))

    @precondition(lambda self: self.call.stage is Stage.ENDED)
    @rule(line=ALL_LINES, ani=ANIS, is_open=OPEN, can_listen=st.booleans())
    def ring_again(self, line: LinePlan, ani: Ani, is_open: bool, can_listen: bool) -> None:
        """Another call on another line, so that an early end leaves no steps unused."""
        self.ring(line, ani, is_open, can_listen, None)

    # ---- the step, and what is written down ----------------------------------------------------------------------

    def happens(self, event: Event) -> None:
        before = self.call
        try:
            self.call, actions = step(before, event)
        except ImpossibleEvent:
            assert self.call is before
            return
        self._write_down(before, event)
        for action in actions:
            self._follow(action)
        self._compare(before, event, actions)
        for action in actions:
            if isinstance(action, CheckCode):
                right = action.keys.reveal() == CODE
                self.coded |= {action.approval} if right else set()
                self.happens(CodeChecked(self.now, action.approval, right))
        if any(isinstance(action, FindWishes) for action in actions):
            self.happens(WishesFound(self.now, KNOWN[: self.now.second % 3], "Europe/Copenhagen"))
        if any(isinstance(action, MoveCallback | CancelCallback) for action in actions):
            self.happens(CallbackChanged(self.now, list(ChangeResult)[self.now.second % 3]))
        if any(isinstance(action, PlanCallback) for action in actions):
            self.happens(CallbackPlanned(self.now, self._booking(), SLOTS[: self.now.second % 5], "Europe/Copenhagen"))
        if booked := [action for action in actions if isinstance(action, BookCallback)]:
            full = booked[0].window is not None and self.now.second % 3 == 0
            self.happens(CallbackBooked(self.now, BookingResult.FULL if full else self._booking()))

    def _booking(self) -> BookingResult:
        return (BookingResult.PROMISED, BookingResult.MERGED, BookingResult.LIMITED)[self.now.second % 3]

    def _write_down(self, before: Call, event: Event) -> None:
        """What an outcome of the open errand means, told independently of the code under test."""
        if isinstance(event, CustomerLinked):
            self.found |= before.stage is Stage.TRANSFER and before.assurance is Assurance.NONE
        if not isinstance(event, CallerIdentified | SecretChecked) or event.errand != before.open_errand:
            return
        field = self.asked_for[event.errand]
        match event:
            case SecretChecked(verdict=SecretVerdict.MATCHED):
                self.matched |= set() if event.under_attack else {field}
            case CallerIdentified(result=IdentifyResult.FOUND):
                self.found = True
            case CallerIdentified() if is_proven(before):
                if event.result in (IdentifyResult.NOT_FOUND, IdentifyResult.SEVERAL):
                    self._rejected("pin")
                self.matched.clear()  # it was the secret of nobody's number
            case SecretChecked(verdict=verdict):
                joint = before.authenticating.claimed is not None
                if verdict is SecretVerdict.MISMATCHED or (joint and verdict in (SecretVerdict.LOCKED, SecretVerdict.NOT_SET)):
                    self._rejected(field)
            case CallerIdentified(result=IdentifyResult.NOT_FOUND) if field != "ani" and not is_doubtful(before):
                self._rejected(field)

    def _rejected(self, field: str) -> None:
        self.rejected[field] = self.rejected.get(field, 0) + 1

    def _follow(self, action: Action) -> None:
        assert CANARY not in repr(action)
        match action:
            case IdentifyCaller(errand=errand, by=by):
                self.asked_for[errand] = by
            case FindExisting(errand=errand, by=by, values=values):
                self.asked_for[errand], self.looked_for = "looked for", values
                state = self.call.authenticating
                assert by not in {plan.name for plan in self.call.line.secrets}
                assert not self.call.line.joint
                assert len(values) == len(set(values)) <= 3
                assert not set(values) & set(state.denied)
            case CheckSecret(errand=errand, field=field):
                self.asked_for[errand] = field
            case FetchDetails(errand=errand, names=names):
                self.asked_for[errand] = "details"
                assert "balance" not in names or self.call.assurance is Assurance.VERIFIED
            case OfferToFloor():
                assert not self.in_line, "offered twice"
                self.in_line = True
            case WithdrawFromFloor():
                self.in_line = False
            case Join(room=room):
                self.rooms.add(room)
            case CloseRoom(room=room):
                self.rooms.discard(room)
            case Note(facts=facts):
                assert not any(run in str(value) for _, value in facts for run in (CANARY, *self.full_numbers()))

    def full_numbers(self) -> list[str]:
        """Identifiers on their way, which a journal row must not spell out."""
        state = self.call.authenticating
        return [one.value for one in (state.heard, state.claimed) if one is not None]

    def _compare(self, before: Call, event: Event, actions: list[Action]) -> None:
        assert ORDER.index(self.call.assurance) >= ORDER.index(before.assurance)
        assert before.customer is None or self.call.customer == before.customer
        assert self.call.turn in (before.turn, before.turn + 1)
        if before.stage is Stage.ENDED:
            assert self.call == before
            assert all(isinstance(action, Note) for action in actions)
        if isinstance(event, CallerHungUp):
            assert self.call.stage is Stage.ENDED
            assert not any(isinstance(action, OfferToFloor) for action in actions)
        if self.call.assurance is not before.assurance:
            assert isinstance(event, CallerIdentified | SecretChecked | CustomerLinked | ApprovalAnswered | CodeChecked)
        if isinstance(event, CustomerLinked):
            assert self.call.assurance is before.assurance or self.call.assurance is Assurance.IDENTIFIED
        self._no_key_too_soon(before, event, actions)

    def _no_key_too_soon(self, before: Call, event: Event, actions: list[Action]) -> None:
        won_at = before.authenticating.speech_won_at
        if isinstance(event, EntryKeyed) and won_at is not None and event.at - won_at <= AFTER_SPEECH:
            assert not any(isinstance(action, IdentifyCaller | CheckSecret) for action in actions)

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    # ---- what may happen -----------------------------------------------------------------------------------------

    @rule(well=GOOD_STEPS)
    def things_go_well(self, well: list[bool]) -> None:
        """The next things of a good call, spoken or not. Without them the deep stages would rarely be reached."""
        self._go_on(well)

    def _go_on(self, well: list[bool]) -> None:
        for spoken in well:
            self._next_good_thing(spoken=spoken)

    @rule(pause=st.sampled_from([0.0, 0.6, 1.9]))
    def caller_speaks_and_keys_at_once(self, pause: float) -> None:
        self._next_good_thing(spoken=True)
        if self.call.open_errand is not None:
            self._next_good_thing(spoken=True, after=0.0)
        self._next_good_thing(spoken=False, after=pause)

    @rule(times=st.integers(1, 4), verdict=st.sampled_from([SecretVerdict.MISMATCHED, SecretVerdict.TIMED_OUT]))
    def caller_tries_in_vain(self, times: int, verdict: SecretVerdict) -> None:
        for _ in range(times):
            if self.question is not None and self.call.stage is Stage.AUTHENTICATE:
                self._give_what_is_asked(self.later(2.5), spoken=False)
            if self.call.open_errand is not None:
                self._answer_by(IdentifyResult.NOT_FOUND, verdict)

    @rule(times=st.integers(1, 9), keys=st.sampled_from(["*", "7", "2#"]))
    def caller_keys_the_same_again_and_again(self, times: int, keys: str) -> None:
        for _ in range(times):
            self.happens(EntryKeyed(self.later(2.5), self.call.turn, Secret(keys)))

    def _next_good_thing(self, *, spoken: bool, after: float = 2.5) -> None:
        at, turn, number = self.later(after), self.call.turn, self.call.errands
        match self.asked_for[number] if self.call.open_errand is not None else self.call.stage:
            case "details":
                self.happens(DetailsFetched(at, number, True, TOLD))
            case "pin" | "birth_year":
                self.happens(SecretChecked(at, number, SecretVerdict.MATCHED))
            case "looked for":
                self.happens(ExistingFound(at, number, True, self.looked_for[:1]))
            case "ani" | "account_number" | "customer_id" | "tracking_number" | "meter" | "phone_number":
                self.happens(CallerIdentified(at, number, IdentifyResult.FOUND, ADA))
            case "account_ending" | "postal_code":
                self.happens(CallerIdentified(at, number, IdentifyResult.FOUND, ADA))
            case Stage.AUTHENTICATE:
                self._give_what_is_asked(at, spoken=spoken)
            case Stage.SELF_SERVICE:
                self.happens(EntryKeyed(at, turn, Secret("0")))
            case Stage.WAIT:
                self.happens(AgentAccepted(at, "call-1.1", "Mira", "mira"))
            case Stage.TRANSFER if self.call.serving is not None and self.call.serving.joined_at is not None:
                self.happens(AgentLeft(at, self.call.serving.reservation))
            case Stage.TRANSFER:
                self.happens(PartyEntered(at, Party.CALLER if spoken else Party.AGENT))
            case Stage.HANDED_OVER:
                self.happens(HandOverEnded(at, spoken))
            case Stage.ENDED:
                self.ring(self.call.line, self.call.ani or WITHHELD, True, self.call.can_listen, None)

    def _give_what_is_asked(self, at: datetime, *, spoken: bool) -> None:
        ask = self.question
        assert ask is not None
        if ask.shape.kind is ShapeKind.YES_NO:
            words, keys = "yes", "1"
        else:
            number = METER_NUMBER if ask.field == "meter" else NUMBER
            keys = (CANARY if ask.secret else number)[: ask.shape.longest]
            words = " ".join(SPOKEN[int(digit)] for digit in keys)
        if spoken:
            self.happens(EntrySpoken(at, self.call.turn, Secret(words), Hearing.ACCEPTED))
        else:
            self.happens(EntryKeyed(at, self.call.turn, Secret(keys)))

    @precondition(lambda self: self.question is not None and self.question.secret)
    @rule(length=st.integers(1, 6), hearing=st.sampled_from([None, *Hearing]), pause=PAUSES, well=GOOD_STEPS)
    def caller_fumbles_the_secret(self, length: int, hearing: Hearing | None, pause: float, well: list[bool]) -> None:
        at, turn, keys = self.later(pause), self.call.turn, CANARY[:length]
        if hearing is None:
            self.happens(EntryKeyed(at, turn, Secret(keys + "#")))
        else:
            self.happens(EntrySpoken(at, turn, Secret(" ".join(SPOKEN[int(digit)] for digit in keys)), hearing))
        self._go_on(well)

    @rule(keys=KEYS, pause=PAUSES, off=NEARBY, well=GOOD_STEPS)
    def caller_keys(self, keys: str, pause: float, off: int, well: list[bool]) -> None:
        self.happens(EntryKeyed(self.later(pause), self.call.turn + off, Secret(keys)))
        self._go_on(well)

    @rule(
        words=WORDS, hearing=st.sampled_from([*Hearing, Hearing.ACCEPTED]), pause=PAUSES, off=NEARBY, well=GOOD_STEPS,
        rivals=st.lists(WORDS, max_size=2),
    )  # fmt: skip
    def caller_says(
        self, words: str, hearing: Hearing, pause: float, off: int, well: list[bool], rivals: list[str]
    ) -> None:
        others = tuple(map(Secret, rivals))
        self.happens(EntrySpoken(self.later(pause), self.call.turn + off, Secret(words), hearing, rivals=others))
        self._go_on(well)

    @rule(extension=st.integers(-1, 1), speaking=st.booleans(), pause=PAUSES, off=NEARBY, well=GOOD_STEPS)
    def time_runs_out(self, extension: int, speaking: bool, pause: float, off: int, well: list[bool]) -> None:
        extension += self.question.extension if self.question is not None else 0
        self.happens(NoInput(self.later(pause), self.call.turn + off, extension, speaking))
        self._go_on(well)

    @precondition(lambda self: self.call.open_errand is not None)
    @rule(
        result=st.sampled_from(IdentifyResult), verdict=st.sampled_from(SecretVerdict), lost=st.booleans(), apart=SEPARATORS,
        attack=st.sampled_from([False, False, False, True]), well=GOOD_STEPS,
    )  # fmt: skip
    def back_end_answers(
        self, result: IdentifyResult, verdict: SecretVerdict, lost: bool, apart: tuple[str, ...], attack: bool, well: list[bool]
    ) -> None:
        if lost:
            self.happens(ErrandLost(self.later(0.2), self.call.errands))
        else:
            self._answer_by(result, verdict, apart, attack=attack)
        self._go_on(well)

    @rule(apart=SEPARATORS, well=GOOD_STEPS)
    def several_have_that_number(self, apart: tuple[str, ...], well: list[bool]) -> None:
        if self.question is not None and self.call.stage is Stage.AUTHENTICATE:
            self._give_what_is_asked(self.later(2.5), spoken=False)
        if self.call.open_errand is not None:
            self._answer_by(IdentifyResult.SEVERAL, SecretVerdict.MISMATCHED, apart)
        self._go_on(well)

    def _answer_by(
        self, result: IdentifyResult, verdict: SecretVerdict, apart: tuple[str, ...] = (), *, attack: bool = False
    ) -> None:
        """The open errand's outcome, of its own kind."""
        at, number = self.later(0.2), self.call.errands
        match self.asked_for[number]:
            case "details":
                known = TOLD if verdict is SecretVerdict.MATCHED else ()
                self.happens(DetailsFetched(at, number, verdict is not SecretVerdict.UNAVAILABLE, known))
            case "pin" | "birth_year":
                self.happens(SecretChecked(at, number, verdict, attack))
            case "looked for":
                there = self.looked_for[: list(IdentifyResult).index(result)]
                self.happens(ExistingFound(at, number, result is not IdentifyResult.UNAVAILABLE, there))
            case _:
                self.happens(CallerIdentified(at, number, result, ADA if result is IdentifyResult.FOUND else None, apart))

    @rule(kind=st.integers(0, 4), result=st.sampled_from(IdentifyResult), verdict=st.sampled_from(SecretVerdict), off=NEARBY)
    def an_outcome_comes_that_may_be_late_or_of_the_wrong_kind(
        self, kind: int, result: IdentifyResult, verdict: SecretVerdict, off: int
    ) -> None:
        at, number = self.later(0.2), self.call.errands + off
        outcomes: list[Event] = [
            CallerIdentified(at, number, result, ADA),
            SecretChecked(at, number, verdict),
            DetailsFetched(at, number, True, TOLD),
            ErrandLost(at, number),
            ExistingFound(at, number, True, (NUMBER[:8],)),
        ]
        self.happens(outcomes[kind])

    @precondition(lambda self: self.call.stage in (Stage.WAIT, Stage.TRANSFER) or self.now.second % 7 == 0)
    @rule(kind=st.integers(0, 5), number=st.integers(1, 2), party=st.sampled_from(Party), well=GOOD_STEPS)
    def agent_does(self, kind: int, number: int, party: Party, well: list[bool]) -> None:
        at = self.later(1)
        deeds: list[Event] = [
            AgentAccepted(at, f"call-1.{number}", "Mira", "mira"),
            AgentTurnedDown(at, "Mira", "busy"),
            AgentLeft(at, f"call-1.{number}"),
            CustomerLinked(at, "Mira", ADA, "account_number"),
            PartyEntered(at, party),
            RoomLeft(at),
        ]
        self.happens(deeds[kind])
        self._go_on(well)

    @rule(kind=st.integers(0, 30), off=NEARBY, well=GOOD_STEPS)
    def world_turns(self, kind: int, off: int, well: list[bool]) -> None:
        """What is rare in life is rare here, or every call would be a short one."""
        at = self.later(1)
        match kind:
            case 0:
                self.happens(CallerHungUp(at))
            case 1:
                self.happens(TroubleMet(at, "test"))
            case 2:
                self.happens(TimeCame(at, "bot_time_is_up"))
            case 3:
                self.happens(TimeCame(at, "waited_too_long"))
            case 4:
                self.happens(TimeCame(at, "tea_time"))
            case 11:
                self.happens(TimeCame(at, "closed_meanwhile"))
            case 5:
                self.happens(CallArrived(at, self.call.line, WITHHELD, True, True))
            case 12:
                self.happens(CallbackBooked(at, BookingResult.PROMISED))
            case 13:
                self.happens(CodeChecked(at, self.call.approvals + off, False))
            case 10:
                self.happens(HandOverEnded(at, off == 0))
            case 9:
                self.happens(DoorFailed(at, self.call.turn + off))
            case 6 | 7 | 8:
                self.happens(SpeechLost(at, self.call.phase + off))
        self._go_on(well)

    @precondition(lambda self: self.call.line.approvals and self.call.stage in (Stage.WAIT, Stage.TRANSFER))
    @rule(off=NEARBY, kind=st.integers(0, 7), code=st.booleans())
    def app_does(self, off: int, kind: int, code: bool) -> None:
        """It is begun with where it is not, and then goes well more often than not."""
        at, number = self.later(3), self.call.approvals + off
        under_way = self.call.approval is not None and self.call.approval.under_way
        if not under_way and self.call.stage is Stage.WAIT:
            self.happens(EntryKeyed(at, self.call.turn, Secret("2")))
        elif kind < 3:
            verdict = ApprovalVerdict.APPROVED
            self.approved |= {number} if under_way and off == 0 else set()
            self.happens(ApprovalAnswered(at, number, verdict))
        elif kind < 5:
            self.happens(EntryKeyed(at, self.call.turn, Secret(CODE if code else "000000")))
        elif kind == 5:
            self.happens(ApprovalAnswered(at, number, list(ApprovalVerdict)[at.second % 5]))
            self.approved |= {number} if under_way and off == 0 and at.second % 5 == 0 else set()
        else:
            result = ApprovalResult.OPEN if kind == 6 else list(ApprovalResult)[at.second % 5]
            self.happens(ApprovalRequested(at, number, result))

    @rule()
    def restart(self) -> None:
        again = Call.from_dict(json.loads(json.dumps(self.call.to_dict())), self.call.line)
        assert again == self.call
        self.call = again

    # ---- the laws ------------------------------------------------------------------------------------------------

    @property
    def question(self) -> Ask | None:
        """The question that is open, unless its answer is being checked."""
        if self.call.open_errand is not None:
            return None
        return next((verb for verb in self.call.verbs if isinstance(verb, Ask)), None)

    @invariant()
    def nobody_is_verified_without_every_secret_matched_or_an_approval_with_its_code_in_this_call(self) -> None:
        if self.call.assurance is Assurance.VERIFIED:
            assert self.call.customer is not None
            approved = self.coded & self.approved
            secrets = {plan.name for plan in self.call.line.secrets}
            assert approved or (secrets and secrets <= self.matched)

    @invariant()
    def nobody_is_identified_unless_the_back_end_or_their_agent_found_somebody(self) -> None:
        assert self.found == (self.call.assurance is not Assurance.NONE) == (self.call.customer is not None)

    @invariant()
    def a_calling_number_alone_identifies_at_most(self) -> None:
        if self.call.evidence and all(item.proof is Proof.ANI for item in self.call.evidence):
            assert self.call.assurance is Assurance.IDENTIFIED

    @invariant()
    def tries_are_limited(self) -> None:
        secrets = {plan.name for plan in self.call.line.secrets}
        most = self.call.line.limits.max_attempts
        assert sum(count for field, count in self.rejected.items() if field not in secrets) <= most
        assert all(count <= most for field, count in self.rejected.items() if field in secrets)
        assert dict(self.call.failures) == self.rejected

    @invariant()
    def questions_are_limited(self) -> None:
        tally, limits = self.call.authenticating.tally, self.call.line.limits
        assert tally.asks <= limits.asks + 1  # the one by keypad
        assert tally.no_input <= limits.no_input
        assert tally.no_match <= limits.no_match
        assert tally.short <= limits.short
        assert tally.mistyped <= limits.no_match
        assert tally.back_end_down <= limits.back_end_down

    @invariant()
    def every_answer_goes_on_or_hangs_up_on_purpose(self) -> None:
        if self.call.open_errand is not None:
            assert self.call.stage in (Stage.AUTHENTICATE, Stage.SELF_SERVICE)
            return
        last = {
            Stage.AUTHENTICATE: Ask, Stage.SELF_SERVICE: Ask, Stage.TRANSFER: Join, Stage.ENDED: Hangup,
            Stage.WAIT: (Wait, Ask) if self.call.queue.offer_callback else Wait,
            Stage.HANDED_OVER: HandOver, Stage.SURVEY: Ask,
        }  # fmt: skip
        assert isinstance(self.call.verbs[-1], last[self.call.stage])
        asked_in_line = self.call.stage is Stage.WAIT and isinstance(self.call.verbs[-1], Ask)
        assert self.call.prelude == () or (asked_in_line and self.call.prelude[0].prompt_id.startswith("approval."))

    @invariant()
    def an_open_question_can_be_answered(self) -> None:
        if self.question is not None:
            assert self.question.turn == self.call.turn
            assert self.question.keys.count is None or self.question.keys.count >= 1
            assert self.question.listen == self.call.stream_open or not self.call.stream_open

    @invariant()
    def whoever_waits_is_in_line_and_whoever_is_gone_is_not(self) -> None:
        there = self.call.waiting is None or self.call.waiting.in_line  # out of hours there is no line
        assert self.in_line == (there and self.call.stage in (Stage.WAIT, Stage.TRANSFER))
        if self.call.stage is not Stage.TRANSFER:
            assert not self.rooms

    @invariant()
    def only_a_question_is_listened_to(self) -> None:
        if self.call.stage in (Stage.WAIT, Stage.TRANSFER, Stage.HANDED_OVER, Stage.ENDED):
            assert not self.call.stream_open or any(isinstance(verb, Ask) and verb.listen for verb in self.call.verbs)

    @invariant()
    def with_one_verdict_for_both_nobody_is_identified_before_the_secret_has_matched(self) -> None:
        if self.call.line.joint and self.call.assurance is not Assurance.NONE and not self.call.reason:
            assert self.matched

    @invariant()
    def a_value_that_was_denied_is_not_offered_again(self) -> None:
        state = self.call.authenticating
        if state.heard is not None and state.heard.needs_yes and state.heard.modality is Modality.SPEECH:
            assert state.heard.value not in state.denied
            assert not set(state.heard.others) & set(state.denied)

    @invariant()
    def another_system_is_told_no_more_than_we_know(self) -> None:
        for verb in self.call.verbs:
            if isinstance(verb, HandOver):
                assert (verb.context.assurance, verb.context.evidence) == (self.call.assurance, self.call.evidence)
                assert verb.context.audience == "sip:service@pbx.example.com"

    @invariant()
    def no_secret_is_anywhere_in_the_state(self) -> None:
        stored = json.dumps(self.call.to_dict())
        assert not any(run in stored for run in RUNS)

    @invariant()
    def names_and_private_details_are_for_verified_ears(self) -> None:
        said = [verb for verb in self.call.verbs if isinstance(verb, Say)]
        said += [say for verb in self.call.verbs if isinstance(verb, Ask | Wait) for say in verb.say]
        if any(say.prompt_id in ("self_service.balance", "verified_by_name") for say in said):
            assert self.call.assurance is Assurance.VERIFIED


def is_proven(call: Call) -> bool:
    """Whether a number is looked up whose secret has matched."""
    claimed = call.authenticating.claimed
    return claimed is not None and claimed.proven is not None


def is_doubtful(call: Call) -> bool:
    """Whether the ear was not sure of the number that is looked up: then the caller is asked before it is a try."""
    heard = call.authenticating.heard
    return heard is not None and heard.doubtful


TestOneCall = OneCall.TestCase
TestOneCall.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
