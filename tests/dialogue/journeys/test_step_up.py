"""A fresh proof in mid-call: asked, given, refused, left; and that it counts once, for what it was given for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.dialogue.conversation import ADA, BILLING, OMAR, PIN, PIN_KEYED, Conversation
from voicebot.dialogue.actions import Arrange, CheckSecret, Join, Record, WakeAt
from voicebot.dialogue.call import Stage
from voicebot.dialogue.card import card
from voicebot.dialogue.deeds import CallerHeld, CallPassed, ConsultAsked, Deed, StepUpAsked, StepUpStopped, TokenShown
from voicebot.dialogue.events import EntryKeyed, ProofRedeemed
from voicebot.dialogue.forms import Recorded, StepUpPlan
from voicebot.dialogue.journeys.again import errand_again, query_again
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.proving import Progress, StepUp
from voicebot.dialogue.refusals import Refusal, refusal
from voicebot.dialogue.seats import Seat, seats
from voicebot.dialogue.taping import tape
from voicebot.dialogue.values import Assurance, Ending, Secret, SecretVerdict, Tape

TRANSFER = StepUpPlan("transfer", (PIN,), at_least=100_000, currency="EUR", decimals=2, lifetime=120, speech=False)
LINE = replace(BILLING, step_ups=(TRANSFER,), recording=Recorded.AFTER_VERIFICATION)
MIRA = "call-1.1"


def talking() -> Conversation:
    return Conversation(LINE).is_with_agent()


def asked(talk: Conversation | None = None, amount: int = 125_000) -> Conversation:
    talk = talk or talking()
    talk.agent.does(lambda at: StepUpAsked(at, "mira", "transfer", amount))
    return talk


def passed() -> Conversation:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    return talk


def proof(talk: Conversation) -> StepUp:
    assert talk.call.step_up is not None
    return talk.call.step_up


def redeems(talk: Conversation, **other: str | int) -> Progress:
    wanted = {"number": 1, "customer": ADA.ref, "action": "transfer", "amount": "1250.00 EUR"} | other
    talk.happens(ProofRedeemed(talk.passes(1), **wanted))  # type: ignore[arg-type]
    return proof(talk).progress


def test_the_caller_goes_to_a_question_that_nobody_else_hears_while_the_agent_hears_music() -> None:
    talk = talking()
    assert seats(talk.call)[MIRA] == Seat(muted=False)
    asked(talk)
    assert talk.hears == ["step_up.begins", "pin.ask_keys"]
    assert (talk.ask.secret, talk.ask.listen) == (True, False)
    assert Arrange(MIRA) in talk.actions
    assert seats(talk.call)[MIRA].held is True
    assert tape(talk.call) is Tape.PAUSED
    assert talk.does(Record)


def test_a_proof_that_matches_brings_the_caller_back_to_the_same_agent() -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    check = talk.errand
    assert isinstance(check, CheckSecret)
    assert (check.claim.ref, check.field) == (ADA.ref, "pin")
    assert proof(talk).progress is Progress.CHECKING
    talk.back_end.matches()
    assert proof(talk).progress is Progress.PASSED
    assert talk.hears == ["step_up.passed"]
    assert talk.call.verbs[-1] == Join("room-call-1-1")
    assert Arrange(MIRA) in talk.actions
    assert seats(talk.call)[MIRA].held is False
    until = proof(talk).until
    assert until is not None
    assert WakeAt(until, "step_up_over") in talk.actions
    talk.caller.enters()
    talk.arranged(MIRA)
    assert tape(talk.call) is Tape.RUNS


def test_a_caller_on_hold_is_off_it_when_they_come_back() -> None:
    talk = talking()
    talk.agent.holds()
    asked(talk)
    talk.arranged()  # the hold of before, which the caller has left
    talk.caller.keys("0")
    assert talk.call.serving is not None
    assert talk.call.serving.hold is None


@pytest.mark.parametrize(
    ("verdict", "progress", "why"),
    [
        (SecretVerdict.LOCKED, Progress.FAILED, "locked"),
        (SecretVerdict.NOT_SET, Progress.FAILED, "not_set"),
        (SecretVerdict.LIMITED, Progress.FAILED, "limited"),
    ],
)
def test_what_cannot_be_tried_is_no_proof(verdict: SecretVerdict, progress: Progress, why: str) -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(verdict)
    assert (proof(talk).progress, proof(talk).why) == (progress, why)
    assert talk.hears == ["step_up.not_passed"]


def test_three_wrong_ones_and_no_more() -> None:
    talk = asked()
    for entry in range(1, 4):
        assert proof(talk).under_way
        talk.caller.keys("111111")
        talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
        assert proof(talk).wrong == entry
        assert entry == 3 or talk.hears == ["pin.rejected"]
    assert (proof(talk).progress, proof(talk).why) == (Progress.FAILED, "wrong too often")
    assert talk.call.stage is Stage.TRANSFER


def test_a_right_one_proves_nothing_while_somebody_is_guessing() -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(SecretVerdict.MATCHED, under_attack=True)
    assert proof(talk).progress is Progress.FAILED


def test_silence_ends_it() -> None:
    talk = asked()
    for _ in range(2):
        talk.caller.is_silent()
        assert talk.hears == ["pin.ask_keys"]
    talk.caller.keys("#")
    assert (proof(talk).progress, proof(talk).why) == (Progress.ABANDONED, "no answer")


def test_a_caller_who_wants_back_is_back() -> None:
    talk = asked()
    talk.caller.keys("0")
    assert (proof(talk).progress, talk.call.verbs[-1]) == (Progress.ABANDONED, Join("room-call-1-1"))


def test_what_is_no_answer_is_asked_again_so_many_times() -> None:
    talk = asked()
    talk.caller.keys("*")
    assert talk.hears == ["pin.ask_keys"]
    for _ in range(6):
        talk.caller.keys("123#")
        assert talk.hears == ["pin.short"]
    talk.caller.keys("123#")
    assert (proof(talk).progress, proof(talk).why) == (Progress.ABANDONED, "not understood")


def test_a_back_end_that_is_down_costs_no_try_and_ends_it_at_last() -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(SecretVerdict.TIMED_OUT)
    assert (talk.hears, proof(talk).wrong) == (["pin.back_end_down"], 0)
    talk.caller.keys(PIN_KEYED)
    talk.back_end.is_lost()
    assert (proof(talk).progress, proof(talk).why) == (Progress.ABANDONED, "the back end did not answer")


def test_an_agent_who_leaves_meanwhile_leaves_the_caller_in_line_and_the_check_to_nobody() -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    talk.agent.leaves()
    assert (talk.call.stage, proof(talk).progress) == (Stage.WAIT, Progress.ABANDONED)
    assert talk.hears[0] == "transfer.agent_lost"
    talk.back_end.matches()
    assert proof(talk).progress is Progress.ABANDONED
    assert talk.count(Noted.TOO_LATE) == 1


def test_a_caller_who_hangs_up_meanwhile_was_served_and_has_proven_nothing() -> None:
    talk = asked()
    talk.caller.hangs_up()
    assert (talk.call.ending, proof(talk).progress, proof(talk).why) == (
        Ending.SERVED, Progress.ABANDONED, "the caller has left",
    )  # fmt: skip


def test_the_agent_may_take_the_caller_back_or_end_the_call() -> None:
    talk = asked()
    talk.agent.does(lambda at: StepUpStopped(at, "mira"))
    assert (proof(talk).progress, talk.hears) == (Progress.ABANDONED, ["step_up.not_passed"])
    talk = asked()
    talk.agent.ends()
    assert (proof(talk).progress, talk.call.stage) == (Progress.ABANDONED, Stage.ENDED)


def test_news_of_the_room_that_the_caller_has_left_changes_nothing() -> None:
    talk = asked()
    before = talk.call
    talk.caller.leaves_room()
    talk.caller.enters()
    assert talk.call == before
    talk.agent.enters()
    assert talk.call.verbs == before.verbs


def test_music_that_cannot_be_arranged_is_noted_and_a_mute_that_cannot_is_a_mute_again() -> None:
    talk = asked()
    talk.arranged(MIRA, done=False)
    assert talk.facts(Noted.NOT_ARRANGED)["what"] == "the agent's music"
    talk.caller.keys("0")
    talk.arranged(MIRA)
    assert proof(talk).seated
    talk.agent.mutes()
    talk.arranged(MIRA, done=False)
    assert talk.facts(Noted.NOT_ARRANGED)["what"] == "mute"


# ---- what may be done when -----------------------------------------------------------------------------------------


def why_not(talk: Conversation, deed: Callable[[datetime], Deed]) -> Refusal | None:
    return refusal(talk.call, deed(talk.now))


def test_only_what_the_policy_names_is_asked_and_only_of_somebody_known() -> None:
    talk = talking()
    assert why_not(talk, lambda at: StepUpAsked(at, "mira", "holiday")) is Refusal.UNKNOWN_ACTION
    assert why_not(talk, lambda at: StepUpAsked(at, "mira", "transfer", 99_999)) is Refusal.NO_PROOF_NEEDED
    assert why_not(talk, lambda at: StepUpAsked(at, "mira", "transfer", 100_000, "totp")) is Refusal.UNKNOWN_PROOF
    assert why_not(talk, lambda at: StepUpAsked(at, "mira", "transfer", 100_000, "pin")) is None
    assert why_not(talk, lambda at: StepUpAsked(at, "ruth", "transfer", 100_000)) is Refusal.NOT_YOURS
    assert why_not(talk, lambda at: StepUpStopped(at, "mira")) is Refusal.NOT_STEPPING_UP
    assert why_not(talk, lambda at: TokenShown(at, "mira")) is Refusal.NO_TOKEN
    talk.agent.asks()
    assert why_not(talk, lambda at: StepUpAsked(at, "mira", "transfer", 100_000)) is Refusal.CONSULTING
    unknown = Conversation(LINE)
    unknown.waits().agent.accepts()
    unknown.agent.enters()
    unknown.caller.enters()
    assert why_not(unknown, lambda at: StepUpAsked(at, "mira", "transfer", 100_000)) is Refusal.NOBODY_KNOWN


def test_nothing_else_is_begun_while_the_caller_is_away() -> None:
    talk = asked()
    assert why_not(talk, lambda at: StepUpAsked(at, "mira", "transfer", 100_000)) is Refusal.STEPPING_UP
    assert why_not(talk, lambda at: CallerHeld(at, "mira")) is Refusal.STEPPING_UP
    assert why_not(talk, lambda at: ConsultAsked(at, "mira", OMAR)) is Refusal.STEPPING_UP
    assert why_not(talk, lambda at: CallPassed(at, "mira", OMAR)) is Refusal.STEPPING_UP
    talk.agent.mutes()
    assert talk.call.serving is not None
    assert talk.call.serving.muted


# ---- what it is worth ----------------------------------------------------------------------------------------------


def test_a_secret_of_the_line_makes_an_identified_caller_verified() -> None:
    talk = Conversation(LINE).is_identified().waits()
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    assert talk.call.assurance is Assurance.IDENTIFIED
    asked(talk).caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert talk.call.assurance is Assurance.VERIFIED


def test_the_token_is_shown_once() -> None:
    talk = passed()
    assert why_not(talk, lambda at: TokenShown(at, "mira")) is None
    talk.agent.does(lambda at: TokenShown(at, "mira"))
    assert why_not(talk, lambda at: TokenShown(at, "mira")) is Refusal.NO_TOKEN


@pytest.mark.parametrize("other", [{"number": 2}, {"customer": "ref-2"}, {"action": "payout"}, {"amount": "9999.00 EUR"}])
def test_it_counts_for_nothing_else(other: dict[str, str | int]) -> None:
    talk = passed()
    assert redeems(talk, **other) is Progress.PASSED
    assert redeems(talk) is Progress.REDEEMED


def test_it_counts_once_also_after_the_call() -> None:
    talk = passed()
    talk.caller.hangs_up()
    assert redeems(talk) is Progress.REDEEMED
    assert redeems(talk) is Progress.REDEEMED
    assert talk.count(Noted.TOKEN_REFUSED) == 1
    assert talk.facts(Noted.TOKEN_REFUSED) == {"why": "it does not count, or no more"}


def test_what_was_not_passed_counts_for_nothing() -> None:
    talk = asked()
    talk.caller.keys("0")
    assert redeems(talk) is Progress.ABANDONED
    bare = talking()
    bare.happens(ProofRedeemed(bare.passes(1), 1, ADA.ref, "transfer", "1250.00 EUR"))
    assert bare.call.step_up is None


def test_what_was_made_use_of_does_not_run_out_afterwards() -> None:
    talk = passed()
    until = proof(talk).until
    assert redeems(talk) is Progress.REDEEMED
    assert until is not None
    talk.now = until
    talk.time_comes("step_up_over")
    assert proof(talk).progress is Progress.REDEEMED


def test_it_runs_out_at_the_very_moment_and_not_before() -> None:
    talk = passed()
    until = proof(talk).until
    assert until is not None
    talk.now = until - timedelta(microseconds=1)
    talk.time_comes("step_up_over")
    assert proof(talk).progress is Progress.PASSED
    talk.now = until
    talk.time_comes("step_up_over")
    assert proof(talk).progress is Progress.EXPIRED


def test_a_time_that_comes_to_a_call_without_a_proof_changes_nothing() -> None:
    talk = talking()
    talk.time_comes("step_up_over")
    assert talk.call.step_up is None


def test_what_is_for_something_else_is_told_in_the_journal() -> None:
    talk = passed()
    assert redeems(talk, amount="1.00 EUR") is Progress.PASSED
    assert talk.facts(Noted.TOKEN_REFUSED) == {"why": "it is for something else"}


def test_news_of_the_music_are_not_those_of_its_end() -> None:
    talk = asked()
    talk.arranged(MIRA)
    assert proof(talk).seated is False
    talk.caller.keys("0")
    talk.arranged(MIRA)
    assert proof(talk).seated is True


def test_it_ends_with_its_lifetime() -> None:
    talk = passed()
    talk.time_comes("step_up_over")
    assert proof(talk).progress is Progress.PASSED
    talk.passes(121)
    assert redeems(talk) is Progress.PASSED  # not redeemed, though nobody has said yet that its time is over
    talk.time_comes("step_up_over")
    assert proof(talk).progress is Progress.EXPIRED
    assert redeems(talk) is Progress.EXPIRED


def test_amounts_are_told_as_people_write_them() -> None:
    assert TRANSFER.told(5) == "0.05 EUR"
    assert StepUpPlan("transfer", (PIN,), currency="KRW").told(1250) == "1250 KRW"
    assert StepUpPlan("address", (PIN,)).told(0) == ""
    assert StepUp(1, StepUpPlan("address", (PIN,)), 0, PIN, talking().now).content == "1 address  "


def test_a_check_is_made_again_for_the_entry_that_began_it() -> None:
    talk = asked()
    turn = talk.call.turn
    talk.caller.keys(PIN_KEYED)
    assert query_again(talk.call) is None
    again = errand_again(talk.call, EntryKeyed(talk.now, turn, Secret(PIN_KEYED)))
    assert isinstance(again, CheckSecret)
    assert (again.field, again.claim.ref, again.secret.reveal()) == ("pin", ADA.ref, PIN_KEYED)
    assert errand_again(talk.call, EntryKeyed(talk.now, turn, Secret("123"))) is None


def test_nothing_of_a_proof_is_in_what_is_stored() -> None:
    talk = asked()
    talk.caller.keys(PIN_KEYED)
    assert PIN_KEYED not in str(talk.call.to_dict())
    assert PIN_KEYED not in repr(talk.journal)


def test_the_card_tells_how_it_goes_and_that_there_is_a_token() -> None:
    assert card(talking().call).proof is None
    talk = passed()
    shown = card(talk.call).proof
    assert shown is not None
    assert (shown.action, shown.amount, shown.proof, shown.progress, shown.token) == (
        "transfer", "1250.00 EUR", "pin", Progress.PASSED, True,
    )  # fmt: skip
    talk.agent.does(lambda at: TokenShown(at, "mira"))
    told = card(talk.call).proof
    assert told is not None
    assert not told.token
