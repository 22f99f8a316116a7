"""The recogniser's machine of number words and the dialogue's reading of them come from one grammar, and agree both ways."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.understand.sayings import sayings as ways_to_say
from tests.speech.test_shapes import accepts
from voicebot.config.grammars import load_grammar
from voicebot.dialogue.check_digits import check_digit_fits
from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.understand import understand
from voicebot.dialogue.understand.numerals import MOST_READINGS, number_words
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Shape
from voicebot.speech.fst import Machine
from voicebot.speech.graph import UNKNOWN
from voicebot.speech.saying import BETWEEN, Sayings, sayings
from voicebot.speech.shapes import WIDEST, acceptor, fitting_acceptor

GRAMMARS = Path(__file__).resolve().parents[2] / "grammars"
LANGUAGES = ("en", "fr", "ko", "da")
HEARD = ("en", "fr", "ko")  # Danish writes some numbers as one word, which no recogniser of ours hears


@cache
def grammar_of(language: str) -> Grammar:
    return load_grammar(GRAMMARS / f"{language}.toml")


@cache
def words_of(language: str) -> dict[str, int]:
    """A model that knows every word."""
    grammar = grammar_of(language)
    return {word: number for number, word in enumerate(sorted({*vocabulary(grammar), *number_words(grammar), UNKNOWN}), start=1)}


@cache
def machine_of(language: str) -> Sayings:
    return sayings(grammar_of(language), words_of(language), WIDEST[0])


@cache
def acceptor_of(language: str, shape: str, check: CheckDigit = CheckDigit.NONE) -> Machine:
    grammar, words = grammar_of(language), words_of(language)
    found = fitting_acceptor(Shape.parse(shape), grammar, words, check) if check else acceptor(Shape.parse(shape), grammar, words)
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_whatever_way_the_machine_has_its_words_are_read_as_its_digits(language: str, data: st.DataObject) -> None:
    machine = machine_of(language)
    words, digits = list[str](), ""
    for _ in range(data.draw(st.integers(1, 4))):
        state = BETWEEN
        while not words or state != BETWEEN:
            step = data.draw(st.sampled_from(machine.steps[state]))
            words.append(step.word)
            digits, state = digits + step.digits, step.target
            if state == BETWEEN:
                break
    read = understand(" ".join(words), Shape.parse(f"digits:{len(digits)}"), grammar_of(language)).digits
    assert digits in read or len(read) == MOST_READINGS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_the_machine_leads_on_and_back(language: str) -> None:
    machine = machine_of(language)
    assert all(steps for steps in machine.steps)
    assert all(step.cost > 0 and step.target < len(machine.steps) for steps in machine.steps for step in steps)


@pytest.mark.parametrize("language", HEARD)
@given(data=st.data())
def test_every_way_to_say_a_value_is_taken_where_it_fits(language: str, data: st.DataObject) -> None:
    saying = data.draw(ways_to_say(language, st.text("0123456789", min_size=3, max_size=9)))
    for shape in (f"digits:{len(saying.digits)}", "digits:3-9"):
        assert accepts(acceptor_of(language, shape), saying.words, words_of(language)), (saying.words, shape)


@pytest.mark.parametrize(
    ("shape", "check"), [("digits:4", ""), ("digits:3-6", ""), ("phone", ""), ("digits:6", "luhn"), ("digits:12", "mod97")]
)
@given(data=st.data())
def test_every_way_through_a_grammar_is_a_value_that_fits_the_field(shape: str, check: str, data: st.DataObject) -> None:
    grammar, asked = grammar_of("en"), Shape.parse(shape)
    machine = acceptor_of("en", shape, CheckDigit(check))
    names = {number: word for word, number in words_of("en").items()}
    digits_only = number_words(grammar) | {"plus"}
    state, words = 0, list[str]()
    while True:  # to its end: every step adds digits, and loops are not taken twice
        arcs = [arc for arc in machine.arcs[state] if names[arc.input_label] in digits_only and arc.target != state]
        if not arcs or (state in machine.finals and words and data.draw(st.booleans())):
            break
        arc = data.draw(st.sampled_from(arcs))
        state, words = arc.target, [*words, names[arc.input_label]]
    read = understand(" ".join(words), asked, grammar).digits
    assert state in machine.finals
    assert read, words
    assert any(check_digit_fits(digits, CheckDigit(check)) for digits in read) or len(read) == MOST_READINGS


def test_a_word_that_the_model_does_not_know_closes_only_the_ways_through_it() -> None:
    words = {word: number for word, number in words_of("en").items() if word not in ("seven", "twenty", "and")}
    machine = acceptor(Shape.parse("digits:3"), grammar_of("en"), words)
    assert accepts(machine, "one hundred five", words)
    assert accepts(machine, "thirty one two", words)
    assert not {words_of("en")[word] for word in ("seven", "twenty")} & {arc.input_label for arcs in machine.arcs for arc in arcs}


@pytest.mark.parametrize(
    ("shape", "words", "taken"),
    [
        ("digits:2", "twenty three", True),
        ("digits:3", "twenty three", True),
        ("digits:2", "twenty thirteen", False),
        ("digits:4", "twenty two twenty six", True),
        ("digits:4", "my number is fifty six oh five please", True),
        ("digits:4", "it's two thousand five hundred and fifty two", True),
        ("digits:4", "twelve hundred", True),
        ("digits:3", "a hundred and five", True),
        ("digits:3", "hundred and five", False),
        ("digits:3", "five hundred and", False),
        ("digits:4", "nineteen [unk] eighty", True),
        ("digits:4", "nineteen dash eighty", True),
        ("digits:4", "nineteen eighty dash", False),
        ("digits:4", "dash nineteen eighty", False),
        ("digits:7", "five five five dash twenty oh three", True),
        ("digits:6", "five five five dash twenty oh three", False),
        ("digits:4", "double twenty", False),
        ("digits:4", "twenty start again nineteen eighty", True),
        ("digits:8", "two million", False),
        ("phone", "eight hundred five five five oh one double two", True),
    ],
)
def test_english_numbers(shape: str, words: str, taken: bool) -> None:
    assert accepts(acceptor_of("en", shape), words, words_of("en")) is taken
