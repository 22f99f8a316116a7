"""A caller who pays by card without an agent: what is offered, what is said of what came of it, and when an agent helps."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import BALANCE, OFFICE, SELF_SERVICE, Conversation
from voicebot.dialogue.actions import Say, TakeCard, WakeAt
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import PaymentPlan
from voicebot.dialogue.payment import Outcome, PaymentState, PaymentTold
from voicebot.dialogue.spoken import Amount
from voicebot.dialogue.values import Ending

PLAN = PaymentPlan("EUR", 2, at_most=50_000, patience=60)
LINE = replace(SELF_SERVICE, payments=PLAN, pay="balance")


def told(balance: str = "12.50", line=LINE) -> Conversation:  # type: ignore[no-untyped-def]  # noqa: ANN001
    talk = Conversation(line).is_verified()
    talk.back_end.tells(("balance", balance), ("office", "Elm Street"))
    return talk


def paying() -> Conversation:
    talk = told()
    talk.caller.keys("1")
    return talk


def comes(talk: Conversation, outcome: Outcome, **about: str) -> None:
    assert talk.call.payment is not None
    talk.happens(PaymentTold(talk.passes(20), talk.call.payment.number, 1, "", outcome=outcome, **about))  # type: ignore[arg-type]


def state(talk: Conversation) -> PaymentState:
    assert talk.call.payment is not None
    return talk.call.payment.state


def test_what_was_told_may_be_paid_by_a_key() -> None:
    talk = told()
    assert talk.hears[-2:] == ["self_service.pay", "self_service.more"]
    talk.caller.keys("1")
    *_, begins, taking = talk.call.verbs
    assert begins == Say("payment.begins", args=(("amount", Amount("12.50", "EUR")),))
    assert isinstance(taking, TakeCard)
    assert (taking.number, taking.plan, taking.amount) == (1, PLAN, "12.50")
    assert [moment for moment, _ in taking.says] == ["card_number", "expiry", "security_code", "charging", "wrong"]
    assert not talk.call.stream_open
    assert any(isinstance(action, WakeAt) and action.name == "payment_silent" for action in talk.actions)


@pytest.mark.parametrize("balance", ["0.00", "-12.50", "500.01", "much"])
def test_what_is_nothing_or_too_much_is_not_offered(balance: str) -> None:
    talk = told(balance)
    assert "self_service.pay" not in talk.hears
    talk.caller.keys("1")
    assert talk.call.payment is None


def test_nothing_is_offered_where_nothing_may_be_paid_or_heard() -> None:
    assert "self_service.pay" not in told(line=replace(LINE, payments=None)).hears
    assert "self_service.pay" not in told(line=replace(LINE, pay="")).hears
    public = replace(LINE, details=(replace(BALANCE, private=True), OFFICE), secrets=())
    talk = Conversation(public).is_identified()
    talk.back_end.tells(("balance", "12.50"), ("office", "Elm Street"))
    assert "self_service.pay" not in talk.hears


def test_a_word_pays_nothing() -> None:
    talk = told()
    talk.caller.says("yes")
    assert talk.call.payment is None


@pytest.mark.parametrize(
    ("outcome", "said", "again"),
    [
        (Outcome.CHARGED, "payment.paid", False),
        (Outcome.DECLINED, "payment.declined", True),
        (Outcome.NOT_CHARGED, "payment.failed", True),
    ],
)
def test_the_caller_hears_what_became_of_it_and_goes_on(outcome: Outcome, said: str, again: bool) -> None:
    talk = paying()
    comes(talk, outcome)
    assert talk.hears == [said, *(["self_service.pay"] if again else []), "self_service.more"]
    comes(talk, outcome)
    assert talk.actions == []
    talk.caller.keys("2")
    assert talk.call.ending is Ending.CONTAINED


def test_three_payments_a_call_are_enough() -> None:
    talk = told()
    for _ in range(3):
        talk.caller.keys("1")
        comes(talk, Outcome.DECLINED)
    assert talk.hears == ["payment.declined", "self_service.more"]


def test_where_nobody_knows_an_agent_helps_and_nothing_is_paid_again() -> None:
    talk = paying()
    comes(talk, Outcome.UNKNOWN)
    assert (talk.stage, state(talk), talk.hears[0]) == (Stage.WAIT, PaymentState.UNCERTAIN, "payment.uncertain")
    comes(talk, Outcome.CHARGED)
    assert (talk.stage, state(talk)) == (Stage.WAIT, PaymentState.PAID)


def test_a_carrier_that_never_comes_back_is_waited_for_as_long_as_a_card_takes() -> None:
    talk = paying()
    talk.passes(180 + 89)
    talk.time_comes("payment_silent")
    assert state(talk) is PaymentState.CHARGING
    talk.passes(2)
    talk.time_comes("payment_silent")
    assert (talk.stage, state(talk)) == (Stage.WAIT, PaymentState.UNCERTAIN)


def test_nobody_is_cut_off_with_a_card_in_their_hand() -> None:
    talk = paying()
    talk.time_comes("bot_time_is_up")
    assert (talk.actions, state(talk)) == ([], PaymentState.CHARGING)


def test_a_caller_who_hangs_up_may_have_paid_until_the_carrier_says() -> None:
    talk = paying()
    talk.caller.hangs_up()
    assert (talk.stage, state(talk)) == (Stage.ENDED, PaymentState.UNCERTAIN)
    comes(talk, Outcome.NOT_CHARGED, why="caller-hung-up")
    assert (talk.stage, state(talk)) == (Stage.ENDED, PaymentState.FAILED)


def test_after_trouble_of_ours_the_result_still_lands_on_the_card() -> None:
    talk = paying()
    talk.meets_trouble()
    assert talk.stage is Stage.WAIT
    comes(talk, Outcome.CHARGED)
    assert (talk.stage, state(talk)) == (Stage.WAIT, PaymentState.PAID)
