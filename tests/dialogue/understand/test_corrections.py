"""What was read back is put right as people put it right: a digit, a block, a place, or all of it."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.dialogue.understand.sayings import TONGUES
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import Correction, understand_correction
from voicebot.dialogue.understand.numerals import Reading
from voicebot.dialogue.values import Shape

GRAMMARS = Path(__file__).resolve().parents[3] / "grammars"
LANGUAGES = sorted(TONGUES)
EIGHT = Shape.parse("digits:8")
NOT = {"en": "{right} not {wrong}", "fr": "{right} pas {wrong}", "da": "{right} ikke {wrong}", "ko": "{wrong} 말고 {right}"}
NO = {"en": "no", "fr": "non", "da": "nej", "ko": "아니요"}
LAST = {
    "en": {1: "the last one is", 2: "the last two are", 3: "the last three are", 4: "the last four are"},
    "fr": {1: "le dernier est", 2: "les deux derniers sont", 3: "les trois derniers sont", 4: "les quatre derniers sont"},
    "da": {1: "den sidste er", 2: "de sidste to er", 3: "de tre sidste er", 4: "de sidste fire er"},
    "ko": {1: "마지막 은", 2: "마지막 두 자리 는", 3: "뒤 세 자리 는", 4: "뒤 네 자리 는"},
}


@cache
def grammar(language: str) -> Grammar:
    return load_grammar(GRAMMARS / f"{language}.toml")


def spelt(digits: str, language: str) -> str:
    return " ".join(TONGUES[language].digit_words[int(digit)][0] for digit in digits)


def put_right(words: str, value: str, blocks: tuple[int, ...] = (4, 4), language: str = "en") -> Correction:
    return understand_correction(words, Reading(value, blocks), EIGHT, grammar(language))


numbers = st.text("0123456789", min_size=8, max_size=8)


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=numbers, count=st.integers(1, 4), data=st.data())
def test_last_digits_that_are_named_take_the_place_of_the_last_ones(
    language: str, value: str, count: int, data: st.DataObject
) -> None:
    right = data.draw(st.text("0123456789", min_size=count, max_size=count))
    assume(not value.endswith(right))
    words = f"{NO[language]} {LAST[language][count]} {spelt(right, language)}"
    assert put_right(words, value, language=language).digits[0] == value[:-count] + right


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=numbers, place=st.integers(0, 7), right=st.sampled_from("0123456789"))
def test_one_digit_instead_of_another_is_put_wherever_that_stands(language: str, value: str, place: int, right: str) -> None:
    wrong = value[place]
    assume(wrong != right)
    words = NOT[language].format(right=spelt(right, language), wrong=spelt(wrong, language))
    found = put_right(words, value, language=language).digits
    assert value[:place] + right + value[place + 1 :] in found
    assert len(found) == value.count(wrong)
    assert put_right(f"{NO[language]} {words}", value, language=language).digits == found


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=numbers, right=numbers)
def test_the_whole_number_said_anew_is_the_number(language: str, value: str, right: str) -> None:
    assume(value != right)
    assert put_right(f"{NO[language]} {spelt(right, language)}", value, language=language).digits == (right,)


@given(value=numbers, place=st.integers(0, 3), right=st.sampled_from("0123456789"), first=st.booleans())
def test_a_block_takes_the_place_of_the_block_that_it_is_likest_to(value: str, place: int, right: str, first: bool) -> None:
    one, other = value[:4], value[4:]
    block = one if first else other
    corrected = block[:place] + right + block[place + 1 :]
    differs = lambda text: sum(a != b for a, b in zip(text, corrected, strict=True))  # noqa: E731
    assume(corrected not in (one, other) and differs(one) != differs(other))  # as it was read back it puts nothing right
    likest = corrected + other if differs(one) < differs(other) else one + corrected
    assert put_right(spelt(corrected, "en"), value).digits[0] == likest


@given(value=numbers, words=st.lists(st.sampled_from("no not sorry last two one five nine dash yes first".split()), max_size=8))
def test_whatever_is_said_no_correction_is_the_value_again_or_of_another_shape(value: str, words: list[str]) -> None:
    correction = put_right(" ".join(words), value)
    assert value not in correction.digits
    assert all(EIGHT.fits(digits) for digits in correction.digits)
    assert len(set(correction.digits)) == len(correction.digits)
    assert not (correction.digits and correction.place)


@pytest.mark.parametrize(
    ("words", "digits", "place"),
    [
        ("no", [], 0),
        ("yes", [], 0),
        ("no the last one is seven", ["12345677"], 0),
        ("five not six", ["12345578"], 0),
        ("not six five", ["12345578"], 0),
        ("no not six five", ["12345578"], 0),
        ("not six", [], 0),
        ("five not", [], 0),
        ("the last four are wrong", [], -4),
        ("no the first two", [], 2),
        ("nine two three four", ["92345678", "12349234"], 0),
        ("five six seven nine", ["12345679", "56795678"], 0),
        ("no seven", ["12345677"], 0),
        ("seven sorry nine", ["12345679"], 0),
        ("the first one is nine and the last one is nine", ["92345679"], 0),
        ("one two three four five six seven nine", ["12345679"], 0),
        ("one two three four five six seven eight nine", [], 0),
        ("one two three four five six seven eight", [], 0),
    ],
)
def test_a_correction_means(words: str, digits: list[str], place: int) -> None:
    correction = put_right(words, "12345678")
    assert (list(correction.digits), correction.place) == (digits, place)


def test_in_korean_the_wrong_digit_comes_first() -> None:
    assert put_right("육 이 아니라 칠", "12345678", language="ko").digits == ("12345778",)
    assert put_right("육 말고", "12345678", language="ko") == Correction()


def test_a_correction_shows_no_digits() -> None:
    assert "7" not in repr(put_right("no the last one is seven", "12345678"))
