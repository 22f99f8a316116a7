"""An exact grammar accepts what a question takes, and nothing else. Decided by walking the machine, without a recogniser."""

from pathlib import Path

import pytest

from voicebot.dialogue.check_digits import check_digit_fits
from voicebot.dialogue.forms import CheckDigit, Grammar
from voicebot.dialogue.understand import understand
from voicebot.dialogue.understand.vocabulary import vocabulary
from voicebot.dialogue.values import Shape
from voicebot.speech.fst import Machine
from voicebot.speech.graph import read_lexicon
from voicebot.speech.shapes import acceptor, customers_acceptor, fitting_acceptor, known_grammar


@pytest.fixture(scope="module")
def numbers(english: Path) -> dict[str, int]:
    return read_lexicon(english).word_numbers


def accepts(machine: Machine, words: str, numbers: dict[str, int]) -> bool:
    states = {0}
    for word in words.split():
        states = {arc.target for state in states for arc in machine.arcs[state] if arc.input_label == numbers[word]}
    return bool(states & machine.finals.keys())


@pytest.mark.parametrize(
    ("shape", "words", "taken"),
    [
        ("digits:4", "one two three four", True),
        ("digits:4", "one two three", False),
        ("digits:4", "one two three four five", False),
        ("digits:4", "oh double seven oh", True),
        ("digits:4", "one triple nought", True),
        ("digits:4", "one two triple nought", False),
        ("digits:4", "my account number is one two three four please", True),
        ("digits:4", "one [unk] two three [unk] four [unk]", True),
        ("digits:4", "one please two three four", False),
        ("digits:4", "one two start again one two three four", True),
        ("digits:4", "one two start again", True),
        ("digits:4", "[unk] [unk]", True),
        ("digits:4", "i don't have it", True),
        ("digits:4", "please [unk] agent please", True),
        ("digits:4", "agent one", False),
        ("digits:4", "", False),
        ("digits:3-5", "one two", False),
        ("digits:3-5", "one two three", True),
        ("digits:3-5", "one two three four five", True),
        ("digits:3-5", "one two three double four", True),
        ("digits:3-5", "one two three four double five", False),
        ("phone", "two oh two five five five oh one", True),
        ("phone", "plus four five three two one two three four five six", True),
        ("phone", "two plus oh two five five five", False),
        ("phone", "two oh two five", False),
        ("digits:8", "plus four five three two one two", False),
        ("date", "the fifth [unk] march nineteen eighty", True),
        ("date", "please eleven twenty seven fifty seven", True),
        ("date", "dollars", False),
        ("amount:2", "twelve dollars and fifty cents please", True),
        ("amount:2", "march", False),
        ("date", "start over", True),
        ("yesno", "yes", True),
        ("yesno", "no please", True),
        ("yesno", "one", False),
        ("yesno:8", "yes", True),
        ("yesno:8", "no please", True),
        ("yesno:8", "no the last one is seven", True),
        ("yesno:8", "um the last two [unk] double seven", True),
        ("yesno:8", "last two seven", False),
        ("yesno:8", "first three one two three", True),
        ("yesno:8", "five not nine", True),
        ("yesno:8", "no not nine", False),
        ("yesno:8", "no sorry seven", True),
        ("yesno:8", "i mean one two three four", True),
        ("yesno:8", "no seven", False),
        ("yesno:8", "seven", False),
        ("yesno:8", "nine two", True),
        ("yesno:8", "no triple two one two three four five", True),
        ("yesno:8", "one two three four five six seven eight nine", False),
        ("yesno:8", "start again", True),
        ("commands", "start over", True),
        ("commands", "start", False),
    ],
)
def test_a_grammar_takes(shape: str, words: str, taken: bool, grammar: Grammar, numbers: dict[str, int]) -> None:
    assert accepts(acceptor(Shape.parse(shape), grammar, numbers), words, numbers) is taken


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("four four one two", True),
        ("forty four twelve", True),
        ("forty four hundred", True),
        ("oh four five nine", True),
        ("double four double one", True),
        ("four five one two", False),
        ("forty five twelve", False),
        ("oh four", False),
    ],
)
def test_a_number_that_begins_in_few_ways_is_taken_with_one_of_them_only(
    words: str, taken: bool, grammar: Grammar, numbers: dict[str, int]
) -> None:
    assert accepts(acceptor(Shape.parse("digits:4:44,045"), grammar, numbers), words, numbers) is taken


