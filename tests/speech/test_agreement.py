"""Two decoders: where they agree it is taken, where they nearly agree it is asked, else it is not used."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech.agreement import (
    CLEAR_LEAD,
    COMMAND_LEAD,
    MOST_BEHIND,
    Agreement,
    Path,
    agree,
    agree_on_customer,
    edits,
    lead,
    says_more,
)


@pytest.mark.parametrize(
    ("exact", "free", "shape", "words", "hearing"),
    [
        ("one two three four", "one two three four", "digits:4", "one two three four", Hearing.ACCEPTED),
        ("one two three four", "one two nine four", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three four", "one two four", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three four", "one two three four five", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three four", "one two three nine five four", "digits:4", "one two three nine five four", Hearing.CONFIRM),
        ("one two three four", "one two three four agent", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three four", "one two agent four", "digits:4", "one two three four", Hearing.ACCEPTED),
        ("one two three eight", "one two three [unk] agent", "digits:4", "one two three eight", Hearing.ACCEPTED),
        ("one two three four", "agent one two three four", "digits:4", "one two three four", Hearing.ACCEPTED),
        ("one two three four", "one agent three right", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three four", "one two i four", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three three", "one two agent double three", "digits:4", "one two three three", Hearing.CONFIRM),
        ("one two three three", "one agent double three", "digits:4", "one two three three", Hearing.ACCEPTED),
        ("one two three four", "one two three four [unk]", "digits:4", "one two three four", Hearing.ACCEPTED),
        ("one two three four", "one nine nine four", "digits:4", "one two three four", Hearing.CONFIRM),
        ("one two three four", "[unk] [unk]", "digits:4", "one two three four", Hearing.REJECTED),
        ("one two three four", "one no nine eight six five two", "digits:4", "one no nine eight six five two", Hearing.CONFIRM),
        ("[unk] [unk] four", "one two three nine five four", "digits:4", "one two three nine five four", Hearing.CONFIRM),
        ("one two three three", "nine nine three four no eight", "digits:4", "nine nine three four no eight", Hearing.CONFIRM),
        ("one two", "one two", "digits:4", "one two", Hearing.ACCEPTED),
        ("twenty three forty", "twenty three forty", "digits:4", "twenty three forty", Hearing.ACCEPTED),
        ("twenty three forty", "two three four oh", "digits:4", "twenty three forty", Hearing.ACCEPTED),
        ("twenty three", "twenty three", "digits:3", "twenty three", Hearing.ACCEPTED),
        ("twenty eight", "twenty agent", "digits:2", "twenty eight", Hearing.CONFIRM),
        ("twelve thirty four", "one two thirty four", "digits:4", "twelve thirty four", Hearing.ACCEPTED),
        ("fifty six oh five", "fifty six five", "digits:4", "fifty six oh five", Hearing.CONFIRM),
        ("fifty six oh five", "fifty agent oh five", "digits:4", "fifty six oh five", Hearing.CONFIRM),
        ("two hundred and five", "two hundred dash five", "digits:3", "two hundred and five", Hearing.CONFIRM),
        ("a hundred and five", "[unk] hundred and five", "digits:3", "a hundred and five", Hearing.REJECTED),
        ("march fifth nineteen eighty", "march fifth nineteen eighty", "date", "march fifth nineteen eighty", Hearing.CONFIRM),
        ("march fifth nineteen eighty", "march sixth nineteen eighty", "date", "march fifth nineteen eighty", Hearing.CONFIRM),
        ("march fifth nineteen eighty", "the march [unk] [unk] eight", "date", "march fifth nineteen eighty", Hearing.REJECTED),
        ("march fifth", "march fifth", "date", "march fifth", Hearing.ACCEPTED),
        ("twelve fifty", "twelve fifty", "amount:2", "twelve fifty", Hearing.CONFIRM),
        ("agent", "agent", "amount:2", "agent", Hearing.ACCEPTED),
        ("[unk]", "[unk] one [unk] [unk]", "digits:4", "", Hearing.REJECTED),
        ("one two three", "one two three four", "digits:4", "one two three four", Hearing.CONFIRM),
        ("agent", "agent", "digits:4", "agent", Hearing.ACCEPTED),
        ("agent", "[unk] agent [unk] [unk] [unk]", "digits:4", "agent", Hearing.REJECTED),
        ("agent", "[unk]", "digits:4", "agent", Hearing.REJECTED),
        ("[unk]", "help", "digits:4", "help", Hearing.REJECTED),
        ("yes", "yes", "yesno", "yes", Hearing.ACCEPTED),
        ("yes", "no", "yesno", "yes", Hearing.REJECTED),
        ("[unk]", "[unk]", "yesno", "", Hearing.REJECTED),
        ("", "", "digits:4", "", Hearing.REJECTED),
        ("please agent", "[unk] agent", "digits:4", "please agent", Hearing.ACCEPTED),
        ("[unk] agent", "[unk] agent", "digits:4", "[unk] agent", Hearing.ACCEPTED),
        ("um agent please", "don't agent three", "digits:4", "um agent please", Hearing.ACCEPTED),
        ("[unk] i don't have it", "five i don't have it", "digits:4", "", Hearing.ACCEPTED),
        ("[unk] start again", "agent yes start again", "digits:4", "", Hearing.REJECTED),
        ("[unk] [unk] agent", "[unk] agent", "digits:4", "", Hearing.REJECTED),
        ("[unk] yes", "yes", "digits:4", "", Hearing.REJECTED),
        ("[unk] repeat", "repeat", "commands", "", Hearing.REJECTED),
        ("repeat", "don't repeat", "commands", "", Hearing.REJECTED),
        ("start again", "no start again", "commands", "start again", Hearing.ACCEPTED),
        ("yes", "no yes", "yesno", "", Hearing.REJECTED),
        ("no last one is seven", "no last one seven", "yesno:8", "no last one is seven", Hearing.ACCEPTED),
        ("no last one is seven", "no last one i", "yesno:8", "no last one is seven", Hearing.ACCEPTED),
        ("no last one is seven", "no it", "yesno:8", "", Hearing.REJECTED),
        ("nine two four eight", "nine two four agent", "yesno:8", "nine two four eight", Hearing.ACCEPTED),
        ("one two three four five six", "one two four five", "yesno:8", "one two three four five six", Hearing.ACCEPTED),
        ("one two three four five six", "one two five", "yesno:8", "", Hearing.REJECTED),
        ("sorry seven", "sorry seven", "yesno:8", "sorry seven", Hearing.ACCEPTED),
        ("seven", "seven", "yesno:8", "", Hearing.REJECTED),
        ("no", "no", "yesno:8", "no", Hearing.ACCEPTED),
    ],
)
def test_two_decoders_together(exact: str, free: str, shape: str, words: str, hearing: Hearing, grammar: Grammar) -> None:
    agreement = agree(exact, free, Shape.parse(shape), grammar)
    assert agreement.hearing is hearing
    if words:
        assert agreement.words == words


@pytest.mark.parametrize(
    ("other", "behind", "hearing"),
    [
        ("one two three five", CLEAR_LEAD - 0.1, Hearing.CONFIRM),
        ("one two three five", CLEAR_LEAD, Hearing.ACCEPTED),
        ("um one two three four", 0.1, Hearing.ACCEPTED),
        ("[unk] one two three four", 0.1, Hearing.ACCEPTED),
        ("agent", 0.1, Hearing.CONFIRM),
        ("", 0.1, Hearing.CONFIRM),
    ],
)
def test_a_number_must_be_clearly_likelier_than_any_other(other: str, behind: float, hearing: Hearing, grammar: Grammar) -> None:
    said = "one two three four"
    paths = (Path(said, -9.0), Path(other, -9.0 - behind))
    assert agree(said, said, Shape.parse("digits:4"), grammar, paths).hearing is hearing


@pytest.mark.parametrize(
    ("paths", "hearing"),
    [
        ([("agent", 0.0)], Hearing.ACCEPTED),
        ([("agent", 0.0), ("um operator", 0.1), ("[unk]", COMMAND_LEAD)], Hearing.ACCEPTED),
        ([("agent", 0.0), ("[unk]", COMMAND_LEAD - 0.1)], Hearing.REJECTED),
        ([("agent", 0.0), ("help", 0.9)], Hearing.REJECTED),
        ([("[unk]", 0.0)], Hearing.REJECTED),
    ],
)
def test_a_command_must_be_clearly_likelier_than_nothing_or_another(
    paths: list[tuple[str, float]], hearing: Hearing, grammar: Grammar
) -> None:
    found = [Path(words, -9.0 - behind) for words, behind in paths]
    assert agree("agent", "agent", Shape.parse("digits:4"), grammar, found).hearing is hearing


def test_what_puts_a_number_right_is_taken_whole_not_as_it_was_when_it_broke_off(grammar: Grammar) -> None:
    paths = (Path("no last one is seven", -9.0),)
    agreement = agree("no last one is seven not", "no last one seven", Shape.parse("yesno:8"), grammar, paths)
    assert (agreement.words, agreement.hearing) == ("no last one is seven", Hearing.ACCEPTED)


def test_without_another_way_to_hear_it_a_number_leads_by_any_margin(grammar: Grammar) -> None:
    four = Shape.parse("digits:4")
    assert math.isinf(lead("1234", (), four, grammar))
    assert math.isinf(lead("1234", (Path("one two three four", -9.0),), four, grammar))
    assert lead("1234", (Path("one two three five", -8.0), Path("one two three four", -9.0)), four, grammar) == 0


def test_a_path_shows_no_words() -> None:
    assert "seven" not in repr(Path("seven", -1.0))


def test_more_digits_than_may_be_answered_are_seen_but_not_where_some_were_taken_back(grammar: Grammar) -> None:
    four = Shape.parse("digits:4")
    assert says_more("one two three four five", four, grammar)
    assert not says_more("one two three four", four, grammar)
    assert not says_more("one two three five no four", four, grammar)
    assert says_more("twenty three forty five six", four, grammar)
    assert not says_more("twenty three forty five", four, grammar)
    assert not says_more("[unk] agent", four, grammar)


@given(st.text("0123", max_size=8), st.text("0123", max_size=8))
def test_edits_are_a_distance(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))


def test_an_agreement_shows_no_words(grammar: Grammar) -> None:
    assert "seven" not in repr(agree("seven", "seven", Shape.parse("digits:1"), grammar))


@pytest.mark.parametrize(
    ("customer", "free", "behind", "asked"),
    [
        ("one two three four", "one two four", 0.0, True),
        ("one two three four", "one two three nine", MOST_BEHIND, True),
        ("one two three four", "one two three nine", MOST_BEHIND + 0.1, False),
        ("one two three four", "one two three four", 0.0, True),
        ("one two three four", "one nine nine nine", 0.0, False),
        ("one two three four", "one two three nine four", 0.0, False),
        ("one two three four", "agent", 0.0, False),
        ("agent", "agent", 0.0, False),
        ("one two three", "one two three", 0.0, False),
    ],
)
def test_a_customers_number_is_asked_about_where_nothing_else_was_as_likely_and_the_loop_is_near_it(
    customer: str, free: str, behind: float, asked: bool, grammar: Grammar
) -> None:
    found = agree_on_customer(customer, free, Shape.parse("digits:4"), grammar, behind)
    assert found == (Agreement(customer, Hearing.CONFIRM) if asked else None)
