"""The state of calling somebody back, and by which rules it is tried again. Pure.

Each try is a call of its own that dials at most once: whatever is repeated after a crash can never ring twice.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

DIAL_LASTS = timedelta(seconds=120)  # from the order to dial to a key: ringing, a greeting, two questions
DIAL_WITHIN = timedelta(seconds=60)  # of its order; later it would be cut off before anybody could press the key
KEPT_FROM_CALLING = timedelta(minutes=15)  # a customer who is calling us is not called meanwhile
SOON_LASTS = timedelta(days=7)  # holidays may come before somebody can call "as soon as possible"
PHRASE_OUTLIVES = timedelta(hours=24)  # its window


class CallingState(StrEnum):
    """How far it has come."""

    IN_LINE = "in_line"  # for an agent
    DIALLED = "dialled"  # an agent has it, and the customer's telephone is to ring
    ANSWERED = "answered"  # by somebody or something: a key is asked for
    CONNECTED = "connected"  # a key was pressed


class NotReached(StrEnum):
    """Why nobody was reached."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    NO_KEY = "no_key"  # a voicemail, or somebody who did not want to
    HUNG_UP = "hung_up"  # before a key
    UNKNOWN = "unknown"  # nothing was ever heard of it
    AGENT_LOST = "agent_lost"
    TROUBLE = "trouble"


class CalledOff(StrEnum):
    """Why a callback that has not reached anybody is given up."""

    CANCELLED = "cancelled"
    DONE = "done"  # an agent has called otherwise
    CALLING_US = "calling_us"  # the customer is on the line; tried again later, if they are not served


class WishResult(StrEnum):
    """What became of a wish in the end."""

    SERVED = "served"
    NOT_REACHED = "not_reached"
    CALLED_OFF = "called_off"
    SERVED_OTHERWISE = "served_otherwise"  # they have called us meanwhile


class WishStatus(StrEnum):
    """How far a callback has come, as its customer is told."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    ASSIGNED = "assigned"  # an agent has it; the customer's telephone rings next
    MISSED = "missed"  # nobody was reached: to be tried again, or closed after the last try
    DONE = "done"
    CANCELLED = "cancelled"


class BookedBy(StrEnum):
    """Where a callback was booked."""

    CALL = "call"
    PAGE = "page"
    API = "api"
    ALERT = "alert"  # the customer took up what we had proposed


@dataclass(frozen=True)
class Window:
    """When a customer is to be called: from `start` on, and not any more at `until`. Both aware."""

    start: datetime
    until: datetime


@dataclass(frozen=True)
class CallingBack:
    """`wish`: the call in which it was wished. `number` is E.164. `tries`: dials of earlier calls for the same wish.

    `asked`: how often a key was asked for. `again_at`: it was put off until then. `subject`: what it is about. `has_phrase`: one
    is to be read out; `read_at`: it was, by the agent `read_by`. `missed`: why this call has reached nobody.
    """

    wish: str
    number: str = field(repr=False)
    tries: int = 0
    state: CallingState = CallingState.IN_LINE
    asked: int = 0
    called_off: CalledOff | None = None
    again_at: datetime | None = None
    subject: str = field(default="", repr=False)
    has_phrase: bool = False
    read_by: str = ""
    read_at: datetime | None = None
    missed: NotReached | None = None

    @property
    def is_phrase_ready(self) -> bool:
        """Whether it may be shown now: somebody has pressed the key, and nobody has read it yet."""
        return self.has_phrase and self.read_at is None and self.state is CallingState.CONNECTED


def phrase_kept_until(window: Window | None, booked_at: datetime) -> datetime:
    """When the phrase of a callback is wiped, whether it was read or not."""
    return (window.until if window is not None else booked_at + SOON_LASTS) + PHRASE_OUTLIVES


def called_leg(call_id: str) -> str:
    """Our name of the customer's leg, as a reservation's id is of an agent's. A call dials once, so there is one."""
    return f"{call_id}~called.1"
