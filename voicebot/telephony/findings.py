"""What a check found: one plain sentence, and what to do about it. Values only; must never hold a secret."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is. Only `missing` and `wrong` keep calls from being taken as they should be."""

    FACT = "fact"  # how it is set up
    OK = "ok"
    NOTE = "note"
    SKIPPED = "skipped"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """`part` is the heading that it stands under; `mend` says what to do, where there is something to do."""

    part: str
    verdict: Verdict
    says: str
    mend: str = ""

    @property
    def bad(self) -> bool:
        """Whether something has to be done before calls can be taken as they should be."""
        return self.verdict in (Verdict.MISSING, Verdict.WRONG)


def fact(part: str, says: str) -> Finding:
    """How it is set up."""
    return Finding(part, Verdict.FACT, says)


def ok(part: str, says: str) -> Finding:
    """It was looked at, and it is right."""
    return Finding(part, Verdict.OK, says)


def note(part: str, says: str, mend: str = "") -> Finding:
    """Calls can be taken, but it is worth knowing."""
    return Finding(part, Verdict.NOTE, says, mend)


def skipped(part: str, says: str) -> Finding:
    """It was not looked at, and why."""
    return Finding(part, Verdict.SKIPPED, says)


def wrong(part: str, says: str, mend: str = "") -> Finding:
    """It keeps calls from being taken as they should be."""
    return Finding(part, Verdict.WRONG, says, mend)
