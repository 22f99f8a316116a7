"""How full the house is at a moment: calls, queues, agents, what waits to be done, and how far recognition is behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Arrears:
    """What is overdue: how many pieces, and by how many seconds the oldest one."""

    count: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Kept:
    """What the database tells. `calls`: those that go on, by the stage that they are in."""

    calls: Mapping[str, int] = field(default_factory=dict)
    wishes: int = 0
    effects: Arrears = Arrears()
    times: Arrears = Arrears()


@dataclass(frozen=True)
class InLine:
    """A queue now. `longest`: seconds that whoever came first has waited."""

    waiting: int = 0
    served: int = 0
    longest: float = 0.0


@dataclass(frozen=True)
class Streams:
    """Audio streams that are heard now, of how many at most; recogniser processes; seconds that the slowest one is behind."""

    open: int = 0
    most: int = 0
    workers: int = 0
    behind: float = 0.0


@dataclass(frozen=True)
class Pressure:
    """All of it. `queues` and `agents` (how many in each state) by name."""

    kept: Kept = Kept()
    queues: Mapping[str, InLine] = field(default_factory=dict)
    agents: Mapping[str, int] = field(default_factory=dict)
    streams: Streams = Streams()
