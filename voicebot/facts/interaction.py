"""One interaction in facts: the call, its stays in line, and each agent's part of it. Times are aware; lengths are exact."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NOTHING = timedelta()


class Outcome(StrEnum):
    """How a stay in line ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    WAITED_TOO_LONG = "waited_too_long"
    CLOSED_MEANWHILE = "closed_meanwhile"
    CALLBACK_PROMISED = "callback_promised"
    OTHER = "other"  # the line ended the call in some other way


class GivenTo(StrEnum):
    """What an agent did with a call that was not at its end."""

    NOBODY = ""
    PASSED_ON = "passed_on"  # back in line, for another agent or queue
    TAKEN_OVER = "taken_over"  # by the colleague whom they had asked
    LOST = "lost"  # the agent's leg ended while the caller was on hold


@dataclass(frozen=True)
class Stay:
    """One time in line of one queue. `until`: answered, or given up. `again`: the caller came back from an agent who was lost."""

    queue: str
    since: datetime
    until: datetime
    outcome: Outcome
    again: bool = False

    @property
    def waited(self) -> timedelta:
        """From joining the queue to its end."""
        return self.until - self.since


@dataclass(frozen=True)
class Spell:
    """An agent's part of a conversation. `wrap_up` is None where they have not filed it."""

    agent: str
    queue: str
    since: datetime
    until: datetime
    hold: timedelta = NOTHING
    wrap_up: timedelta | None = None
    consults: int = 0
    given_to: GivenTo = GivenTo.NOBODY
    verified: bool = False  # the caller was, when the part began

    @property
    def talk(self) -> timedelta:
        """The conversation without its holds."""
        return self.until - self.since - self.hold

    @property
    def handling(self) -> timedelta:
        """Talk, hold and, where it was filed, wrap-up."""
        return self.until - self.since + (self.wrap_up or NOTHING)


@dataclass(frozen=True)
class InVain:
    """An agent's phone rang for this call, and they did not take it."""

    agent: str
    queue: str
    at: datetime


@dataclass(frozen=True)
class Known:
    """What a journal does not have. `customer` is a keyed hash, or empty where nobody was identified."""

    call_id: str
    customer: str = ""
    called_back_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """One interaction that is over.

    `since_last` is the time since the same customer's call before this one, None where there was none (`repeats.marked`).
    `verified_at` is None where nothing was proven, `score` (0 to 10) where the caller was not asked or said nothing.
    """

    call_id: str
    started_at: datetime
    ended_at: datetime
    line: str
    language: str
    ending: str
    assurance: str
    code: str = ""
    stays: tuple[Stay, ...] = ()
    spells: tuple[Spell, ...] = ()
    in_vain: tuple[InVain, ...] = ()
    customer: str = ""
    called_back_at: datetime | None = None
    since_last: timedelta | None = None
    verified_at: datetime | None = None
    score: int | None = None

    @property
    def time_to_verify(self) -> timedelta | None:
        """From the ring to the proof."""
        return None if self.verified_at is None else self.verified_at - self.started_at

    @property
    def picked_up_verified(self) -> bool:
        """Whether the first agent who talked with the caller had nothing left to ask for proof."""
        return bool(self.spells) and self.spells[0].verified
