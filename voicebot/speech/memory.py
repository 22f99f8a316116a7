"""What the ear remembers of calls: the open question, the stream, how loud the caller is. No words, no audio."""

from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from voicebot.ports.ear import Listening

MOST_CALLS = 4096

L = TypeVar("L")


@dataclass
class CallMemory(Generic[L]):
    """One call. `open`: the question `listening` waits for words; `ignored`: nothing is to be heard.

    `turn` is the latest question, `spent` once that was decided or lost; `phase` the latest stream's; `peak` in dBFS.
    """

    listening: Listening | None = None
    open: bool = False
    ignored: bool = False
    turn: int = -1
    spent: bool = False
    phase: int = -1
    line: L | None = None
    peak: float | None = None
    told: "Future[None] | None" = None  # the latest event's delivery

    def begin(self, listening: Listening) -> bool:
        """Open a question; False if it was open, decided or overtaken already."""
        if listening.turn < self.turn or (listening.turn == self.turn and (self.open or self.spent)):
            return False
        self.listening, self.turn = listening, listening.turn
        self.open, self.spent, self.ignored = True, False, False
        return True

    @property
    def secret(self) -> bool:
        """Whether a secret is asked for, of which only the likeliest reading may be known."""
        return self.listening is not None and self.listening.secret

    def spend(self) -> None:
        """The open question has its answer, or will get none by ear."""
        self.open, self.spent = False, True


@dataclass
class Calls(Generic[L]):
    """Calls by id; the longest unused ones without a stream are forgotten."""

    by_id: OrderedDict[str, CallMemory[L]] = field(default_factory=OrderedDict)

    def find(self, call_id: str) -> CallMemory[L] | None:
        """What is remembered, if anything."""
        return self.by_id.get(call_id)

    def of(self, call_id: str) -> CallMemory[L]:
        """What is remembered, from now on at least."""
        call = self.by_id.setdefault(call_id, CallMemory())
        self.by_id.move_to_end(call_id)
        if len(self.by_id) > MOST_CALLS:
            oldest = next((key for key, old in self.by_id.items() if old.line is None and key != call_id), None)
            if oldest is not None:
                del self.by_id[oldest]
        return call
