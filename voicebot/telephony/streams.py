"""Which audio streams are open; each phase's is opened once. Shared by the sockets' event loop and the webhooks' threads."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

USED_FOR = 180.0  # seconds that an opened phase is remembered; longer than any token of it is good


class OpenStream:
    """One stream that is being heard. Made on the event loop; `wind_down` may be called from any thread."""

    def __init__(self, call_id: str, phase: int, deadline: asyncio.Timeout) -> None:
        self.call_id = call_id
        self.phase = phase
        self.ignored = False
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()

    def wind_down(self, seconds: float) -> None:
        """From now on nothing is heard; the socket is closed in so many seconds if the carrier does not do it."""
        self.ignored = True  # at once, in the caller's thread: the very next frame must not be heard
        with suppress(RuntimeError):  # the loop is closed, and its sockets with it
            self._loop.call_soon_threadsafe(self._end_in, seconds)

    def _end_in(self, seconds: float) -> None:
        end = self._loop.time() + seconds
        before = self._deadline.when()
        if before is None or before > end:
            with suppress(RuntimeError):  # the socket has ended in the meantime
                self._deadline.reschedule(end)


class Streams:
    """All streams of this process. `now`: seconds on any clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = Lock()
        self._used: dict[tuple[str, int], float] = {}
        self._open: dict[tuple[str, int], OpenStream] = {}
        self._stopped: set[tuple[str, int]] = set()

    def claim(self, call_id: str, phase: int) -> bool:
        """Take a phase's only stream; False if somebody has had it."""
        now = self._now()
        with self._lock:
            self._used = {key: since for key, since in self._used.items() if since > now - USED_FOR or key in self._open}
            self._stopped &= self._used.keys()
            if (call_id, phase) in self._used:
                return False
            self._used[call_id, phase] = now
            return True

    def add(self, stream: OpenStream) -> None:
        """It is being heard."""
        with self._lock:
            self._open[stream.call_id, stream.phase] = stream

    def remove(self, stream: OpenStream, *, stopped: bool = False) -> None:
        """It has ended; `stopped`: the carrier ended it in good order, although we were still listening."""
        with self._lock:
            self._open.pop((stream.call_id, stream.phase), None)
            if stopped:
                self._stopped.add((stream.call_id, stream.phase))

    def is_open(self, call_id: str, phase: int) -> bool:
        """Whether a socket of this phase is being heard now."""
        with self._lock:
            return (call_id, phase) in self._open

    def was_claimed(self, call_id: str, phase: int) -> bool:
        """Whether a socket of this phase has come to us, lately at least; its fate is then known without the carrier."""
        with self._lock:
            return (call_id, phase) in self._used

    def was_stopped(self, call_id: str, phase: int) -> bool:
        """Whether the carrier ended this phase while we listened. The ear does not tell: what it heard may be an answer."""
        with self._lock:
            return (call_id, phase) in self._stopped

    def wind_down(self, call_id: str, seconds: float, phase: int | None = None) -> None:
        """Stop hearing this phase, or all of the call's."""
        with self._lock:
            ending = [s for (call, of), s in self._open.items() if call == call_id and phase in (None, of)]
        for stream in ending:
            stream.wind_down(seconds)

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)
