"""The business as `voicebot.toml` describes it: lines, fields, details, queues, agents. Values only; `reading` makes them.

Must not hold a secret: those are in the deployment.
"""

from dataclasses import dataclass, field
from datetime import datetime

from voicebot.config.approvals import ApprovalsPlan
from voicebot.config.backend import BackEnd
from voicebot.config.booking import BookingPlan
from voicebot.config.desk import DeskPlan
from voicebot.config.fields import Question
from voicebot.config.hours import OpeningHours
from voicebot.config.messages import MessagesPlan
from voicebot.config.notices import NoticesPlan
from voicebot.config.retention import RetentionPlan
from voicebot.config.schedules import Schedule
from voicebot.config.sign_in import SignInPlan
from voicebot.dialogue.forms import Detail, LinePlan, PaymentPlan, QueuePlan, StepUpPlan
from voicebot.dialogue.values import Shape, ShapeKind
from voicebot.floor.values import Agent, Rules

# What stands in a column of a field that several customers may share, as the kind of a detail.
IN_A_FILE = {ShapeKind.DIGITS: "digits", ShapeKind.DATE: "day", ShapeKind.AMOUNT: "amount"}


@dataclass(frozen=True)
class Queue:
    """A queue, when anybody works in it, and how its work is given out."""

    plan: QueuePlan
    hours: OpeningHours
    rules: Rules = field(default_factory=Rules)

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

    def closes_at(self, at: datetime) -> datetime | None:
        """When it closes next, asked while it is open; None if that is a week or more away."""
        ends = [hours.closes_at(at) for hours in (self.hours, self.queue_hours) if hours is not None]
        return min((end for end in ends if end is not None), default=None)


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
class Fields:
    """What can be asked, by what it is in a customer's row.

    `identifiers` name one customer; `separators` are columns that several may share; `endings` are the last digits of another
    field; `phones` are answered by any telephone number of a customer. `codes`: secrets that are not kept as hashes, since an
    authenticator app makes a new one every half minute.
    """

    identifiers: dict[str, Shape]
    secrets: dict[str, Shape]
    separators: dict[str, Shape] = field(default_factory=dict)
    endings: dict[str, tuple[str, int]] = field(default_factory=dict)
    phones: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def sort_fields(questions: dict[str, Question], lines: dict[str, Line]) -> Fields:
    """A field that lines ask only to tell customers apart need not be different for each of them."""
    asked = {plan.name for line in lines.values() for plan in line.plan.identifiers}
    shared = {plan.name for line in lines.values() for plan in line.plan.separators} - asked
    plain = {name: question.plan for name, question in questions.items() if not question.ending_of}
    own = {name: plan for name, plan in plain.items() if not plan.secret and plan.shape.kind is not ShapeKind.PHONE}
    naming = {name for name, plan in own.items() if plan.shape.kind is ShapeKind.DIGITS} - shared
    return Fields(
        identifiers={name: plan.shape for name, plan in own.items() if name in naming},
        secrets={name: plan.shape for name, plan in plain.items() if plan.secret and not questions[name].totp},
        codes=tuple(name for name in plain if questions[name].totp),
        separators={name: plan.shape for name, plan in own.items() if name not in naming},
        endings={
            name: (question.ending_of, question.plan.shape.longest) for name, question in questions.items() if question.ending_of
        },
        phones=tuple(name for name, plan in plain.items() if plan.shape.kind is ShapeKind.PHONE),
    )


@dataclass(frozen=True)
class Company:
    """Everything that `voicebot.toml` says. Keyed by name; `default_line` answers numbers that no line has."""

    name: str
    time_zone: str
    default_line: str
    back_end: BackEnd
    lines: dict[str, Line]
    queues: dict[str, Queue]
    agents: tuple[Agent, ...]
    fields: "Fields"
    details: dict[str, Detail]
    columns: CustomerColumns = field(default_factory=CustomerColumns)
    desk: DeskPlan = field(default_factory=DeskPlan)
    sign_in: SignInPlan = field(default_factory=SignInPlan)
    approvals: ApprovalsPlan | None = None
    schedules: tuple[Schedule, ...] = ()
    booking: BookingPlan = field(default_factory=BookingPlan)
    notices: NoticesPlan = field(default_factory=NoticesPlan)
    messages: MessagesPlan = field(default_factory=MessagesPlan)
    retention: RetentionPlan = field(default_factory=RetentionPlan)

    @property
    def identifiers(self) -> dict[str, Shape]:
        """Fields that name one customer, in the order of the file."""
        return self.fields.identifiers

    @property
    def secrets(self) -> dict[str, Shape]:
        """Fields that are kept as hashes."""
        return self.fields.secrets

    @property
    def step_ups(self) -> tuple[StepUpPlan, ...]:
        """What needs a fresh proof in mid-call, on whichever line."""
        return self.lines[self.default_line].plan.step_ups

    @property
    def payments(self) -> PaymentPlan | None:
        """Card payments in mid-call, on whichever line."""
        return self.lines[self.default_line].plan.payments

    def line_for(self, dnis: str) -> Line:
        """The line of a number dialled (E.164); the default line where no line has it."""
        return next((line for line in self.lines.values() if line.plan.dnis == dnis), self.lines[self.default_line])

    def phones_of_agents(self) -> dict[str, str]:
        """Whose -> phone: each agent's usual one by name, the others with theirs."""
        usual = {agent.name: agent.phone for agent in self.agents}
        return usual | {f"{agent.name} ({name})": phone for agent in self.agents for name, phone in agent.phones}

    def languages_of_agents(self, queue: QueuePlan) -> tuple[str, ...]:
        """What those who work in a queue are spoken to in."""
        usual = queue.agent_language
        return tuple(dict.fromkeys([usual, *(agent.language or usual for agent in self.agents if queue.name in agent.queues)]))

    def languages(self) -> tuple[str, ...]:
        """Every language that a caller or an agent hears, in order of their first line."""
        spoken = [line.plan.language for line in self.lines.values()]
        agents = [language for queue in self.queues.values() for language in self.languages_of_agents(queue.plan)]
        return tuple(dict.fromkeys([*spoken, *agents]))

    def import_plan(self) -> ImportColumns:
        """The columns that a customer file has."""
        return ImportColumns(
            customer_id=self.columns.customer_id,
            name=self.columns.name,
            phones=self.columns.phones,
            identifiers=tuple(self.identifiers.items()),
            secrets=tuple(self.secrets.items()),
            details=(*self.details.values(), *(Detail(name, IN_A_FILE[of.kind]) for name, of in self.fields.separators.items())),
            region=self.columns.region,
        )
