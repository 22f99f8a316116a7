"""Number and secret with one verdict: nobody learns from us which numbers exist."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    ACCOUNT_NUMBER,
    ACCOUNT_SAID,
    ADA,
    CUSTOMER_ID,
    JOINT,
    PIN_KEYED,
    TWO_SECRETS,
    Conversation,
)
from voicebot.dialogue.actions import CheckSecret, Claim, IdentifyCaller, Say
from voicebot.dialogue.call import Claimed, Stage
from voicebot.dialogue.forms import Limits, Verification
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Assurance, Evidence, IdentifyResult, Modality, Proof, Reason, SecretVerdict

WRONG = [SecretVerdict.MISMATCHED, SecretVerdict.LOCKED, SecretVerdict.NOT_SET]


def both(talk: Conversation, verdict: SecretVerdict, number: str = ACCOUNT) -> None:
    talk.caller.keys(number)
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(verdict)


def test_nobody_is_looked_up_before_the_secret_has_matched() -> None:
    talk = Conversation(JOINT)
    talk.caller.keys(ACCOUNT)
    assert not talk.does(IdentifyCaller)
    assert (talk.hears, talk.call.open_errand, talk.call.customer) == (["pin.ask"], None, None)
    talk.caller.keys(PIN_KEYED)
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.claim == Claim(by="account_number", value=ACCOUNT)
    talk.back_end.matches()
    assert talk.errand == IdentifyCaller(2, "account_number", ACCOUNT)
    assert talk.call.assurance is Assurance.NONE
    talk.back_end.finds()
    assert (talk.call.assurance, talk.call.customer, talk.hears) == (Assurance.VERIFIED, ADA, ["verified", "waiting.first"])


def test_the_evidence_is_that_of_number_and_secret() -> None:
    talk = Conversation(JOINT)
    both(talk, SecretVerdict.MISMATCHED)
    both(talk, SecretVerdict.MATCHED)
    talk.back_end.finds()
    number, secret = talk.call.evidence
    assert number == Evidence(Proof.IDENTIFIER, "account_number", number.at, Modality.KEYPAD, 2)
    assert secret == Evidence(Proof.SECRET, "pin", secret.at, Modality.KEYPAD, 2)


@pytest.mark.parametrize("verdict", WRONG)
def test_after_a_wrong_one_both_are_asked_again(verdict: SecretVerdict) -> None:
    talk = Conversation(JOINT)
    both(talk, verdict)
    assert talk.says == [Say("account_number.not_confirmed", 1)]
    both(talk, verdict)
    assert talk.says == [Say("account_number.not_confirmed", 2)]
    both(talk, verdict)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.NOT_CONFIRMED, Assurance.NONE)
    assert talk.call.failures == (("pin", 3),)


def told(verdict: SecretVerdict) -> list[object]:
    """Every document of a call in which nothing is confirmed."""
    talk = Conversation(JOINT)
    documents: list[object] = [talk.call.verbs]
    for _ in range(3):
        talk.caller.keys(ACCOUNT)
        documents.append(talk.call.verbs)
        talk.caller.keys(PIN_KEYED)
        talk.back_end.says_of_secret(verdict)
        documents.append(talk.call.verbs)
    return documents


def test_unknown_wrong_and_locked_are_the_same_documents_to_the_last_word() -> None:
    assert told(SecretVerdict.MISMATCHED) == told(SecretVerdict.LOCKED) == told(SecretVerdict.NOT_SET)


def test_the_journal_keeps_apart_what_the_caller_cannot() -> None:
    talk = Conversation(JOINT)
    both(talk, SecretVerdict.LOCKED)
    assert talk.facts(Noted.SECRET_RESULT)["verdict"] == "locked"


@pytest.mark.parametrize("result", [IdentifyResult.NOT_FOUND, IdentifyResult.SEVERAL])
def test_a_number_that_is_nobodys_all_of_a_sudden_is_not_confirmed(result: IdentifyResult) -> None:
    talk = Conversation(JOINT)
    both(talk, SecretVerdict.MATCHED)
    talk.back_end.says_of_identifier(result)
    assert talk.says == [Say("account_number.not_confirmed", 1)]
    assert talk.call.authenticating.claimed is None


def test_an_outage_of_the_look_up_has_the_secret_asked_and_checked_once_more() -> None:
    talk = Conversation(JOINT)
    both(talk, SecretVerdict.MATCHED)
    talk.back_end.says_of_identifier(IdentifyResult.UNAVAILABLE)
    assert talk.hears == ["pin.back_end_down"]
    talk.caller.keys(PIN_KEYED)
    assert isinstance(talk.errand, CheckSecret)
    talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)
    assert talk.hears == ["account_number.not_confirmed"]


def test_a_number_that_may_not_be_looked_up_any_more_leads_to_an_agent() -> None:
    talk = Conversation(JOINT)
    both(talk, SecretVerdict.MATCHED)
    talk.back_end.says_of_identifier(IdentifyResult.LIMITED)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.TOO_MANY_TRIES, Assurance.NONE)


@pytest.mark.parametrize("verdict", [SecretVerdict.UNAVAILABLE, SecretVerdict.TIMED_OUT])
def test_an_outage_of_the_check_costs_no_try(verdict: SecretVerdict) -> None:
    talk = Conversation(JOINT)
    both(talk, verdict)
    assert (talk.hears, talk.call.failures) == (["pin.back_end_down"], ())
    talk.caller.keys(PIN_KEYED)
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.claim == Claim(by="account_number", value=ACCOUNT)


def test_a_spoken_number_is_always_read_back_since_nothing_else_would_show_that_it_was_misheard() -> None:
    talk = Conversation(JOINT)
    talk.caller.says(ACCOUNT_SAID)
    assert talk.hears == ["account_number.confirm"]
    talk.caller.says("yes")
    assert talk.hears == ["pin.ask"]
    assert talk.call.authenticating.claimed == Claimed("account_number", ACCOUNT, Modality.SPEECH)


def test_the_identifier_that_the_caller_chose_is_the_one_that_is_asked_again() -> None:
    talk = Conversation(replace(JOINT, identifiers=(ACCOUNT_NUMBER, CUSTOMER_ID)))
    talk.caller.says("i don't have it")
    both(talk, SecretVerdict.MISMATCHED, "12345")
    assert talk.says == [Say("customer_id.not_confirmed", 1)]


def test_tries_with_one_identifier_count_at_the_next() -> None:
    talk = Conversation(replace(JOINT, identifiers=(ACCOUNT_NUMBER, CUSTOMER_ID), limits=Limits(max_attempts=2)))
    both(talk, SecretVerdict.MISMATCHED)
    talk.caller.says("i don't have it")
    both(talk, SecretVerdict.MISMATCHED, "12345")
    assert talk.call.reason is Reason.NOT_CONFIRMED


def test_who_does_not_know_the_secret_goes_to_an_agent_as_nobody() -> None:
    talk = Conversation(JOINT)
    talk.caller.keys(ACCOUNT)
    talk.caller.says("i don't have it")
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.NO_SECRET, Assurance.NONE)


def test_a_second_secret_is_asked_of_the_customer_who_was_found() -> None:
    talk = Conversation(replace(TWO_SECRETS, ani_identification=False, verification=Verification.JOINT))
    both(talk, SecretVerdict.MATCHED)
    talk.back_end.finds()
    assert (talk.call.assurance, talk.ask.field) == (Assurance.IDENTIFIED, "birth_year")
    talk.caller.keys("1984")
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.claim == Claim(ref="ref-1")


def test_a_claim_shows_nothing_of_itself() -> None:
    assert ACCOUNT not in repr(Claimed("account_number", ACCOUNT, Modality.KEYPAD))


# ---- attack ------------------------------------------------------------------------------------------------------


def stepwise_attacked(verdict: SecretVerdict) -> Conversation:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(verdict, under_attack=True)
    return talk


def joint_attacked(verdict: SecretVerdict) -> Conversation:
    talk = Conversation(JOINT)
    talk.caller.keys(ACCOUNT)
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(verdict, under_attack=True)
    if verdict is SecretVerdict.MATCHED:
        talk.back_end.finds()
    return talk


@pytest.mark.parametrize("attacked", [stepwise_attacked, joint_attacked])
def test_in_an_attack_a_secret_alone_leaves_the_caller_identified_only(attacked: Callable[[SecretVerdict], Conversation]) -> None:
    talk = attacked(SecretVerdict.MATCHED)
    assert (talk.call.assurance, talk.call.reason, talk.stage) == (Assurance.IDENTIFIED, Reason.SECRET_NOT_ENOUGH, Stage.WAIT)
    assert [evidence.proof for evidence in talk.call.evidence] == [Proof.IDENTIFIER]
    assert talk.call.failures == ()


@pytest.mark.parametrize("attacked", [stepwise_attacked, joint_attacked])
def test_in_an_attack_a_wrong_secret_sounds_like_a_right_one(attacked: Callable[[SecretVerdict], Conversation]) -> None:
    right, wrong = attacked(SecretVerdict.MATCHED), attacked(SecretVerdict.MISMATCHED)
    assert wrong.hears == right.hears == ["unauthenticated.secret_not_enough", "waiting.first"]
    assert wrong.call.failures == (("pin", 1),)


@pytest.mark.parametrize(
    ("verdict", "hears"),
    [(SecretVerdict.LOCKED, "unauthenticated.locked"), (SecretVerdict.NOT_SET, "unauthenticated.secret_not_set"),
     (SecretVerdict.UNAVAILABLE, "pin.back_end_down")],
)  # fmt: skip
def test_an_attack_changes_nothing_where_no_secret_was_checked(verdict: SecretVerdict, hears: str) -> None:
    assert stepwise_attacked(verdict).hears[0] == hears


def test_an_outage_in_an_attack_leaves_the_next_match_its_own_worth() -> None:
    talk = Conversation(JOINT)
    talk.caller.keys(ACCOUNT)
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(SecretVerdict.MATCHED, under_attack=True)
    talk.back_end.says_of_identifier(IdentifyResult.UNAVAILABLE)
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    talk.back_end.finds()
    assert talk.call.assurance is Assurance.VERIFIED


@pytest.mark.parametrize("line", [JOINT, TWO_SECRETS])
def test_a_number_from_which_too_much_has_failed_goes_to_an_agent_unchecked(line: object) -> None:
    talk = Conversation(line)  # type: ignore[arg-type]
    talk.caller.keys(ACCOUNT)
    if talk.call.open_errand is not None:
        talk.back_end.finds()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(SecretVerdict.LIMITED)
    assert (talk.stage, talk.call.reason, talk.call.failures) == (Stage.WAIT, Reason.TOO_MANY_TRIES, ())
