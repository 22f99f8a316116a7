"""The worker processes: who has which line, and a new one for each that dies. Knows frames and lines, no calls and no words."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import structlog

from voicebot.child import environment
from voicebot.speech.wire import Header, WireBroken, read_frame, write_frame

# A worker that ends so soon was not killed by what it heard; after some of these we stop trying for a while. Seconds.
SOON = 5.0
MOST_EARLY_DEATHS = 5
REST = 30.0
END_PATIENCE = 2.0

log = structlog.get_logger(__name__)

Frames = Sequence[tuple[Header, bytes]]
OnTold = Callable[[int, Header], None]
OnLost = Callable[[list[int]], None]
OnWornOut = Callable[[], None]


class _Process:
    """One worker with a thread that writes to it and one that reads from it."""

    def __init__(self, cache: Path, on_told: OnTold, on_end: Callable[["_Process"], None]) -> None:
        self.lines: set[int] = set()
        self.started = time.monotonic()
        self.ready: float | None = None  # since when
        self._on_told, self._on_end = on_told, on_end
        self._out: queue.SimpleQueue[tuple[Header, bytes] | None] = queue.SimpleQueue()
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "voicebot.speech.worker", str(cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
        )
        for target, name in ((self._write, "ear-out"), (self._read, "ear-in")):
            threading.Thread(target=target, name=name, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def send(self, header: Header, body: bytes) -> None:
        self._out.put((header, body))

    def end(self) -> None:
        """Close its input, which ends it; take it down if that does not."""
        self._out.put(None)
        try:
            self._popen.wait(END_PATIENCE)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _write(self) -> None:
        stream = cast(BinaryIO, self._popen.stdin)
        with suppress(OSError):
            while (frame := self._out.get()) is not None:
                write_frame(stream, *frame)
        with suppress(OSError):
            stream.close()

    def _read(self) -> None:
        stream = cast(BinaryIO, self._popen.stdout)
        with suppress(OSError, WireBroken):
            while (frame := read_frame(stream)) is not None:
                header = frame[0]
                if header.get("is") == "ready":
                    self.ready = time.monotonic()
                self._on_told(int(header.get("line", 0)), header)
        self._popen.kill()
        self._popen.wait()
        self._out.put(None)
        stream.close()
        self._on_end(self)


class Pool:
    """`size` workers. `on_told(line, header)`, `on_lost(lines)` and, when no worker will live, `on_worn_out()` are called from
    the pool's own threads.
    """

    def __init__(
        self, size: int, cache: Path, on_told: OnTold, on_lost: OnLost, on_worn_out: OnWornOut = lambda: None, *,
        rest: float = REST,
    ) -> None:  # fmt: skip
        self._size, self._cache = size, cache
        self._on_told, self._on_lost, self._on_worn_out = on_told, on_lost, on_worn_out
        self._rest, self._last_death = rest, 0.0
        self._lock = threading.Lock()
        self._workers: list[_Process] = []
        self._warm: list[Header] = []
        self._lasting: dict[str, Frames] = {}
        self._early_deaths = 0
        self._closed = False

    def start(self, warm: list[Header]) -> None:
        """Start the workers that are missing; each new one is given the `warm` frames first."""
        with self._lock:
            self._warm, self._early_deaths = warm, 0
            while len(self._workers) < self._size and not self._closed:
                self._add()

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()

    def revive(self) -> None:
        """Try again, if nobody is left and some time has passed."""
        with self._lock:
            if not self._workers and not self._closed and time.monotonic() - self._last_death >= self._rest:
                self._early_deaths = MOST_EARLY_DEATHS - 1  # one more of these and it rests again
                self._add()

    @property
    def alive(self) -> bool:
        """Whether there is anybody to listen."""
        with self._lock:
            return bool(self._workers)

    @property
    def pids(self) -> list[int]:
        """Of the workers now."""
        with self._lock:
            return [worker.pid for worker in self._workers]

    def pid_of(self, line: int) -> int | None:
        """The worker that has this line."""
        with self._lock:
            return next((worker.pid for worker in self._workers if line in worker.lines), None)

    def ready_since(self, line: int) -> float | None:
        """When the line's worker had started, in seconds of the monotonic clock; None while it has not."""
        with self._lock:
            return next((worker.ready for worker in self._workers if line in worker.lines), None)

    def send(self, line: int, header: Header, body: bytes = b"") -> None:
        """Tell the line's worker; a line that has none goes to the one with the fewest."""
        with self._lock:
            worker = self._of(line)
            if worker is not None:
                worker.send(header | {"line": line}, body)

    def tell_all(self, about: str, frames: Frames) -> None:
        """Tell every worker, and each new one; what was told about the same before is told to no new one any more."""
        with self._lock:
            self._lasting[about] = frames
            for worker in self._workers:
                for frame in frames:
                    worker.send(*frame)

    def release(self, line: int) -> None:
        """The line has ended; its worker has room for another."""
        with self._lock:
            for worker in self._workers:
                worker.lines.discard(line)

    def _of(self, line: int) -> _Process | None:
        for worker in self._workers:
            if line in worker.lines:
                return worker
        if not self._workers:
            return None
        chosen = min(self._workers, key=lambda worker: len(worker.lines))
        chosen.lines.add(line)
        return chosen

    def _add(self) -> None:
        worker = _Process(self._cache, self._on_told, self._ended)
        for header in self._warm:
            worker.send(header, b"")
        for frame in (frame for frames in self._lasting.values() for frame in frames):
            worker.send(*frame)
        self._workers.append(worker)

    def _ended(self, worker: _Process) -> None:
        with self._lock:
            if self._closed or worker not in self._workers:
                return
            self._workers.remove(worker)
            self._last_death = time.monotonic()
            soon = self._last_death - worker.started < SOON
            self._early_deaths = self._early_deaths + 1 if soon else 0
            if soon:
                self._lasting.clear()  # which may be what killed it
            replaced = self._early_deaths < MOST_EARLY_DEATHS
            if replaced:
                self._add()
            lines, worn_out = sorted(worker.lines), not self._workers
        log.warning("a recogniser worker ended", lines=len(lines), replaced=replaced)
        self._on_lost(lines)
        if worn_out:
            self._on_worn_out()


def worker_environment() -> dict[str, str]:
    """A worker stays on one core."""
    return environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
