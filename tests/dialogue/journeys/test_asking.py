"""Which prompt, by keys or speech, and when it is enough."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ACCOUNT, ACCOUNT_SAID, BILLING, PARCELS, Conversation
from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Stage
from voicebot.dialogue.collect import YES_KEY
from voicebot.dialogue.forms import Limits
from voicebot.dialogue.journeys.asking import may_listen
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.spoken import Digits
from voicebot.dialogue.values import Hearing, Reason, Shape

PATIENT = replace(BILLING, limits=Limits(99, no_input=99, no_match=99, short=99, back_end_down=99, speech_failures=99))


def test_a_question_takes_speech_and_keys() -> None:
    ask = Conversation().ask
    assert (ask.listen, ask.shape, ask.keys.count, ask.secret, ask.field) == (
        True, Shape.parse("digits:8"), 8, False, "account_number",
    )  # fmt: skip


def test_a_secrets_question_says_that_it_is_one() -> None:
    assert Conversation().is_identified().ask.secret


def test_each_question_has_a_turn_of_its_own() -> None:
    talk = Conversation()
    talk.caller.is_silent()
    assert talk.ask.turn == 2


def test_an_identifier_is_read_back_digit_by_digit() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    assert talk.says == [Say("account_number.confirm", args=(("value", Digits(ACCOUNT)),))]
    assert (talk.ask.shape, talk.ask.keys.count, talk.ask.listen) == (Shape.parse("yesno:8"), 1, True)


def test_prompts_taper() -> None:
    talk = Conversation()
    talk.caller.is_silent()
    assert talk.says == [Say("account_number.no_input", 1)]
    talk.caller.is_silent()
    assert talk.says == [Say("account_number.no_input", 2)]


def test_after_two_failures_of_speech_the_field_goes_on_by_keypad_and_says_so() -> None:
    talk = Conversation()
    talk.caller.says("mumble", Hearing.REJECTED)
    assert talk.ask.listen
    talk.caller.says("mumble", Hearing.REJECTED)
    assert not talk.ask.listen
    assert talk.hears == ["account_number.keypad_only"]
    assert talk.facts(Noted.KEYPAD_ONLY) == {"field": "account_number"}


def test_what_was_read_back_wrongly_twice_goes_on_by_keypad() -> None:
    talk = Conversation()
    for said in (ACCOUNT_SAID, "four oh seven one nine two three nine"):
        talk.caller.says(said, Hearing.CONFIRM)
        talk.caller.says("no")
    assert not talk.ask.listen
    assert talk.hears == ["account_number.keypad_only"]


def test_a_read_back_whose_answer_is_not_understood_twice_goes_on_by_keypad() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.says("mumble", Hearing.REJECTED)
    talk.caller.says("mumble", Hearing.REJECTED)
    assert not talk.ask.listen
    assert talk.hears == ["account_number.confirm_keys"]
    talk.caller.keys(YES_KEY)
    assert talk.call.open_errand is not None


def test_keypad_only_stays_for_the_fields_after() -> None:
    talk = Conversation()
    talk.caller.says("mumble", Hearing.REJECTED)
    talk.caller.says("mumble", Hearing.REJECTED)
    talk.is_identified()
    assert not talk.ask.listen
    assert talk.hears == ["identified", "pin.ask_keys"]  # and is not invited to speak


def test_keys_that_are_not_understood_are_no_failure_of_speech() -> None:
    talk = Conversation(PATIENT)
    for _ in range(3):
        talk.caller.keys("123456789")
    assert talk.ask.listen


def test_a_field_is_asked_eight_times_then_by_keypad_then_an_agent_helps() -> None:
    talk = Conversation(PATIENT)
    for _ in range(7):
        talk.caller.says("help")
    assert talk.call.authenticating.tally.asks == 8
    assert talk.ask.listen
    talk.caller.says("help")
    assert not talk.ask.listen
    assert talk.hears == ["account_number.keypad_only"]
    talk.caller.keys("*")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NOT_UNDERSTOOD)


def test_by_keypad_a_field_is_asked_eight_times() -> None:
    talk = Conversation(PATIENT, keypad=True)
    for _ in range(7):
        talk.caller.keys("*")
    assert talk.stage is Stage.AUTHENTICATE
    talk.caller.keys("*")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NOT_UNDERSTOOD)


@pytest.mark.parametrize("keypad", [False, True])
def test_a_read_back_counts_as_a_question_too(keypad: bool) -> None:
    talk = Conversation(replace(PARCELS, limits=PATIENT.limits), keypad=keypad)
    talk.caller.keys("1234567890")
    for _ in range(6):
        talk.caller.keys("*")
    assert talk.call.authenticating.tally.asks == 8
    talk.caller.keys("*")
    if not keypad:
        assert (talk.hears, talk.ask.listen) == (["tracking_number.confirm_keys"], False)
        talk.caller.keys("*")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NOT_UNDERSTOOD)


def test_a_field_that_is_settled_gives_the_next_one_its_own_count() -> None:
    talk = Conversation(PATIENT)
    for _ in range(6):
        talk.caller.says("help")
    talk.is_identified()
    assert talk.call.authenticating.tally.asks == 1


@pytest.mark.parametrize(("keypad", "listens"), [(False, True), (True, False)])
def test_listening_needs_a_model(keypad: bool, listens: bool) -> None:
    assert may_listen(Conversation(keypad=keypad).call) is listens


# ---- a line that does not listen ---------------------------------------------------------------------------------


def test_on_a_line_for_keys_nobody_is_invited_to_speak() -> None:
    talk = Conversation(PARCELS, keypad=True)
    assert talk.hears[-1] == "tracking_number.ask_keys"
    talk.caller.is_silent()
    assert talk.hears == ["keys.no_input", "tracking_number.ask_keys"]
    talk.caller.is_silent()
    assert talk.says[0] == Say("keys.no_input", 2)
    talk.caller.keys("1234567890")
    assert talk.hears == ["tracking_number.confirm_keys"]
    talk.caller.keys("2")
    assert talk.hears == ["keys.no_match", "tracking_number.ask_keys"]
    talk.caller.keys("12#")
    assert talk.hears == ["tracking_number.more"]
