"""What a judgement comes to, and which conversations are proposed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.ports.evaluations import HIGHEST, Conversation, Evaluation, Mark, Question
from voicebot.switchboard.evaluating import averages, by_question, mark, sample, score

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def of(points: int | None, weight: int = 1, critical: bool = False) -> Mark:
    return Mark("q", "Q?", weight, critical, points)


@pytest.mark.parametrize(
    ("marks", "percent"),
    [
        ([], None),
        ([of(None)], None),
        ([of(5)], 100),
        ([of(0)], 0),
        ([of(5), of(None)], 100),
        ([of(5, 1), of(2, 2)], 60),
        ([of(1, 1), of(5, 7)], 90),
        ([of(5, 100), of(0, 1, critical=True)], 0),
        ([of(5, 100), of(1, 1, critical=True)], 99),
        ([of(5), of(None, critical=True)], 100),
        ([of(1, 1), of(0, 1), of(0, 1), of(0, 1)], 5),
        ([of(1, 1), *[of(0)] * 7], 3),  # 2.5, a half is rounded up
    ],
)
def test_a_score_is_what_was_reached_of_a_hundred(marks: list[Mark], percent: int | None) -> None:
    assert score(marks) == percent


MARKS = st.lists(st.builds(of, st.none() | st.integers(0, HIGHEST), st.integers(1, 100), st.booleans()), max_size=8)


@given(MARKS)
def test_a_score_is_a_percentage_and_full_only_where_nothing_was_missed(marks: list[Mark]) -> None:
    reached = score(marks)
    counted = [one for one in marks if one.points is not None]
    assert (reached is None) is (not counted)
    if reached is not None:
        assert 0 <= reached <= 100
        if all(one.points == HIGHEST for one in counted):
            assert reached == 100
        if any(one.critical and one.points == 0 for one in counted):
            assert reached == 0


@given(MARKS, st.integers(0, 7))
def test_one_more_point_never_makes_it_less(marks: list[Mark], at: int) -> None:
    if at < len(marks) and (points := marks[at].points) is not None and points < HIGHEST:
        better = [*marks[:at], of(points + 1, marks[at].weight, marks[at].critical), *marks[at + 1 :]]
        assert (score(better) or 0) >= (score(marks) or 0)


def test_an_answer_is_kept_with_its_question_as_it_was_asked() -> None:
    question = Question("greeting", "Greeted?", 3, critical=True)
    assert mark(question, "4") == Mark("greeting", "Greeted?", 3, True, 4)
    assert mark(question, "-").points is None
    for wrong in ("", "6", "-1", "٣", "4.0"):
        with pytest.raises(ValueError, match="Greeted"):
            mark(question, wrong)


RANKS = st.lists(st.tuples(st.sampled_from(["Mira", "Jonas", "Vera"]), st.floats(0, 0.999)), max_size=30)


@given(RANKS, st.integers(0, 100))
def test_every_agent_is_judged_and_nobody_more_than_their_share_says(ranks: list[tuple[str, float]], share: int) -> None:
    calls = [Conversation(str(number), agent, "billing", NOON) for number, (agent, _) in enumerate(ranks)]
    chosen = sample(calls, share, lambda call: ranks[int(call)][1])
    assert [one for one in calls if one in chosen] == chosen
    if share == 0:
        assert chosen == []
    else:
        assert {one.agent for one in chosen} == {agent for agent, _ in ranks}
        below = [one for one in calls if ranks[int(one.call_id)][1] < share / 100]
        assert set(below) <= set(chosen)
        for agent in {one.agent for one in chosen}:
            assert sum(one.agent == agent for one in chosen) <= max(1, sum(one.agent == agent for one in below))


def test_averages_are_by_agent_and_by_question() -> None:
    def judged(agent: str, *points: int | None) -> Evaluation:
        marks = tuple(Mark("q", f"Q{number}?", 1, False, one) for number, one in enumerate(points))
        return Evaluation("c", 1, agent, "Vera", NOON, score(marks), marks)

    all_of_them = [judged("Mira", 5, 4), judged("Mira", 3, None), judged("Jonas", None, None)]
    assert averages(all_of_them) == {"Mira": (75, 2)}
    assert by_question(all_of_them) == {"Q0?": 4.0, "Q1?": 4.0}