SAID = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.mark.parametrize("check", [check for check in CheckDigit if check is not CheckDigit.NONE])
@pytest.mark.parametrize("shape", ["digits:9", "digits:8-10"])
def test_a_grammar_with_a_check_digit_takes_the_numbers_that_fit_and_no_others(
    shape: str, check: CheckDigit, grammar: Grammar, numbers: dict[str, int]
) -> None:
    machine = fitting_acceptor(Shape.parse(shape), grammar, numbers, check)
    assert machine is not None
    for number in range(400_000_000, 400_000_400):
        digits = str(number)
        taken = accepts(machine, " ".join(SAID[int(digit)] for digit in digits), numbers)
        assert taken is check_digit_fits(digits, check)


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("four four oh one", True),
        ("my account number is double four zero one please", True),
        ("four [unk] four nought one", True),
        ("forty four oh one", True),
        ("four oh double four", True),
        ("four four start again four oh four four", True),
        ("agent", True),
        ("[unk]", True),
        ("four four oh four", False),
        ("double four double oh", False),
        ("four four oh", False),
        ("four four oh one one", False),
    ],
)
def test_a_grammar_of_customers_takes_their_numbers_in_whatever_way_they_are_said(
    words: str, taken: bool, grammar: Grammar, numbers: dict[str, int]
) -> None:
    machine = customers_acceptor(Shape.parse("digits:4"), grammar, numbers, ["4401", "4044"])
    assert machine is not None
    assert accepts(machine, words, numbers) is taken


def test_there_is_no_grammar_of_no_customers_or_of_too_many(
    grammar: Grammar, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shape, customers = Shape.parse("digits:4"), ["1234", "5678"]
    assert customers_acceptor(shape, grammar, numbers, []) is None
    assert customers_acceptor(shape, grammar, numbers, customers) is not None
    monkeypatch.setattr("voicebot.speech.shapes.MOST_CUSTOMERS_PLACES", 3)
    assert customers_acceptor(shape, grammar, numbers, customers) is None


def test_every_way_through_a_grammar_with_a_check_digit_ends_in_a_whole_number(
    grammar: Grammar, numbers: dict[str, int]
) -> None:
    """The recogniser's best path so far may stop anywhere: with all its digits it must be a number that fits."""
    machine = fitting_acceptor(Shape.parse("digits:4"), grammar, numbers, CheckDigit.LUHN)
    assert machine is not None
    assert accepts(machine, "double one double two", numbers) is check_digit_fits("1122", CheckDigit.LUHN)
    assert accepts(machine, "my number is one one two four please", numbers) is check_digit_fits("1124", CheckDigit.LUHN)
    stuck = [state for state, arcs in enumerate(machine.arcs) if not arcs and state not in machine.finals]
    assert not stuck


@pytest.mark.parametrize(
    ("shape", "check"),
    [
        ("digits:8", CheckDigit.NONE),
        ("digits:8", CheckDigit.UPU_S10),
        ("phone", CheckDigit.LUHN),
        ("digits:1", CheckDigit.MOD97),
    ],
)
def test_there_is_no_grammar_with_a_check_digit_where_none_or_every_number_fits(
    shape: str, check: CheckDigit, grammar: Grammar, numbers: dict[str, int]
) -> None:
    found = fitting_acceptor(Shape.parse(shape), grammar, numbers, check)
    assert found is None or (shape, check) == ("digits:1", CheckDigit.MOD97)


def test_the_largest_grammar_with_a_check_digit_is_of_sensible_size(grammar: Grammar, numbers: dict[str, int]) -> None:
    machine = fitting_acceptor(Shape.parse("digits:20-24"), grammar, numbers, CheckDigit.MOD97)
    assert machine is not None
    assert len(machine.to_bytes()) < 2_000_000


@pytest.mark.parametrize("shape", "digits:1 digits:8 digits:24 digits:3-10 phone date amount:2 yesno yesno:8 commands".split())
def test_every_grammar_has_words_and_no_way_without_a_cost_that_is_a_number(
    shape: str, grammar: Grammar, numbers: dict[str, int]
) -> None:
    machine = acceptor(Shape.parse(shape), grammar, numbers)
    assert machine.finals
    assert all(0 <= arc.cost < 20 and arc.input_label > 0 for arcs in machine.arcs for arc in arcs)


def test_a_word_that_the_model_does_not_know_takes_only_its_own_phrase_with_it(numbers: dict[str, int]) -> None:
    grammar = Grammar(
        "en", digits=(("one", "1"), ("eins", "1")), commands=(("agent", ("agent", "agent bitte")),), fillers=("um", "äh")
    )
    known = known_grammar(grammar, numbers)
    assert {"one", "agent", "um"} == vocabulary(known)
    assert accepts(acceptor(Shape.parse("digits:1"), grammar, numbers), "one", numbers)


def test_what_the_machine_takes_as_complete_is_complete_to_the_dialogue(grammar: Grammar, numbers: dict[str, int]) -> None:
    """The recogniser's grammar and the meaning come from one source, and agree."""
    shape = Shape.parse("digits:4")
    machine = acceptor(shape, grammar, numbers)
    for words in ("one two three four", "double nought seven eight", "um triple five oh", "nine start over four three two one"):
        assert accepts(machine, words, numbers)
        assert understand(words, shape, grammar).digits
