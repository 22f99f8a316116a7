"""Laws of a conversation, whatever agents, colleagues, supervisors, the caller, the line and the clock do, in whatever order."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.dialogue.conversation import ADA, BILLING, CODE, DELIVERY, OMAR, PIN, PIN_SAID, Conversation
from voicebot.dialogue.actions import (
    Action,
    Arrange,
    Ask,
    CloseRoom,
    EndLeg,
    Hangup,
    Join,
    OfferToFloor,
    Record,
    RingSupervisor,
    Say,
    StopListening,
    Wait,
    WakeAt,
    WithdrawFromFloor,
)
from voicebot.dialogue.approving import APPROVAL, ApprovalProgress, ApprovalResult, ApprovalVerdict, CheckCode
from voicebot.dialogue.approving import CODE as CODE_SHAPE
from voicebot.dialogue.call import Call, Stage
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
    StepUpAsked,
    StepUpStopped,
    SupervisorListens,
    SupervisorStopped,
)
from voicebot.dialogue.documents import extension_of
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    AgentTurnedDown,
    ApprovalAnswered,
    ApprovalRequested,
    Arranged,
    CallerHungUp,
    CodeChecked,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    Event,
    NoInput,
    PartyEntered,
    ProofRedeemed,
    RoomLeft,
    SecretChecked,
    SpeechLost,
    TimeCame,
)
from voicebot.dialogue.forms import FieldPlan, Recorded, StepUpPlan
from voicebot.dialogue.proving import Progress
from voicebot.dialogue.seats import CALLER, Seat, seats
from voicebot.dialogue.serving import Serving, item_of
from voicebot.dialogue.taping import tape
from voicebot.dialogue.values import Assurance, Ending, Hearing, Party, Proof, Secret, SecretVerdict, Supervision, Tape

IN_APP = FieldPlan(APPROVAL, CODE_SHAPE, secret=True)
TRANSFER = StepUpPlan("transfer", (PIN, IN_APP), currency="EUR", decimals=2, lifetime=60)
MOSTLY = st.sampled_from([True, True, True, False])
GOES_ON = {Stage.WAIT: Wait, Stage.TRANSFER: Join, Stage.SURVEY: Ask, Stage.ENDED: Hangup}


class OneConversation(RuleBasedStateMachine):
    """What the line, the floor and the phones were last told is written down beside the call, and compared."""

    call: Call
    now: datetime

    @initialize(survey=st.booleans(), verified=MOSTLY)
    def connect(self, survey: bool, verified: bool) -> None:
        line = replace(BILLING, recording=Recorded.AFTER_VERIFICATION, step_ups=(TRANSFER,), survey=survey)
        talk = Conversation(line).is_verified() if verified else Conversation(line).is_identified().waits()
        assert isinstance(talk.call.verbs[0], StopListening)
        self.verified = verified  # before any fresh proof
        self.tape, self.told = Tape.OFF, False
        self.call, self.now, self.number = talk.call, talk.now, 0
        self.floor = {self.call.id}  # pieces of the call's work that the floor has
        self.rooms: set[str] = set()
        self.streams: set[int] = set()  # that the line sends of the caller
        self.legs: set[str] = set()  # of supervisors
        self.seated: dict[str, Seat] = {}
        self.hold_ends: datetime | None = None
        self.proven: set[int] = set()  # step-ups whose proof the back end has confirmed, or both halves of whose approval came
        self.approved: set[int] = set()  # approvals, in the app
        self.coded: set[int] = set()  # and those whose code was keyed
        self.redeemed: list[int] = []
        self.be_connected()

    def happens(self, event: Event) -> None:
        before = self.call
        self._line_does(event)
        self.call, actions = step(before, event)
        self.call = Call.from_dict(json.loads(json.dumps(self.call.to_dict())), self.call.line)
        for action in actions:
            self._follow(action)
        for action in actions:
            if isinstance(action, CheckCode):
                right = action.keys.reveal() == CODE
                self.coded |= {action.approval} if right else set()
                self._prove()
                self.happens(CodeChecked(self.now, action.approval, right))
        if isinstance(event, Arranged) and not event.done:  # the call believes that it is as it was
            self.seated |= {leg: seat for leg, seat in seats(self.call).items() if leg == event.leg}
        assert self.call.customer == before.customer
        assert self.call.assurance is before.assurance or self.call.assurance is Assurance.VERIFIED
        assert before.waiting is None or (self.call.waiting is not None and self.call.waiting.since == before.waiting.since)

    def _line_does(self, event: Event) -> None:
        """Whoever comes into a room sits there as everybody does."""
        match event:
            case PartyEntered(party=Party.CALLER):
                self.seated.pop(CALLER, None)
            case PartyEntered(leg=leg):
                self.seated.pop(leg, None)
            case AgentLeft(reservation=leg):
                self.legs.discard(leg)

    def _follow(self, action: Action) -> None:
        match action:
            case OfferToFloor(consult=item):
                assert (item or self.call.id) not in self.floor, "offered twice"
                self.floor.add(item or self.call.id)
                hold = self.call.serving.hold if self.call.serving else None
                assert not item or hold is None or hold.in_effect, "asked for help while the caller could hear"
            case WithdrawFromFloor(item=item):
                self.floor = self.floor - {item} if item else set()
            case Record():
                self.tape = tape(self.call)
                assert self.tape is not Tape.RUNS or self.told, "recorded without a word"
            case Say(prompt_id="recording.announced"):
                self.told = True
            case Ask(opens_stream=True, phase=phase):
                self.streams.add(phase)
            case StopListening(phase=phase):
                self.streams.discard(phase)
            case Join(room=room):
                self.rooms.add(room)
                assert not self.streams, "a stream goes on into the room"
            case CloseRoom(room=room):
                self.rooms.discard(room)
            case RingSupervisor(leg=leg):
                self.legs.add(leg)
            case EndLeg(leg=leg):
                self.legs.discard(leg)
            case Arrange(leg=leg):
                self.seated[leg] = seats(self.call)[leg]
            case WakeAt(name="held_too_long", at=at):
                self.hold_ends = at

    def later(self, seconds: float = 2.0) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    # ---- what may happen -----------------------------------------------------------------------------------------

    @rule()
    def be_connected(self) -> None:
        """The next conversation."""
        if self.call.stage is Stage.ENDED:
            self.connect(survey=self.now.second % 2 == 0, verified=self.now.second % 3 != 0)
        self.number += 1
        if self.call.stage is Stage.WAIT:
            self.happens(AgentAccepted(self.later(), f"call-1.{self.number}", "Mira", "mira"))
        if (serving := self.serving) is not None:
            self.happens(PartyEntered(self.later(), Party.CALLER))
            self.happens(PartyEntered(self.later(), Party.AGENT, serving.reservation))

    @precondition(lambda self: self.serving is not None)
    @rule(kind=st.sampled_from([0, 1, 2, 3, 3, 4, 5, 5]), mine=MOSTLY, flag=st.booleans())
    def agent_does(self, kind: int, mine: bool, flag: bool) -> None:
        self._does(kind, mine, flag)

    @precondition(lambda self: self.serving is not None)
    @rule(flag=st.booleans(), goes=st.integers(1, 4))
    def agent_asks_a_colleague_who_comes(self, flag: bool, goes: int) -> None:
        """The good steps of it, up to so many; without them the deep states would rarely be reached."""
        self._does(3, True, flag)
        self.happens(Arranged(self.later(0.2), CALLER))
        consult = self.serving.consult if self.serving is not None else None
        if consult is None or goes < 2:
            return
        leg = consult.reservation or f"{consult.item}.7"
        self.happens(AgentAccepted(self.later(), leg, "C", self.colleague))
        if goes >= 3:
            self.happens(PartyEntered(self.later(), Party.AGENT, leg))
        if goes >= 4:
            self._does(5, True, flag)

    @rule(kind=st.sampled_from([6, 7]), mine=st.sampled_from([False, False, True]), flag=st.booleans())
    def agent_is_through(self, kind: int, mine: bool, flag: bool) -> None:
        """Mostly somebody who has no say."""
        self._does(kind, mine, flag)

    def _does(self, kind: int, mine: bool, flag: bool) -> None:
        at, target = self.later(), OMAR if flag else DELIVERY
        by = self.serving.agent_id if self.serving is not None and mine else "ruth"
        deeds: list[Deed] = [
            CallerHeld(at, by), CallerResumed(at, by), AgentMuted(at, by, flag), ConsultAsked(at, by, target),
            ConsultEnded(at, by), ConsultCompleted(at, by), CallPassed(at, by, target, "", flag), CallEnded(at, by),
        ]  # fmt: skip
        self.happens(deeds[kind])

    @precondition(lambda self: self.serving is not None)
    @rule(who=st.sampled_from(["sofia", "rashid"]), how=st.sampled_from([None, *Supervision]), comes=MOSTLY)
    def supervisor_does(self, who: str, how: Supervision | None, comes: bool) -> None:
        if how is None:
            self.happens(SupervisorStopped(self.later(), who))
            return
        self.happens(SupervisorListens(self.later(), who, who.title(), how))
        one = self.serving.supervisor(who) if self.serving is not None else None
        if comes and one is not None:
            self.happens(PartyEntered(self.later(), Party.AGENT, one.leg))

    @precondition(lambda self: self.serving is not None and self.serving.consult is not None)
    @rule(kind=st.integers(0, 5), whole=MOSTLY)
    def colleague_does(self, kind: int, whole: bool) -> None:
        consult = self.serving.consult if self.serving is not None else None
        assert consult is not None
        leg = consult.reservation or f"{consult.item}.7"
        match kind:
            case 0 | 1 | 2 if consult.offered:
                self.happens(AgentAccepted(self.later(), leg, "C", self.colleague))
                if whole:
                    self.happens(PartyEntered(self.later(), Party.AGENT, leg))
            case 3:
                self.happens(AgentTurnedDown(self.later(), "omar", "declined", consult.item))
            case 4:
                self.happens(AgentLeft(self.later(), leg))
            case _ if consult.offered:  # nobody can take what the floor does not have
                self.happens(AgentAccepted(self.later(), f"{consult.item}.8", "C", self.colleague))

    @precondition(lambda self: self.serving is not None)
    @rule(place=st.integers(0, 4), done=MOSTLY)
    def line_does(self, place: int, done: bool) -> None:
        legs = [*self.legs, CALLER, *([self.serving.reservation] if self.serving else [])]
        self.happens(Arranged(self.later(0.2), legs[place % len(legs)], done))

    @precondition(lambda self: self.serving is not None)
    @rule(
        amount=st.sampled_from([0, 5_000]),
        proof=st.sampled_from(["", "pin", APPROVAL, APPROVAL]),
        verdict=st.sampled_from([None, SecretVerdict.MATCHED, SecretVerdict.MISMATCHED]),
    )
    def agent_wants_a_proof(self, amount: int, proof: str, verdict: SecretVerdict | None) -> None:
        by = self.serving.agent_id if self.serving is not None else ""
        self.happens(StepUpAsked(self.later(), by, "transfer", amount, proof))
        if self.away and verdict is not None and proof != APPROVAL:
            self._keyed_and_checked(verdict, attack=False, checked=True)
            self._come_back()

    @precondition(lambda self: self.call.approval is not None and self.call.approval.under_way)
    @rule(verdict=st.sampled_from([ApprovalVerdict.APPROVED] * 3 + list(ApprovalVerdict)), result=st.sampled_from(ApprovalResult))
    def app_answers(self, verdict: ApprovalVerdict, result: ApprovalResult) -> None:
        """The provider was asked, and then the customer, who says yes more often than not."""
        number, approval = self.call.approvals, self.call.approval
        if approval is not None and approval.progress is ApprovalProgress.ASKED:
            self.happens(ApprovalRequested(self.later(), number, result if self.now.second % 3 == 0 else ApprovalResult.OPEN))
        else:
            self.approved |= {number} if verdict is ApprovalVerdict.APPROVED else set()
            self._prove()
            self.happens(ApprovalAnswered(self.later(), number, verdict))
        self._come_back()

    def _keyed_and_checked(self, verdict: SecretVerdict, attack: bool, *, checked: bool) -> None:
        """Both at once, mostly: as rules of their own they would hardly ever follow each other."""
        if self.call.open_errand is None:
            self.happens(EntryKeyed(self.later(), self.call.turn, Secret(CODE if attack else "493817")))
        if checked and self.call.open_errand is not None:
            self.proven |= {self.call.step_ups} if verdict is SecretVerdict.MATCHED and not attack else set()
            self.happens(SecretChecked(self.later(), self.call.open_errand, verdict, attack))

    def _prove(self) -> None:
        if self.call.step_up is not None and self.call.approvals in self.approved & self.coded:
            self.proven.add(self.call.step_ups)

    def _come_back(self) -> None:
        if self.serving is not None and not self.away:
            self.happens(PartyEntered(self.later(), Party.CALLER))

    @precondition(lambda self: self.away)
    @rule(
        kind=st.integers(0, 9),
        verdict=st.sampled_from([SecretVerdict.MATCHED, *SecretVerdict]),
        attack=st.sampled_from([False, False, True]),
    )
    def caller_gives_a_proof(self, kind: int, verdict: SecretVerdict, attack: bool) -> None:
        match kind:
            case 0:
                self.happens(NoInput(self.later(), self.call.turn, extension_of(self.call)))
            case 1:
                self.happens(EntryKeyed(self.later(), self.call.turn, Secret("0")))
            case 2:
                self.happens(StepUpStopped(self.later(), self.serving.agent_id if self.serving else ""))
            case 3 if self.call.open_errand is not None:
                self.happens(ErrandLost(self.later(), self.call.open_errand))
            case 7:
                self.happens(SpeechLost(self.later(), self.call.phase))
            case 8:
                self.happens(NoInput(self.later(), self.call.turn, extension_of(self.call), speech_active=attack))
            case 9:
                hearing = Hearing.CONFIRM if verdict is SecretVerdict.LOCKED else Hearing.ACCEPTED
                words = Secret("agent please" if attack else PIN_SAID)
                self.happens(EntrySpoken(self.later(), self.call.turn, words, hearing))
            case _:
                self._keyed_and_checked(verdict, attack, checked=kind != 4)
        self._come_back()

    @rule(customer=MOSTLY, amount=st.sampled_from(["0.00 EUR", "50.00 EUR"]), number=st.integers(1, 3))
    def company_makes_use_of_a_proof(self, customer: bool, amount: str, number: int) -> None:
        before = self.call.step_up
        self.happens(ProofRedeemed(self.later(), number, ADA.ref if customer else "ref-9", "transfer", amount))
        after = self.call.step_up
        if after is not None and before is not None and after.progress is not before.progress:
            assert (after.progress, after.number, after.amount_told) == (Progress.REDEEMED, number, amount)
            assert customer
            assert before.until is not None
            assert self.now < before.until
            self.redeemed.append(number)

    @rule(who=st.sampled_from([*range(6), *range(2, 6), *[9] * 10]), room=st.sampled_from(["", "room-call-1-1", "room-call-1-2"]))
    def somebody_leaves(self, who: int, room: str) -> None:
        legs = [self.serving.reservation if self.serving else "call-1.1", *sorted(self.legs), "call-1.99"]
        match who:
            case 0:
                self.happens(CallerHungUp(self.later()))
            case 1:
                self.happens(RoomLeft(self.later(), room))
            case _ if who < 6:
                self.happens(AgentLeft(self.later(), legs[who % len(legs)]))

    @precondition(lambda self: self.call.stage is Stage.SURVEY)
    @rule(keys=st.sampled_from(["7#", "10", "99", ""]))
    def caller_is_asked_how_it_was(self, keys: str) -> None:
        at, turn = self.later(4), self.call.turn
        self.happens(EntryKeyed(at, turn, Secret(keys)) if keys else NoInput(at, turn))

    @rule(seconds=st.sampled_from([30.0, 601.0]))
    def time_passes(self, seconds: float) -> None:
        at, ends = self.later(seconds), self.hold_ends
        self.happens(TimeCame(at, "held_too_long"))
        self.happens(TimeCame(at, "step_up_over"))
        if ends is not None and at >= ends:
            assert self.serving is None or self.serving.hold is None

    # ---- the laws ------------------------------------------------------------------------------------------------

    @property
    def serving(self) -> Serving | None:
        return self.call.serving if self.call.stage is Stage.TRANSFER else None

    @property
    def away(self) -> bool:
        """The caller is giving a proof."""
        return self.serving is not None and self.call.step_up is not None and self.call.step_up.under_way

    @property
    def colleague(self) -> str:
        """Somebody whom the floor could ask: never who is in the conversation."""
        return "omar" if self.serving is None or self.serving.agent_id != "omar" else "mira"

    @invariant()
    def the_caller_always_goes_on_to_something(self) -> None:
        assert isinstance(self.call.verbs[-1], Ask if self.away else GOES_ON[self.call.stage])

    @invariant()
    def the_floor_has_what_is_wanted_of_it_and_nothing_else(self) -> None:
        wanted = {self.call.id} if self.call.stage is Stage.WAIT else set()
        if (serving := self.serving) is not None:
            wanted = {item_of(serving.reservation)}
            wanted |= {serving.consult.item} if serving.consult is not None and serving.consult.offered else set()
        assert self.floor == wanted

    @invariant()
    def no_room_stays_open_and_no_supervisor_stays_on_a_line_when_the_conversation_is_over(self) -> None:
        serving = self.serving
        assert self.rooms == ({f"room-call-1-{self.call.rooms}"} if serving is not None else set())
        assert self.legs == ({one.leg for one in serving.supervisors} if serving is not None else set())

    @invariant()
    def everybody_in_the_room_sits_as_the_call_wants(self) -> None:
        if (serving := self.serving) is None:
            return
        present = {CALLER if party is Party.CALLER else serving.reservation for party in serving.present}
        present |= {one.leg for one in serving.supervisors if one.present}
        held = False if self.call.step_ups else None
        usual = {CALLER: Seat(held=False), serving.reservation: Seat(held=held, muted=False)}
        for leg in present:
            assert seats(self.call)[leg] == self.seated.get(leg, usual.get(leg, Seat(muted=True, coached="")))

    @invariant()
    def nothing_is_recorded_but_caller_and_agent_talking(self) -> None:
        assert self.tape is tape(self.call)
        if self.tape is Tape.RUNS:
            assert self.serving is not None
            assert (self.serving.joined_at is not None, self.serving.hold) == (True, None)
            assert not self.away

    @invariant()
    def nobody_is_verified_without_a_factor_that_was_confirmed_in_this_call(self) -> None:
        factors = [one for one in self.call.evidence if one.proof in (Proof.SECRET, Proof.APPROVAL)]
        assert (self.call.assurance is Assurance.VERIFIED) is bool(factors)
        assert self.verified or not factors or self.proven

    @invariant()
    def nobody_hears_a_caller_who_gives_a_proof_and_nobody_passes_without_one(self) -> None:
        if self.away and self.serving is not None:
            assert Party.CALLER not in self.serving.present
            assert seats(self.call)[self.serving.reservation].held is True
        step_up = self.call.step_up
        if step_up is not None and step_up.progress in (Progress.PASSED, Progress.REDEEMED, Progress.EXPIRED):
            assert step_up.number in self.proven
        assert len(self.redeemed) == len(set(self.redeemed)), "a proof counted twice"
        assert self.call.stage is not Stage.WAIT or step_up is None or not step_up.under_way

    @invariant()
    def nothing_listens_with_an_agent_but_the_private_question(self) -> None:
        listening = any(isinstance(verb, Ask) and verb.listen for verb in self.call.verbs)
        assert self.call.stream_open <= listening
        if self.serving is not None and not self.away:
            assert not listening
            assert not self.streams

    @invariant()
    def a_caller_on_hold_has_its_end_before_them(self) -> None:
        if self.serving is not None and self.serving.hold is not None:
            assert self.hold_ends is not None
            assert self.hold_ends >= self.serving.hold.since

    @invariant()
    def nobody_is_in_a_conversation_twice(self) -> None:
        if (serving := self.serving) is not None:
            consult = serving.consult
            people = [serving.agent_id, *(one.supervisor for one in serving.supervisors)]
            people += [consult.agent_id] if consult is not None and consult.agent_id else []
            assert len(people) == len(set(people))

    @invariant()
    def whoever_has_talked_with_an_agent_was_served_unless_they_left_the_line_after_being_passed_on(self) -> None:
        if self.call.ending is Ending.ABANDONED:
            assert self.call.serving is None or self.call.serving.joined_at is None


TestOneConversation = OneConversation.TestCase
TestOneConversation.settings = settings(
    max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
