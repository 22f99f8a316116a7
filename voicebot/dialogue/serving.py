"""The state of a conversation with an agent: who is in it, who is on hold, who is asked for help, who listens in."""

from dataclasses import dataclass, field
from datetime import datetime

from voicebot.dialogue.deeds import Target
from voicebot.dialogue.values import Party, Supervision


@dataclass(frozen=True)
class Hold:
    """The caller hears music. `in_effect` once the line has done it: until then the caller may still hear everything."""

    since: datetime
    in_effect: bool = False


@dataclass(frozen=True)
class Consult:
    """A second agent who is asked. `item` is what the floor knows it by.

    `offered`: the floor has been asked for somebody, which waits until the caller cannot hear. `reservation`, `agent` (a name)
    and `agent_id` are known once somebody has accepted; `present` once they are in the room.
    """

    item: str
    target: Target
    since: datetime
    offered: bool = False
    reservation: str = ""
    agent: str = ""
    agent_id: str = ""
    present: bool = False


@dataclass(frozen=True)
class Supervising:
    """A supervisor with a leg of their own. `leg` is the name that we give it, as a reservation is for an agent's."""

    leg: str
    supervisor: str
    name: str
    supervision: Supervision
    present: bool = False


@dataclass(frozen=True)
class PassedOn:
    """Somebody has passed the call on: who (a name), when, from which queue, with which words for the next one."""

    by: str
    at: datetime
    queue: str
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class Serving:
    """With an agent, or on the way to one. `agent` is a name, `agent_id` is who may control the conversation."""

    reservation: str
    agent: str
    agent_id: str = ""
    present: tuple[Party, ...] = ()  # who of the two has come into the room
    joined_at: datetime | None = None
    accepted_at: datetime | None = None
    hold: Hold | None = None
    muted: bool = False  # the agent
    consult: Consult | None = None
    supervisors: tuple[Supervising, ...] = ()

    def supervisor(self, who: str) -> Supervising | None:
        """Who listens in, by supervisor or by leg."""
        return next((one for one in self.supervisors if who in (one.supervisor, one.leg)), None)


def item_of(reservation: str) -> str:
    """A reservation's id is its item's with a number behind."""
    return reservation.rpartition(".")[0]
