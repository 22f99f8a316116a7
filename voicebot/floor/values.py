"""The floor's people and work. A reservation is one agent's phone ringing for one piece of work."""

from dataclasses import dataclass, field
from datetime import datetime
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
    CALLBACK = "callback"
    MESSAGE = "message"


class TurnedDown(StrEnum):
    """Why a reservation came to nothing."""

    DECLINED = "declined"
    NO_KEY = "no_key"  # answered, no key in time: voicemail, or nobody listening
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


@dataclass(frozen=True)
class Agent:
    """Somebody who takes work. `phone` is a number (E.164) or another address that the carrier can ring."""

    id: str
    name: str
    phone: str = field(repr=False)
    queues: tuple[str, ...]
    skills: tuple[str, ...] = ()
    language: str = "en"
    state: AgentState = AgentState.READY
    since: datetime | None = None  # in this state; the longest ready is asked first
    roles: tuple[Role, ...] = (Role.AGENT,)
    leaving: bool = False  # not on the roster any more: finishes what they have, then goes


@dataclass(frozen=True)
class Passed:
    """An agent turned this work down and is not asked again before `until`."""

    agent: str
    until: datetime


@dataclass(frozen=True)
class WorkItem:
    """Work that waits, in a queue's line. The place in line is `since` (and `priority`), and nothing the system does loses it."""

    id: str
    kind: WorkKind
    queue: str
    since: datetime
    priority: int = 0
    skills: tuple[str, ...] = ()
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True)
class Reservation:
    """An agent asked to take an item. `accepted` once; only one reservation of an item ever is."""

    id: str
    item: str
    queue: str
    agent: str
    made_at: datetime
    accepted: bool = False


@dataclass(frozen=True)
class Floor:
    """Everybody and everything at one moment. Keyed by id; order has no meaning."""

    agents: tuple[Agent, ...] = ()
    items: tuple[WorkItem, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    made: int = 0  # reservations made so far; numbers them
