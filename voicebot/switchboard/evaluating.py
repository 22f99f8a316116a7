"""Conversations judged by supervisors: which ones are proposed, what a judgement comes to, and who may make and read one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from voicebot.ports.clock import Clock
from voicebot.ports.evaluations import HIGHEST, Conversation, Evaluation, Evaluations, Mark, Question

LOOKED_BACK = timedelta(days=7)  # conversations that are proposed
LONGEST = 2000  # characters of a comment
NOT_APPLICABLE = "-"
NO_SUCH_CALL = "There is no such conversation to be judged."
YOUR_OWN = "Nobody judges a conversation of their own."
WITHOUT_REASON = "Say why the earlier judgement is superseded."
MEANWHILE = "Somebody else has judged this conversation meanwhile. Look at it first."


@dataclass(frozen=True)
class EvaluatingPlan:
    """`rank` gives each call a number from 0 to 1 that nobody can foresee; `sampled` of a hundred are proposed. `had(call)`: by
    name, every agent who had it, the last one last; none for a call that is unknown or goes on.
    """

    evaluations: Evaluations
    clock: Clock
    questions: tuple[Question, ...]
    sampled: int
    rank: Callable[[str], float]
    had: Callable[[str], tuple[str, ...]]


class Evaluating:
    """`who` is the name of a supervisor or an agent, made sure of before. Methods may be called from any thread."""

    def __init__(self, plan: EvaluatingPlan) -> None:
        self._plan = plan

    @property
    def questions(self) -> tuple[Question, ...]:
        """As they are asked now."""
        return self._plan.questions

    def proposed(self, who: str) -> tuple[Conversation, ...]:
        """Conversations of the last days that are to be judged, newest first, none of their own."""
        served = self._plan.evaluations.served(self._plan.clock.now() - LOOKED_BACK)
        chosen = sample([one for one in served if one.agent != who], self._plan.sampled, self._plan.rank)
        return tuple(chosen) if self._plan.questions else ()

    def of_call(self, call_id: str) -> tuple[Evaluation, ...]:
        """Every judgement of a call, oldest first."""
        return self._plan.evaluations.of_call(call_id)

    def standing(self, agent: str = "") -> tuple[Evaluation, ...]:
        """What stands, newest first."""
        return self._plan.evaluations.standing(agent)

    def judge(self, who: str, call_id: str, answers: Mapping[str, str], comment: str = "", why: str = "") -> str:
        """Keep a judgement. `answers`: question -> points as text or `NOT_APPLICABLE`. Gives what is against it, or ""."""
        had, before = self._plan.had(call_id), self.of_call(call_id)
        if not had:
            return NO_SUCH_CALL
        if who in had:
            return YOUR_OWN
        if before and not why.strip():
            return WITHOUT_REASON
        try:
            marks = tuple(mark(question, answers.get(question.name, "")) for question in self._plan.questions)
        except ValueError as wrong:
            return str(wrong)
        one = Evaluation(
            call_id, len(before) + 1, had[-1], who, self._plan.clock.now(), score(marks), marks,
            comment.strip()[:LONGEST], why.strip()[:LONGEST] if before else "",
        )  # fmt: skip
        return "" if self._plan.evaluations.keep(one) else MEANWHILE

    def read(self, agent: str, call_id: str, number: int, reply: str = "") -> bool:
        """The agent has read what was said of them, once."""
        return self._plan.evaluations.seen(call_id, number, agent, reply.strip()[:LONGEST], self._plan.clock.now())


def sample(calls: Sequence[Conversation], share: int, rank: Callable[[str], float]) -> list[Conversation]:
    """`share` of a hundred of each agent's calls, and at least one of each agent. In the order of `calls`."""
    if share <= 0:
        return []
    ranked = {one.call_id: rank(one.call_id) for one in calls}
    lowest: dict[str, str] = {}
    for one in calls:
        if one.agent not in lowest or ranked[one.call_id] < ranked[lowest[one.agent]]:
            lowest[one.agent] = one.call_id
    return [one for one in calls if ranked[one.call_id] < share / 100 or lowest[one.agent] == one.call_id]


def mark(question: Question, answer: str) -> Mark:
    """An answer as it is kept. Raises ValueError in words for one that is missing or out of range."""
    if answer != NOT_APPLICABLE and answer not in {str(points) for points in range(HIGHEST + 1)}:
        raise ValueError(f"“{question.text}” wants 0 to {HIGHEST} points, or that it does not apply.")
    points = None if answer == NOT_APPLICABLE else int(answer)
    return Mark(question.name, question.text, question.weight, question.critical, points)


def score(marks: Sequence[Mark]) -> int | None:
    """What was reached of a hundred: sum of weight × points over sum of weight × `HIGHEST`, of the questions that applied, a half
    rounded up. 0 if a critical one got no point; None if none applied.
    """
    counted = [(one, one.points) for one in marks if one.points is not None]
    if not counted:
        return None
    if any(one.critical and not points for one, points in counted):
        return 0
    reached, possible = sum(one.weight * points for one, points in counted), sum(one.weight * HIGHEST for one, _ in counted)
    return (200 * reached + possible) // (2 * possible)


def averages(evaluations: Sequence[Evaluation]) -> dict[str, tuple[int, int]]:
    """By agent the mean score, rounded, and of how many; agents by name. What has no score counts for nothing."""
    scores: dict[str, list[int]] = {}
    for one in evaluations:
        if one.score is not None:
            scores.setdefault(one.agent, []).append(one.score)
    return {agent: (round(sum(given) / len(given)), len(given)) for agent, given in sorted(scores.items())}


def by_question(evaluations: Sequence[Evaluation]) -> dict[str, float]:
    """By the question's words its mean points, where it applied at all."""
    points: dict[str, list[int]] = {}
    for one in (mark for evaluation in evaluations for mark in evaluation.marks):
        if one.points is not None:
            points.setdefault(one.text, []).append(one.points)
    return {text: round(sum(given) / len(given), 1) for text, given in points.items()}
