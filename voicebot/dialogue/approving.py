"""Approval in the customer's own app: how it goes, and what it comes to.

Approving proves that the customer was there, not that the caller is the customer: only with the code that the app shows, keyed
into this very call, do the two come together.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from voicebot.dialogue.values import Secret, Shape

APPROVAL = "approval"  # what it is called among the proofs of a step-up, and in evidence
CODE = Shape.parse("digits:6")
TRIES = 3  # at the code
MOST_A_CALL = 3
SECONDS = (120, 300)  # that the app may ask for: with nobody before the caller in line, and at most


class ApprovalProgress(StrEnum):
    """How far it has come. The first three are under way."""

    ASKED = "asked"  # the provider is being asked
    OPEN = "open"  # the app shows it
    APPROVED = "approved"  # in the app; the code is outstanding
    DONE = "done"  # approved, and the code was keyed
    DENIED = "denied"
    EXPIRED = "expired"
    WRONG_CODE = "wrong_code"  # too often
    NOT_SET_UP = "not_set_up"  # the customer has no app with this provider
    LIMITED = "limited"  # asked too often without success, or too soon
    ELSEWHERE = "elsewhere"  # one is open for this customer in another call
    UNAVAILABLE = "unavailable"  # the provider, or what names the customer there
    UNTRUE = "untrue"  # the provider's word did not hold
    DROPPED = "dropped"  # the call, or what it was for, ended before


UNDER_WAY = (ApprovalProgress.ASKED, ApprovalProgress.OPEN, ApprovalProgress.APPROVED)


class ApprovalResult(StrEnum):
    """What became of asking the provider."""

    OPEN = "open"
    NOT_SET_UP = "not_set_up"
    LIMITED = "limited"
    ELSEWHERE = "elsewhere"
    UNAVAILABLE = "unavailable"


class ApprovalVerdict(StrEnum):
    """What the customer said in the app, as far as anybody can tell."""

    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    UNTRUE = "untrue"
    UNAVAILABLE = "unavailable"


# ---- what is wanted of the house --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequestApproval:
    """*Effect.* The customer's own app is to ask them, for so many seconds. `about`: for what, beside who is calling.

    `ApprovalRequested` says whether it does, `ApprovalAnswered` what they said.
    """

    approval: int
    ref: str = field(repr=False)
    seconds: int
    about: str = field(default="", repr=False)


@dataclass(frozen=True)
class CheckCode:
    """Is this the code that the app shows? `CodeChecked` says so, at once."""

    approval: int
    keys: Secret


@dataclass(frozen=True)
class DropApproval:
    """Nobody waits for this approval any more."""

    approval: int


# ---- its state ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Approval:
    """`customer`: whose app it is in, by the back end's key. `step_up`: the number of the step-up that it is for; 0: it is about
    who is calling.
    """

    number: int
    customer: str = field(repr=False)
    since: datetime
    step_up: int = 0
    progress: ApprovalProgress = ApprovalProgress.ASKED
    code_keyed: bool = False
    wrong: int = 0

    @property
    def under_way(self) -> bool:
        """Whether there is still something to come."""
        return self.progress in UNDER_WAY

    @property
    def awaits_code(self) -> bool:
        """Whether a caller in line may key the code now."""
        return self.under_way and not self.code_keyed and not self.step_up

    def at(self, progress: ApprovalProgress) -> "Approval":
        """It has come so far."""
        return replace(self, progress=progress)

    def told(self, verdict: ApprovalVerdict) -> "Approval":
        """The app has answered."""
        if verdict is not ApprovalVerdict.APPROVED:
            return self.at(ApprovalProgress(verdict.value))
        return self.at(ApprovalProgress.DONE if self.code_keyed else ApprovalProgress.APPROVED)

    def code(self, *, right: bool) -> "Approval":
        """A code was keyed."""
        if right:
            done = self.progress is ApprovalProgress.APPROVED
            return replace(self, code_keyed=True, progress=ApprovalProgress.DONE if done else self.progress)
        wrong = self.wrong + 1
        return replace(self, wrong=wrong, progress=ApprovalProgress.WRONG_CODE if wrong >= TRIES else self.progress)


def seconds_for(minutes: int | None) -> int:
    """How long the app may ask for it, with so many minutes in line to come."""
    shortest, longest = SECONDS
    return longest if minutes is None else min(longest, max(shortest, 60 * minutes + 60))
