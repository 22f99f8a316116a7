"""Calling somebody back: an agent first, then the customer, who presses a key; and what becomes of the wish."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import ADA, BILLING, DELIVERY, NOON, PIN, Conversation
from voicebot.dialogue.actions import CloseRoom, Dial, EndLeg, Hangup, Join, OfferToFloor, Say, SettleWish, WithdrawFromFloor
from voicebot.dialogue.approving import APPROVAL, CODE
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import (
    DIAL_LASTS,
    KEPT_FROM_CALLING,
    CalledOff,
    CallingState,
    NotReached,
    Window,
    WishResult,
    called_leg,
    phrase_kept_until,
)
from voicebot.dialogue.card import CalledBack, Doing, PhraseShown, card
from voicebot.dialogue.deeds import CallPassed, PhraseRead, StepUpAsked
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import (
    AgentAccepted,
    CallbackCalledOff,
    CallbackDue,
    CustomerAnswered,
    CustomerNotReached,
    RoomLeft,
    TimeCame,
)
from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.journeys import approval
from voicebot.dialogue.journeys.transfer import whisper
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.refusals import Refusal, refusal
from voicebot.dialogue.timers import BOT_TIME_IS_UP, CLOSED_MEANWHILE, DIAL_OVER
from voicebot.dialogue.values import Assurance, Ending
from voicebot.dialogue.verification import called_back
from voicebot.errors import ImpossibleEvent

NUMBER = "+12025550123"
LEG = "call-1~called.1"
AGAIN = timedelta(seconds=BILLING.callbacks.again_after)


class Callback(Conversation):
    """A callback that is due at noon, wished a quarter of an hour before."""

    def __init__(
        self, *, tries: int = 0, known: bool = True, open_for: float | None = None, passed: bool = False, phrase: bool = False
    ) -> None:
        super().__init__()
        self.call, self.journal = Call("call-1", BILLING), []
        queue = DELIVERY.queue if passed else BILLING.queue
        since, customer = self.now - timedelta(minutes=15), ADA if known else None
        closes_at = None if open_for is None else self.now + timedelta(minutes=open_for)
        due = CallbackDue(
            self.now, BILLING, queue, "call-0", NUMBER, since, tries, customer, closes_at, "an invoice", phrase
        )
        self.happens(due)

    def is_dialled(self) -> "Callback":
        self.agent.accepts()
        return self

    def is_answered(self) -> "Callback":
        self.is_dialled().happens(CustomerAnswered(self.passes(10)))
        return self

    def is_connected(self) -> "Callback":
        self.is_answered().agent.enters()
        self.caller.keys("1")
        return self

    def fails(self, why: NotReached) -> None:
        self.happens(CustomerNotReached(self.passes(20), why))

    @property
    def settled(self) -> SettleWish:
        """What became of the wish, settled in the last step and in no other."""
        [only] = [action for action in self.actions if isinstance(action, SettleWish)]
        return only

    @property
    def state(self) -> CallingState:
        assert self.call.callback is not None
        return self.call.callback.state


@pytest.fixture(params=[Callback.is_dialled, Callback.is_answered], ids=["ringing", "answered"])
def under_way(request: pytest.FixtureRequest) -> Callback:
    made: Callback = request.param(Callback())
    return made


def test_a_callback_is_in_line_at_the_place_of_before_and_dials_nobody() -> None:
    callback = Callback()
    assert (callback.stage, callback.state) == (Stage.CALLBACK, CallingState.IN_LINE)
    assert OfferToFloor("billing") in callback.actions
    assert not callback.does(Dial)
    assert callback.call.waiting is not None
    assert callback.call.waiting.since == callback.now - timedelta(minutes=15)


def test_it_is_for_the_queue_in_which_it_was_wished() -> None:
    assert OfferToFloor("delivery", ("parcels",)) in Callback(passed=True).actions


def test_whoever_is_called_back_is_identified_at_most() -> None:
    assert Callback().call.assurance is Assurance.IDENTIFIED
    assert Callback(known=False).call.assurance is Assurance.NONE
    assert Callback().is_connected().call.assurance is Assurance.IDENTIFIED


def test_only_a_callback_makes_a_wish_an_identity() -> None:
    talk = Conversation()
    with pytest.raises(ImpossibleEvent):
        called_back(talk.call, ADA, talk.now)


def test_once_an_agent_has_it_the_customer_is_dialled_and_the_agent_told() -> None:
    callback = Callback().is_dialled()
    assert Dial(LEG, NUMBER) in callback.actions
    assert [say.prompt_id for say in whisper(callback.call)][:2] == ["whisper.callback", "whisper.identified"]
    assert callback.facts(Noted.AGENT_ACCEPTED)["waited"] == 912.0
    assert card(callback.call).doing is Doing.CALLING_BACK
    assert card(callback.call).number == NUMBER


def test_nobody_is_dialled_twice() -> None:
    callback = Callback().is_dialled()
    callback.happens(AgentAccepted(callback.passes(1), "call-1.2", "Omar", "omar"))
    assert not callback.does(Dial)


def test_the_key_connects() -> None:
    callback = Callback().is_answered()
    assert callback.ask.say[-1].prompt_id == "callback.called"
    callback.agent.enters()
    callback.caller.keys("1")
    assert (callback.stage, callback.state) == (Stage.TRANSFER, CallingState.CONNECTED)
    assert callback.does(Join)
    callback.caller.enters()
    assert callback.call.serving is not None
    assert callback.call.serving.joined_at is not None
    callback.agent.leaves()
    assert callback.call.ending is Ending.SERVED
    assert callback.settled == SettleWish("call-0", WishResult.SERVED, 1)


def test_the_caller_may_be_there_first() -> None:
    callback = Callback().is_answered()
    callback.caller.keys("1")
    callback.caller.enters()
    callback.agent.enters()
    assert callback.facts(Noted.JOINED) == {"agent": "Mira"}


def test_a_voicemail_is_asked_twice_and_told_nothing() -> None:
    callback = Callback().is_answered()
    callback.caller.is_silent()
    assert callback.ask.say[-1] == Say("callback.called", 2)
    callback.caller.is_silent()
    assert callback.call.ending is Ending.NOT_REACHED
    assert callback.call.verbs == (Hangup(),)
    assert callback.facts(Noted.NOT_REACHED) == {"why": "no_key", "tries": 1}


def test_another_key_is_no_yes() -> None:
    callback = Callback().is_answered()
    callback.caller.keys("2")
    callback.caller.keys("2")
    assert callback.call.ending is Ending.NOT_REACHED


@pytest.mark.parametrize("why", [NotReached.BUSY, NotReached.NO_ANSWER, NotReached.FAILED])
def test_who_is_not_reached_is_tried_again_and_the_agent_is_free(why: NotReached) -> None:
    callback = Callback().is_dialled()
    callback.fails(why)
    assert callback.settled == SettleWish("call-0", WishResult.NOT_REACHED, 1, callback.now + AGAIN, why)
    assert callback.does(WithdrawFromFloor)
    assert CloseRoom("room-call-1-1") in callback.actions
    assert EndLeg(LEG) in callback.actions


def test_after_the_last_try_the_wish_is_closed() -> None:
    callback = Callback(tries=BILLING.callbacks.tries - 1).is_dialled()
    callback.fails(NotReached.BUSY)
    assert callback.settled == SettleWish("call-0", WishResult.NOT_REACHED, BILLING.callbacks.tries, why=NotReached.BUSY)


def test_who_hangs_up_before_the_key_is_tried_again(under_way: Callback) -> None:
    under_way.caller.hangs_up()
    assert under_way.facts(Noted.NOT_REACHED)["why"] == "hung_up"
    assert under_way.settled.again_at is not None


def test_nothing_heard_is_an_end_as_well(under_way: Callback) -> None:
    under_way.passes(DIAL_LASTS.total_seconds())
    under_way.time_comes(DIAL_OVER)
    assert under_way.facts(Noted.NOT_REACHED)["why"] == "unknown"
    assert EndLeg(LEG) in under_way.actions


def test_an_agent_who_leaves_ends_the_ringing(under_way: Callback) -> None:
    answered = under_way.state is CallingState.ANSWERED
    under_way.agent.leaves()
    assert under_way.settled.again_at == under_way.now + AGAIN
    assert EndLeg(LEG) in under_way.actions
    assert (Say("callback.sorry") in under_way.call.verbs) is answered


def test_the_end_of_another_leg_is_no_news() -> None:
    callback = Callback().is_dialled()
    callback.agent.leaves("call-1.9")
    assert callback.stage is Stage.CALLBACK


def test_an_agent_who_turns_it_down_is_one_of_many() -> None:
    callback = Callback()
    callback.agent.turns_down()
    assert (callback.state, callback.count(Noted.AGENT_TURNED_DOWN)) == (CallingState.IN_LINE, 1)


@pytest.mark.parametrize("why", [CalledOff.CANCELLED, CalledOff.DONE])
def test_what_is_called_off_rings_nowhere(under_way: Callback, why: CalledOff) -> None:
    dials = int(under_way.state is not CallingState.IN_LINE)
    under_way.happens(CallbackCalledOff(under_way.now, why))
    assert under_way.call.ending is Ending.CALLED_OFF
    assert EndLeg(LEG) in under_way.actions
    otherwise = why is CalledOff.DONE
    result = WishResult.SERVED_OTHERWISE if otherwise else WishResult.CALLED_OFF
    assert under_way.settled == SettleWish("call-0", result, dials)


def test_what_is_called_off_in_line_was_never_dialled() -> None:
    callback = Callback()
    callback.happens(CallbackCalledOff(callback.now, CalledOff.CANCELLED))
    assert callback.does(WithdrawFromFloor)
    assert not callback.does(EndLeg)


def test_who_calls_us_is_called_later_unless_it_rings_already(under_way: Callback) -> None:
    under_way.happens(CallbackCalledOff(under_way.now, CalledOff.CALLING_US))
    assert under_way.stage is Stage.CALLBACK
    waiting = Callback(tries=1)
    waiting.happens(CallbackCalledOff(waiting.now, CalledOff.CALLING_US))
    assert waiting.settled == SettleWish("call-0", WishResult.CALLED_OFF, 1, waiting.now + KEPT_FROM_CALLING)


def test_a_conversation_is_not_called_off() -> None:
    callback = Callback().is_connected()
    callback.happens(CallbackCalledOff(callback.now, CalledOff.CANCELLED))
    assert callback.stage is Stage.TRANSFER


def test_at_closing_time_who_was_not_dialled_is_due_again_at_no_cost() -> None:
    callback = Callback(tries=1, open_for=60)
    callback.time_comes(CLOSED_MEANWHILE)
    assert callback.call.ending is Ending.CLOSED_MEANWHILE
    assert callback.settled == SettleWish("call-0", WishResult.NOT_REACHED, 1, callback.now)


def test_closing_time_ends_nothing_that_has_begun(under_way: Callback) -> None:
    for name in (CLOSED_MEANWHILE, BOT_TIME_IS_UP):
        under_way.happens(TimeCame(under_way.now, name))
    under_way.happens(RoomLeft(under_way.now))
    assert under_way.stage is Stage.CALLBACK


def test_trouble_ends_a_question_and_nothing_else() -> None:
    ringing, answered = Callback().is_dialled(), Callback().is_answered()
    for one in (ringing, answered):
        one.meets_trouble()
    assert ringing.stage is Stage.CALLBACK
    assert (answered.call.ending, answered.call.verbs) == (Ending.NOT_REACHED, (Say("callback.sorry"), Hangup()))


def test_who_loses_the_agent_after_the_key_stays_in_line_for_the_next() -> None:
    callback = Callback().is_connected()
    callback.agent.leaves_during_the_whisper()
    assert callback.stage is Stage.WAIT
    callback.caller.hangs_up()
    assert callback.call.ending is Ending.ABANDONED
    assert callback.settled.again_at == callback.now + AGAIN


@pytest.mark.parametrize("event", ["answered", "not_reached"])
def test_news_of_a_leg_that_was_never_dialled_changes_nothing(event: str) -> None:
    callback, now = Callback(), Callback().now
    callback.happens(CustomerAnswered(now) if event == "answered" else CustomerNotReached(now, NotReached.BUSY))
    callback.caller.hangs_up()
    assert callback.state is CallingState.IN_LINE


def test_an_end_is_settled_once() -> None:
    callback = Callback().is_dialled()
    callback.fails(NotReached.BUSY)
    callback.fails(NotReached.BUSY)
    assert callback.actions == []
    callback.happens(CustomerAnswered(callback.now))
    assert not callback.does(SettleWish)


def test_a_call_that_has_begun_is_not_begun_again() -> None:
    callback = Callback()
    due = CallbackDue(callback.now, BILLING, BILLING.queue, "call-0", NUMBER, callback.now)
    with pytest.raises(ImpossibleEvent):
        step(callback.call, due)


def test_tries_are_the_lines_own() -> None:
    once = replace(BILLING, callbacks=replace(BILLING.callbacks, tries=1))
    callback = Callback()
    callback.call = replace(callback.call, line=once)
    callback.is_dialled().fails(NotReached.BUSY)
    assert callback.settled.again_at is None


def test_the_customers_leg_has_one_name() -> None:
    assert called_leg("call-1") == LEG


def test_nobody_is_to_approve_in_their_app_because_we_have_called_them() -> None:
    callback = Callback().is_connected()
    callback.caller.enters()
    both = StepUpPlan("payout", (FieldPlan(APPROVAL, CODE, secret=True), PIN))
    line = replace(callback.call.line, approvals=True, step_ups=(both, StepUpPlan("address", both.proofs[:1])))
    callback.call = replace(callback.call, line=line)

    def refused(action: str, proof: str = "") -> Refusal | None:
        return refusal(callback.call, StepUpAsked(callback.now, "mira", action, 0, proof))

    assert refused("payout", APPROVAL) is refused("address") is Refusal.UNKNOWN_PROOF
    assert refused("payout") is None
    callback.agent.does(lambda at: StepUpAsked(at, "mira", "payout", 0))
    assert callback.call.step_up is not None
    assert callback.call.step_up.proof is PIN
    assert not approval.offered(callback.call)


# ---- the phrase --------------------------------------------------------------------------------------------------


def phrased() -> Callback:
    return Callback(phrase=True)


def refused(callback: Callback, by: str = "mira") -> Refusal | None:
    return refusal(callback.call, PhraseRead(callback.now, by))


def shown(callback: Callback) -> CalledBack:
    about = card(callback.call).callback
    assert about is not None
    assert about.subject == "an invoice"
    return about


def test_a_phrase_is_not_shown_before_somebody_has_pressed_the_key() -> None:
    for callback in (phrased(), phrased().is_dialled(), phrased().is_answered()):
        assert refused(callback) is Refusal.NOT_YOURS
        assert shown(callback).phrase is PhraseShown.SET
    machine = phrased().is_answered()
    for _ in range(2):
        machine.caller.is_silent()
    assert machine.call.ending is Ending.NOT_REACHED
    assert refused(machine) is Refusal.NOT_YOURS


def test_it_is_shown_once_to_the_agent_who_has_the_call_and_who_and_when_stays() -> None:
    callback = phrased().is_connected()
    assert shown(callback).phrase is PhraseShown.READY
    assert refused(callback) is Refusal.NOT_CONNECTED  # the customer is not in the room yet
    callback.caller.enters()
    assert refused(callback, "jonas") is Refusal.NOT_YOURS
    assert refused(callback) is None
    callback.agent.does(lambda at: PhraseRead(at, "mira"))
    assert callback.facts(Noted.PHRASE_READ) == {"agent": "Mira", "agent_id": "mira"}
    assert (shown(callback).phrase, shown(callback).read_by, shown(callback).read_at) == (PhraseShown.READ, "Mira", callback.now)
    assert refused(callback) is Refusal.NO_PHRASE
    assert callback.call.assurance is Assurance.IDENTIFIED


def test_without_one_and_in_a_call_that_we_were_called_in_there_is_none() -> None:
    bare, inbound = Callback().is_connected(), Conversation().is_with_agent()
    bare.caller.enters()
    assert shown(bare).phrase is PhraseShown.NONE
    assert refused(bare) is Refusal.NO_PHRASE
    assert refusal(inbound.call, PhraseRead(inbound.now, "mira")) is Refusal.NO_PHRASE
    assert card(inbound.call).callback is None


def test_one_whose_time_is_over_when_it_is_asked_for_is_none_any_more() -> None:
    callback = phrased().is_connected()
    callback.caller.enters()
    callback.agent.does(lambda at: PhraseRead(at, "mira", found=False))
    assert callback.facts(Noted.PHRASE_GONE) == {"agent": "Mira", "agent_id": "mira"}
    assert (shown(callback).phrase, shown(callback).read_by) == (PhraseShown.NONE, "")
    assert refused(callback) is Refusal.NO_PHRASE


def test_the_next_agent_may_read_it_if_nobody_has() -> None:
    callback = phrased().is_connected()
    callback.caller.enters()
    callback.agent.does(lambda at: CallPassed(at, "mira", DELIVERY))
    callback.happens(AgentAccepted(callback.passes(1), "call-1.2", "Omar", "omar"))
    callback.agent.enters()
    callback.caller.enters()
    assert refused(callback, "mira") is Refusal.NOT_YOURS
    assert refused(callback, "omar") is None


def test_a_phrase_lasts_a_day_longer_than_its_window_and_a_week_without_one() -> None:
    window = Window(NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    assert phrase_kept_until(window, NOON) == NOON + timedelta(hours=26)
    assert phrase_kept_until(None, NOON) == NOON + timedelta(days=8)
