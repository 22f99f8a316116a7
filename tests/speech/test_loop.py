"""The free loop takes the words of an answer in any order. Decided by walking the machine, without a recogniser."""

import math
from pathlib import Path

import pytest

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Shape
from voicebot.speech.fst import Machine
from voicebot.speech.graph import read_lexicon
from voicebot.speech.loop import ABOVE_NINE, DIGITS_WORD_COST, PUTTING_RIGHT, WORD_COST, free_loop


@pytest.fixture(scope="module")
def numbers(english: Path) -> dict[str, int]:
    return read_lexicon(english).word_numbers


def cost(machine: Machine, words: str, numbers: dict[str, int]) -> float:
    """Of the cheapest way to say this; infinite if there is none."""
    states = {0: 0.0}
    for word in words.split():
        reached: dict[int, float] = {}
        for state, paid in states.items():
            for arc in machine.arcs[state]:
                if arc.input_label == numbers[word]:
                    reached[arc.target] = min(reached.get(arc.target, math.inf), paid + arc.cost)
        states = reached
    return min((paid + machine.finals[state] for state, paid in states.items() if state in machine.finals), default=math.inf)


@pytest.mark.parametrize(
    ("shape", "words", "price"),
    [
        ("digits:3", "", 0),
        ("digits:3", "seven", DIGITS_WORD_COST),
        ("digits:3", "double seven oh four oh", 5 * DIGITS_WORD_COST),
        ("digits:3", "start again seven", 2 * DIGITS_WORD_COST),
        ("digits:3", "[unk] seven [unk]", 3 * DIGITS_WORD_COST),
        ("digits:3", "seventy", DIGITS_WORD_COST + ABOVE_NINE),
        ("digits:3", "plus seven", math.inf),
        ("phone", "plus seven", 2 * DIGITS_WORD_COST),
        ("date:past", "seventy march the fifth", math.inf),  # the filler is no answer
        ("date:past", "seventy march fifth", 3 * WORD_COST),
        ("amount:2", "seventy dollars", 2 * WORD_COST),
        ("yesno", "yes no", 2 * WORD_COST),
        ("yesno", "seven", math.inf),
        ("yesno:8", "no not seven", 3 * WORD_COST + PUTTING_RIGHT),
        ("yesno:8", "last one seven", 2 * WORD_COST + PUTTING_RIGHT),
        ("commands", "agent", WORD_COST),
    ],
)
def test_what_is_said_has_its_price(shape: str, words: str, price: float, grammar: Grammar, numbers: dict[str, int]) -> None:
    assert cost(free_loop(Shape.parse(shape), grammar, numbers), words, numbers) == price


def test_a_phrase_with_a_word_that_the_model_lacks_is_left_out(numbers: dict[str, int]) -> None:
    grammar = Grammar("en", digits=(("one", "1"), ("eins", "1")), commands=(("agent", ("agent", "agent bitte")),))
    loop = free_loop(Shape.parse("digits:1"), grammar, numbers)
    assert {arc.input_label for arc in loop.arcs[0]} == {numbers[word] for word in ("one", "agent", "[unk]")}
