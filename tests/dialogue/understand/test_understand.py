"""Words mean what the grammar says, whatever a caller puts around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import Understood, understand
from voicebot.dialogue.values import Command, Shape

GRAMMAR = Grammar(
    language="en",
    digits=tuple(zip("zero oh one two three four five six seven eight nine".split(), "00123456789", strict=True)),
    multipliers=(("double", 2), ("triple", 3)),
    commands=(
        ("yes", ("yes", "that's right")),
        ("no", ("no",)),
        ("repeat", ("repeat",)),
        ("help", ("help",)),
        ("agent", ("agent",)),
        ("dont_have_it", ("i don't have it",)),
        ("start_over", ("start again",)),
    ),
    fillers=("please", "um"),
)
WORDS = {digit: [word for word, value in GRAMMAR.digits if value == digit] for digit in "0123456789"}


def meaning(words: str, shape: str) -> Understood:
    return understand(words, Shape.parse(shape), GRAMMAR)


@st.composite
def sayings(draw: st.DrawFn) -> tuple[str, str]:
    """A value and one of the ways to say it."""
    value = draw(st.text("0123456789", min_size=1, max_size=16))
    said, position = [], 0
    while position < len(value):
        said += draw(st.lists(st.sampled_from(["please", "um", "[unk]", "<UNK>", "mumble"]), max_size=2))
        digit = value[position]
        run = next((n for n in range(1, 4) if value[position : position + n + 1] != digit * (n + 1)), 3)
        times = draw(st.sampled_from([1, *range(2, run + 1)]))
        said += [{2: "double", 3: "triple"}[times]] if times > 1 else []
        said.append(draw(st.sampled_from(WORDS[digit])))
        position += times
    return value, " ".join(said)


@given(sayings())
def test_every_way_to_say_a_number_means_that_number(saying: tuple[str, str]) -> None:
    value, words = saying
    assert (value,) == meaning(words, f"digits:{len(value)}").digits


@given(sayings())
def test_a_number_one_digit_short_is_so_far_and_no_answer(saying: tuple[str, str]) -> None:
    value, words = saying
    assert Understood(partial=value) == meaning(words, f"digits:{len(value) + 1}")


@given(sayings(), sayings())
def test_start_again_forgets_what_was_said_before(first: tuple[str, str], second: tuple[str, str]) -> None:
    words = f"{first[1]} start again {second[1]}"
    assert (second[0],) == meaning(words, f"digits:{len(second[0])}").digits


@given(st.text("0123456789", min_size=4, max_size=8), st.integers(1, 3), st.data())
def test_no_and_as_many_digits_puts_right_the_last_ones(value: str, count: int, data: st.DataObject) -> None:
    wrong = data.draw(st.text("0123456789", min_size=count, max_size=count))
    spell = lambda digits: " ".join(WORDS[digit][0] for digit in digits)  # noqa: E731
    words = f"{spell(value[:-count] + wrong)} no {spell(value[-count:])}"
    assert meaning(words, f"digits:{len(value)}").digits[0] == value


@given(st.lists(st.sampled_from("one double no yes agent start again i don't have it [unk] please help".split()), max_size=12))
def test_whatever_is_said_what_comes_out_fits_the_question(words: list[str]) -> None:
    shape = Shape.parse("digits:2-4")
    understood = understand(" ".join(words), shape, GRAMMAR)
    assert all(shape.fits(digits) for digits in understood.digits)
    assert not (understood.digits and understood.command)
    assert len(understood.partial) < shape.shortest


@pytest.mark.parametrize(
    ("words", "shape", "expected"),
    [
        ("one two three four", "digits:4", Understood(digits=("1234",))),
        ("double oh seven", "digits:3", Understood(digits=("007",))),
        ("triple five", "digits:3", Understood(digits=("555",))),
        ("double please five", "digits:2", Understood(digits=("55",))),
        ("double no five", "digits:1", Understood(digits=("5",))),
        ("one two three four five", "digits:4", Understood()),
        ("one two", "digits:4", Understood(partial="12")),
        ("one two three", "digits:3-5", Understood(digits=("123",))),
        ("agent", "digits:4", Understood(command=Command.AGENT)),
        ("agent one two three four", "digits:4", Understood(digits=("1234",))),
        ("one two agent", "digits:4", Understood(command=Command.AGENT)),
        ("[unk] i don't have it please", "digits:8", Understood(command=Command.DONT_HAVE_IT)),
        ("one two start again", "digits:4", Understood(command=Command.START_OVER)),
        ("one two start again three", "digits:4", Understood(partial="3")),
        ("no", "digits:4", Understood(command=Command.NO)),
        ("yes one two", "digits:4", Understood(partial="12")),
        ("yes one two three four", "digits:4", Understood(digits=("1234",))),
        ("one two three four no", "digits:4", Understood(command=Command.NO)),
        ("one two no three four five", "digits:4", Understood(digits=("1345",))),
        ("one two three four no five", "digits:4-5", Understood(digits=("1235", "12345"))),
        ("one no two no three", "digits:1", Understood(digits=("3",))),
        ("", "digits:4", Understood()),
        ("[unk] [unk]", "yesno", Understood()),
        ("yes", "yesno", Understood(command=Command.YES)),
        ("no yes", "yesno", Understood()),
        ("no no", "yesno", Understood(command=Command.NO)),
        ("that's right", "yesno", Understood(command=Command.YES)),
        ("no agent", "yesno", Understood(command=Command.AGENT)),
        ("one two", "yesno", Understood()),
        ("no one two", "yesno:8", Understood(command=Command.NO, partial="12")),
        ("repeat", "commands", Understood(command=Command.REPEAT)),
        ("help no agent", "commands", Understood(command=Command.AGENT)),
    ],
)
def test_words_mean(words: str, shape: str, expected: Understood) -> None:
    assert expected == meaning(words, shape)


def test_what_was_understood_shows_no_digits() -> None:
    assert "1" not in repr(meaning("one one one one", "digits:4"))
    assert "1" not in repr(meaning("one one", "digits:4"))
