"""Calls to look for: live ones, past ones, a customer's earlier ones. Reads; what was said in them is the journal's."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.dialogue.values import Assurance, Ending


@dataclass(frozen=True)
class Interaction:
    """One call. Times are aware, in UTC; `answered_at` is when caller and agent first were together.

    `identifier` and `name` are empty where nobody was identified, and where the call was erased. `score`: how satisfied the
    caller was, 0 to 10; None where they were not asked or did not say.
    """

    call_id: str
    started_at: datetime
    line: str
    queue: str
    language: str
    stage: str
    assurance: Assurance
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None
    agent: str = ""
    wrap_up: str = ""
    identifier: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    score: int | None = None


class Which(StrEnum):
    """Calls that go on, that are over, or both."""

    LIVE = "live"
    PAST = "past"
    ALL = "all"


@dataclass(frozen=True)
class Sought:
    """What to look for; an empty field asks nothing. `since` and `until` (not included) are about the beginning of the call.

    `identifier` is exactly what the caller said or keyed. `scores`: from and to which score, both included.
    """

    which: Which = Which.ALL
    since: datetime | None = None
    until: datetime | None = None
    line: str = ""
    queue: str = ""
    language: str = ""
    agent: str = ""
    assurance: Assurance | None = None
    ending: Ending | None = None
    wrap_up: str = ""
    identifier: str = field(default="", repr=False)
    scores: tuple[int, int] | None = None


@dataclass(frozen=True)
class Page:
    """Newest first. `older` is what to go on with, empty at the end."""

    rows: tuple[Interaction, ...]
    older: str = ""


@dataclass(frozen=True)
class Offered:
    """A caller who got in line. `waited` is seconds, None while they wait; `ending` None while the call goes on."""

    queue: str
    queued_at: datetime
    waited: float | None
    answered: bool
    ending: Ending | None


class Interactions(Protocol):
    """Everything about calls but what was said."""

    def find(self, sought: Sought, *, limit: int = 50, older: str = "") -> Page:
        """A page of them. Raises StoreError for an `older` that no page gave."""
        ...

    def get(self, call_id: str) -> Interaction | None:
        """One of them."""
        ...

    def earlier(self, customer: str, before: datetime, limit: int = 5) -> tuple[Interaction, ...]:
        """The newest calls of this customer (the back end's own key) that began before."""
        ...

    def lately(self, since: datetime, each: int) -> dict[str, tuple[str, ...]]:
        """By agent's name, calls that began since then and are over, newest first, so many at most. Opens nothing sealed."""
        ...

    def offered(self, since: datetime) -> tuple[Offered, ...]:
        """Everybody who got in line from this time on, oldest first. Opens nothing that is sealed."""
        ...

    def wrapped_up(self, call_id: str, code: str) -> None:
        """How the agent filed it. Raises StoreError for an unknown call."""
        ...
