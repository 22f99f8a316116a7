"""What reports sum: facts of interactions that are over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.facts.periods import Period
from voicebot.facts.sums import Targets
from voicebot.facts.tally import Tally


class By(StrEnum):
    """By what sums may be told apart. The values are words of the store."""

    AGENT = "agent"
    QUEUE = "queue"
    LINE = "line"
    LANGUAGE = "language"
    CODE = "code"
    ENDING = "ending"
    STEP = "step"
    ATTEMPT = "attempt"
    MODALITY = "modality"
    REASON = "reason"
    EVENT = "event"
    WAY = "way"
    KIND = "kind"
    SCORE = "score"


class Part(StrEnum):
    """Which of the things that are counted. Of those in journals the value is the sum that counts them; the last five are not."""

    CALLS = "calls"
    STAYS = "offered"
    HANDLED = "handled"
    RINGS = "rung_in_vain"
    QUESTIONS = "questions"
    UNPROVEN = "unproven"
    EVENTS = "security_events"
    PAYMENTS = "payments"
    SCORES = "scored"
    CALLBACKS = "callbacks"
    OUTREACH = "outreach"
    EVALUATIONS = "evaluations"
    MARKS = "marks"


OF_JOURNALS = (
    Part.CALLS, Part.STAYS, Part.HANDLED, Part.RINGS, Part.QUESTIONS, Part.UNPROVEN, Part.EVENTS, Part.PAYMENTS,
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What is summed: everything that began from `since` (inclusive) to `until` (exclusive), to the quarter of an hour.

    `only` holds filters; one that is not there admits everything. Sums of other parts than `parts` are left at nothing.
    """

    since: datetime
    until: datetime
    only: Mapping[By, str] = field(default_factory=dict)
    targets: Targets = field(default_factory=Targets)
    parts: Collection[Part] = OF_JOURNALS


@dataclass(frozen=True)
class Sum:
    """One group: `began` where it was asked for by period (UTC, as `facts.periods.began`), and the values of what it is by."""

    began: datetime | None
    by: tuple[str, ...]
    tally: Tally


class FactStore(Protocol):
    """Sums over facts."""

    def sums(self, wanted: Wanted, by: Sequence[By] = (), period: Period | None = None) -> tuple[Sum, ...]:
        """Groups in order of time, then of values. A group with nothing in it is left out."""
        ...

    def missing(self) -> int:
        """How many interactions are over and not among the facts yet."""
        ...
