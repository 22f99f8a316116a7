"""A worker's lists of customers' numbers: built beside the hearing, forgotten at once, and never an old one after a new one."""

import queue
from collections.abc import Collection

import pytest

from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Shape
from voicebot.speech.decoding import Known
from voicebot.speech.learning import Learning, Lesson

PATIENCE = 20.0
SHAPE = Shape.parse("digits:4")


class Shelf:
    """Builds when it is let, and not at all for no numbers."""

    def __init__(self) -> None:
        self.let: queue.Queue[None] = queue.Queue()

    def known(self, _shape: Shape, _grammar: Grammar, customers: Collection[str]) -> Known | None:
        self.let.get(timeout=PATIENCE)
        if "crash" in customers:
            raise OSError
        return Known(frozenset(customers), lambda: None) if customers else None


class School:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar, self.shelf = grammar, Shelf()
        self.told: queue.Queue[tuple[str, bool]] = queue.Queue()
        self.learning = Learning(lambda among, built: self.told.put((among, built)))

    def begin(self, *customers: str) -> None:
        self.learning.begin(self.shelf, Lesson("account", SHAPE, self.grammar, frozenset(customers)))

    def is_told(self) -> bool:
        self.shelf.let.put(None)
        return self.told.get(timeout=PATIENCE)[1]

    @property
    def knows(self) -> frozenset[str] | None:
        known = self.learning.known("account", SHAPE, self.grammar)
        return None if known is None else known.numbers


@pytest.fixture
def school(grammar: Grammar) -> School:
    return School(grammar)


def test_a_list_is_known_when_it_is_built_until_it_is_forgotten(school: School) -> None:
    school.begin("1234")
    assert school.knows is None
    assert school.is_told()
    assert school.knows == {"1234"}
    assert school.learning.known("meter", SHAPE, school.grammar) is None
    school.learning.forget("meter")
    assert school.knows == {"1234"}
    school.learning.forget("account")
    assert school.knows is None


def test_what_was_forgotten_while_it_was_built_is_not_known_afterwards(school: School) -> None:
    school.begin("1234")
    school.learning.forget("account")
    school.begin("5678")
    assert school.is_told()
    assert school.knows is None
    assert school.is_told()
    assert school.knows == {"5678"}


def test_what_cannot_be_built_is_told_and_the_next_is(school: School) -> None:
    school.begin()
    school.begin("crash")
    school.begin("1234")
    assert [school.is_told() for _ in range(3)] == [False, False, True]
    assert school.knows == {"1234"}


def test_a_lesson_shows_no_number() -> None:
    assert "1234" not in repr(Lesson("account", SHAPE, Grammar("en"), frozenset({"1234"})))
