"""What is made of a number when another network has heard the same sound."""

import pytest

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech.agreement import Agreement, Path
from voicebot.speech.second_opinion import with_second_opinion

SHAPE = Shape.parse("digits:4")
FOUR, FIVE, NINE = "one two three four", "one two three five", "one two three nine"


def paths(*said: tuple[str, float]) -> list[Path]:
    return [Path(words, score) for words, score in said]


def opinion(
    grammar: Grammar, hearing: Hearing, ours: list[Path], theirs: list[Path], *, words: str = FOUR, free: str = FOUR
) -> Agreement:
    return with_second_opinion(Agreement(words, hearing), free, ours, theirs, SHAPE, grammar)


def test_what_both_find_is_taken(grammar: Grammar) -> None:
    found = opinion(grammar, Hearing.ACCEPTED, paths((FOUR, -8.0)), paths((FOUR, -90.0), (FIVE, -92.0)))
    assert found == Agreement(FOUR, Hearing.ACCEPTED)


def test_the_same_number_in_other_words_is_the_same(grammar: Grammar) -> None:
    ours, theirs = paths(("oh one two three", -8.0)), paths(("[unk] zero one two three", -9.0))
    found = opinion(grammar, Hearing.ACCEPTED, ours, theirs, words="oh one two three")
    assert found.hearing is Hearing.ACCEPTED


def test_what_they_differ_in_is_asked_about_the_surer_one_first(grammar: Grammar) -> None:
    found = opinion(grammar, Hearing.ACCEPTED, paths((FOUR, -8.0)), paths((FIVE, -9.0), (FOUR, -11.0)))
    assert found == Agreement(FOUR, Hearing.CONFIRM, (FIVE,))
    near = paths((FOUR, -8.0), (FIVE, -8.5))
    found = opinion(grammar, Hearing.ACCEPTED, near, paths((FIVE, -9.0), (NINE, -9.5), (FOUR, -14.0)))
    assert found == Agreement(FIVE, Hearing.CONFIRM, (FOUR, NINE))


def test_what_was_doubtful_stays_a_question_also_where_both_find_it(grammar: Grammar) -> None:
    found = opinion(grammar, Hearing.CONFIRM, paths((FOUR, -8.0), (FIVE, -9.0)), paths((FOUR, -9.0)))
    assert found == Agreement(FOUR, Hearing.CONFIRM, (FIVE,))


@pytest.mark.parametrize(
    ("theirs", "free", "hearing"),
    [
        (FOUR, "one [unk]", Hearing.CONFIRM),
        (FOUR, "[unk]", Hearing.REJECTED),
        (FIVE, "one two", Hearing.REJECTED),
    ],
    ids=["the same, and the loop a digit", "no digit in the loop", "another one"],
)
def test_what_was_rejected_is_asked_about_only_where_both_find_it_in_digits(
    grammar: Grammar, theirs: str, free: str, hearing: Hearing
) -> None:
    found = opinion(grammar, Hearing.REJECTED, paths((FOUR, -8.0)), paths((theirs, -9.0)), free=free)
    assert found == Agreement(FOUR, hearing)


@pytest.mark.parametrize("words", ["one two three", "one two three four five", "agent", ""])
@pytest.mark.parametrize("hearing", list(Hearing))
def test_what_is_no_number_of_this_length_is_left_as_it_is(grammar: Grammar, words: str, hearing: Hearing) -> None:
    first = Agreement(words, hearing, (FIVE,))
    assert with_second_opinion(first, words, paths((FOUR, -8.0)), paths((FOUR, -8.0)), SHAPE, grammar) == first


def test_what_was_put_right_on_the_way_is_left_as_it_is(grammar: Grammar) -> None:
    first = Agreement(NINE, Hearing.CONFIRM)
    assert with_second_opinion(first, NINE, paths((FOUR, -8.0)), paths((FOUR, -8.0)), SHAPE, grammar) == first


def test_a_network_that_finds_nothing_changes_nothing(grammar: Grammar) -> None:
    for theirs in ([], paths(("[unk]", -8.0))):
        assert opinion(grammar, Hearing.ACCEPTED, paths((FOUR, -8.0)), theirs).hearing is Hearing.ACCEPTED


def test_nothing_is_ever_taken_that_was_not(grammar: Grammar) -> None:
    for hearing in (Hearing.CONFIRM, Hearing.REJECTED):
        assert opinion(grammar, hearing, paths((FOUR, -8.0)), paths((FOUR, -8.0))).hearing is not Hearing.ACCEPTED


def test_no_number_shows(grammar: Grammar) -> None:
    assert "four" not in repr(opinion(grammar, Hearing.ACCEPTED, paths((FOUR, -8.0)), paths((FIVE, -8.0))))
