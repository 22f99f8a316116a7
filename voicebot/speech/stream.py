"""One audio stream as the ear sees it: cut into blocks, counted until a worker has done with them. Knows no questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from voicebot.speech.backlog import Backlog

BLOCK_BYTES = 800  # 100 ms of µ-law
SPEAKING_BYTES = 320  # 40 ms: what is being said is decided on sooner


@dataclass
class Stream:
    """A call's stream in one listening phase, and the port's face to it. `on_audio` and `on_end` belong to the ear."""

    number: int
    call_id: str
    phase: int
    on_audio: Callable[["Stream", bytes], None]
    on_end: Callable[["Stream", bool], None]
    backlog: Backlog = field(default_factory=Backlog)
    speaking: bool = False
    closed: bool = False
    _rest: bytearray = field(default_factory=bytearray)

    def hear(self, mulaw: bytes) -> None:
        """See the port `HearingLine`."""
        self.on_audio(self, mulaw)

    def close(self, *, lost: bool) -> None:
        """See the port `HearingLine`."""
        self.on_end(self, lost)

    def blocks(self, mulaw: bytes, now: float) -> Iterator[bytes]:
        """Whole blocks of what came so far; each counts as given out. `now`: seconds of a monotonic clock."""
        self._rest += mulaw
        size = SPEAKING_BYTES if self.speaking else BLOCK_BYTES
        while len(self._rest) >= size:
            block = bytes(self._rest[:size])
            del self._rest[:size]
            self.backlog.sent(block, now)
            yield block

    def drop(self) -> None:
        """What is no whole block yet is for nobody."""
        self.speaking = False
        self._rest.clear()
