"""Numbers that must be more than long enough: check digits, and telephone numbers in any form."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ADA, APART, METER, METERS, PHONE_NUMBER, Conversation
from voicebot.dialogue.actions import Among, IdentifyCaller, Say
from voicebot.dialogue.call import Stage
from voicebot.dialogue.forms import Verification
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Assurance, Hearing, IdentifyResult, Modality, Reason

RIGHT, WRONG = "44466225", "44466222"
RIGHT_SAID = "four four four six six two two five"
WRONG_SAID = "four four four six six two two two"
PHONES = replace(APART, identifiers=(PHONE_NUMBER,), separators=())


# ---- check digits ------------------------------------------------------------------------------------------------


def test_a_number_with_a_right_check_digit_is_looked_up() -> None:
    talk = Conversation(METERS)
    talk.caller.keys(RIGHT)
    assert talk.errand == IdentifyCaller(1, "meter", RIGHT)


def test_a_mistyped_number_is_asked_again_and_is_no_try() -> None:
    talk = Conversation(METERS)
    talk.caller.keys(WRONG)
    assert not talk.does(IdentifyCaller)
    assert talk.says == [Say("meter.mistyped", 1)]
    assert (talk.call.failures, talk.call.authenticating.tally.rejected) == ((), 0)
    assert talk.facts(Noted.ENTERED)["verdict"] == "mistyped"


def test_three_mistyped_numbers_lead_to_an_agent() -> None:
    talk = Conversation(METERS)
    for _ in range(3):
        talk.caller.keys(WRONG)
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NOT_UNDERSTOOD)


def test_mistyped_numbers_have_a_counter_of_their_own() -> None:
    talk = Conversation(METERS)
    talk.caller.keys(WRONG)
    talk.caller.keys("44466225999")
    talk.caller.keys(WRONG)
    assert talk.says == [Say("meter.mistyped", 2)]
    assert (talk.call.authenticating.tally.mistyped, talk.call.authenticating.tally.no_match) == (2, 1)


def test_a_spoken_number_whose_check_digit_is_wrong_was_misheard_or_misread() -> None:
    talk = Conversation(METERS)
    talk.caller.says(WRONG_SAID)
    assert talk.says == [Say("meter.mistyped", 1)]
    assert talk.call.authenticating.tally.speech_failures == 1


def test_of_several_readings_the_one_with_a_right_check_digit_is_meant() -> None:
    talk = Conversation(METERS)
    talk.caller.says("four four four six six two two two no five")
    assert talk.errand == IdentifyCaller(1, "meter", RIGHT)


def test_a_doubtful_number_with_a_right_check_digit_is_looked_up_without_being_read_back() -> None:
    talk = Conversation(METERS)
    talk.caller.says(RIGHT_SAID, Hearing.CONFIRM)
    assert talk.errand == IdentifyCaller(1, "meter", RIGHT)
    talk.back_end.finds()
    assert (talk.call.assurance, talk.ask.field) == (Assurance.IDENTIFIED, "pin")
    assert talk.call.evidence[-1].modality is Modality.SPEECH


@pytest.mark.parametrize("proven", ["fitted", "among_customers"])
def test_a_number_that_was_chosen_by_its_check_digit_is_read_back(proven: str) -> None:
    talk = Conversation(METERS)
    talk.caller.says(RIGHT_SAID, Hearing.CONFIRM, **{proven: True})
    assert talk.hears == ["meter.confirm"]
    talk.caller.says("yes")
    assert talk.errand == IdentifyCaller(1, "meter", RIGHT)


@pytest.mark.parametrize("result", [IdentifyResult.NOT_FOUND, IdentifyResult.SEVERAL])
def test_unless_it_is_one_customers_it_is_read_back_before_it_counts(result: IdentifyResult) -> None:
    talk = Conversation(METERS)
    talk.caller.says(RIGHT_SAID, Hearing.CONFIRM)
    talk.back_end.says_of_identifier(result)
    assert talk.hears == ["meter.confirm"]
    assert talk.call.failures == ()
    talk.caller.says("yes")
    assert talk.errand == IdentifyCaller(2, "meter", RIGHT)
    talk.back_end.finds_nobody()
    assert talk.call.failures == (("meter", 1),)


def test_who_denies_it_then_is_asked_again_at_no_cost() -> None:
    talk = Conversation(METERS)
    talk.caller.says(RIGHT_SAID, Hearing.CONFIRM)
    talk.back_end.finds_nobody()
    talk.caller.says("no")
    assert (talk.hears, talk.call.failures) == (["meter.no_match"], ())


@pytest.mark.parametrize(
    "line",
    [
        replace(METERS, secrets=()),
        replace(METERS, identifiers=(replace(METER, always_read_back=True),)),
        replace(METERS, verification=Verification.JOINT, ani_identification=False),
    ],
    ids=["no secret", "always", "joint"],
)
def test_a_check_digit_spares_no_read_back_where_nothing_else_follows(line: object) -> None:
    talk = Conversation(line)  # type: ignore[arg-type]
    talk.caller.says(RIGHT_SAID, Hearing.CONFIRM)
    assert talk.hears == ["meter.confirm"]


def test_a_doubtful_number_without_a_check_digit_is_read_back() -> None:
    talk = Conversation()
    talk.caller.says("four oh seven one nine two three eight", Hearing.CONFIRM)
    assert talk.hears == ["account_number.confirm"]


# ---- telephone numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["2025550105#", "12025550105#", "01112025550105#", "0012025550105#"])
def test_any_form_of_a_telephone_number_is_looked_up_as_one(keys: str) -> None:
    talk = Conversation(PHONES)
    talk.caller.keys(keys)
    assert talk.errand == IdentifyCaller(1, "phone_number", "+12025550105")


def test_a_spoken_telephone_number_is_looked_up_too() -> None:
    talk = Conversation(PHONES)
    talk.caller.says("two oh two five five five oh one oh five")
    assert talk.errand == IdentifyCaller(1, "phone_number", "+12025550105")
    talk.back_end.finds()
    assert (talk.call.customer, talk.call.identified_by) == (ADA, "phone_number")


def test_what_can_be_no_telephone_number_is_not_understood_and_no_try() -> None:
    talk = Conversation(PHONES)
    talk.caller.keys("9999999#")
    assert talk.says == [Say("phone_number.no_match", 1, general="phone")]
    assert (talk.call.failures, talk.count(Noted.IDENTIFY_RESULT)) == ((), 0)


def test_spoken_it_is_not_understood_either() -> None:
    talk = Conversation(PHONES)
    talk.caller.says("nine nine nine nine nine nine nine")
    assert talk.says == [Say("phone_number.no_match", 1, general="phone")]
    assert talk.call.authenticating.tally.speech_failures == 1


def test_too_few_digits_are_continued() -> None:
    talk = Conversation(PHONES)
    talk.caller.keys("202#")
    assert talk.hears == ["phone_number.more"]
    talk.caller.keys("5550105#")
    assert talk.errand == IdentifyCaller(1, "phone_number", "+12025550105")


def test_a_telephone_number_is_read_back_as_it_was_given() -> None:
    talk = Conversation(replace(PHONES, secrets=()))
    talk.caller.says("oh one one four five three three one two four five six seven")
    assert talk.hears == ["phone_number.confirm"]
    heard = talk.call.authenticating.heard
    assert heard is not None
    assert heard.value == "0114533124567"
    talk.caller.says("yes")
    assert talk.errand == IdentifyCaller(1, "phone_number", "+4533124567")


def test_several_behind_a_telephone_number_are_told_apart() -> None:
    talk = Conversation(replace(APART, identifiers=(PHONE_NUMBER,)))
    talk.caller.keys("2025550105#")
    talk.back_end.finds_several("account_ending")
    talk.caller.keys("9238")
    assert talk.errand == IdentifyCaller(2, "account_ending", "9238", Among("phone_number", "+12025550105"))
