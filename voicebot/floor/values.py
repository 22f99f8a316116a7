"""The floor's people and work. A reservation is one agent's phone ringing for one piece of work."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class AgentState(StrEnum):
    """What an agent is doing."""

    READY = "ready"
    RESERVED = "reserved"  # their phone rings
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    OFFLINE = "offline"


class Role(StrEnum):
    """What somebody may do: serve callers, look after those who serve, look after the house."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class WorkKind(StrEnum):
    """What kind of work waits."""

    CALL = "call"
    CONSULT = "consult"  # an agent asks another one for help
    CALLBACK = "callback"
    MESSAGE = "message"


class TurnedDown(StrEnum):
    """Why a reservation came to nothing."""

    DECLINED = "declined"
    NO_KEY = "no_key"  # answered, no key in time: voicemail, or nobody listening
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


MISSED = (TurnedDown.NO_KEY, TurnedDown.NO_ANSWER)  # nobody was there; a decline is an answer
NOT_ANSWERING = "not_answering"  # the reason of a break that the house itself made


@dataclass(frozen=True)
class Agent:
    """Somebody who takes work. `phone` is a number (E.164) or another address that the carrier can ring. `phones`: others by
    name; `chosen`: the one of them that is rung for now. `language`: what they are spoken to in, "" for what their queues say.

    `desk`: they come and go at a desk, so they are offline until they say otherwise; anybody else is there always.
    """

    id: str
    name: str
    phone: str = field(repr=False)
    queues: tuple[str, ...]
    skills: tuple[str, ...] = ()
    language: str = ""
    state: AgentState = AgentState.READY
    since: datetime | None = None  # in this state; the longest ready is asked first
    roles: tuple[Role, ...] = (Role.AGENT,)
    desk: bool = False
    reason: str = ""  # of a break, by code
    until: datetime | None = None  # wrap-up ends by itself then
    missed: int = 0  # rings in a row that nobody answered
    leaving: bool = False  # not on the roster any more: finishes what they have, then goes
    phones: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    chosen: str = ""

    @property
    def rings_at(self) -> str:
        """The address that is rung now; the usual one where the chosen one is no more."""
        return dict(self.phones).get(self.chosen, self.phone)


@dataclass(frozen=True)
class Passed:
    """An agent turned this work down and is not asked again before `until`."""

    agent: str
    until: datetime


@dataclass(frozen=True)
class Rules:
    """How a queue gives its work out, kept with the work as it was when it came. Seconds; 0 means never.

    `ring_at_most` telephones at once. After `relax_skills_after` anybody of the queue will do; after `overflow_after` agents of
    `overflow_to` as well. `patience`: so long the work waits for its preferred agent. `wrap_up`: an agent's time to file it.
    `not_ready_after` rings that nobody answers an agent with a desk is away.
    """

    ring_at_most: int = 1
    relax_skills_after: int = 0
    overflow_to: str = ""
    overflow_after: int = 0
    patience: int = 0
    wrap_up: int = 0
    not_ready_after: int = 0


@dataclass(frozen=True)
class WorkItem:
    """Work that waits, in a queue's line. The place in line is `since`, and nothing the system does loses it.

    `priority` is a head start in seconds, so that nobody is passed for longer. `only`: it is for this agent, whatever their
    queues and skills, and for nobody else. `preferred`: this agent comes first and needs no skill for it. `here_since`: it came
    from another queue's line; the rules of this one count from then.
    """

    id: str
    kind: WorkKind
    queue: str
    since: datetime
    priority: int = 0
    skills: tuple[str, ...] = ()
    passed: tuple[Passed, ...] = ()
    only: str = ""
    preferred: str = ""
    not_before: datetime | None = None
    rules: Rules = Rules()
    here_since: datetime | None = None

    @property
    def rules_since(self) -> datetime:
        """When the rules' times began: not the time that another queue took."""
        return self.here_since or self.since

    @property
    def place(self) -> tuple[datetime, str]:
        """Smaller is served first."""
        return (self.since - timedelta(seconds=self.priority), self.id)


@dataclass(frozen=True)
class Reservation:
    """An agent asked to take an item. `accepted` once; only one reservation of an item ever is."""

    id: str
    item: str
    queue: str
    agent: str
    made_at: datetime
    accepted: bool = False
    rules: Rules = Rules()
    phone: str = field(default="", repr=False)  # what was rung for it


@dataclass(frozen=True)
class Handed:
    """A message that is with an agent, beside their calls. `begun`: they see to it, so that it is not taken back for silence."""

    item: WorkItem
    agent: str
    at: datetime
    begun: bool = False


@dataclass(frozen=True)
class Answered:
    """An item was accepted then; how quickly a queue's line moves is told by these."""

    queue: str
    at: datetime


@dataclass(frozen=True)
class Floor:
    """Everybody and everything at one moment. Keyed by id; order has no meaning."""

    agents: tuple[Agent, ...] = ()
    items: tuple[WorkItem, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    made: int = 0  # reservations made so far; numbers them
    answered: tuple[Answered, ...] = ()  # the newest, oldest first
    handed: tuple[Handed, ...] = ()
