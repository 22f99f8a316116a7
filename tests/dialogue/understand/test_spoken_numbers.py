"""Whatever way a number is said in a language, it is among the readings; and nothing that nobody can have meant is."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.understand.sayings import TONGUES, Saying, number_said, sayings
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import Understood, understand
from voicebot.dialogue.understand.numerals import MOST_READINGS
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Command, Shape

GRAMMARS = Path(__file__).resolve().parents[3] / "grammars"
LANGUAGES = sorted(TONGUES)


@cache
def grammar(language: str) -> Grammar:
    return load_grammar(GRAMMARS / f"{language}.toml")


def meaning(words: str, shape: str, language: str = "en") -> Understood:
    return understand(words, Shape.parse(shape), grammar(language))


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_every_way_to_say_a_number_digit_by_digit_means_that_number_alone(language: str, data: st.DataObject) -> None:
    saying = data.draw(sayings(language, st.text("0123456789", min_size=1, max_size=16), in_numbers=False))
    assert meaning(saying.words, f"digits:{len(saying.digits)}", language).digits == (saying.digits,)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_every_way_to_say_a_number_in_numbers_is_among_its_readings(language: str, data: st.DataObject) -> None:
    saying: Saying = data.draw(sayings(language, st.text("0123456789", min_size=2, max_size=8)))
    understood = meaning(saying.words, f"digits:{len(saying.digits)}", language)
    assert saying.digits in understood.digits or len(understood.digits) == MOST_READINGS
    assert all(len(digits) == len(saying.digits) for digits in understood.digits)
    assert all(sum(blocks) in (0, len(saying.digits)) for blocks in understood.blocks)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_pairs_of_which_none_could_be_two_numbers_mean_one_thing(language: str, data: st.DataObject) -> None:
    """Ten to nineteen and the round tens are one number however they are cut: a line of them has one reading of its length."""
    tongue = TONGUES[language]
    pairs = data.draw(st.lists(st.sampled_from([10, 11, 12, 13, 14, 15, 16, 30, 40, 50]), min_size=1, max_size=5))
    if language == "ko":
        pairs = [pair for pair in pairs if pair % 10 == 0] or [30]
    words = " ".join(tongue.tidy(number_said(pair, tongue.locales[0])) for pair in pairs)
    digits = "".join(map(str, pairs))
    readings = meaning(words, f"digits:{len(digits)}", language).digits
    assert digits in readings
    if language != "ko":
        assert readings == (digits,)


@pytest.mark.parametrize("language", LANGUAGES)
@given(number=st.integers(10, 9999), data=st.data())
def test_one_number_said_as_one_is_the_best_reading_of_its_length(language: str, number: int, data: st.DataObject) -> None:
    tongue = TONGUES[language]
    words = tongue.tidy(number_said(number, data.draw(st.sampled_from(tongue.locales))))
    assert meaning(words, f"digits:{len(str(number))}", language).digits[0] == str(number)


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_of_too_few_digits_the_likeliest_are_known(language: str, data: st.DataObject) -> None:
    saying = data.draw(sayings(language, st.text("0123456789", min_size=1, max_size=8), in_numbers=False))
    assert meaning(saying.words, f"digits:{len(saying.digits) + 1}", language) == Understood(partial=saying.digits)


@pytest.mark.parametrize("language", LANGUAGES)
@given(words=st.data())
def test_whatever_is_said_what_comes_out_fits_the_question(language: str, words: st.DataObject) -> None:
    known = sorted({word for phrase in _everything(grammar(language)) for word in phrase.split()})
    said = words.draw(st.lists(st.sampled_from([*known, "[pause]", "[unk]"]), max_size=14))
    shape = Shape.parse("digits:2-6")
    understood = understand(" ".join(said), shape, grammar(language))
    assert all(shape.fits(digits) for digits in understood.digits)
    assert len(set(understood.digits)) == len(understood.digits) == len(understood.blocks)
    assert not (understood.digits and understood.command)
    assert len(understood.partial) < shape.shortest


def _everything(words: Grammar) -> list[str]:
    found = [word for word, _ in (*words.digits, *words.multipliers, *words.numbers.powers, *words.corrections.places)]
    found += [phrase for phrase, _ in words.numbers.whole] + [ten.phrase for ten in words.numbers.tens]
    found += [phrase for _, phrases in words.commands for phrase in phrases]
    mending = words.corrections
    return [
        *found, *words.numbers.ones, *words.numbers.joins, *words.breaks, *mending.instead, *mending.nots, *mending.rathers,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words", "shape", "digits"),
    [
        ("en", "twenty three", "digits:2", ["23"]),
        ("en", "twenty three", "digits:3", ["203"]),
        ("en", "twenty three", "digits:2-3", ["23", "203"]),
        ("en", "nineteen eighty", "digits:4", ["1980"]),
        ("en", "nineteen eighty", "digits:2-4", ["1980"]),
        ("en", "a hundred and five", "digits:3-4", ["105", "1005"]),
        ("en", "one hundred and five", "digits:3-4", ["105", "1005"]),
        ("en", "twelve hundred", "digits:4", ["1200"]),
        ("en", "five hundred", "digits:1-3", ["500"]),
        ("en", "eight hundred five five five oh one double two", "digits:10", ["8005550122"]),
        ("en", "two thousand and five", "digits:4", ["2005"]),
        ("en", "twenty oh three", "digits:4", ["2003"]),
        ("en", "hundred", "digits:1-3", []),
        ("en", "twenty three", "digits:2-3:20", ["203"]),
        ("en", "twenty three", "digits:2-3:4", ["23", "203"]),
        ("en", "double twenty", "digits:2", ["20"]),
        ("en", "twenty dash three", "digits:2-3", ["203"]),
        ("en", "one two yes three four", "digits:4", ["1234"]),
        ("fr", "soixante dix", "digits:2-4", ["70", "6010"]),
        ("fr", "quatre vingt douze", "digits:2-5", ["92", "8012", "42012"]),
        ("fr", "quatre-vingt-douze", "digits:2", ["92"]),
        ("fr", "soixante et onze septante nonante neuf", "digits:6", ["717099"]),
        ("fr", "zéro six douze trente quatre cinquante six soixante dix huit", "digits:10", ["0612345678"]),
        ("fr", "cent deux", "digits:3", ["102"]),
        ("ko", "공 일 공 에 일 이 삼 사 에 오 육 칠 팔", "digits:11", ["01012345678"]),
        ("ko", "이 천 삼 백 사 십 오 국 에 육 칠 팔 구 번 입니다", "digits:8", ["23456789"]),
        ("ko", "하나 둘 셋 넷", "digits:4", ["1234"]),
        ("ko", "스물 하나", "digits:2", ["21"]),
        ("ko", "만 이 천", "digits:5", ["12000"]),
        ("da", "treogtyve tre og tyve halvfems nul syv", "digits:8", ["23239007"]),
        ("da", "tolv fireogtredive seksoghalvtreds otteoghalvfjerds", "digits:8", ["12345678"]),
        ("da", "trehundrede og fem", "digits:3", ["305"]),
        ("da", "nitten hundrede og firs", "digits:4", ["1980"]),
    ],
)
def test_words_are_read_as_their_people_mean_them(language: str, words: str, shape: str, digits: list[str]) -> None:
    assert list(meaning(words, shape, language).digits) == digits


@pytest.mark.parametrize(
    ("language", "words", "shape", "blocks"),
    [
        ("en", "one two three four", "digits:4", ()),
        ("en", "one two three four dash five six seven eight", "digits:8", (4, 4)),
        ("en", "one two three four [pause] five six seven eight", "digits:8", (4, 4)),
        ("en", "twenty three forty five double six seven", "digits:7", (2, 2, 3)),
        ("en", "forty [pause] five", "digits:2", ()),
        ("en", "forty [pause] five", "digits:3", (2, 1)),
        ("fr", "zéro six douze trente quatre cinquante six soixante dix huit", "digits:10", (2, 2, 2, 2, 2)),
        ("ko", "공 일 공 에 일 이 삼 사 에 오 육 칠 팔", "digits:11", (3, 4, 4)),
        ("da", "tolv fireogtredive seksoghalvtreds otteoghalvfjerds", "digits:8", (2, 2, 2, 2)),
    ],
)
def test_the_parts_in_which_a_number_is_said_are_known(language: str, words: str, shape: str, blocks: tuple[int, ...]) -> None:
    assert meaning(words, shape, language).blocks[0] == blocks


@pytest.mark.parametrize(
    ("language", "words", "digits"),
    [
        ("en", "one two three nine five not nine", "1235"),
        ("en", "one two three four sorry five", "1235"),
        ("en", "one two three four i mean five six", "1256"),
        ("en", "one two three four the last two are five six", "1256"),
        ("en", "one two three four the first one is nine", "9234"),
        ("fr", "un deux trois quatre pardon cinq", "1235"),
        ("fr", "un deux trois neuf cinq pas neuf", "1235"),
        ("fr", "un deux trois quatre le dernier est un sept", "1237"),
        ("ko", "일 이 삼 구 구 말고 오", "1235"),
        ("ko", "일 이 삼 사 마지막 은 칠 입니다", "1237"),
        ("da", "en to tre ni fem ikke ni", "1235"),
        ("da", "en to tre fire de sidste to er fem seks", "1256"),
    ],
)
def test_what_is_put_right_on_the_way_is_right(language: str, words: str, digits: str) -> None:
    assert meaning(words, "digits:4", language).digits[0] == digits


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", list(Command))
def test_every_command_is_understood_however_it_is_said(language: str, command: Command) -> None:
    for phrase in dict(grammar(language).commands)[command]:
        assert meaning(phrase, "digits:8", language).command is command, phrase


def test_a_sentence_that_could_mean_very_many_things_takes_no_time() -> None:
    words = " ".join(["quatre vingt dix sept"] * 8)
    assert len(meaning(words, "digits:20-24", "fr").digits) == MOST_READINGS


def test_the_vocabulary_holds_every_word_of_every_phrase() -> None:
    words = vocabulary(grammar("en"))
    assert {"seven", "double", "twenty", "hundred", "and", "a", "november", "first", "dollars", "not", "last"} <= words
    assert not any(" " in word for word in words)
    assert {"월", "일", "말고", "플러스"} <= vocabulary(grammar("ko"))
