"""Who is calling, and is it them: what comes after each outcome."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    ACCOUNT_SAID,
    ADA,
    BILLING,
    BIRTH_YEAR,
    KNOWN_NUMBER,
    OPEN_BOOK,
    PIN_KEYED,
    TWO_SECRETS,
    TWO_WAYS,
    Conversation,
)
from voicebot.dialogue.actions import CheckSecret, Claim, IdentifyCaller, OfferToFloor, Say
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import Limits
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.spoken import Words
from voicebot.dialogue.values import (
    Assurance,
    Customer,
    Hearing,
    IdentifyResult,
    Modality,
    Proof,
    Reason,
    SecretVerdict,
)

GREETING = replace(BILLING, greet_by_name=True)


def wrong_identifiers(talk: Conversation, count: int) -> None:
    for _ in range(count):
        talk.caller.keys("1" * (talk.ask.keys.count or 0))
        talk.back_end.finds_nobody()


def wrong_secrets(talk: Conversation, count: int) -> None:
    for _ in range(count):
        talk.caller.keys("111111")
        talk.back_end.says_of_secret(SecretVerdict.MISMATCHED)


# ---- the whole way -----------------------------------------------------------------------------------------------


def test_who_gives_the_right_number_and_the_right_secret_is_verified_and_waits_for_an_agent() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID)
    talk.back_end.finds()
    assert (talk.call.assurance, talk.hears) == (Assurance.IDENTIFIED, ["identified", "pin.ask"])
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert (talk.call.assurance, talk.call.customer, talk.call.identified_by) == (Assurance.VERIFIED, ADA, "account_number")
    assert (talk.stage, talk.call.reason, talk.hears) == (Stage.WAIT, None, ["verified", "waiting.first"])
    assert [(e.proof, e.field, e.modality, e.attempts) for e in talk.call.evidence] == [
        (Proof.IDENTIFIER, "account_number", Modality.SPEECH, 1),
        (Proof.SECRET, "pin", Modality.KEYPAD, 1),
    ]


def test_the_secret_is_checked_against_the_customer_who_was_found() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    assert isinstance(talk.errand, CheckSecret)
    assert (talk.errand.claim, talk.errand.field) == (Claim(ref="ref-1"), "pin")


def test_every_secret_of_the_line_is_asked_before_anybody_is_verified() -> None:
    talk = Conversation(TWO_SECRETS).is_identified()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert (talk.call.assurance, talk.hears) == (Assurance.IDENTIFIED, ["birth_year.ask"])
    assert talk.count(Noted.ASSURED) == 1
    talk.caller.keys("1984")
    talk.back_end.matches()
    assert talk.call.assurance is Assurance.VERIFIED
    assert talk.facts(Noted.ASSURED) == {"assurance": "verified", "by": "birth_year", "attempts": 1}


def test_a_known_number_still_needs_every_secret() -> None:
    talk = Conversation(TWO_SECRETS, KNOWN_NUMBER)
    talk.back_end.finds()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert talk.call.assurance is Assurance.IDENTIFIED
    assert talk.ask.field == "birth_year"


def test_a_line_without_secrets_goes_on_with_an_identified_caller() -> None:
    talk = Conversation(OPEN_BOOK)
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds()
    assert (talk.stage, talk.call.assurance, talk.call.reason) == (Stage.WAIT, Assurance.IDENTIFIED, None)


# ---- greeting by name --------------------------------------------------------------------------------------------


def test_a_verified_caller_is_greeted_by_name_where_the_line_wants_it() -> None:
    talk = Conversation(GREETING).is_verified()
    assert talk.says[0] == Say("verified_by_name", args=(("name", Words("Ada Marsh")),))


def test_an_identified_caller_is_not_told_whose_number_it_is() -> None:
    for talk in (Conversation(GREETING, KNOWN_NUMBER), Conversation(replace(GREETING, secrets=()), KNOWN_NUMBER)):
        talk.back_end.finds()
        assert "verified_by_name" not in talk.hears


def test_a_customer_without_a_name_is_thanked_without_one() -> None:
    talk = Conversation(GREETING)
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds(Customer("ref-2", ACCOUNT))
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert talk.hears == ["verified", "waiting.first"]


# ---- tries -------------------------------------------------------------------------------------------------------


def test_an_unknown_identifier_is_asked_again() -> None:
    talk = Conversation()
    wrong_identifiers(talk, 1)
    assert talk.says == [Say("account_number.rejected", 1)]
    wrong_identifiers(talk, 1)
    assert talk.says == [Say("account_number.rejected", 2)]
    assert talk.call.failures == (("account_number", 2),)


def test_three_tries_are_all_the_first_included() -> None:
    talk = Conversation()
    wrong_identifiers(talk, 3)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.UNKNOWN_IDENTIFIER)
    assert talk.call.failures == (("account_number", 3),)
    assert talk.hears == ["unauthenticated.unknown_identifier", "waiting.first"]


def test_three_wrong_secrets_lead_to_an_agent_who_knows_the_customer_but_not_more() -> None:
    talk = Conversation().is_identified()
    wrong_secrets(talk, 2)
    assert talk.says == [Say("pin.rejected", 2)]
    wrong_secrets(talk, 1)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.WRONG_SECRET, Assurance.IDENTIFIED)
    assert talk.call.failures == (("pin", 3),)


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_the_operator_says_how_many_tries_there_are(tries: int) -> None:
    talk = Conversation(replace(BILLING, limits=Limits(max_attempts=tries, asks=20)))
    wrong_identifiers(talk, tries - 1)
    assert talk.stage is Stage.AUTHENTICATE
    wrong_identifiers(talk, 1)
    assert talk.stage is Stage.WAIT


def test_all_tries_count_whatever_lay_between_them() -> None:
    talk = Conversation(replace(BILLING, limits=Limits(asks=20)))
    wrong_identifiers(talk, 1)
    talk.caller.is_silent()
    wrong_identifiers(talk, 1)
    talk.caller.says("help")
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.says("no")
    assert talk.stage is Stage.AUTHENTICATE
    wrong_identifiers(talk, 1)
    assert talk.call.reason is Reason.UNKNOWN_IDENTIFIER


def test_identifier_and_secret_have_three_tries_each() -> None:
    talk = Conversation()
    wrong_identifiers(talk, 2)
    talk.is_identified()
    wrong_secrets(talk, 2)
    assert talk.stage is Stage.AUTHENTICATE
    assert talk.call.failures == (("account_number", 2), ("pin", 2))


def test_the_evidence_tells_how_many_entries_it_took() -> None:
    talk = Conversation()
    wrong_identifiers(talk, 2)
    talk.is_identified()
    assert talk.call.evidence[-1].attempts == 3


# ---- without it --------------------------------------------------------------------------------------------------


def test_who_does_not_have_one_identifier_is_asked_for_the_next_in_order() -> None:
    talk = Conversation(TWO_WAYS)
    talk.caller.says("i don't have it")
    assert talk.hears == ["customer_id.ask"]
    talk.caller.says("i don't have it")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NO_IDENTIFIER)


def test_the_other_identifier_identifies_as_well() -> None:
    talk = Conversation(TWO_WAYS)
    talk.caller.says("i don't have it")
    talk.caller.keys("12345")
    assert talk.errand == IdentifyCaller(1, "customer_id", "12345")
    talk.back_end.finds()
    assert (talk.call.identified_by, talk.ask.field) == ("customer_id", "pin")


def test_who_wants_an_agent_is_not_asked_for_another_identifier() -> None:
    talk = Conversation(TWO_WAYS)
    talk.caller.keys("0")
    assert talk.stage is Stage.WAIT


def test_tries_at_one_identifier_count_at_the_next() -> None:
    talk = Conversation(TWO_WAYS)
    wrong_identifiers(talk, 2)
    talk.caller.says("i don't have it")
    wrong_identifiers(talk, 1)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.UNKNOWN_IDENTIFIER)
    assert talk.call.failures == (("account_number", 2), ("customer_id", 1))


def test_the_next_identifier_has_its_own_patience() -> None:
    talk = Conversation(TWO_WAYS)
    talk.caller.is_silent()
    talk.caller.is_silent()
    talk.caller.says("i don't have it")
    talk.caller.is_silent()
    assert talk.says == [Say("customer_id.no_input", 1)]


def test_an_identifier_that_several_have_leads_to_the_next_one() -> None:
    talk = Conversation(TWO_WAYS)
    talk.caller.keys(ACCOUNT)
    talk.back_end.says_of_identifier(IdentifyResult.SEVERAL)
    assert talk.hears == ["customer_id.ask"]
    talk.caller.keys("12345")
    talk.back_end.says_of_identifier(IdentifyResult.SEVERAL)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.NO_IDENTIFIER, Assurance.NONE)


def test_a_number_that_tried_too_many_unknown_identifiers_today_goes_to_an_agent() -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    talk.back_end.says_of_identifier(IdentifyResult.LIMITED)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.UNKNOWN_IDENTIFIER)


@pytest.mark.parametrize(
    ("verdict", "reason"), [(SecretVerdict.LOCKED, Reason.LOCKED), (SecretVerdict.NOT_SET, Reason.SECRET_NOT_SET)]
)
def test_a_secret_that_cannot_be_checked_by_phone_leads_to_an_agent_at_once(verdict: SecretVerdict, reason: Reason) -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.says_of_secret(verdict)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, reason, Assurance.IDENTIFIED)
    assert talk.call.failures == ()


# ---- our own trouble ---------------------------------------------------------------------------------------------


def outage(talk: Conversation, how: str) -> None:
    match how:
        case "unavailable" if talk.call.assurance is Assurance.NONE:
            talk.back_end.says_of_identifier(IdentifyResult.UNAVAILABLE)
        case "unavailable":
            talk.back_end.says_of_secret(SecretVerdict.UNAVAILABLE)
        case "timed out":
            talk.back_end.says_of_secret(SecretVerdict.TIMED_OUT)
        case "lost":
            talk.back_end.is_lost()


@pytest.mark.parametrize("how", ["unavailable", "lost"])
def test_an_outage_at_the_identifier_costs_no_try_and_is_asked_again_once(how: str) -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    outage(talk, how)
    assert talk.says == [Say("account_number.back_end_down", 1)]
    assert talk.call.authenticating.tally.rejected == 0
    assert talk.call.failures == ()
    talk.caller.keys(ACCOUNT)
    outage(talk, how)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.BACK_END_DOWN)


@pytest.mark.parametrize("how", ["unavailable", "timed out", "lost"])
def test_an_outage_at_the_secret_costs_no_try_and_is_asked_again_once(how: str) -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    outage(talk, how)
    assert talk.says == [Say("pin.back_end_down", 1)]
    assert talk.call.failures == ()
    talk.caller.keys(PIN_KEYED)
    outage(talk, how)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.BACK_END_DOWN)


def test_who_answers_after_an_outage_is_verified_like_anybody() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.is_lost()
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert talk.call.assurance is Assurance.VERIFIED


@pytest.mark.parametrize("pending", [False, True])
def test_when_the_machine_has_had_its_time_a_person_takes_over(pending: bool) -> None:
    talk = Conversation()
    if pending:
        talk.caller.keys(ACCOUNT)
    talk.time_comes("bot_time_is_up")
    assert (talk.stage, talk.call.reason, talk.call.open_errand) == (Stage.WAIT, Reason.NOT_UNDERSTOOD, None)
    assert talk.does(OfferToFloor)


def test_a_time_that_nobody_asked_for_changes_nothing() -> None:
    talk = Conversation()
    before = talk.call
    assert talk.time_comes("tea_time") == []
    assert talk.call == before


def test_the_secrets_of_a_line_are_asked_in_their_order() -> None:
    talk = Conversation(replace(BILLING, secrets=(BIRTH_YEAR, *BILLING.secrets))).is_identified()
    assert talk.ask.field == "birth_year"
