"""What a call was observed to do: everything that a test or a terminal view may want to know about it afterwards.

Keys are kept in memory only and never shown by a repr.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import TypeAlias


@dataclass
class Heard:
    """Something played to a leg: a text, or a recording's name. `cut` if the listener did not hear it to its end."""

    at: float
    what: str
    recording: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Keyed:
    """A key. `at` in real seconds since the call began."""

    at: float
    key: str = field(repr=False)


@dataclass
class Utterance:
    """Something the caller said: which turn's, and when it began and ended (real seconds since the call began)."""

    at: float
    name: str
    until: float | None = None


@dataclass
class Voice:
    """Another leg in the same room whose voice reached this one, from when to when (None: still)."""

    sid: str
    at: float
    until: float | None = None


@dataclass(frozen=True)
class DocumentSeen:
    """A document that a leg was given: path without tokens, the verbs in it, how long the product took, how many attempts, how
    many bytes.
    """

    at: float
    path: str
    verbs: tuple[str, ...]
    seconds: float
    attempts: int = 1
    size: int = 0


@dataclass(frozen=True)
class CallbackSent:
    """A status callback: `event` is a call status, a conference event or a stream event; `answer` the HTTP status, 0 if none."""

    at: float
    event: str
    sequence: int | None
    answer: int


@dataclass(frozen=True)
class Pushed:
    """A REST update of a leg by the product: what was asked (`url`, `twiml`, `status`) and the answer's HTTP status."""

    at: float
    what: str
    answer: int


@dataclass(frozen=True)
class Failure:
    """Something that the telephone company would have complained about. `code` is its error number, 0 where it has none."""

    at: float
    code: int
    what: str


@dataclass
class LegRecord:
    """One leg. Times are real seconds since the call began; `ended_by` is caller, agent, product, elsewhere, error or
    carrier.
    """

    sid: str
    phone: str
    habit: str = ""
    status: str = "queued"
    ended_by: str = ""
    heard: list[Heard] = field(default_factory=list)
    keys: list[Keyed] = field(default_factory=list)
    lost_keys: int = 0
    utterances: list[Utterance] = field(default_factory=list)
    documents: list[DocumentSeen] = field(default_factory=list)
    pushes: list[Pushed] = field(default_factory=list)
    callbacks: list[CallbackSent] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    frames: int = 0
    streamed: int = 0  # bytes of messages that the product sent over two-way streams
    frames_after_join: int = 0
    rooms: list[str] = field(default_factory=list)
    handed_over: str = field(default="", repr=False)  # to which address, with what it was told
    answered_at: float | None = None
    voices: list[Voice] = field(default_factory=list)
    joined_at: float | None = None
    together_at: float | None = None
    ended_at: float | None = None

    def hears(self, sids: set[str], at: float) -> None:
        """From now on these legs' voices reach this one, and no others."""
        for voice in self.voices:
            if voice.until is None and voice.sid not in sids:
                voice.until = at
        heard = {voice.sid for voice in self.voices if voice.until is None}
        self.voices += [Voice(sid, at) for sid in sorted(sids - heard)]

    def could_hear(self, sid: str) -> bool:
        """Whether that leg's voice ever reached this one."""
        return any(voice.sid == sid for voice in self.voices)

    @property
    def heard_before_key(self) -> tuple[str, ...]:
        """What this leg heard before it first pressed a key."""
        first = self.keys[0].at if self.keys else float("inf")
        return tuple(one.what for one in self.heard if one.at <= first)

    @property
    def heard_after_key(self) -> tuple[str, ...]:
        """What this leg heard after it first pressed a key; nothing if it pressed none."""
        return tuple(one.what for one in self.heard)[len(self.heard_before_key) :]

    @property
    def verdict(self) -> str:
        """For an agent: accepted, declined, voicemail, busy, no-answer, canceled or failed."""
        if self.together_at is not None:
            return "accepted"
        if self.habit == "voicemail" and self.answered_at is not None:
            return "voicemail"
        if self.answered_at is None:
            return self.status
        return {"1": "accepted", "2": "declined"}.get("".join(one.key for one in self.keys)[:1], "no-key")


@dataclass
class CallRecord:
    """One call of a robot caller and every agent's leg that was made for it."""

    caller: LegRecord
    agents: list[LegRecord] = field(default_factory=list)
    began: float = field(default_factory=monotonic, repr=False)
    seconds: float = 0.0

    @property
    def call_sid(self) -> str:
        """The caller's leg."""
        return self.caller.sid

    @property
    def legs(self) -> tuple[LegRecord, ...]:
        """The caller's leg, then the agents' in the order in which they rang."""
        return (self.caller, *self.agents)

    @property
    def ended_by(self) -> str:
        """Who ended the caller's leg: caller, agent, product, elsewhere, error or carrier."""
        return self.caller.ended_by

    @property
    def failures(self) -> list[Failure]:
        """What the telephone company would have complained about, on all legs."""
        return sorted((one for leg in self.legs for one in leg.failures), key=lambda one: one.at)

    @property
    def caller_document_errors(self) -> list[Failure]:
        """The failures of the caller's own documents and requests."""
        return self.caller.failures

    @property
    def frames_after_join(self) -> int:
        """Media frames sent while the caller was in a room; zero if nobody listens to a conversation."""
        return self.caller.frames_after_join

    @property
    def agent_verdict(self) -> str:
        """What became of the agents: the last leg's verdict, `none` if no agent was rung."""
        return self.agents[-1].verdict if self.agents else "none"

    @property
    def whisper(self) -> tuple[str, ...]:
        """What the last agent heard after pressing a key."""
        return self.agents[-1].heard_after_key if self.agents else ()


class What(StrEnum):
    """The kinds of live events."""

    RINGING = "ringing"
    ANSWERED = "answered"
    DOCUMENT = "document"
    HEARD = "heard"
    KEYS = "keys"
    SPEAKING = "speaking"
    SPOKEN = "spoken"
    STREAM_OPENED = "stream opened"
    STREAM_CLOSED = "stream closed"
    PUSHED = "pushed"
    AGENT_RINGING = "agent ringing"
    AGENT_ANSWERED = "agent answered"
    AGENT_KEY = "agent key"
    JOINED = "joined"
    TOGETHER = "together"
    HUNG_UP = "hung up"
    FAILED = "failed"


@dataclass(frozen=True)
class Happening:
    """A live event. `at` is real seconds since the call began, `detail` what was heard, which document, how many keys."""

    at: float
    what: What
    leg: str
    detail: str = ""


Observer: TypeAlias = Callable[[Happening], None]
