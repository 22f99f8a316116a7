"""The recogniser's grammar of dates has every day that can be meant, however it is said, and no other day."""

from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.understand.test_dates_and_amounts import said_dates
from tests.speech.test_saying import grammar_of, words_of
from tests.speech.test_shapes import SAID, accepts
from voicebot.dialogue.understand import understand
from voicebot.dialogue.understand.numerals import number_words
from voicebot.dialogue.values import Shape
from voicebot.speech.dates_said import years_of
from voicebot.speech.fst import Machine
from voicebot.speech.shapes import acceptor

TODAY = date(2026, 3, 2)


@cache
def dates_of(language: str, shape: str = "date") -> Machine:
    return acceptor(Shape.parse(shape), grammar_of(language), words_of(language), TODAY if ":" in shape else None)


@pytest.mark.parametrize("language", ["en", "fr", "ko"])
@given(data=st.data())
def test_every_date_is_taken_as_people_say_it(language: str, data: st.DataObject) -> None:
    _, said = data.draw(said_dates(language))
    words = " ".join("[unk]" if word == "of" else word for word in said.split())
    assert accepts(dates_of(language), words, words_of(language)), words


@given(st.integers(1, 12), st.integers(1, 31), st.integers(1800, 2199))
def test_in_figures_only_days_that_exist_are_taken(month: int, day: int, year: int) -> None:
    words = " ".join(SAID[int(digit)] for digit in f"{month:02}{day:02}{year}")
    read = understand(words, Shape.parse("date"), grammar_of("en")).digits
    assert accepts(dates_of("en"), words, words_of("en")) is bool(read)


@pytest.mark.parametrize("shape", ["date", "date:past", "date:future"])
@given(data=st.data())
def test_every_way_through_the_grammar_is_a_date(shape: str, data: st.DataObject) -> None:
    grammar, machine = grammar_of("en"), dates_of("en", shape)
    names = {number: word for word, number in words_of("en").items()}
    named = (*grammar.dates.months, *grammar.dates.ordinals)
    parts = {*number_words(grammar), *(word for phrase, _ in named for word in phrase.split())}
    state, words = 0, list[str]()
    while arcs := [arc for arc in machine.arcs[state] if names[arc.input_label] in parts and arc.target != state]:
        arc = data.draw(st.sampled_from(arcs))
        state, words = arc.target, [*words, names[arc.input_label]]
    read = understand(" ".join(words), Shape.parse(shape), grammar).digits
    assert state in machine.finals
    assert read, words
    years = years_of(Shape.parse(shape).span, TODAY if ":" in shape else None)
    assert any(int(digits[:4]) in years for digits in read)


@pytest.mark.parametrize(
    ("shape", "words", "taken"),
    [
        ("date", "february twenty ninth nineteen eighty", True),
        ("date", "february twenty ninth nineteen eighty one", False),
        ("date", "february thirtieth sixty", False),
        ("date", "twelve twenty nine fifty nine", True),
        ("date", "two thirty sixty", False),
        ("date", "thirteen one eighty", False),
        ("date", "march fifth", False),
        ("date", "please the fifth [unk] march nineteen eighty please", True),
        ("date", "agent", True),
        ("date:past", "march fifth twenty thirty", False),
        ("date:past", "march fifth nineteen hundred", True),
        ("date:future", "march fifth twenty thirty", True),
        ("date:future", "march fifth nineteen eighty", False),
    ],
)
def test_english_dates(shape: str, words: str, taken: bool) -> None:
    assert accepts(dates_of("en", shape), words, words_of("en")) is taken
