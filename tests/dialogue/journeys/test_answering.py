"""What keys, words and silence mean at a question."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    ACCOUNT_SAID,
    BILLING,
    OPEN_BOOK,
    PARCELS,
    PIN_KEYED,
    PIN_SAID,
    TWO_WAYS,
    Conversation,
)
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.actions import CheckSecret, IdentifyCaller, Say
from voicebot.dialogue.call import Stage, Tally
from voicebot.dialogue.forms import Limits
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.spoken import Digits
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Hearing, Modality, Reason

TRACKING_SAID = "one two three four five six seven eight nine oh"
OTHER_SAID = "four oh seven one nine two three nine"
NO_PRESSURE = replace(BILLING, limits=Limits(no_match=9, speech_failures=9))


def tally(talk: Conversation) -> Tally:
    return replace(talk.call.authenticating.tally, asks=0)


# ---- values ------------------------------------------------------------------------------------------------------


def test_a_keyed_number_is_looked_up_as_it_is() -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT + "#")
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)


def test_a_spoken_number_that_is_surely_heard_is_looked_up_where_a_secret_will_follow() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID)
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)


def test_the_journal_knows_that_an_identifier_came_and_its_last_three_digits() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID)
    assert talk.facts(Noted.ENTERED) == {
        "turn": 1, "field": "account_number", "modality": "speech", "value": "•••••238", "verdict": "complete", "seconds": 0.4,
    }  # fmt: skip


@pytest.mark.parametrize("deed", ["keys", "says"])
def test_of_a_secret_the_journal_knows_only_that_it_came(deed: str) -> None:
    talk = Conversation().is_identified()
    talk.caller.keys(PIN_KEYED) if deed == "keys" else talk.caller.says(PIN_SAID)
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.secret.reveal() == PIN_KEYED
    assert talk.facts(Noted.ENTERED)["value"] == "•••"


def test_while_an_answer_is_checked_another_is_dropped() -> None:
    talk = Conversation()
    talk.caller.keys(ACCOUNT)
    before = talk.call
    talk.caller.keys("11111111")
    talk.caller.is_silent()
    talk.caller.says("agent")
    assert talk.call == before
    assert talk.count(Noted.DROPPED) == 3


# ---- reading back ------------------------------------------------------------------------------------------------


def test_after_a_no_what_the_ear_may_have_heard_instead_is_offered_but_nothing_that_was_denied() -> None:
    talk = Conversation()
    nine, five = "three oh seven one nine two three nine", "four oh seven one nine two three five"
    talk.caller.says("four oh seven one nine two three eight", Hearing.CONFIRM, rivals=(nine, "agent", nine))
    assert talk.hears == ["account_number.confirm"]
    talk.caller.says("no")
    assert talk.call.authenticating.heard is not None
    assert talk.call.authenticating.heard.value == "30719239"
    talk.caller.says("no")
    assert talk.hears == ["account_number.no_match"]
    talk.caller.says(five, Hearing.CONFIRM, rivals=(nine, five))
    assert talk.call.authenticating.heard is not None
    assert (talk.call.authenticating.heard.value, talk.call.authenticating.heard.others) == ("40719235", ())


def test_a_doubtful_identifier_is_read_back() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    assert talk.hears == ["account_number.confirm"]
    assert talk.facts(Noted.ENTERED)["verdict"] == "to_confirm"


def test_a_spoken_identifier_without_a_secret_on_the_line_is_always_read_back() -> None:
    talk = Conversation(OPEN_BOOK)
    talk.caller.says(ACCOUNT_SAID, Hearing.ACCEPTED)
    assert talk.hears == ["account_number.confirm"]


def test_a_keyed_identifier_without_a_secret_on_the_line_is_not_read_back() -> None:
    talk = Conversation(OPEN_BOOK)
    talk.caller.keys(ACCOUNT)
    assert talk.does(IdentifyCaller)


@pytest.mark.parametrize("deed", ["keys", "says"])
def test_a_field_that_is_always_read_back_is_read_back_however_it_came(deed: str) -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890") if deed == "keys" else talk.caller.says(TRACKING_SAID)
    assert talk.hears == ["tracking_number.confirm"]


def test_a_spoken_field_that_is_always_read_back_is_so_even_before_a_secret() -> None:
    talk = Conversation(replace(BILLING, identifiers=PARCELS.identifiers))
    talk.caller.says(TRACKING_SAID)
    assert talk.hears == ["tracking_number.confirm"]


@pytest.mark.parametrize("yes", ["keys", "says"])
def test_a_yes_sends_what_was_read_back_and_remembers_how_it_had_come(yes: str) -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.keys("1") if yes == "keys" else talk.caller.says("yes")
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)
    talk.back_end.finds()
    assert talk.call.evidence[-1].modality is Modality.SPEECH


@pytest.mark.parametrize("no", ["keys", "says"])
def test_a_no_asks_again_and_is_no_try(no: str) -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.keys("2") if no == "keys" else talk.caller.says("no")
    assert talk.hears == ["account_number.no_match"]
    assert tally(talk) == Tally(no_match=1, speech_failures=1)
    assert talk.call.failures == ()


def test_a_no_to_what_was_keyed_is_no_failure_of_speech() -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890")
    talk.caller.says("no")
    assert tally(talk) == Tally(no_match=1)


def test_a_value_that_the_caller_denied_is_never_offered_again() -> None:
    talk = Conversation(NO_PRESSURE)
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.says("no")
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    assert talk.hears == ["account_number.no_match"]
    talk.caller.says(OTHER_SAID, Hearing.CONFIRM)
    assert talk.hears == ["account_number.confirm"]


def test_of_several_readings_the_best_that_was_not_denied_is_offered() -> None:
    talk = Conversation(NO_PRESSURE)
    words = "one one two two no two three three four four no four five five"  # every "no" may replace more or less
    shape, offered = talk.ask.shape, []
    for _ in range(2):
        talk.caller.says(words, Hearing.CONFIRM)
        offered += talk.says
        talk.caller.says("no")
    assert offered == [
        Say("account_number.confirm", args=(("value", Digits(reading)),))
        for reading in understand(words, shape, BILLING.grammar).digits[:2]
    ]
    assert offered[0] != offered[1]


def test_a_doubtful_secret_is_never_read_back_but_asked_again() -> None:
    talk = Conversation().is_identified()
    talk.caller.says(PIN_SAID, Hearing.CONFIRM)
    assert talk.hears == ["pin.no_match"]
    assert talk.facts(Noted.ENTERED)["verdict"] == "doubtful"
    assert talk.call.open_errand is None
    assert talk.call.authenticating.heard is None


@pytest.mark.parametrize("doubt", [Hearing.CONFIRM, Hearing.REJECTED])
@pytest.mark.parametrize("word", ["yes", "no", "agent"])
def test_a_command_that_the_ear_does_not_stand_for_is_not_obeyed(doubt: Hearing, word: str) -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.says(word, doubt)
    assert talk.hears == ["account_number.confirm"]
    assert talk.call.open_errand is None


@pytest.mark.parametrize("words", [ACCOUNT_SAID, "four", "[unk]", ""])
def test_words_that_the_ear_rejects_are_not_understood(words: str) -> None:
    talk = Conversation()
    talk.caller.says(words, Hearing.REJECTED)
    assert talk.hears == ["account_number.no_match"]
    assert tally(talk) == Tally(no_match=1, speech_failures=1)


IN_NUMBERS = replace(BILLING, grammar=load_grammar(Path(__file__).resolve().parents[3] / "grammars" / "en.toml"))


def test_a_number_said_so_that_it_has_one_meaning_of_the_right_length_is_taken() -> None:
    talk = Conversation(IN_NUMBERS)
    talk.caller.says("forty seventy one ninety two thirty eight")
    assert talk.errand == IdentifyCaller(1, "account_number", "40719238")


def test_a_number_that_can_mean_several_is_read_back_however_surely_it_was_heard() -> None:
    talk = Conversation(IN_NUMBERS)
    talk.caller.says("twenty three forty five six seven eight")  # 20345678 or 23405678
    assert talk.hears == ["account_number.confirm"]


def test_a_secret_that_can_mean_several_is_asked_again() -> None:
    talk = Conversation(IN_NUMBERS).is_identified()
    talk.caller.says("twenty three forty five six")  # 234056 or 203456
    assert talk.hears == ["pin.no_match"]
    talk.caller.says("twenty three forty five sixty seven")
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.secret.reveal() == "234567"


# ---- keys against speech -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["4", "49", PIN_KEYED, "0", "*"])
@pytest.mark.parametrize("seconds", [0.0, 1.6])
def test_keys_within_two_seconds_of_speech_that_won_are_dropped_and_the_question_asked_again_at_no_cost(
    keys: str, seconds: float
) -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID)
    talk.back_end.finds()  # 0.3 s
    before = talk.call.authenticating.tally
    talk.caller.keys(keys, after=seconds)
    assert talk.hears == ["pin.again"]
    assert talk.call.authenticating.tally == before
    assert talk.count(Noted.DROPPED) == 1
    assert talk.call.open_errand is None


def test_after_two_seconds_keys_are_taken() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID)
    talk.back_end.finds()
    talk.caller.keys(PIN_KEYED, after=1.8)
    assert talk.does(CheckSecret)


@pytest.mark.parametrize("words", ["mumble", "help", "repeat", "four oh seven"])
def test_speech_that_won_a_turn_without_a_value_drops_the_rest_of_the_keys_too(words: str) -> None:
    talk = Conversation()
    talk.caller.says(words)
    talk.caller.keys("238", after=1.0)
    assert talk.hears == ["account_number.again"]
    assert talk.count(Noted.DROPPED) == 1


def test_speech_that_passes_on_to_another_field_drops_the_rest_of_the_keys_too() -> None:
    talk = Conversation(TWO_WAYS)
    talk.caller.says("i don't have it")
    talk.caller.keys("23", after=1.0)
    assert talk.hears == ["customer_id.again"]


def test_keys_after_a_yes_by_key_are_meant_however_the_value_had_come() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.keys("1")
    talk.back_end.finds()
    talk.caller.keys(PIN_KEYED, after=1.0)
    assert talk.does(CheckSecret)


def test_keys_with_a_spoken_yes_are_dropped_although_the_value_was_keyed() -> None:
    talk = Conversation(replace(BILLING, identifiers=PARCELS.identifiers))
    talk.caller.keys("1234567890")
    talk.caller.says("yes")
    talk.back_end.finds()
    talk.caller.keys("1", after=0.5)
    assert talk.hears == ["pin.again"]


@pytest.mark.parametrize("tail", ["38", "9238", ACCOUNT])
def test_a_tail_of_the_number_just_heard_is_dropped_however_late(tail: str) -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID)
    talk.back_end.finds()
    talk.caller.keys(tail + "#", after=20)
    assert talk.hears == ["pin.again"]
    assert talk.call.authenticating.tally.short == 0


def test_a_tail_that_is_keyed_again_is_taken() -> None:
    talk = Conversation()
    talk.caller.says("four nine four nine three eight one seven")  # an account number that ends like the PIN
    talk.back_end.finds()
    talk.caller.keys(PIN_KEYED)
    talk.caller.keys(PIN_KEYED)
    assert talk.does(CheckSecret)


def test_a_number_keyed_after_it_was_heard_is_not_held_against_the_next_answer() -> None:
    talk = Conversation()
    talk.caller.says("four nine four nine three eight one seven")
    talk.back_end.finds_nobody()
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds()
    talk.caller.keys(PIN_KEYED)
    assert talk.does(CheckSecret)


def test_a_read_back_takes_no_single_key_in_the_two_seconds_after_speech() -> None:
    """Each key of somebody who speaks and keys at once would be an answer of its own."""
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    before = talk.call.authenticating.tally
    for key in "1219":
        talk.caller.keys(key, after=0.5)
        assert talk.hears == ["account_number.confirm"]
    assert talk.call.authenticating.tally == before
    assert talk.count(Noted.DROPPED) == 4
    talk.caller.keys("1", after=0.5)
    assert talk.does(IdentifyCaller)


def test_a_drop_costs_nothing_even_at_the_last_question() -> None:
    talk = Conversation(replace(BILLING, limits=Limits(asks=1, no_match=9, speech_failures=9)))
    talk.caller.says("mumble")
    assert not talk.ask.listen  # the one question more, by keypad
    talk.caller.keys("238", after=1.0)
    assert talk.stage is Stage.AUTHENTICATE
    assert talk.hears == ["keys.again", "account_number.ask_keys"]


# ---- short entries -----------------------------------------------------------------------------------------------


def test_a_short_identifier_is_continued_and_is_no_try() -> None:
    talk = Conversation()
    talk.caller.keys("407#")
    assert talk.hears == ["account_number.more"]
    assert talk.ask.keys.count == 5
    assert tally(talk) == Tally(short=1)
    talk.caller.keys("19238")
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)
    assert talk.call.failures == ()


def test_a_short_identifier_can_be_given_up_with_a_star() -> None:
    talk = Conversation()
    talk.caller.keys("999#")
    talk.caller.keys("*")
    assert (talk.hears, talk.ask.keys.count) == (["account_number.ask"], 8)
    talk.caller.keys(ACCOUNT)
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)


def test_a_short_identifier_does_not_mix_with_what_is_said_after_it() -> None:
    talk = Conversation()
    talk.caller.keys("407#")
    talk.caller.says("help")
    assert talk.ask.keys.count == 8
    talk.caller.keys(ACCOUNT)
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)


def test_silence_after_a_short_identifier_leaves_it_short() -> None:
    talk = Conversation()
    talk.caller.keys("407#")
    talk.caller.is_silent()
    assert talk.says[0].prompt_id == "account_number.more"
    assert tally(talk) == Tally(short=2)


def test_a_short_secret_starts_again_and_is_no_try() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys("493#")
    assert talk.hears == ["pin.short"]
    assert talk.ask.keys.count == 6
    assert tally(talk) == Tally(short=1)
    talk.caller.keys("817#")
    assert talk.hears == ["pin.short"]
    assert not talk.does(CheckSecret)


def test_nothing_of_a_short_secret_stays_behind() -> None:
    talk = Conversation().is_identified()
    talk.caller.keys("493#")
    assert "493" not in str(talk.call.to_dict())
    assert talk.facts(Noted.ENTERED)["value"] == ""


@pytest.mark.parametrize("field", ["account_number", "pin"])
def test_a_number_that_was_surely_said_too_short_starts_again(field: str) -> None:
    talk = Conversation() if field == "account_number" else Conversation().is_identified()
    talk.caller.says("four oh seven")
    assert talk.hears == [f"{field}.short"]
    assert tally(talk) == Tally(short=1, speech_failures=1)
    assert talk.call.authenticating.prefix == ""


def test_three_short_entries_lead_to_an_agent() -> None:
    talk = Conversation().is_identified()
    for _ in range(3):
        talk.caller.keys("49#")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NOT_UNDERSTOOD)
    assert talk.call.failures == ()


# ---- empty terminators and silence -------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.1, 2.0])
def test_an_empty_terminator_right_after_a_new_question_is_ignored_and_the_question_is_heard_in_full(seconds: float) -> None:
    talk = Conversation().is_identified()
    before = talk.call.authenticating
    talk.caller.presses_terminator(after=seconds)
    assert talk.hears == ["identified", "pin.ask"]
    assert (talk.ask.turn, talk.ask.extension) == (2, 1)
    assert talk.call.authenticating == before


def test_an_empty_terminator_later_is_silence() -> None:
    talk = Conversation().is_identified()
    talk.caller.presses_terminator(after=2.1)
    assert talk.hears == ["pin.no_input"]


def test_a_terminator_that_reaches_a_read_back_as_a_key_is_ignored_too() -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890")
    talk.caller.keys("#", after=0.5)
    assert talk.hears == ["tracking_number.confirm"]
    assert (talk.ask.turn, talk.ask.extension) == (2, 1)
    talk.caller.keys("#", after=5)
    assert tally(talk) == Tally(no_input=1)


def test_a_question_is_not_held_open_by_terminators_for_ever() -> None:
    talk = Conversation().is_identified()
    for _ in range(4):
        talk.caller.presses_terminator(after=0.1)
    assert talk.hears == ["pin.no_input"]


def test_while_the_caller_speaks_the_question_is_held_open_in_silence_three_times_at_most() -> None:
    talk = Conversation()
    for extension in (1, 2, 3):
        talk.caller.is_silent(speaking=True)
        assert (talk.ask.turn, talk.ask.extension, talk.ask.say) == (1, extension, ())
    talk.caller.is_silent(speaking=True)
    assert (talk.ask.turn, talk.ask.extension) == (2, 0)
    assert tally(talk) == Tally(no_input=1)


def test_each_question_has_its_own_three_extensions() -> None:
    talk = Conversation()
    for _ in range(4):
        talk.caller.is_silent(speaking=True)
    talk.caller.is_silent(speaking=True)
    assert (talk.ask.turn, talk.ask.extension) == (2, 1)


def test_what_is_said_while_the_question_is_held_open_is_its_answer() -> None:
    talk = Conversation()
    talk.caller.is_silent(speaking=True)
    talk.caller.says(ACCOUNT_SAID)
    assert talk.does(IdentifyCaller)


def test_three_silences_lead_to_an_agent() -> None:
    talk = Conversation()
    for _ in range(3):
        talk.caller.is_silent()
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NO_ANSWER)
    assert talk.count(Noted.SILENT) == 3


def test_three_entries_that_are_no_number_lead_to_an_agent() -> None:
    talk = Conversation()
    for _ in range(3):
        talk.caller.keys("123456789")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NOT_UNDERSTOOD)
    assert talk.call.failures == ()


def test_every_kind_of_trouble_has_its_own_counter() -> None:
    talk = Conversation(replace(BILLING, limits=Limits(asks=99)))
    for _ in range(2):
        talk.caller.is_silent()
        talk.caller.keys("123456789")
        talk.caller.keys("407#")
        talk.caller.keys("*")
        talk.caller.keys("11111111")
        talk.back_end.finds_nobody()
    assert talk.stage is Stage.AUTHENTICATE
    assert tally(talk) == Tally(rejected=2, no_input=2, no_match=2, short=2)


# ---- commands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["key", "word"])
def test_who_wants_an_agent_gets_one_and_the_agent_knows(deed: str) -> None:
    talk = Conversation()
    talk.caller.keys("0") if deed == "key" else talk.caller.says("agent")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.ASKED_FOR_AGENT)
    assert talk.facts(Noted.COMMANDED)["command"] == "agent"


@pytest.mark.parametrize("deed", ["key", "word"])
def test_a_read_back_lets_the_caller_ask_for_an_agent_too(deed: str) -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890")
    talk.caller.keys("0") if deed == "key" else talk.caller.says("agent")
    assert talk.call.reason is Reason.ASKED_FOR_AGENT


def test_a_star_alone_repeats_the_question() -> None:
    talk = Conversation()
    talk.caller.keys("*")
    assert talk.hears == ["account_number.ask"]
    assert tally(talk) == Tally()


def test_a_star_clears_what_was_keyed_before_it() -> None:
    talk = Conversation()
    talk.caller.keys(f"999*{ACCOUNT}")
    assert talk.errand == IdentifyCaller(1, "account_number", ACCOUNT)


@pytest.mark.parametrize(("word", "prompt"), [("repeat", "ask"), ("help", "help"), ("start again", "ask")])
def test_words_that_ask_for_the_question_get_it_at_no_cost_but_the_question(word: str, prompt: str) -> None:
    talk = Conversation()
    talk.caller.says(word)
    assert talk.hears == [f"account_number.{prompt}"]
    assert tally(talk) == Tally()


@pytest.mark.parametrize("word", ["repeat", "help"])
def test_a_read_back_stays_a_read_back_when_it_is_asked_for(word: str) -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890")
    talk.caller.says(word)
    assert talk.hears == ["tracking_number.confirm"]


def test_starting_again_at_a_read_back_asks_the_field_anew() -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890")
    talk.caller.says("start again")
    assert talk.hears == ["tracking_number.ask"]


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_yes_or_no_where_none_was_asked_is_not_understood(word: str) -> None:
    talk = Conversation()
    talk.caller.says(word)
    assert talk.hears == ["account_number.no_match"]


def test_a_key_that_is_neither_yes_nor_no_and_begins_no_number_reads_back_again() -> None:
    talk = Conversation(PARCELS)
    talk.caller.keys("1234567890")
    talk.caller.keys("7*")
    assert talk.hears == ["tracking_number.confirm"]
    talk.caller.keys("77")
    assert talk.hears == ["tracking_number.confirm"]
    assert tally(talk) == Tally(no_match=1)


def test_who_does_not_know_the_secret_goes_on_without_it() -> None:
    talk = Conversation().is_identified()
    talk.caller.says("i don't have it")
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, Reason.NO_SECRET)


def test_a_star_in_a_pin_spills_its_last_keys_into_the_next_entry_and_costs_no_try() -> None:
    talk = Conversation(keypad=True).is_identified()
    talk.caller.keys("12*493")  # the sixth key ended it, and 817 follows
    assert talk.hears == ["pin.short"]
    assert talk.ask.keys.count is None
    talk.caller.keys("817493817")
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.secret.reveal() == "493817"


def test_a_pin_that_is_keyed_whole_after_a_star_is_taken_as_it_is() -> None:
    talk = Conversation(keypad=True).is_identified()
    talk.caller.keys("12*493")
    talk.caller.keys("817#")
    assert talk.hears == ["pin.short"]
    talk.caller.keys("493817#")
    assert isinstance(talk.errand, CheckSecret)
    assert talk.errand.secret.reveal() == "493817"


def test_a_number_that_was_denied_may_be_keyed_afterwards() -> None:
    talk = Conversation(PARCELS)
    talk.caller.says("five five zero two seven one six three eight four")
    talk.caller.says("no")
    talk.caller.keys("5502716384")
    assert talk.count(Noted.DROPPED) == 0
