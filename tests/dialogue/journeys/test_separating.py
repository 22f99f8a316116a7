"""Several customers on one number: one cheap question, and nobody hears how many they are or who."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    ACCOUNT_ENDING,
    ADA,
    APART,
    BILLING,
    CUSTOMER_ID,
    KNOWN_NUMBER,
    PIN_KEYED,
    POSTAL_CODE,
    Conversation,
)
from voicebot.dialogue.actions import Among, IdentifyCaller, Say
from voicebot.dialogue.call import Stage
from voicebot.dialogue.values import Assurance, Evidence, IdentifyResult, Modality, Proof, Reason

OF_THE_NUMBER = Among("ani", "+12025550199")
ENDING = "9238"


def shared_number(*separators: str) -> Conversation:
    """A call from a number that several customers have."""
    talk = Conversation(APART, KNOWN_NUMBER)
    talk.back_end.finds_several(*separators)
    return talk


def test_the_field_with_fewest_digits_is_asked() -> None:
    talk = shared_number("account_number", "postal_code", "account_ending")
    assert (talk.ask.field, talk.hears) == ("account_ending", ["greeting", "account_ending.ask"])


def test_a_field_in_which_they_are_not_all_different_is_not_asked() -> None:
    assert shared_number("account_number", "postal_code").ask.field == "postal_code"


def test_among_equals_the_first_of_the_line_is_asked() -> None:
    same = replace(ACCOUNT_ENDING, name="customer_ending")
    talk = Conversation(replace(APART, separators=(same, ACCOUNT_ENDING)), KNOWN_NUMBER)
    talk.back_end.finds_several("account_ending", "customer_ending")
    assert talk.ask.field == "customer_ending"


def test_an_identifier_of_the_line_separates_too() -> None:
    assert shared_number("account_number").ask.field == "account_number"


def test_what_the_line_does_not_ask_separates_nobody() -> None:
    talk = shared_number("shoe_size")
    assert (talk.ask.field, talk.call.authenticating.within) == ("account_number", None)


def test_where_nothing_separates_them_the_identifier_is_asked_of_everybody() -> None:
    talk = shared_number()
    talk.caller.keys(ACCOUNT)
    assert talk.errand == IdentifyCaller(2, "account_number", ACCOUNT)


def test_the_answer_is_looked_for_among_them_only() -> None:
    talk = shared_number("account_ending")
    talk.caller.keys(ENDING)
    assert talk.errand == IdentifyCaller(2, "account_ending", ENDING, OF_THE_NUMBER)
    talk.back_end.finds()
    assert (talk.call.assurance, talk.call.customer, talk.ask.field) == (Assurance.IDENTIFIED, ADA, "pin")
    entry = talk.call.evidence[-1]
    assert entry == Evidence(Proof.IDENTIFIER, "account_ending", entry.at, Modality.KEYPAD, 1, within="ani")


def test_who_was_told_apart_is_verified_like_anybody() -> None:
    talk = shared_number("account_ending")
    talk.caller.says("nine two three eight")
    talk.back_end.finds()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert (talk.call.assurance, talk.stage) == (Assurance.VERIFIED, Stage.WAIT)


def test_a_wrong_answer_is_a_try() -> None:
    talk = shared_number("account_ending")
    for number in (1, 2):
        talk.caller.keys("1111")
        talk.back_end.finds_nobody()
        assert talk.says == [Say("account_ending.rejected", number)]
    talk.caller.keys("1111")
    talk.back_end.finds_nobody()
    assert (talk.stage, talk.call.reason, talk.call.failures) == (Stage.WAIT, Reason.UNKNOWN_IDENTIFIER, (("account_ending", 3),))


def test_who_does_not_have_it_is_asked_for_the_identifiers_and_tries_go_along() -> None:
    talk = shared_number("account_ending")
    talk.caller.keys("1111")
    talk.back_end.finds_nobody()
    talk.caller.says("i don't have it")
    assert (talk.ask.field, talk.call.authenticating.tally.rejected) == ("account_number", 1)
    talk.caller.keys(ACCOUNT)
    assert talk.errand == IdentifyCaller(3, "account_number", ACCOUNT)


def test_an_identifier_that_has_just_been_asked_is_not_asked_again() -> None:
    talk = shared_number("account_number")
    talk.caller.says("i don't have it")
    assert talk.ask.field == "phone_number"


def test_if_they_are_still_several_the_identifiers_are_asked() -> None:
    talk = shared_number("account_ending", "postal_code")
    talk.caller.keys(ENDING)
    talk.back_end.finds_several("postal_code")
    assert talk.ask.field == "account_number"


@pytest.mark.parametrize("result", [IdentifyResult.UNAVAILABLE, IdentifyResult.LIMITED])
def test_an_outage_and_a_limit_are_as_at_any_field(result: IdentifyResult) -> None:
    talk = shared_number("account_ending")
    talk.caller.keys(ENDING)
    talk.back_end.says_of_identifier(result)
    hears = {
        IdentifyResult.UNAVAILABLE: ["account_ending.back_end_down"],
        IdentifyResult.LIMITED: ["unauthenticated.unknown_identifier", "waiting.first"],
    }
    assert talk.hears == hears[result]


def test_several_behind_an_identifier_are_told_apart_as_well() -> None:
    talk = Conversation(replace(APART, identifiers=(CUSTOMER_ID, *APART.identifiers)))
    talk.caller.keys("12345")
    talk.back_end.finds_several("account_ending", "customer_id")
    assert talk.ask.field == "account_ending"
    talk.caller.keys(ENDING)
    assert talk.errand == IdentifyCaller(2, "account_ending", ENDING, Among("customer_id", "12345"))
    talk.back_end.finds()
    assert talk.call.evidence[-1].within == "customer_id"
    assert talk.ask.field == "pin"


def test_who_cannot_be_told_apart_behind_an_identifier_is_asked_for_the_next_one() -> None:
    talk = Conversation(replace(APART, identifiers=(CUSTOMER_ID, *APART.identifiers)))
    talk.caller.keys("12345")
    talk.back_end.finds_several("account_ending")
    talk.caller.says("i don't have it")
    assert talk.ask.field == "account_number"


def test_a_number_behind_which_several_stay_several_leads_on() -> None:
    talk = Conversation(replace(APART, identifiers=(CUSTOMER_ID,)))
    talk.caller.keys("12345")
    talk.back_end.finds_several("customer_id")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NO_IDENTIFIER)


def test_nothing_that_the_caller_hears_depends_on_how_many_they_are_or_who() -> None:
    talk = shared_number("account_ending")
    assert talk.says[1].args == ()
    assert talk.call.customer is None


def test_a_line_may_have_separators_that_it_never_needs() -> None:
    talk = Conversation(replace(BILLING, separators=(POSTAL_CODE,))).is_identified()
    assert talk.ask.field == "pin"
