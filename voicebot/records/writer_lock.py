"""One writer at a time on an SQLite file, across threads, processes and overlapping releases. Knows no SQL.

SQLite releases before 3.51.3 can damage a file in WAL mode when two connections write and checkpoint at the same moment, so
its own locks are not relied upon alone.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from voicebot.errors import StoreError, StoreUnavailable

_LOOK_AGAIN = 0.001  # seconds; flock cannot wait with a limit


class WriterLock:
    """Two lock files beside the database: one to write, one to be next.

    Threads of one process queue up first. Of the processes, the one that is next holds the turnstile, so that one that
    writes all the time cannot slip in again before it.
    """

    def __init__(self, path: Path, patience: float = 5.0) -> None:
        self._lock = path
        self._turnstile = path.with_name(path.name + ".next")
        self._patience = patience
        self._thread = threading.Lock()
        self._holder: int | None = None

    @contextmanager
    def held(self, patience: float | None = None) -> Iterator[None]:
        """Raises StoreUnavailable after `patience` seconds (the usual ones), StoreError where this thread holds it already."""
        patience = self._patience if patience is None else patience
        if self._holder == threading.get_ident():
            raise StoreError("a write transaction was begun inside another one")
        started = time.monotonic()
        if not self._thread.acquire(timeout=patience):
            raise StoreUnavailable("the database is busy: another thread keeps writing")
        try:
            self._holder = threading.get_ident()
            deadline = started + patience
            with ExitStack() as locked:
                with _file_held(self._turnstile, deadline):
                    locked.enter_context(_file_held(self._lock, deadline))
                yield
        finally:
            self._holder = None
            self._thread.release()


@contextmanager
def _file_held(path: Path, deadline: float) -> Iterator[None]:
    # Opened each time: a descriptor that lives on would be shared with a forked child, and its lock too.
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be opened ({error.strerror})") from None
    try:
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise StoreUnavailable("the database is busy: another process keeps writing")
            time.sleep(_LOOK_AGAIN)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
