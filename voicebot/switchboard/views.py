"""What the desk's pages are given to show: values with a plain JSON form (`dialogue.codec.to_plain`). Times, never ages."""

from dataclasses import dataclass, field
from datetime import datetime

from voicebot.dialogue.card import Card, Step
from voicebot.floor.values import AgentState, Role
from voicebot.ports.call_recordings import CallRecording
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.interactions import Interaction
from voicebot.switchboard.figures import Figures, Stretch


@dataclass(frozen=True)
class Viewer:
    """Who looks: a signed-in agent, by id, with roles."""

    agent: str
    roles: frozenset[Role]

    @property
    def supervises(self) -> bool:
        """Whether this person may see what others do."""
        return bool(self.roles & {Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True)
class Told:
    """Something the company chose to show, by name. `kind` as in its settings: words, amount, day or digits."""

    name: str
    kind: str
    text: str = field(repr=False)
    currency: str = ""


@dataclass(frozen=True)
class CallView:
    """A call as this viewer may see it. `details` None: still being fetched, or not to be had."""

    card: Card
    reservation: str  # of this viewer, empty where it is another's call
    accepted: bool
    details: tuple[Told, ...] | None
    earlier: tuple[Interaction, ...]
    wrap_up: str


@dataclass(frozen=True)
class Offer:
    """A call that rings for the viewer, or that the viewer has."""

    reservation: str
    call: str
    queue: str
    since: datetime
    accepted: bool


@dataclass(frozen=True)
class Place:
    """The viewer's own place: state, since when, and which calls."""

    agent: str
    name: str
    state: AgentState
    reason: str
    since: datetime | None
    offers: tuple[Offer, ...]
    recent: tuple[str, ...]  # calls that the viewer had just now, to be filed
    phones: tuple[str, ...]  # names of the viewer's other phones
    phone: str  # the name of the one that rings; "" is the usual one
    wishes: tuple[CallbackWish, ...]  # of callers who left a line of the viewer's queues to be called back


@dataclass(frozen=True)
class OnTheFloor:
    """One agent as a supervisor sees them. `call` and `queue` where they have work."""

    id: str
    name: str
    state: AgentState
    reason: str
    since: datetime | None
    queues: tuple[str, ...]
    skills: tuple[str, ...]
    language: str
    call: str = ""
    queue: str = ""


@dataclass(frozen=True)
class QueueView:
    """One queue now, and its figures since `Wallboard.since`."""

    name: str
    waiting: int
    longest_since: datetime | None
    ringing: int
    served: int
    ready: int
    figures: Figures


@dataclass(frozen=True)
class Wallboard:
    """Everything that a supervisor looks at from across the room."""

    at: datetime
    since: datetime
    agents: tuple[OnTheFloor, ...]
    queues: tuple[QueueView, ...]
    together: Figures
    shrinkage: float | None
    wishes: int  # callers who are still to be called back
    messages: int  # threads in which somebody has written, and that are with nobody
    last_hours: tuple[Stretch, ...]


@dataclass(frozen=True)
class Worth:
    """What verification did for a call that is over; seconds. None: nobody was verified, or no agent had the call.

    `saved` is an estimate, which rests on `assumed`: how long an agent takes to verify a caller by questions.
    """

    verified_after: float | None  # from the ring
    before_pick_up: bool | None
    handling: float | None  # talk, hold and wrap-up, of all agents together
    saved: float
    assumed: float


@dataclass(frozen=True)
class Timeline:
    """A call's journal in people's words. `whole`: it is as it was written, nothing changed, left out or cut off.

    `recordings` are for supervisors; nobody else is shown any.
    """

    interaction: Interaction
    steps: tuple[Step, ...]
    whole: bool
    recordings: tuple[CallRecording, ...] = ()
    worth: Worth | None = None
