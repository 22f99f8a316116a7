"""The business as `voicebot.toml` describes it: lines, fields, details, queues, agents. Values only; `reading` makes them.

Must not hold a secret: those are in the deployment.
"""

from dataclasses import dataclass, field
from datetime import datetime

from voicebot.config.hours import OpeningHours
from voicebot.dialogue.forms import Detail, LinePlan, QueuePlan
from voicebot.dialogue.values import Shape
from voicebot.floor.values import Agent


@dataclass(frozen=True)
class Queue:
    """A queue and when anybody works in it."""

    plan: QueuePlan
    hours: OpeningHours

    def is_open(self, at: datetime) -> bool:
        """Whether anybody works in it at this aware time."""
        return self.hours.is_open(at)


@dataclass(frozen=True)
class Line:
    """A service line: what is asked there, and when it is answered. `queue_hours` only where the line ends in its queue."""

    plan: LinePlan
    hours: OpeningHours
    queue_hours: OpeningHours | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether the line, and the queue it leads to, is open at this aware time."""
        return self.hours.is_open(at) and (self.queue_hours is None or self.queue_hours.is_open(at))


@dataclass(frozen=True)
class ImportColumns:
    """The columns of a customer file. Identifiers and secrets are digits of a shape; details have a kind; phones become E.164
    by `region`. A column has the name of its field or detail.
    """

    customer_id: str
    name: str
    phones: tuple[str, ...]
    identifiers: tuple[tuple[str, Shape], ...]
    secrets: tuple[tuple[str, Shape], ...]
    details: tuple[Detail, ...]
    region: str


@dataclass(frozen=True)
class CustomerColumns:
    """Names of the columns that are not fields or details."""

    customer_id: str = "customer_id"
    name: str = "name"
    phones: tuple[str, ...] = ("phone",)
    region: str = "US"


@dataclass(frozen=True)
class Company:
    """Everything that `voicebot.toml` says. Keyed by name; `default_line` answers numbers that no line has."""

    name: str
    time_zone: str
    default_line: str
    back_end: str
    lines: dict[str, Line]
    queues: dict[str, Queue]
    agents: tuple[Agent, ...]
    identifiers: dict[str, Shape]
    secrets: dict[str, Shape]
    details: dict[str, Detail]
    columns: CustomerColumns = field(default_factory=CustomerColumns)

    def line_for(self, dnis: str) -> Line:
        """The line of a number dialled (E.164); the default line where no line has it."""
        return next((line for line in self.lines.values() if line.plan.dnis == dnis), self.lines[self.default_line])

    def languages(self) -> tuple[str, ...]:
        """Every language that a caller or an agent hears, in order of their first line."""
        spoken = [line.plan.language for line in self.lines.values()]
        return tuple(dict.fromkeys([*spoken, *(queue.plan.agent_language for queue in self.queues.values())]))

    def import_plan(self) -> ImportColumns:
        """The columns that a customer file has."""
        return ImportColumns(
            customer_id=self.columns.customer_id,
            name=self.columns.name,
            phones=self.columns.phones,
            identifiers=tuple(self.identifiers.items()),
            secrets=tuple(self.secrets.items()),
            details=tuple(self.details.values()),
            region=self.columns.region,
        )
