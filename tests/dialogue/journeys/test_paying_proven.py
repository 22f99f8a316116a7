"""A caller who pays without an agent, and gives a fresh proof first: for this amount, once, or not by themselves."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ADA, CODE, PIN, PIN_KEYED, SELF_SERVICE, Conversation
from voicebot.dialogue.actions import CheckSecret, TakeCard
from voicebot.dialogue.approving import APPROVAL, ApprovalResult, ApprovalVerdict, DropApproval, RequestApproval
from voicebot.dialogue.approving import CODE as CODE_SHAPE
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import ProofRedeemed
from voicebot.dialogue.forms import FieldPlan, PaymentPlan, StepUpPlan
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.proving import Progress, StepUp
from voicebot.dialogue.values import Assurance, Ending, SecretVerdict

PAYMENTS = PaymentPlan("EUR", 2, at_most=50_000, patience=60)
PAYOUT = StepUpPlan("payout", (PIN,), at_least=10_000, currency="EUR", decimals=2, lifetime=60)
LINE = replace(SELF_SERVICE, payments=PAYMENTS, pay="balance", step_ups=(PAYOUT,), pay_step_up="payout")
IN_APP = replace(LINE, step_ups=(replace(PAYOUT, proofs=(FieldPlan(APPROVAL, CODE_SHAPE, secret=True),)),))


def owing(balance: str = "250.00", line: object = LINE) -> Conversation:
    talk = Conversation(line).is_verified()  # type: ignore[arg-type]
    talk.back_end.tells(("balance", balance), ("office", "Elm Street"))
    return talk


def asked(line: object = LINE) -> Conversation:
    talk = owing(line=line)
    talk.caller.keys("1")
    return talk


def proof(talk: Conversation) -> StepUp:
    assert talk.call.step_up is not None
    return talk.call.step_up


def pays(talk: Conversation) -> bool:
    return any(isinstance(verb, TakeCard) for verb in talk.call.verbs)


def test_a_small_amount_needs_none() -> None:
    talk = owing("99.99")
    talk.caller.keys("1")
    assert (pays(talk), talk.call.step_up) == (True, None)


def test_a_line_without_that_wish_asks_for_none() -> None:
    assert pays(asked(replace(LINE, pay_step_up="")))


def test_the_proof_is_asked_then_used_up_and_the_card_is_taken() -> None:
    talk = asked()
    assert talk.hears == ["step_up.begins_alone", "pin.ask"]
    assert proof(talk).number == talk.call.step_ups == 1
    assert (talk.ask.secret, talk.ask.listen, talk.stage) == (True, True, Stage.SELF_SERVICE)
    talk.caller.keys(PIN_KEYED)
    check = talk.errand
    assert isinstance(check, CheckSecret)
    assert (check.claim.ref, check.field) == (ADA.ref, "pin")
    talk.back_end.matches()
    assert (pays(talk), proof(talk).progress) == (True, Progress.REDEEMED)
    assert talk.facts(Noted.STEP_UP) == {
        "action": "payout", "amount": "250.00 EUR", "proof": "pin", "modality": "keypad", "progress": "redeemed", "why": "",
    }  # fmt: skip
    talk.happens(ProofRedeemed(talk.passes(1), 1, ADA.ref, "payout", "250.00 EUR"))  # it has counted
    assert talk.facts(Noted.TOKEN_REFUSED) == {"why": "it does not count, or no more"}


def test_three_wrong_ones_and_it_is_not_paid_alone_in_this_call() -> None:
    talk = asked()
    for attempt in range(3):
        talk.caller.keys("111111")
        talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
        assert pays(talk) is False, attempt
    assert (proof(talk).progress, talk.hears) == (Progress.FAILED, ["step_up.not_proven", "self_service.more"])
    talk.caller.keys("1")
    assert (pays(talk), talk.stage) == (False, Stage.SELF_SERVICE)


def test_the_caller_may_go_back_or_say_nothing() -> None:
    talk = asked()
    talk.caller.keys("0")
    assert (proof(talk).progress, talk.hears[0]) == (Progress.ABANDONED, "step_up.not_proven")
    talk = asked()
    for _ in range(LINE.limits.no_input):
        talk.caller.is_silent()
    assert (proof(talk).why, talk.hears[0]) == ("no answer", "step_up.not_proven")


def test_a_check_that_is_lost_costs_no_try_and_too_many_are_the_end() -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.is_lost()
    assert talk.hears == ["pin.back_end_down"]
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(SecretVerdict.UNAVAILABLE)
    assert (proof(talk).progress, talk.hears[0]) == (Progress.ABANDONED, "step_up.not_proven")


def test_time_cuts_nobody_off_on_the_way_to_the_card() -> None:
    talk = asked()
    document = talk.call.verbs
    talk.time_comes("bot_time_is_up")
    assert talk.call.verbs is document


def test_who_hangs_up_has_given_none() -> None:
    talk = asked()
    talk.caller.hangs_up()
    assert (proof(talk).progress, talk.call.ending) == (Progress.ABANDONED, Ending.CONTAINED)


def test_trouble_of_ours_leads_to_an_agent_without_it() -> None:
    talk = asked()
    talk.meets_trouble()
    assert (talk.stage, proof(talk).progress) == (Stage.WAIT, Progress.ABANDONED)
    assert talk.call.assurance is Assurance.VERIFIED


# ---- in the customer's app -----------------------------------------------------------------------------------------------


def test_the_app_says_what_for_and_its_code_is_keyed() -> None:
    talk = asked(IN_APP)
    assert RequestApproval(1, ADA.ref, 300, "payout 250.00 EUR") in talk.actions
    assert talk.hears == ["step_up.begins_alone", "approval.ask_keys"]
    talk.app.begins()
    talk.caller.keys(CODE)
    assert (talk.hears, pays(talk)) == (["approval.now_approve"], False)
    talk.app.says()
    assert (pays(talk), proof(talk).progress) == (True, Progress.REDEEMED)


@pytest.mark.parametrize("verdict", [ApprovalVerdict.DENIED, ApprovalVerdict.EXPIRED])
def test_what_is_not_approved_is_not_paid_alone(verdict: ApprovalVerdict) -> None:
    talk = asked(IN_APP)
    talk.app.begins()
    talk.app.says(verdict)
    assert (pays(talk), talk.hears[0]) == (False, "step_up.not_proven")


def test_an_app_that_cannot_be_asked_is_no_proof() -> None:
    talk = asked(IN_APP)
    talk.app.begins(ApprovalResult.UNAVAILABLE)
    assert (pays(talk), talk.hears[0]) == (False, "step_up.not_proven")


def test_trouble_drops_the_approval_too() -> None:
    talk = asked(IN_APP)
    talk.app.begins()
    talk.meets_trouble()
    assert talk.does(DropApproval)
    assert talk.stage is Stage.WAIT
