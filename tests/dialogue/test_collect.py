"""What keys mean, and when they belong to the question before."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.conversation import NOON
from voicebot.dialogue.call import Authenticating
from voicebot.dialogue.collect import Keyed, Took, is_empty, key_plan, masked, read_keys, second_thought, won_by_speech
from voicebot.dialogue.values import LONGEST_DIGITS, Shape

EIGHT, THREE_TO_TEN, ONE = Shape.parse("digits:8"), Shape.parse("digits:3-10"), Shape.parse("digits:1")
YES_NO = Shape.parse("yesno")


@pytest.mark.parametrize(
    ("keys", "shape", "prefix", "meaning"),
    [
        ("40719238", EIGHT, "", Keyed(Took.COMPLETE, "40719238")),
        ("40719238#", EIGHT, "", Keyed(Took.COMPLETE, "40719238")),
        ("00000000", EIGHT, "", Keyed(Took.COMPLETE, "00000000")),
        ("407#", EIGHT, "", Keyed(Took.SHORT, "407")),
        ("19238", EIGHT, "407", Keyed(Took.COMPLETE, "40719238")),
        ("19#", EIGHT, "407", Keyed(Took.SHORT, "40719")),
        ("0#", EIGHT, "407", Keyed(Took.SHORT, "4070")),
        ("407192381", EIGHT, "", Keyed(Took.NO_MATCH)),
        ("407", THREE_TO_TEN, "", Keyed(Took.COMPLETE, "407")),
        ("0", EIGHT, "", Keyed(Took.AGENT)),
        ("0#", EIGHT, "", Keyed(Took.AGENT)),
        ("407*0", EIGHT, "", Keyed(Took.AGENT)),
        ("0", ONE, "", Keyed(Took.COMPLETE, "0")),
        ("*", EIGHT, "", Keyed(Took.REPEAT)),
        ("*#", EIGHT, "407", Keyed(Took.REPEAT)),
        ("407*", EIGHT, "", Keyed(Took.REPEAT)),
        ("999*40719238", EIGHT, "", Keyed(Took.COMPLETE, "40719238")),
        ("9*8*40719238#", EIGHT, "", Keyed(Took.COMPLETE, "40719238")),
        ("*40719238", EIGHT, "999", Keyed(Took.COMPLETE, "40719238")),
        ("*407#", EIGHT, "999", Keyed(Took.SHORT, "407")),
        ("1", YES_NO, "", Keyed(Took.YES)),
        ("2", YES_NO, "", Keyed(Took.NO)),
        ("0", YES_NO, "", Keyed(Took.AGENT)),
        ("*", YES_NO, "", Keyed(Took.REPEAT)),
        ("7", YES_NO, "", Keyed(Took.NO_MATCH)),
        ("12", YES_NO, "", Keyed(Took.NO_MATCH)),
    ],
)
def test_keys_mean(keys: str, shape: Shape, prefix: str, meaning: Keyed) -> None:
    assert read_keys(keys, shape, prefix) == meaning


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 8))
def test_a_number_keyed_in_two_pieces_is_the_number(number: str, at: int) -> None:
    assert read_keys(number[at:] + "#", EIGHT, number[:at]) == Keyed(Took.COMPLETE, number)


@given(st.text("0123456789*#", min_size=1, max_size=30), st.integers(1, 24), st.integers(1, 24))
def test_only_what_fits_is_ever_complete(keys: str, one: int, other: int) -> None:
    shape = Shape.parse(f"digits:{min(one, other)}-{max(one, other)}")
    keyed = read_keys(keys, shape)
    assert (keyed.took is Took.COMPLETE) == shape.fits(keyed.digits)


def test_a_known_length_ends_the_entry_by_itself() -> None:
    assert (key_plan(EIGHT).count, key_plan(EIGHT).terminator) == (8, "#")


def test_the_rest_of_a_short_entry_is_gathered_by_what_is_missing() -> None:
    assert key_plan(EIGHT, "407").count == 5


def test_a_yes_or_no_is_one_key_and_needs_no_terminator() -> None:
    assert (key_plan(YES_NO).count, key_plan(YES_NO).terminator) == (1, "")


@pytest.mark.parametrize("shape", [EIGHT, THREE_TO_TEN, YES_NO])
def test_every_question_ends_within_ten_seconds_of_silence(shape: Shape) -> None:
    assert key_plan(shape).timeout <= 10


@pytest.mark.parametrize(("keys", "empty"), [("#", True), ("##", True), ("1#", False), ("*", False)])
def test_a_terminator_alone_is_no_entry(keys: str, empty: bool) -> None:
    assert is_empty(keys) is empty


# ---- keys that belong to the question before ---------------------------------------------------------------------

HEARD = Authenticating(speech_won_at=NOON, speech_won="40719238", prefix="")



def dropped(keys: str, seconds: float, state: Authenticating = HEARD) -> bool:
    return second_thought(keys, state, NOON + timedelta(seconds=seconds)) is not None


@pytest.mark.parametrize("keys", ["4", "0", "*", "493817", "493817#"])
@pytest.mark.parametrize("seconds", [0.0, 1.0, 2.0])
def test_any_keys_within_two_seconds_of_speech_are_dropped(keys: str, seconds: float) -> None:
    assert dropped(keys, seconds)


def test_keys_after_two_seconds_are_meant() -> None:
    assert not dropped("493817", 2.001)


@pytest.mark.parametrize("keys", ["38", "238#", "9238", "40719238", "40719238#"])
def test_a_tail_of_what_was_heard_is_dropped_however_late(keys: str) -> None:
    assert dropped(keys, 30)


@pytest.mark.parametrize("keys", ["8", "37", "4071", "140719238"])
def test_what_is_no_tail_of_at_least_two_digits_is_meant(keys: str) -> None:
    assert not dropped(keys, 30)


def test_a_tail_that_is_keyed_again_is_meant() -> None:
    state = second_thought("9238", HEARD, NOON + timedelta(seconds=30))
    assert state is not None
    assert not dropped("9238", 31, state)


def test_all_keys_of_the_two_seconds_are_dropped_not_only_the_first() -> None:
    state = second_thought("1", HEARD, NOON + timedelta(seconds=0.5))
    assert state is not None
    assert dropped("2", 1.5, state)


def test_without_speech_nothing_is_dropped() -> None:
    assert not dropped("9238", 0, Authenticating())


def test_speech_that_wins_a_turn_voids_the_keys_before_it() -> None:
    state = won_by_speech(Authenticating(prefix="407"), NOON)
    assert (state.prefix, state.speech_won_at) == ("", NOON)


# ---- masks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "mask"), [("40719238", "•••••238"), ("4071", "•••1"), ("407", "•••"), ("4", "•"), ("", "")]
)
def test_an_identifier_shows_its_last_three_digits_at_most(value: str, mask: str) -> None:
    assert masked(value, secret=False) == mask


@given(st.text("0123456789", min_size=1, max_size=LONGEST_DIGITS))
def test_a_mask_of_a_secret_is_the_same_for_all_secrets(value: str) -> None:
    assert masked(value, secret=True) == "•••"


@given(st.text("0123456789", min_size=1, max_size=LONGEST_DIGITS))
def test_a_mask_never_holds_the_value(value: str) -> None:
    assert value not in masked(value, secret=False)
