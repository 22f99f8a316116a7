"""Judgements are kept for good, on every database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from voicebot.dialogue.call import Call
from voicebot.errors import StoreError
from voicebot.ports.evaluations import Conversation, Evaluation, Mark
from voicebot.records.evaluations import SqlEvaluations
from voicebot.records.facts import SqlFacts
from voicebot.records.schema import interactions
from voicebot.records.store import SqlStore
from voicebot.reports.library import LIBRARY
from voicebot.reports.making import Asked, House, make

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MARKS = (Mark("greeting", "Greeted?", 2, True, 4), Mark("solution", "Solved?", 1, False, None))


def judged(call_id: str = "one", number: int = 1, **rest: object) -> Evaluation:
    return replace(Evaluation(call_id, number, "Mira", "Vera", NOON, 80, MARKS, "Well done"), **rest)  # type: ignore[arg-type]


@pytest.fixture
def kept(store: SqlStore, begun: Callable[[str], Call]) -> SqlEvaluations:
    for call_id in ("one", "two"):
        begun(call_id)
        with store.writing() as books:
            over = update(interactions).where(interactions.c.call_id == call_id)
            books.write(over.values(ending="served", agent="Mira", started_at=NOON, queue="billing"))
    return SqlEvaluations(store)


def test_a_judgement_comes_back_whole_and_its_number_is_taken_once(kept: SqlEvaluations) -> None:
    assert kept.keep(judged())
    assert not kept.keep(judged(evaluator="Jonas"))
    assert kept.of_call("one") == (judged(),)
    assert kept.of_call("nobody") == ()
    assert "Well done" not in repr(judged())


def test_the_newest_of_a_call_stands(kept: SqlEvaluations) -> None:
    second = judged(number=2, at=NOON + timedelta(hours=1), why="Heard again", score=None)
    other = judged("two", agent="Jonas", at=NOON + timedelta(minutes=5))
    assert all(kept.keep(one) for one in (judged(), second, other))
    assert kept.standing() == (second, other)
    assert kept.standing("Jonas") == (other,)
    assert kept.standing(limit=1) == (second,)
    assert kept.of_call("one") == (judged(), second)


def test_what_was_served_and_not_judged_is_left_to_do(kept: SqlEvaluations) -> None:
    assert {one.call_id for one in kept.served(NOON)} == {"one", "two"}
    assert kept.served(NOON + timedelta(seconds=1)) == ()
    kept.keep(judged())
    assert kept.served(NOON) == (Conversation("two", "Mira", "billing", NOON),)


def test_the_agent_has_read_it_once_and_nobody_else_has(kept: SqlEvaluations) -> None:
    kept.keep(judged())
    assert not kept.seen("one", 1, "Jonas", "Not mine", NOON)
    assert kept.seen("one", 1, "Mira", "Thank you", NOON)
    assert not kept.seen("one", 1, "Mira", "Once more", NOON)
    assert (kept.of_call("one")[0].seen_at, kept.of_call("one")[0].reply) == (NOON, "Thank you")


def test_reports_count_what_stands_with_its_points_until_the_call_is_erased(kept: SqlEvaluations, store: SqlStore) -> None:
    failed = (replace(MARKS[0], points=0), MARKS[1])
    for one in (judged(), judged(number=2, why="Heard again", score=0, marks=failed), judged("two", agent="Jonas")):
        assert kept.keep(one)
    assert kept.seen("one", 2, "Mira", "", NOON)
    house, asked = House("Larkfield Water", "UTC", SqlFacts(store)), Asked(NOON.date(), NOON.date())

    def rows(name: str) -> list[tuple[object, ...]]:
        return list(make(house, LIBRARY[name], asked, NOON).rows)

    assert rows("evaluations") == [("Jonas", "billing", 1, 0.8, 0, 0), ("Mira", "billing", 1, 0.0, 1, 1)]
    assert rows("marks") == [("greeting", "Jonas", 1, 4.0), ("greeting", "Mira", 1, 0.0)]
    store.erase_call("one")
    assert (rows("marks"), len(rows("evaluations"))) == ([("greeting", "Jonas", 1, 4.0)], 2)


def test_words_are_forgotten_with_the_call_and_the_score_stays(kept: SqlEvaluations, store: SqlStore) -> None:
    kept.keep(judged())
    kept.seen("one", 1, "Mira", "Thank you", NOON)
    store.erase_call("one")
    assert kept.of_call("one") == (judged(marks=(), comment="", seen_at=NOON),)
    with pytest.raises(StoreError):
        kept.keep(judged(number=2))
