"""Reports made in a process of their own, one after the other, so that calls share neither this process nor its lock with them.

The process starts with the first report, gives way to everything else, holds no keys and none of our environment, and leaves when
nobody has wanted anything for a while or it has grown. One that takes too long, or dies, costs the report and nothing else.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import Pipe
from typing import Any, TypeAlias

import structlog

from voicebot.child import environment
from voicebot.errors import ReportUnavailable, VoicebotError
from voicebot.reports.maker import Maker, Page
from voicebot.reports.making import Asked

LIMIT = timedelta(seconds=60)  # of one report on a page, and of the wait before it
MOST = 5  # people at once, who hold threads that calls need too: one whose report is made, and those who wait
END_PATIENCE = 2.0  # seconds
MIB = 1024 * 1024
DIED = "The process that makes reports ended over this one, perhaps for want of memory: ask for fewer days or longer periods"

Opening: TypeAlias = Callable[[], Maker]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Bounds:
    """`idle`: seconds after which the process leaves; `grown`: bytes with which it leaves after one; `most`: all it ever has."""

    idle: float = 600.0
    grown: int = 300 * MIB
    most: int = 2048 * MIB


class Apart:
    """A Maker. `opening` is picklable, and called in the other process: what it gives makes the reports there."""

    def __init__(
        self, opening: Opening, limit: timedelta = LIMIT, most: int = MOST, bounds: Bounds = Bounds()
    ) -> None:
        self._opening, self._limit, self._bounds = opening, limit.total_seconds(), bounds
        self._places, self._turn = threading.BoundedSemaphore(most), threading.Lock()
        self._other: _Other | None = None
        self._closed = False

    def page(self, name: str, asked: Asked, now: datetime) -> Page:
        """As much as a page shows."""
        made: Page = self._made("page", name, asked, now)
        return made

    def file(self, name: str, asked: Asked, kind: str, now: datetime) -> bytes:
        """The content of a file."""
        made: bytes = self._made("file", name, asked, kind, now)
        return made

    def close(self) -> None:
        """End the process, and the report that it is at."""
        self._closed = True
        if (other := self._other) is not None:
            other.kill()
        with self._turn:  # whoever has it is told at once
            self._ended()

    @property
    def pid(self) -> int | None:
        """Of the other process, where there is one."""
        return self._other.pid if self._other is not None else None

    def _made(self, *order: Any) -> Any:
        with self._my_turn():
            made = self._answered(order)
        if isinstance(made, VoicebotError):
            raise made
        return made

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise ReportUnavailable("Many reports are being made at this moment: try again in a minute")
        try:
            if not self._turn.acquire(timeout=self._limit):
                raise ReportUnavailable("Other reports took long, and this one was not begun: try again in a minute")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def _answered(self, order: tuple[Any, ...]) -> Any:
        """What came back: the report, or what is wrong with it. A process that has left, as it may, is followed by another."""
        for _ in range(2):
            if self._closed:
                break
            other = self._other = self._other or _Other(self._opening, self._bounds)
            try:
                return other.asked(order, self._limit)
            except TimeoutError:
                log.error("a report took too long", report=order[1])
                other.kill()
                self._ended()
                told = f"It took longer than {self._limit:g} seconds, so it was given up"
                raise ReportUnavailable(f"{told}: ask for fewer days or longer periods") from None
            except (EOFError, OSError):
                if self._ended() != 0 and not self._closed:
                    log.error("the process that makes reports died", report=order[1])
                    raise ReportUnavailable(DIED) from None
        raise ReportUnavailable("The server is ending: try again when it is back")

    def _ended(self) -> int:
        other, self._other = self._other, None
        return other.end() if other is not None else 0


class _Other:
    """The process, and the pipe to it. The other end of its standard input is ours, so that it ends with us."""

    def __init__(self, opening: Opening, bounds: Bounds) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "voicebot.reports.workshop", str(theirs.fileno())],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                env=environment(lambda name: name.startswith("PG")),  # how a PostgreSQL is reached may stand there
            )  # fmt: skip
        with suppress(OSError):  # it may be gone already: then so much is known when it is asked
            self._pipe.send((opening, bounds))

    @property
    def pid(self) -> int:
        return self._popen.pid

    def asked(self, order: tuple[Any, ...], limit: float) -> Any:
        """Raises TimeoutError, or EOFError or OSError where nobody is there any more."""
        self._pipe.send(order)
        if not self._pipe.poll(limit):
            raise TimeoutError
        return self._pipe.recv()

    def kill(self) -> None:
        self._popen.kill()

    def end(self) -> int:
        """Close its input, which ends it; take it down if it has not left by itself. Gives how it ended: 0 is by itself."""
        self._pipe.close()
        try:
            code = self._popen.wait(END_PATIENCE)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        if self._popen.stdin is not None:
            self._popen.stdin.close()
        return code
