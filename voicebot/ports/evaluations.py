"""How conversations were judged by those who look after agents: kept for good, superseded but never changed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

HIGHEST = 5  # points for an answer


@dataclass(frozen=True)
class Question:
    """One question: `weight` against the others; without a point at a `critical` one, everything else counts for nothing."""

    name: str
    text: str
    weight: int = 1
    critical: bool = False


@dataclass(frozen=True)
class Mark:
    """The answer to one question, with the question as it was asked then. `points` None: it did not apply."""

    question: str
    text: str
    weight: int
    critical: bool
    points: int | None


@dataclass(frozen=True)
class Evaluation:
    """One judgement of one conversation. `number` counts those of a call from 1; the highest is the one that stands.

    `agent` and `evaluator` are names. `score` is a percentage, None where no question applied. `why` says why an earlier one was
    superseded. Marks and words are empty where the call was erased.
    """

    call_id: str
    number: int
    agent: str
    evaluator: str
    at: datetime
    score: int | None
    marks: tuple[Mark, ...] = ()
    comment: str = field(default="", repr=False)
    why: str = field(default="", repr=False)
    seen_at: datetime | None = None
    reply: str = field(default="", repr=False)


@dataclass(frozen=True)
class Conversation:
    """A served call that could be judged."""

    call_id: str
    agent: str
    queue: str
    started_at: datetime


class Evaluations(Protocol):
    """What was judged, and what could be."""

    def served(self, since: datetime) -> tuple[Conversation, ...]:
        """Conversations that began from this time on, are over and have not been judged, newest first."""
        ...

    def of_call(self, call_id: str) -> tuple[Evaluation, ...]:
        """Every judgement of a call, oldest first."""
        ...

    def standing(self, agent: str = "", limit: int = 100) -> tuple[Evaluation, ...]:
        """Of each judged call the one that stands, newest first; of one agent where a name is given."""
        ...

    def keep(self, evaluation: Evaluation) -> bool:
        """Keep a new one. False where its number is taken: somebody else was quicker. StoreError for an erased call."""
        ...

    def seen(self, call_id: str, number: int, agent: str, reply: str, at: datetime) -> bool:
        """The agent has read it, once, with some words. False where it is not theirs, not there, or was read before."""
        ...
