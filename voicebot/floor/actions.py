"""What the floor wants done."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from voicebot.floor.values import Reservation, TurnedDown


@dataclass(frozen=True)
class RingAgent:
    """Ring this agent's phone for this reservation."""

    reservation: Reservation
    phone: str

    def __repr__(self) -> str:
        return f"RingAgent({self.reservation})"


@dataclass(frozen=True)
class StopRinging:
    """The reservation is over: end the agent's leg, whatever it is doing."""

    reservation: Reservation


@dataclass(frozen=True)
class Assigned:
    """This agent has it. Said of one agent per item, and again if that agent says so again."""

    reservation: Reservation


@dataclass(frozen=True)
class TooLate:
    """The agent pressed 1 for work that is taken or gone."""

    reservation: str


@dataclass(frozen=True)
class AskedInVain:
    """An agent was asked in vain; the item keeps its place."""

    reservation: Reservation
    why: TurnedDown
    reason: str = ""


@dataclass(frozen=True)
class WakeFloorAt:
    """Send `TimePassed` then."""

    at: datetime


FloorAction: TypeAlias = RingAgent | StopRinging | Assigned | TooLate | AskedInVain | WakeFloorAt
