"""A card payment with the agent on the line: who says when it is charged, what is believed of it, and when somebody is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING, KNOWN_NUMBER, NOON, OMAR, WITHHELD, Conversation
from voicebot.dialogue.actions import Pay, Record, SendPaymentLink, WakeAt
from voicebot.dialogue.call import Stage
from voicebot.dialogue.card import PieceShown, PieceState, card
from voicebot.dialogue.deeds import (
    CallerHeld,
    CallPassed,
    ChargeAsked,
    ConsultAsked,
    PaymentAsked,
    PaymentStopped,
    PieceAsked,
    StepUpAsked,
)
from voicebot.dialogue.forms import PaymentPlan, Recorded, StepUpPlan
from voicebot.dialogue.journeys.payment import is_wanted
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.payment import (
    Outcome,
    Payment,
    PaymentNotAsked,
    PaymentOpened,
    PaymentReported,
    PaymentState,
    PaymentTold,
    Piece,
    Request,
    has_card_number,
    last_four_of,
    reference_of,
    why_of,
)
from voicebot.dialogue.refusals import Refusal, refusal
from voicebot.dialogue.taping import tape
from voicebot.dialogue.values import Ani, Ending, Tape

PLAN = PaymentPlan("EUR", 2, at_most=50_000, patience=60)
LINE = replace(BILLING, payments=PLAN, recording=Recorded.AFTER_VERIFICATION, step_ups=(StepUpPlan("address", BILLING.secrets),))
PK = "PK1"
ALL = (Piece.CARD_NUMBER, Piece.EXPIRY, Piece.SECURITY_CODE)


def talking(plan: PaymentPlan | None = PLAN) -> Conversation:
    return Conversation(replace(LINE, payments=plan)).is_with_agent()


def asked(talk: Conversation | None = None, amount: int = 1_250) -> Conversation:
    talk = talk or talking()
    talk.agent.does(lambda at: PaymentAsked(at, "mira", amount))
    return talk


def opened(plan: PaymentPlan = PLAN) -> Conversation:
    talk = asked(talking(plan))
    talk.happens(PaymentOpened(talk.passes(1), 1, PK))
    return talk


def payment(talk: Conversation) -> Payment:
    assert talk.call.payment is not None
    return talk.call.payment


def told(talk: Conversation, **about: object) -> None:
    """The carrier tells something of the newest request."""
    known: dict[str, object] = {"number": 1, "step": payment(talk).step, "session": PK} | about
    talk.happens(PaymentTold(talk.passes(2), **known))  # type: ignore[arg-type]


def keyed(talk: Conversation) -> None:
    """The piece that is asked is there."""
    running = payment(talk)
    missing = tuple(piece for piece in running.pieces if piece not in (*running.done, running.asked))
    told(talk, missing=missing, last_four="4242")


def entered(plan: PaymentPlan = PLAN) -> Conversation:
    talk = opened(plan)
    while payment(talk).asked is not None:
        keyed(talk)
    return talk


def charging() -> Conversation:
    talk = entered()
    talk.agent.does(lambda at: ChargeAsked(at, "mira"))
    return talk


def requests(talk: Conversation) -> list[Pay]:
    """What the last step asks of the carrier."""
    return [action for action in talk.actions if isinstance(action, Pay)]


def over(talk: Conversation) -> tuple[PaymentState, str]:
    return payment(talk).state, payment(talk).why


# ---- as it should go ------------------------------------------------------------------------------------------------


def test_a_session_is_asked_for_and_nobody_is_recorded_from_then_on() -> None:
    talk = asked()
    assert requests(talk) == [Pay(Request.OPEN, 1, 1, "call-1-1-1-open", amount="12.50")]
    assert WakeAt(payment(talk).until, "payment_silent") in talk.actions
    assert (tape(talk.call), talk.does(Record)) == (Tape.PAUSED, True)
    assert talk.facts(Noted.PAYMENT)["amount"] == "12.50 EUR"


def test_piece_after_piece_is_asked_and_the_agent_says_when_it_is_charged() -> None:
    talk = opened()
    for piece in ALL:
        (request,) = requests(talk)
        assert (request.request, request.piece, request.session) == (Request.ASK, piece, PK)
        assert payment(talk).until == talk.now + timedelta(seconds=60)
        keyed(talk)
    assert (payment(talk).state, payment(talk).done, requests(talk)) == (PaymentState.ENTERED, ALL, [])
    talk.agent.does(lambda at: ChargeAsked(at, "mira"))
    assert requests(talk) == [Pay(Request.CHARGE, 1, 5, "call-1-1-5-charge", PK, amount="12.50")]
    told(talk, outcome=Outcome.CHARGED, reference="ch-1")
    assert over(talk) == (PaymentState.PAID, "")
    assert tape(talk.call) is Tape.RUNS
    assert talk.facts(Noted.PAYMENT) == {
        "number": 1, "way": "agent", "amount": "12.50 EUR", "state": "paid", "why": "", "card": "4242", "reference": "ch-1",
        "authorisation": "",
    }  # fmt: skip


def test_a_card_may_need_no_security_code() -> None:
    assert payment(entered(replace(PLAN, security_code=False))).done == ALL[:2]


def test_the_carriers_own_news_may_open_the_session_before_its_answer_does() -> None:
    talk = asked()
    told(talk)
    assert [one.request for one in requests(talk)] == [Request.ASK]
    talk.happens(PaymentOpened(talk.passes(1), 1, PK))
    assert talk.actions == []


def test_what_the_card_on_the_desk_shows() -> None:
    talk = talking()
    assert card(talk.call).payment is None
    asked(talk)
    told(talk)
    keyed(talk)
    told(talk, wrong="invalid-date")
    shown = card(talk.call).payment
    assert shown is not None
    assert shown.pieces == (
        PieceShown(Piece.CARD_NUMBER, PieceState.DONE),
        PieceShown(Piece.EXPIRY, PieceState.WRONG),
        PieceShown(Piece.SECURITY_CODE, PieceState.WANTED),
    )
    assert (shown.card, shown.why, shown.state) == ("4242", "invalid-date", PaymentState.ENTERING)
    keyed(talk)
    assert card(talk.call).payment.pieces[2].state is PieceState.ASKED  # type: ignore[union-attr]


# ---- as the caller keys ---------------------------------------------------------------------------------------------


def test_a_piece_that_is_being_keyed_is_not_there_yet() -> None:
    talk = opened()
    told(talk, missing=ALL)
    told(talk)
    assert (payment(talk).asked, talk.actions) == (Piece.CARD_NUMBER, [])


def test_what_comes_twice_or_late_of_an_earlier_request_changes_nothing() -> None:
    talk = opened()
    first = payment(talk).step
    keyed(talk)
    before = payment(talk)
    told(talk, step=first, missing=ALL[1:])
    told(talk, step=first, wrong="timeout")
    assert (payment(talk), talk.actions) == (before, [])


def test_three_wrong_entries_of_a_piece_end_it() -> None:
    talk = opened()
    for count in (1, 2):
        told(talk, wrong="invalid-card-number")
        assert (payment(talk).wrong, payment(talk).asked) == (count, Piece.CARD_NUMBER)
        assert [one.piece for one in requests(talk)] == [Piece.CARD_NUMBER]
    told(talk, wrong="invalid-card-number")
    assert over(talk) == (PaymentState.CANCELLED, "invalid-card-number, 3 times")
    assert [(one.request, one.piece) for one in requests(talk)] == [(Request.CANCEL, None)]


def test_the_agent_may_have_a_piece_keyed_again() -> None:
    talk = entered()
    talk.agent.does(lambda at: PieceAsked(at, "mira", Piece.EXPIRY))
    assert (payment(talk).state, payment(talk).asked) == (PaymentState.ENTERING, Piece.EXPIRY)
    assert [one.piece for one in requests(talk)] == [Piece.EXPIRY]
    keyed(talk)
    assert payment(talk).state is PaymentState.ENTERED


def test_the_agent_cancels_it() -> None:
    talk = entered()
    talk.agent.does(lambda at: PaymentStopped(at, "mira"))
    assert over(talk) == (PaymentState.CANCELLED, "the agent has cancelled it")
    assert [one.request for one in requests(talk)] == [Request.CANCEL]


def test_cancelled_before_there_was_a_session_the_session_is_closed_when_it_comes() -> None:
    talk = asked()
    talk.agent.does(lambda at: PaymentStopped(at, "mira"))
    assert requests(talk) == []
    talk.happens(PaymentOpened(talk.passes(1), 1, PK))
    assert [(one.request, one.session) for one in requests(talk)] == [(Request.CANCEL, PK)]
    assert payment(talk).state is PaymentState.CANCELLED


# ---- what is believed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.DECLINED, PaymentState.DECLINED),
        (Outcome.NOT_CHARGED, PaymentState.FAILED),
        (Outcome.UNKNOWN, PaymentState.UNCERTAIN),
        (Outcome.CHARGED, PaymentState.PAID),
    ],
)
def test_what_the_carrier_says_of_a_charge(outcome: Outcome, state: PaymentState) -> None:
    talk = charging()
    told(talk, outcome=outcome, why="some-word")
    assert payment(talk).state is state
    told(talk, outcome=outcome)
    assert (payment(talk).state, talk.actions) == (state, [])


def test_a_charge_that_was_made_is_believed_whenever_it_is_told() -> None:
    talk = charging()
    told(talk, outcome=Outcome.DECLINED)
    talk.caller.hangs_up()
    told(talk, outcome=Outcome.CHARGED, last_four="9999")
    assert (payment(talk).state, payment(talk).last_four) == (PaymentState.PAID, "9999")
    told(talk, outcome=Outcome.NOT_CHARGED)
    assert payment(talk).state is PaymentState.PAID


def test_a_charge_for_which_nobody_has_asked_is_none() -> None:
    talk = opened()
    told(talk, outcome=Outcome.CHARGED)
    assert payment(talk).state is PaymentState.ENTERING


def test_a_session_that_ends_while_the_card_is_keyed_has_charged_nothing() -> None:
    talk = opened()
    told(talk, outcome=Outcome.UNKNOWN, why="internal-error")
    assert over(talk) == (PaymentState.FAILED, "internal-error")


def test_news_of_another_payment_or_session_or_of_none_are_none() -> None:
    talk = charging()
    for other in ({"number": 2}, {"session": "PK2"}):
        told(talk, outcome=Outcome.CHARGED, **other)
        assert (payment(talk).state, talk.count(Noted.TOO_LATE)) == (PaymentState.CHARGING, 1 if "number" in other else 2)
    nothing = talking()
    nothing.happens(PaymentOpened(nothing.passes(1), 1, PK))
    assert nothing.call.payment is None


# ---- what does not work ---------------------------------------------------------------------------------------------


def unasked(talk: Conversation, *, certain: bool, step: int | None = None) -> None:
    talk.happens(PaymentNotAsked(talk.passes(1), 1, payment(talk).step if step is None else step, certain))


def test_a_carrier_that_cannot_do_it_ends_it() -> None:
    talk = asked()
    unasked(talk, certain=False)
    assert over(talk) == (PaymentState.FAILED, "the carrier could not do it")
    assert requests(talk) == []


@pytest.mark.parametrize(("certain", "state"), [(True, PaymentState.FAILED), (False, PaymentState.UNCERTAIN)])
def test_a_charge_that_may_have_been_asked_for_is_uncertain(certain: bool, state: PaymentState) -> None:
    talk = charging()
    unasked(talk, certain=certain)
    assert payment(talk).state is state
    unasked(talk, certain=certain)
    assert talk.actions == []


def test_an_earlier_request_that_failed_is_no_news() -> None:
    talk = opened()
    unasked(talk, certain=True, step=1)
    assert payment(talk).state is PaymentState.ENTERING


@pytest.mark.parametrize(
    ("begin", "state", "why"),
    [
        (asked, PaymentState.FAILED, "the carrier did not answer"),
        (opened, PaymentState.CANCELLED, "it took too long"),
        (entered, PaymentState.CANCELLED, "it took too long"),
        (charging, PaymentState.UNCERTAIN, "whether it was charged is not known: look it up where it would be charged"),
    ],
)
def test_nothing_is_waited_for_for_ever(begin: object, state: PaymentState, why: str) -> None:
    talk: Conversation = begin()  # type: ignore[operator]
    before = payment(talk)
    talk.time_comes("payment_silent")
    assert payment(talk) == before
    talk.passes(600)
    talk.time_comes("payment_silent")
    assert over(talk) == (state, why)
    talk.time_comes("payment_silent")
    assert talk.actions == []


def test_a_time_without_a_payment_is_none() -> None:
    talk = talking()
    talk.time_comes("payment_silent")
    assert talk.actions == []


# ---- who is gone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("begin", "cancelled"), [(asked, 0), (opened, 1), (entered, 1)])
def test_a_caller_who_hangs_up_before_the_charge_pays_nothing(begin: object, cancelled: int) -> None:
    talk: Conversation = begin()  # type: ignore[operator]
    talk.caller.hangs_up()
    assert over(talk) == (PaymentState.CANCELLED, "caller and agent were parted")
    assert len(requests(talk)) == cancelled
    assert talk.call.ending is Ending.SERVED


def test_a_caller_who_hangs_up_during_the_charge_may_have_paid() -> None:
    talk = charging()
    talk.caller.hangs_up()
    assert payment(talk).state is PaymentState.UNCERTAIN
    told(talk, outcome=Outcome.CHARGED)
    assert (payment(talk).state, talk.stage) == (PaymentState.PAID, Stage.ENDED)


def test_an_agent_who_is_lost_before_the_charge_takes_it_along_and_the_caller_keeps_the_place() -> None:
    talk = opened()
    talk.agent.leaves()
    assert (payment(talk).state, talk.stage) == (PaymentState.CANCELLED, Stage.WAIT)
    assert [one.request for one in requests(talk)] == [Request.CANCEL]


def test_an_agent_who_is_lost_during_the_charge_leaves_its_result_to_the_next() -> None:
    talk = charging()
    talk.agent.leaves()
    assert (payment(talk).state, talk.stage) == (PaymentState.CHARGING, Stage.WAIT)
    told(talk, outcome=Outcome.CHARGED)
    assert payment(talk).state is PaymentState.PAID


def test_an_agent_who_ends_the_call_cancels_the_payment() -> None:
    talk = entered()
    talk.agent.ends()
    assert payment(talk).state is PaymentState.CANCELLED


# ---- on a device of the caller's own ----------------------------------------------------------------------------------

PAGE = replace(PLAN, page="https://pay.example.com", link_lifetime=600)


def linked(ani: Ani = KNOWN_NUMBER) -> Conversation:
    talk = Conversation(replace(LINE, payments=PAGE, ani_identification=False), ani).is_with_agent()
    talk.agent.does(lambda at: PaymentAsked(at, "mira", 1_250, link=True))
    return talk


def reported(talk: Conversation, **about: object) -> None:
    known: dict[str, object] = {"number": 1, "amount": "12.50 EUR", "paid": True} | about
    talk.happens(PaymentReported(talk.passes(5), **known))  # type: ignore[arg-type]


def test_a_link_is_sent_and_the_call_goes_on_as_before() -> None:
    talk = linked()
    assert SendPaymentLink(1) in talk.actions
    assert WakeAt(payment(talk).since + timedelta(seconds=600), "payment_silent") in talk.actions
    assert (tape(talk.call), payment(talk).under_way, payment(talk).open) == (Tape.RUNS, False, True)
    assert refused(talk, CallerHeld(talk.now, "mira")) is None
    assert refused(talk, PaymentAsked(talk.now, "mira", 1)) is Refusal.LINKED
    reported(talk, transaction="ch-1", authorisation="A81733", last_four="4242")
    shown = card(talk.call).payment
    assert shown is not None
    assert (shown.state, shown.reference, shown.authorisation, shown.card, shown.link) == (
        PaymentState.PAID, "ch-1", "A81733", "4242", True,
    )  # fmt: skip
    reported(talk)
    assert talk.actions == []


def test_what_is_reported_of_another_payment_amount_or_way_is_no_news() -> None:
    talk = linked()
    for other in ({"number": 2}, {"amount": "12.51 EUR"}, {"amount": "12.50 USD"}):
        reported(talk, **other)
        assert payment(talk).state is PaymentState.LINKED
    keys = charging()
    reported(keys)
    assert payment(keys).state is PaymentState.CHARGING


def test_declined_is_final_unless_it_is_paid_after_all_and_paid_is_final() -> None:
    talk = linked()
    reported(talk, paid=False)
    assert payment(talk).state is PaymentState.DECLINED
    talk.caller.hangs_up()
    reported(talk)
    assert payment(talk).state is PaymentState.PAID
    reported(talk, paid=False)
    assert payment(talk).state is PaymentState.PAID


def test_a_link_runs_out_is_cancelled_or_cannot_be_sent_and_what_was_paid_by_it_counts() -> None:
    talk = linked()
    talk.passes(601)
    talk.time_comes("payment_silent")
    assert over(talk) == (PaymentState.CANCELLED, "the link has run out")
    reported(talk)
    assert payment(talk).state is PaymentState.PAID
    talk = linked()
    unasked(talk, certain=True)
    assert over(talk) == (PaymentState.FAILED, "the message could not be sent")
    talk = linked()
    talk.agent.does(lambda at: PaymentStopped(at, "mira"))
    assert over(talk) == (PaymentState.CANCELLED, "the agent has cancelled it")
    assert requests(talk) == []


def test_a_link_needs_a_page_and_a_number() -> None:
    assert refused(linked(WITHHELD), PaymentAsked(NOON, "mira", 1, link=True)) is Refusal.NO_NUMBER
    assert refused(talking(), PaymentAsked(NOON, "mira", 1, link=True)) is Refusal.NO_LINK


# ---- what is refused ------------------------------------------------------------------------------------------------


def refused(talk: Conversation, deed: object) -> Refusal | None:
    return refusal(talk.call, deed)  # type: ignore[arg-type]


@pytest.mark.parametrize("begin", [asked, opened, entered, charging])
def test_while_the_caller_pays_nothing_else_is_begun(begin: object) -> None:
    talk: Conversation = begin()  # type: ignore[operator]
    at = talk.now
    for deed in (
        CallerHeld(at, "mira"), ConsultAsked(at, "mira", OMAR), CallPassed(at, "mira", OMAR), PaymentAsked(at, "mira", 1),
        StepUpAsked(at, "mira", "address"),
    ):  # fmt: skip
        assert refused(talk, deed) is Refusal.PAYING


def test_no_payment_is_begun_where_it_makes_no_sense() -> None:
    talk = talking()
    at = talk.now
    assert refused(talking(None), PaymentAsked(at, "mira", 1)) is Refusal.NO_PAYMENTS
    assert refused(talk, PaymentAsked(at, "omar", 1)) is Refusal.NOT_YOURS
    assert refused(talk, PaymentAsked(at, "mira", 0)) is Refusal.NO_CHARGE
    assert refused(talk, PaymentAsked(at, "mira", 50_001)) is Refusal.TOO_MUCH
    assert refused(talk, PaymentAsked(at, "mira", 50_000)) is None
    talk.agent.holds()
    assert refused(talk, PaymentAsked(at, "mira", 1)) is Refusal.ON_HOLD
    talk.agent.asks()
    assert refused(talk, PaymentAsked(at, "mira", 1)) is Refusal.CONSULTING


def test_after_a_charge_of_which_nobody_knows_no_other_is_begun_and_after_any_other_it_may() -> None:
    talk = charging()
    unasked(talk, certain=False)
    assert refused(talk, PaymentAsked(talk.now, "mira", 1)) is Refusal.UNCERTAIN
    told(talk, outcome=Outcome.DECLINED)
    asked(talk)
    assert (payment(talk).number, payment(talk).state) == (2, PaymentState.OPENING)


def test_what_is_not_to_be_done_to_a_payment_now() -> None:
    talk = talking()
    for deed in (PieceAsked(talk.now, "mira", Piece.EXPIRY), ChargeAsked(talk.now, "mira"), PaymentStopped(talk.now, "mira")):
        assert refused(talk, deed) is Refusal.NOT_PAYING
        assert refused(charging(), deed) is Refusal.CHARGING
    assert refused(asked(), PieceAsked(talk.now, "mira", Piece.EXPIRY)) is Refusal.NOT_PAYING
    short = opened(replace(PLAN, security_code=False))
    assert refused(short, PieceAsked(talk.now, "mira", Piece.SECURITY_CODE)) is Refusal.NOT_PAYING
    assert refused(opened(), ChargeAsked(talk.now, "mira")) is Refusal.NOT_ENTERED
    assert refused(opened(), PaymentStopped(talk.now, "mira")) is None


# ---- what the carrier is still to be asked ----------------------------------------------------------------------------


def test_a_request_is_wanted_only_as_long_as_it_is_the_newest() -> None:
    talk = opened()
    (ask,) = requests(talk)
    assert is_wanted(talk.call, ask)
    assert not is_wanted(talk.call, replace(ask, number=2))
    assert not is_wanted(talk.call, replace(ask, request=Request.OPEN))
    keyed(talk)
    assert not is_wanted(talk.call, ask)
    assert not is_wanted(talking().call, ask)


def test_what_was_said_to_be_uncertain_is_not_charged_after_all() -> None:
    talk = charging()
    (charge,) = requests(talk)
    assert is_wanted(talk.call, charge)
    talk.passes(91)
    talk.time_comes("payment_silent")
    assert not is_wanted(talk.call, charge)
    assert is_wanted(talk.call, replace(charge, request=Request.CANCEL))


# ---- what is let through ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told_as", "kept"),
    [
        ("xxxxxxxxxxxx4242", "4242"), ("XXXX-XXXX-XXXX-0005", "0005"), ("•••• 1881", "1881"), ("************1111", "1111"),
        ("4242424242424242", ""), ("xxxxxxxx42424242", ""), ("4242", ""), ("", ""), ("xxxx42x42", ""),
    ],
)  # fmt: skip
def test_of_a_card_only_the_last_four_digits_are_kept_and_only_of_a_masked_number(told_as: str, kept: str) -> None:
    assert last_four_of(told_as) == kept


@pytest.mark.parametrize("text", ["4242424242424242", "no-4242 4242 4242 4242", "378282246310005"])
def test_what_could_be_a_card_is_kept_under_no_name(text: str) -> None:
    assert has_card_number(text)
    assert (reference_of(text), why_of(text)) == ("", "")


@pytest.mark.parametrize("text", ["", "ch-1", "4242424242424241", "123456789012", "42424242424242424242"])
def test_what_could_be_none_is_none(text: str) -> None:
    assert not has_card_number(text)


def test_names_and_reasons_are_of_a_known_form() -> None:
    assert (reference_of("ch_3MmlLrLkdIwHu7ix"), reference_of("a b"), reference_of("x" * 65)) == ("ch_3MmlLrLkdIwHu7ix", "", "")
    assert (why_of("invalid-date"), why_of("Invalid date"), why_of("x-4242424242424242")) == ("invalid-date", "", "")
