"""Approval in the customer's own app: begun in line, or as a fresh proof; and that neither half of it proves anything."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ADA, BILLING, CODE, KNOWN_NUMBER, PIN, WITHHELD, Conversation
from voicebot.dialogue.actions import Join, Wait
from voicebot.dialogue.approving import (
    APPROVAL,
    ApprovalProgress,
    ApprovalResult,
    ApprovalVerdict,
    CheckCode,
    DropApproval,
    RequestApproval,
    seconds_for,
)
from voicebot.dialogue.approving import CODE as CODE_SHAPE
from voicebot.dialogue.call import Stage
from voicebot.dialogue.card import card
from voicebot.dialogue.deeds import StepUpAsked, StepUpStopped
from voicebot.dialogue.events import ApprovalAnswered, CodeChecked, NoInput
from voicebot.dialogue.forms import FieldPlan, QueuePlan, StepUpPlan
from voicebot.dialogue.journeys.transfer import whisper
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.proving import Progress
from voicebot.dialogue.spoken import InLine
from voicebot.dialogue.values import Assurance, Ending, Evidence, Modality, Proof
from voicebot.dialogue.verification import approved_in_app
from voicebot.errors import ImpossibleEvent

LINE = replace(BILLING, approvals=True)
IN_APP = FieldPlan(APPROVAL, CODE_SHAPE, secret=True)
TRANSFER = StepUpPlan("transfer", (IN_APP, PIN), at_least=100_000, currency="EUR", decimals=2, lifetime=120)
OVER = [
    (ApprovalVerdict.DENIED, ApprovalProgress.DENIED), (ApprovalVerdict.EXPIRED, ApprovalProgress.EXPIRED),
    (ApprovalVerdict.UNTRUE, ApprovalProgress.UNTRUE), (ApprovalVerdict.UNAVAILABLE, ApprovalProgress.UNAVAILABLE),
]  # fmt: skip


def in_line() -> Conversation:
    """Known, and waiting without a PIN."""
    return Conversation(LINE).is_identified().waits()


def begun() -> Conversation:
    talk = in_line()
    talk.caller.keys("2")
    talk.app.begins()
    return talk


def progress(talk: Conversation) -> ApprovalProgress:
    assert talk.call.approval is not None
    return talk.call.approval.progress


def is_verified(talk: Conversation) -> bool:
    proven = talk.call.evidence[-1]
    verified = talk.call.assurance is Assurance.VERIFIED
    assert verified is (proven.proof is Proof.APPROVAL)
    return verified


# ---- in line -----------------------------------------------------------------------------------------------------------


def test_who_is_known_and_waits_is_offered_it_and_a_key_asks_for_it() -> None:
    talk = in_line()
    assert talk.hears == ["unauthenticated.asked_for_agent", "waiting.first", "waiting.approval_offer"]
    talk.caller.keys("2")
    assert RequestApproval(1, ADA.ref, 300) in talk.actions
    assert (talk.stage, talk.hears, progress(talk)) == (Stage.WAIT, ["approval.asking"], ApprovalProgress.ASKED)
    talk.app.begins()
    assert (talk.hears, progress(talk)) == (["approval.open"], ApprovalProgress.OPEN)


def test_approved_and_then_keyed_is_verified_and_the_place_is_kept() -> None:
    talk = begun()
    since = talk.call.waiting.since if talk.call.waiting else None
    talk.app.says()
    assert (progress(talk), is_verified(talk)) == (ApprovalProgress.APPROVED, False)
    talk.caller.keys(CODE)
    assert is_verified(talk)
    assert talk.hears == ["approval.done"]
    assert talk.call.evidence[-1] == Evidence(Proof.APPROVAL, APPROVAL, talk.now, Modality.KEYPAD, 1)
    assert talk.facts(Noted.ASSURED) == {"assurance": "verified", "by": "approval", "attempts": 1}
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, None)
    assert talk.call.waiting is not None
    assert talk.call.waiting.since == since
    assert "whisper.verified" in [say.prompt_id for say in whisper(talk.call)]


def test_keyed_and_then_approved_is_verified_too() -> None:
    talk = begun()
    talk.caller.keys(CODE)
    assert (talk.hears, is_verified(talk)) == (["approval.code_right"], False)
    talk.app.says()
    assert (talk.hears, is_verified(talk)) == (["approval.done"], True)


def test_keys_of_the_code_are_waited_for_only_while_it_is_outstanding() -> None:
    talk = in_line()

    def awaited() -> int:
        return next(verb.keys for verb in talk.call.verbs if isinstance(verb, Wait))

    assert awaited() == 1
    talk.caller.keys("2")
    assert awaited() == 6
    talk.app.begins()
    talk.caller.is_silent()
    assert awaited() == 6
    talk.app.says(ApprovalVerdict.EXPIRED)
    assert awaited() == 6  # who is at it just now does not get into the menu
    talk.caller.keys(CODE)
    assert (awaited(), talk.hears[0], talk.does(RequestApproval)) == (1, "waiting.on", False)


def test_an_approval_does_not_cut_off_the_keys_of_its_code() -> None:
    talk = begun()
    document = talk.call.verbs
    talk.app.says()
    assert talk.call.verbs is document
    for _ in range(2):
        talk.caller.is_silent()
        assert talk.hears == ["approval.approved"]


def test_a_wrong_code_is_said_and_three_are_the_end_of_it() -> None:
    talk = begun()
    talk.app.says()
    talk.caller.keys("000000")
    assert [(say.prompt_id, say.attempt) for say in talk.says] == [("approval.rejected", 1)]
    talk.caller.keys("000001")
    assert [(say.prompt_id, say.attempt) for say in talk.says] == [("approval.rejected", 2)]
    talk.caller.keys("000002")
    assert (talk.hears, progress(talk)) == (["approval.wrong_code"], ApprovalProgress.WRONG_CODE)
    assert talk.does(DropApproval)
    assert not is_verified(talk)
    talk.caller.keys(CODE)  # it is nothing any more
    assert not is_verified(talk)
    assert not talk.does(CheckCode)


def test_a_code_after_a_wrong_one_counts_its_tries() -> None:
    talk = begun()
    talk.caller.keys("000000")
    talk.caller.keys(CODE)
    talk.app.says()
    assert talk.call.evidence[-1].attempts == 2


def test_the_journal_tells_a_refused_code_from_what_comes_after_it() -> None:
    talk = begun()
    told = []
    for happens in (lambda: talk.caller.keys("000000"), talk.app.says, lambda: talk.caller.keys(CODE)):
        happens()
        told.append((talk.facts(Noted.APPROVAL)["progress"], talk.facts(Noted.APPROVAL)["refused"]))
    assert told == [("open", True), ("approved", False), ("done", False)]


@pytest.mark.parametrize("keys", ["48", "4829131", "48#"])
def test_keys_that_are_no_code_cost_no_try(keys: str) -> None:
    talk = begun()
    talk.caller.keys(keys)
    assert (talk.hears, talk.does(CheckCode)) == (["approval.short"], False)


def test_a_star_begins_the_code_again() -> None:
    talk = begun()
    talk.caller.keys(f"48*{CODE}#")
    assert talk.hears == ["approval.code_right"]


@pytest.mark.parametrize(("verdict", "comes_to"), OVER)
def test_what_comes_of_it_is_said_and_changes_nothing(verdict: ApprovalVerdict, comes_to: ApprovalProgress) -> None:
    talk = begun()
    talk.caller.keys(CODE)
    talk.app.says(verdict)
    assert (talk.hears, progress(talk)) == ([f"approval.{comes_to.value}"], comes_to)
    assert (talk.stage, talk.call.assurance) == (Stage.WAIT, Assurance.IDENTIFIED)
    talk.caller.keys("2")  # once more
    assert talk.does(RequestApproval)


@pytest.mark.parametrize("result", [one for one in ApprovalResult if one is not ApprovalResult.OPEN])
def test_what_cannot_be_asked_for_is_said(result: ApprovalResult) -> None:
    talk = in_line()
    talk.caller.keys("2")
    talk.app.begins(result)
    assert talk.hears == [f"approval.{result.value}"]
    talk.caller.keys("2")
    once_more = result in (ApprovalResult.UNAVAILABLE, ApprovalResult.ELSEWHERE)
    assert talk.does(RequestApproval) is once_more


def test_it_is_asked_for_three_times_in_a_call_at_most() -> None:
    talk = in_line()
    for _ in range(3):
        talk.caller.keys("2")
        talk.app.begins()
        talk.app.says(ApprovalVerdict.EXPIRED)
    talk.caller.keys("2")
    assert not talk.does(RequestApproval)


@pytest.mark.parametrize(
    "talk",
    [
        Conversation(BILLING).is_identified().waits(),  # not on this line
        Conversation(LINE).waits().waits(),  # nobody is known
    ],
    ids=["line without", "unknown"],
)
def test_who_has_none_to_give_is_not_offered_it(talk: Conversation) -> None:
    talk.caller.keys("2")
    assert talk.stage is Stage.WAIT
    assert not talk.does(RequestApproval)
    assert "waiting.approval_offer" not in talk.hears


def test_who_is_verified_already_is_not_offered_it() -> None:
    talk = Conversation(LINE).is_verified()
    assert (talk.stage, talk.hears[-1]) == (Stage.WAIT, "waiting.first")
    talk.caller.keys("2")
    assert not talk.does(RequestApproval)


@pytest.mark.parametrize(("minutes", "seconds"), [(None, 300), (1, 120), (3, 240), (9, 300)])
def test_the_app_may_take_as_long_as_the_wait_and_a_minute(minutes: int | None, seconds: int) -> None:
    assert seconds_for(minutes) == seconds
    talk = in_line()
    talk.happens(NoInput(talk.passes(8), talk.call.turn, place=InLine(4, minutes)))
    talk.caller.keys("2")
    assert RequestApproval(1, ADA.ref, seconds) in talk.actions


def test_a_caller_who_is_asked_about_a_callback_is_not_interrupted() -> None:
    line = replace(LINE, queue=QueuePlan("billing", offer_callback=True))
    talk = Conversation(line, KNOWN_NUMBER)
    talk.back_end.finds()
    talk.waits()
    talk.caller.keys("2")
    talk.app.begins()
    talk.caller.keys("1")
    document = talk.call.verbs
    talk.app.says(ApprovalVerdict.DENIED)
    assert talk.call.verbs is document
    talk.caller.is_silent()
    assert talk.hears == ["approval.denied", "callback.stays"]


# ---- with an agent -----------------------------------------------------------------------------------------------------


def test_an_agent_takes_the_call_at_once_and_hears_how_it_stands() -> None:
    talk = begun()
    assert "whisper.approval.under_way" in [say.prompt_id for say in whisper(talk.call)]
    talk.app.says()
    assert "whisper.approval.code_outstanding" in [say.prompt_id for say in whisper(talk.call)]
    talk.agent.accepts()
    assert talk.stage is Stage.TRANSFER


def test_what_comes_later_lands_on_the_card_and_not_on_the_line() -> None:
    talk = begun()
    talk.caller.keys(CODE)
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    assert card(talk.call).approval is ApprovalProgress.OPEN
    document = talk.call.verbs
    talk.app.says()
    assert (talk.call.verbs is document, is_verified(talk)) == (True, True)
    assert card(talk.call).approval is ApprovalProgress.DONE


def test_approved_without_its_code_raises_nothing() -> None:
    talk = begun()
    talk.agent.accepts()
    talk.app.says()
    assert (progress(talk), is_verified(talk)) == (ApprovalProgress.APPROVED, False)
    assert card(talk.call).approval is ApprovalProgress.APPROVED


@pytest.mark.parametrize(("verdict", "comes_to"), OVER)
def test_what_is_not_given_shows_on_the_card(verdict: ApprovalVerdict, comes_to: ApprovalProgress) -> None:
    talk = begun()
    talk.agent.accepts()
    talk.app.says(verdict)
    assert (card(talk.call).approval, talk.call.assurance) == (comes_to, Assurance.IDENTIFIED)


def test_a_caller_who_is_back_in_line_can_go_on_with_it() -> None:
    talk = begun()
    talk.agent.accepts()
    talk.agent.leaves_during_the_whisper()
    assert talk.stage is Stage.WAIT
    talk.app.says()
    talk.caller.keys(CODE)
    assert is_verified(talk)


# ---- the end of it -----------------------------------------------------------------------------------------------------


def test_who_hangs_up_wants_it_no_more() -> None:
    talk = begun()
    talk.caller.hangs_up()
    assert DropApproval(1) in talk.actions
    assert (progress(talk), talk.call.ending) == (ApprovalProgress.DROPPED, Ending.ABANDONED)
    talk.app.says()
    assert talk.call.assurance is Assurance.IDENTIFIED
    assert talk.journal[-1].what is Noted.TOO_LATE


def test_an_agent_who_ends_the_call_ends_it_too() -> None:
    talk = begun()
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    talk.agent.ends()
    assert talk.does(DropApproval)


def test_what_belongs_to_an_earlier_one_comes_too_late_and_what_was_never_asked_is_impossible() -> None:
    talk = begun()
    talk.app.says(ApprovalVerdict.DENIED)
    talk.app.says()  # of the same, which is over
    talk.caller.keys("2")
    talk.app.begins()
    talk.app.says(approval=1)
    assert (progress(talk), talk.call.assurance) == (ApprovalProgress.OPEN, Assurance.IDENTIFIED)
    for event in (ApprovalAnswered(talk.now, 3, ApprovalVerdict.APPROVED), CodeChecked(talk.now, 3, True)):
        with pytest.raises(ImpossibleEvent, match="not asked for yet"):
            talk.happens(event)


def test_nothing_but_both_halves_of_this_customer_in_this_call_verifies() -> None:
    talk = begun()
    done = talk.call.approval
    assert done is not None
    with pytest.raises(ImpossibleEvent, match="no approval"):
        approved_in_app(talk.call, talk.now)
    done = done.at(ApprovalProgress.DONE)
    with pytest.raises(ImpossibleEvent, match="no approval"):
        approved_in_app(replace(talk.call, approval=replace(done, customer="ref-9")), talk.now)
    with pytest.raises(ImpossibleEvent, match="no approval"):
        approved_in_app(replace(talk.call, approval=None), talk.now)
    verified = approved_in_app(replace(talk.call, approval=done), talk.now)
    with pytest.raises(ImpossibleEvent, match="identified and not yet verified"):
        approved_in_app(verified, talk.now)
    with pytest.raises(ImpossibleEvent, match="identified and not yet verified"):
        approved_in_app(replace(talk.call, approval=done, customer=None), talk.now)


def test_one_that_is_done_after_the_caller_was_verified_otherwise_adds_nothing() -> None:
    talk = begun()
    talk.call = replace(talk.call, assurance=Assurance.VERIFIED)
    talk.caller.keys(CODE)
    talk.app.says()
    assert progress(talk) is ApprovalProgress.DONE
    assert talk.count(Noted.ASSURED) == 1  # as the customer was found


# ---- as a fresh proof --------------------------------------------------------------------------------------------------


def proving(line_assured: bool = True) -> Conversation:
    """The agent wants a fresh proof in the app."""
    talk = Conversation(replace(LINE, step_ups=(TRANSFER,)))
    if line_assured:
        talk.is_with_agent()
    else:
        talk.is_identified().waits()
        talk.agent.accepts()
        talk.agent.enters()
        talk.caller.enters()
    talk.agent.does(lambda at: StepUpAsked(at, "mira", "transfer", 125_000))
    return talk


def stands(talk: Conversation) -> tuple[Progress, str]:
    assert talk.call.step_up is not None
    return talk.call.step_up.progress, talk.call.step_up.why


def test_the_app_is_asked_for_this_action_and_amount_and_the_caller_for_its_code() -> None:
    talk = proving()
    assert RequestApproval(1, ADA.ref, 300, "transfer 1250.00 EUR") in talk.actions
    assert talk.hears == ["step_up.begins", "approval.ask_keys"]
    assert (talk.ask.secret, talk.ask.listen, talk.ask.shape) == (True, False, CODE_SHAPE)
    talk.app.begins()
    talk.caller.keys(CODE)
    assert (talk.hears, stands(talk)[0]) == (["approval.now_approve"], Progress.CHECKING)
    talk.app.says()
    assert (talk.hears, stands(talk)[0]) == (["step_up.passed"], Progress.PASSED)
    assert talk.call.verbs[-1] == Join("room-call-1-1")


def test_approved_first_and_keyed_then_passes_too() -> None:
    talk = proving()
    talk.app.begins()
    talk.app.says()
    assert stands(talk)[0] is Progress.ASKED
    talk.caller.keys(CODE)
    assert stands(talk)[0] is Progress.PASSED


def test_it_verifies_a_caller_who_was_not() -> None:
    talk = proving(line_assured=False)
    talk.app.begins()
    talk.app.says()
    assert talk.call.assurance is Assurance.IDENTIFIED
    talk.caller.keys(CODE)
    assert is_verified(talk)
    assert talk.facts(Noted.ASSURED)["by"] == "approval"


def test_a_caller_who_has_keyed_the_code_waits_for_the_app_and_is_reminded() -> None:
    talk = proving()
    talk.app.begins()
    talk.caller.keys(CODE)
    for _ in range(5):
        talk.caller.is_silent()
        assert talk.hears == ["approval.now_approve"]
    talk.caller.keys(CODE)
    assert (talk.hears, talk.does(CheckCode)) == (["approval.now_approve"], False)
    talk.caller.keys("0")
    assert stands(talk) == (Progress.ABANDONED, "the caller wanted back")
    assert talk.does(DropApproval)


def test_a_caller_who_keys_nothing_goes_back() -> None:
    talk = proving()
    for _ in range(3):
        talk.caller.is_silent()
    assert stands(talk) == (Progress.ABANDONED, "no answer")
    assert progress(talk) is ApprovalProgress.DROPPED


def test_three_wrong_codes_fail() -> None:
    talk = proving()
    talk.app.begins()
    talk.app.says()
    for attempt in (1, 2):
        talk.caller.keys("000000")
        assert [(say.prompt_id, say.attempt) for say in talk.says] == [("approval.rejected", attempt)]
        assert stands(talk)[0] is Progress.AGAIN
    talk.caller.keys("000000")
    assert stands(talk) == (Progress.FAILED, "approval: wrong_code")


@pytest.mark.parametrize(
    ("verdict", "comes_to"),
    [
        (ApprovalVerdict.DENIED, Progress.FAILED), (ApprovalVerdict.UNTRUE, Progress.FAILED),
        (ApprovalVerdict.EXPIRED, Progress.ABANDONED), (ApprovalVerdict.UNAVAILABLE, Progress.ABANDONED),
    ],
)  # fmt: skip
def test_what_the_app_says_instead(verdict: ApprovalVerdict, comes_to: Progress) -> None:
    talk = proving()
    talk.app.begins()
    talk.caller.keys(CODE)
    talk.app.says(verdict)
    assert stands(talk) == (comes_to, f"approval: {verdict.value}")
    assert talk.call.verbs[-1] == Join("room-call-1-1")


def test_an_app_that_cannot_be_asked_brings_the_caller_back() -> None:
    talk = proving()
    talk.app.begins(ApprovalResult.NOT_SET_UP)
    assert stands(talk) == (Progress.ABANDONED, "approval: not_set_up")


def test_the_agent_who_takes_the_caller_back_ends_it() -> None:
    talk = proving()
    talk.app.begins()
    talk.agent.does(lambda at: StepUpStopped(at, "mira"))
    assert talk.does(DropApproval)
    talk.app.says()
    assert stands(talk)[0] is Progress.ABANDONED


def test_one_from_the_line_gives_way_to_it() -> None:
    talk = Conversation(replace(LINE, step_ups=(TRANSFER,))).is_identified().waits()
    talk.caller.keys("2")
    talk.app.begins()
    talk.caller.keys(CODE)
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    talk.agent.does(lambda at: StepUpAsked(at, "mira", "transfer", 125_000))
    assert DropApproval(1) in talk.actions
    talk.app.says(approval=1)
    assert talk.call.assurance is Assurance.IDENTIFIED
    talk.app.begins()
    talk.app.says()
    talk.caller.keys(CODE)
    assert stands(talk)[0] is Progress.PASSED


def test_a_number_that_is_withheld_changes_nothing_about_it() -> None:
    talk = Conversation(LINE, WITHHELD).is_identified().waits()
    talk.caller.keys("2")
    assert talk.does(RequestApproval)
