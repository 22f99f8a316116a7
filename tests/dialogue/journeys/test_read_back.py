"""A number is read back in the caller's own parts, and put right as people put it right."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.dialogue.conversation import ACCOUNT_ENDING, BILLING, METERS, OPEN_BOOK, PHONE_NUMBER, Conversation
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.actions import IdentifyCaller, Say
from voicebot.dialogue.call import Tally
from voicebot.dialogue.forms import FieldPlan, Limits
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.spoken import Day, Digits
from voicebot.dialogue.values import Hearing, Modality, Shape

ENGLISH = load_grammar(Path(__file__).resolve().parents[3] / "grammars" / "en.toml")
PATIENT = Limits(no_match=9, speech_failures=9)
BOOK = replace(OPEN_BOOK, grammar=ENGLISH, limits=PATIENT)
PHONES = replace(BOOK, identifiers=(PHONE_NUMBER,))
SAID = "four oh seven one dash nine two three eight"


def offered(talk: Conversation) -> Digits:
    """What is read back."""
    (say,) = talk.says
    assert say.prompt_id.endswith(".confirm")
    value = dict(say.args)["value"]
    assert isinstance(value, Digits)
    return value


def tally(talk: Conversation) -> Tally:
    return replace(talk.call.authenticating.tally, asks=0)


def test_a_number_is_read_back_in_the_parts_in_which_it_was_said() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    assert offered(talk) == Digits("40719238", (4, 4))


def test_a_telephone_number_is_read_back_as_its_country_writes_it_unless_the_caller_parted_it() -> None:
    talk = Conversation(PHONES)
    talk.caller.says("two oh two five five five oh one four four")
    assert offered(talk) == Digits("2025550144", (3, 3, 4))
    talk.caller.says("no two oh two dash five five five oh one four five")
    assert offered(talk) == Digits("2025550145", (3, 3, 4))


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("no the last one is seven", "40719237"),
        ("five not nine", "40715238"),
        ("not nine five", "40715238"),
        ("four oh seven two", "40729238"),
        ("no nine two four eight", "40719248"),
        ("four oh seven one nine two three nine", "40719239"),
    ],
)
def test_what_is_put_right_is_read_back_anew_in_the_same_parts_and_is_no_try(words: str, digits: str) -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.says(words)
    assert offered(talk) == Digits(digits, (4, 4))
    assert tally(talk) == Tally(speech_failures=1)
    assert talk.facts(Noted.ENTERED)["verdict"] == "to_confirm"
    talk.caller.says("yes")
    assert talk.errand == IdentifyCaller(1, "account_number", digits)
    talk.back_end.finds()
    assert (talk.call.evidence[-1].modality, talk.call.evidence[-1].attempts) == (Modality.SPEECH, 1)


def test_what_was_keyed_can_be_put_right_by_voice_and_no_speech_had_failed() -> None:
    talk = Conversation(replace(BOOK, identifiers=(replace(BILLING.identifiers[0], always_read_back=True),)))
    talk.caller.keys("40719238")
    talk.caller.says("no the last two are five five")
    assert offered(talk) == Digits("40719255")
    assert tally(talk) == Tally()


def test_the_value_that_was_put_right_is_not_offered_again() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.says("no the last one is seven")
    talk.caller.says("no the last one is eight")
    assert talk.hears == ["account_number.no_match"]  # it was denied before; so the whole number is asked


def test_a_correction_that_the_ear_does_not_stand_for_changes_nothing() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.says("no the last one is seven", Hearing.CONFIRM)
    assert offered(talk) == Digits("40719238", (4, 4))


def test_a_correction_that_cannot_be_right_is_a_mere_no() -> None:
    talk = Conversation(replace(METERS, grammar=ENGLISH, limits=PATIENT, secrets=()))
    talk.caller.says("one two three four five six seven four")
    assert offered(talk) == Digits("12345674")
    talk.caller.says("no the last one is five")
    assert talk.hears == ["meter.no_match"]


def test_of_what_can_be_meant_the_next_is_offered_after_a_no() -> None:
    talk = Conversation(BOOK)
    talk.caller.says("twenty three forty five six seven eight")
    first = offered(talk).digits
    talk.caller.says("no")
    second = offered(talk).digits
    assert {first, second} == {"20345678", "23405678"}
    assert tally(talk) == Tally()
    talk.caller.keys("2")
    assert talk.hears == ["account_number.no_match"]


def test_a_place_alone_asks_for_what_stands_there() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.says("the last four are wrong")
    assert (talk.hears, talk.ask.keys.count) == (["account_number.part_last"], 4)


def test_start_again_asks_for_the_whole_number() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.says("start again")
    assert talk.hears == ["account_number.ask"]


def test_a_date_that_was_said_is_read_back_as_one_and_put_right_by_asking_again() -> None:
    birthday = FieldPlan("birthday", Shape.parse("date:past"))
    talk = Conversation(replace(BOOK, identifiers=(birthday,)))
    talk.caller.says("march fifth eighty", Hearing.CONFIRM)
    assert talk.says == [Say("birthday.confirm", args=(("value", Day("1980-03-05")),), general="date")]
    talk.caller.says("no the last one is seven")
    assert talk.hears == ["birthday.no_match"]
    talk.caller.keys("03061980")
    assert talk.errand == IdentifyCaller(1, "birthday", "1980-03-06")


def test_a_date_that_is_none_is_not_understood_and_no_try() -> None:
    birthday = FieldPlan("birthday", Shape.parse("date:past"))
    talk = Conversation(replace(BOOK, identifiers=(birthday, ACCOUNT_ENDING)))
    talk.caller.keys("02301980")
    assert talk.says == [Say("birthday.no_match", general="date")]
    assert tally(talk) == Tally(no_match=1)


def test_a_secret_is_never_read_back_and_never_put_right() -> None:
    talk = Conversation(replace(BILLING, grammar=ENGLISH, limits=PATIENT)).is_identified()
    talk.caller.says("four nine three eight one seven", Hearing.CONFIRM)
    talk.caller.says("five not nine")
    assert talk.hears == ["pin.no_match"]
    assert talk.call.authenticating.heard is None


# ---- keyed instead -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entries", [["40719237#"], ["4", "0719237"], ["4", "0719237#"]])
def test_a_number_that_is_keyed_while_another_is_read_back_takes_its_place(entries: list[str]) -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    for keys in entries:
        talk.caller.keys(keys)
    assert talk.errand == IdentifyCaller(1, "account_number", "40719237")
    assert talk.call.authenticating.denied == ("40719238",)
    assert tally(talk) == Tally()
    talk.back_end.finds()
    assert talk.call.evidence[-1].modality is Modality.KEYPAD


def test_the_first_key_of_a_number_is_followed_by_silence_for_the_others() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.keys("4")
    assert talk.hears == []
    assert talk.ask.keys.count == 7
    talk.caller.says("yes")  # it was a slip of the finger
    assert talk.errand == IdentifyCaller(1, "account_number", "40719238")


def test_where_the_rest_does_not_come_or_was_lost_the_number_is_read_back_again() -> None:
    talk = Conversation(BOOK)
    talk.caller.says(SAID)
    talk.caller.keys("4")
    talk.caller.is_silent()
    assert offered(talk) == Digits("40719238", (4, 4))
    assert tally(talk) == Tally(no_input=1)
    talk.caller.keys("4")
    talk.caller.keys("07192#")
    assert offered(talk) == Digits("40719238", (4, 4))
    assert tally(talk) == Tally(no_input=1, no_match=1)
    talk.caller.keys("4")
    talk.caller.keys("07*1923")
    assert offered(talk) == Digits("40719238", (4, 4))
    talk.caller.keys("1")
    assert talk.errand == IdentifyCaller(1, "account_number", "40719238")


def test_the_same_number_keyed_again_is_a_yes() -> None:
    talk = Conversation(replace(BOOK, identifiers=(replace(BILLING.identifiers[0], always_read_back=True),)))
    talk.caller.says(SAID)
    talk.caller.keys("40719238", after=30)
    talk.caller.keys("40719238", after=30)
    assert talk.errand == IdentifyCaller(1, "account_number", "40719238")
    assert talk.call.authenticating.denied == ()


def test_what_is_keyed_instead_is_read_back_where_all_is_and_its_check_digit_counts() -> None:
    talk = Conversation(replace(BOOK, identifiers=(replace(BILLING.identifiers[0], always_read_back=True),)))
    talk.caller.says(SAID)
    talk.caller.keys("40719237")
    assert offered(talk) == Digits("40719237")
    talk = Conversation(replace(METERS, grammar=ENGLISH, limits=PATIENT, secrets=()))
    talk.caller.says("one two three four five six seven four")
    talk.caller.keys("12345675")
    assert talk.hears == ["meter.mistyped"]


def test_a_number_of_one_digit_cannot_be_keyed_instead() -> None:
    talk = Conversation(replace(BOOK, identifiers=(FieldPlan("door", Shape.parse("digits:1")),)))
    talk.caller.says("five")
    talk.caller.keys("7")
    assert offered(talk) == Digits("5")
    assert tally(talk) == Tally(no_match=1)
