"""What happens on the floor. Times are aware datetimes in UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from voicebot.floor.values import Agent, AgentState, TurnedDown, WorkItem


@dataclass(frozen=True)
class AgentsKnown:
    """The roster, whole: new agents come in, missing ones go once they are free, known ones keep their state."""

    at: datetime
    agents: tuple[Agent, ...]


@dataclass(frozen=True)
class AgentStateSet:
    """An agent (or a supervisor) changed state."""

    at: datetime
    agent: str
    state: AgentState
    reason: str = ""  # of a break


@dataclass(frozen=True)
class PhoneChosen:
    """An agent is to be rung at this phone from the next ring on; "" is the usual one."""

    at: datetime
    agent: str
    phone: str


@dataclass(frozen=True)
class WorkOffered:
    """New work in line."""

    at: datetime
    item: WorkItem


@dataclass(frozen=True)
class WorkBegun:
    """This agent sees to a message: one that was handed to them, or that they took out of the line themselves."""

    at: datetime
    item: str
    agent: str


@dataclass(frozen=True)
class WorkWithdrawn:
    """The work is gone: the caller hung up, or was served otherwise; nothing more is to be said to a message."""

    at: datetime
    item: str


@dataclass(frozen=True)
class ReservationAccepted:
    """The agent pressed 1."""

    at: datetime
    reservation: str


@dataclass(frozen=True)
class ReservationTurnedDown:
    """The agent did not take it."""

    at: datetime
    reservation: str
    why: TurnedDown
    reason: str = ""  # what the agent said, by code


@dataclass(frozen=True)
class WorkDone:
    """The agent is through with what they accepted."""

    at: datetime
    reservation: str


@dataclass(frozen=True)
class TimePassed:
    """A time came that the floor asked for with `WakeFloorAt`."""

    at: datetime


FloorEvent: TypeAlias = (
    AgentsKnown
    | AgentStateSet
    | PhoneChosen
    | WorkOffered
    | WorkBegun
    | WorkWithdrawn
    | ReservationAccepted
    | ReservationTurnedDown
    | WorkDone
    | TimePassed
)
