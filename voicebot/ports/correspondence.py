"""What agents and customers write to each other, as agents see it: threads, and answers that wait for somebody."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voicebot.ports.outgoing import Channel


class ReplyState(StrEnum):
    """Of what came in."""

    NEW = "new"
    TAKEN = "taken"  # an agent has it
    DONE = "done"
    NOTED = "noted"  # STOP, START, HELP: for nobody


@dataclass(frozen=True)
class Reply:
    """`sid`: the carrier's id; `person`: E.164 or a Messenger id; `sender`: of ours, to which it came."""

    sid: str
    channel: Channel
    person: str = field(repr=False)
    sender: str
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class Written:
    """One message of a thread. `by`: an agent's id, empty for the house or the person; `state`: of either kind."""

    number: int
    incoming: bool
    text: str = field(repr=False)
    at: datetime
    state: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class Thread:
    """All with one person by one channel and sender, oldest first. `number`: of its newest message. `person` is empty where it
    was erased. `taken_by`: the agent who has its open answers; `waits`: there are some that nobody has.
    """

    number: int
    channel: Channel
    person: str = field(repr=False)
    sender: str
    messages: tuple[Written, ...]
    taken_by: str = ""
    waits: bool = False


@dataclass(frozen=True)
class OpenAnswers:
    """What of a thread nobody is done with. `number`: of the oldest, and so the same while any is open; `taken_by`: who has them;
    `last_agent`: who wrote to this person last, empty where nobody did.
    """

    number: int
    since: datetime
    taken_by: str
    last_agent: str


class Correspondence(Protocol):
    """Threads."""

    def arrived(self, reply: Reply, state: ReplyState, stops: bool | None = None) -> bool:
        """Keep what came in; whoever has the thread has it too. False where it was there already.

        `stops`: from now on they want nothing from this sender, or they do again; kept together with it, so that none is lost.
        """
        ...

    def open_threads(self, limit: int = 50) -> list[Thread]:
        """Those with answers that are not done, longest waiting first."""
        ...

    def threads(self, limit: int = 50) -> list[Thread]:
        """Those with agents or of people, newest first, each with its newest message only."""
        ...

    def thread(self, number: int) -> Thread | None:
        """That of this message."""
        ...

    def take(self, number: int, agent: str, at: datetime) -> bool:
        """This agent has its open answers. False where another one has."""
        ...

    def done(self, number: int, agent: str, at: datetime) -> bool:
        """Nothing of it is open any more."""
        ...

    def release(self, number: int, agent: str, at: datetime) -> bool:
        """This agent has its open answers no more: they wait for anybody. False where they have none."""
        ...

    def oldest_open(self, number: int) -> int | None:
        """The oldest open answer of the thread of this message; None where nothing of it is open."""
        ...

    def open_answers(self) -> list[OpenAnswers]:
        """Of every thread that has some, longest waiting first. Nothing is opened that is sealed."""
        ...

    def belongs(self, person: str, customer: str) -> None:
        """All with this person is this customer's (the back end's key), so that it is forgotten with them."""
        ...

    def last_in(self, channel: Channel, person: str, sender: str) -> datetime | None:
        """When this person last wrote to this sender."""
        ...
