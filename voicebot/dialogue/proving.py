"""Step-up: a fresh proof for one risky deed, in the middle of a conversation. What is wanted, how it goes, what it came to.

A proof is for its action and amount only. It counts once, and ends with its lifetime.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from voicebot.dialogue.forms import FieldPlan, StepUpPlan
from voicebot.dialogue.values import Modality

TRIES = 3


class Progress(StrEnum):
    """How far a step-up has come. The first three are under way."""

    ASKED = "asked"  # the caller hears the question, with nobody else on the line
    CHECKING = "checking"
    AGAIN = "again"  # the last entry was wrong
    PASSED = "passed"
    FAILED = "failed"
    ABANDONED = "abandoned"  # nobody was proven wrong: silence, the caller's wish, somebody gone, a back end down
    REDEEMED = "redeemed"  # the company has made use of it
    EXPIRED = "expired"  # it had been passed, and its time is over


UNDER_WAY = (Progress.ASKED, Progress.CHECKING, Progress.AGAIN)


@dataclass(frozen=True)
class StepUp:
    """`amount` is in the currency's smallest coins; 0 where the action has none. `until`: so long does a passed one count.

    `unclear`: entries of no use, of which `misheard` were spoken; `said_at`: when speech came last. `modality`: of the answer.
    `seated`: the agent has been taken off hold again. `shown`: the agent has been given its validation token.
    """

    number: int
    plan: StepUpPlan
    amount: int
    proof: FieldPlan
    since: datetime
    progress: Progress = Progress.ASKED
    why: str = ""
    wrong: int = 0
    silent: int = 0
    unclear: int = 0
    lost: int = 0
    misheard: int = 0
    said_at: datetime | None = None
    modality: Modality = Modality.KEYPAD
    until: datetime | None = None
    seated: bool = False
    shown: bool = False

    @property
    def under_way(self) -> bool:
        """Whether the caller is away from the agent for it."""
        return self.progress in UNDER_WAY

    @property
    def amount_told(self) -> str:
        """The amount as people write it (`1250.00 EUR`); empty where the action has none."""
        return self.plan.told(self.amount)

    @property
    def content(self) -> str:
        """All that a validation token vouches for, beside call and customer, in one line."""
        until = self.until.isoformat() if self.until is not None else ""
        return f"{self.number} {self.plan.name} {self.amount_told} {until}"

    def counts(self, at: datetime) -> bool:
        """Whether it may be made use of."""
        return self.progress is Progress.PASSED and self.until is not None and at < self.until

    def over(self, progress: Progress, why: str = "") -> "StepUp":
        """It has come to its end."""
        return replace(self, progress=progress, why=why)

    def passed(self, at: datetime) -> "StepUp":
        """The proof was right."""
        return replace(self, progress=Progress.PASSED, until=at + timedelta(seconds=self.plan.lifetime))
