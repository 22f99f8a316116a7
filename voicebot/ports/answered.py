"""What requests of other systems were answered with, so that a repeat gets the same answer and nothing is done twice."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class AnsweredRequest:
    """`fingerprint`: a keyed hash of what was asked; `about`: the call (ours) that the answer tells of, empty for none."""

    fingerprint: str
    about: str
    status: int
    content: dict[str, Any] = field(repr=False)
