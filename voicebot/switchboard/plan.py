"""What the switchboard is made of, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.dialogue.actions import Verb
from voicebot.dialogue.forms import LinePlan, QueuePlan
from voicebot.floor.values import Agent
from voicebot.keyring import Keyring
from voicebot.ports.carrier import Carrier
from voicebot.ports.clock import Clock
from voicebot.ports.crm import Crm
from voicebot.ports.store import Store
from voicebot.ports.watch import Unwatched, Watch
from voicebot.switchboard.approver import Approvals
from voicebot.switchboard.links import PaymentPorts
from voicebot.switchboard.offering import Offering
from voicebot.switchboard.phoned import ByPhone

FLOOR = "floor"  # the topic of everybody and everything that waits or is served
REQUEST_WAITS = 2.5  # real seconds for an errand, then filler


def about_call(call_id: str) -> str:
    """A call's own topic."""
    return f"call:{call_id}"


def tells_nobody(_topics: frozenset[str]) -> None:
    """Where nobody looks on."""


@dataclass(frozen=True)
class Turned:
    """What a leg does next. `pending`: an errand is still out, so say a filler and fetch document `seq`.

    `prompts` is the version of the pinned catalogue, `language` that of the prompts on this leg.
    """

    call_id: str
    seq: int
    verbs: tuple[Verb, ...]
    prompts: str
    language: str
    line: LinePlan
    pending: bool = False


@dataclass(frozen=True)
class SwitchboardPlan:
    """`line_for` gives the plan of a dialled number and whether it is open then, `closes_at` when nobody is there any
    more, from that moment on; `time_scale` is call time over real time.

    `approvals`: who is asked for approvals in customers' apps. `queues`: those that a call may be passed on to.
    `wrapped_up(call, code)` keeps how a call was filed.
    `changed` is told after each commit what it was about (`floor`, `call:<id>`), by any thread; it returns at once, never raises.
    `watch` looks on at all that is done.
    """

    store: Store
    keyring: Keyring
    clock: Clock
    crm: Crm
    carrier: Carrier
    line_for: Callable[[str, datetime], tuple[LinePlan, bool]]
    can_listen: Callable[[str], bool]
    prompts_version: Callable[[], str]
    closes_at: Callable[[str, datetime], datetime | None] = lambda _dnis, _at: None
    agents: tuple[Agent, ...] = ()
    approvals: Approvals | None = None
    queues: Mapping[str, QueuePlan] = field(default_factory=dict)
    offering: Offering = field(default_factory=Offering)
    wrap_up_codes: frozenset[str] = frozenset()
    wrapped_up: Callable[[str, str], None] = lambda _call, _code: None
    time_scale: float = 1.0
    request_waits: float = REQUEST_WAITS
    changed: Callable[[frozenset[str]], None] = tells_nobody
    paying: PaymentPorts = field(default_factory=PaymentPorts)
    phone: ByPhone = field(default_factory=ByPhone)
    watch: Watch = field(default_factory=Unwatched)
