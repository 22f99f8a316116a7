"""Which processes of this machine are alive, by locks that die with them: one that was killed is known to be dead at once.

A process of another machine has no file here, so nothing is said of it; nor of one whose file is a copy (a data directory that
was copied to a second machine). Knows no database.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_ALIVE, _BORN = "alive-", "born-"


class SignOfLife:
    """A locked file of this process in `directory`, from `begin` to `end`. Raises OSError where there can be none."""

    def __init__(self, directory: Path, owner: str) -> None:
        self._directory, self._owner = directory, owner
        self._descriptor: int | None = None

    def begin(self) -> None:
        """Alive from now on."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        born = self._directory / f"{_BORN}{self._owner}"
        self._descriptor = os.open(born, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(self._descriptor, _mark(self._descriptor))
        born.rename(self._directory / f"{_ALIVE}{self._owner}")  # under this name only once it is locked

    def end(self) -> None:
        """Gone in order: no sign is left."""
        if self._descriptor is not None:
            self.forget(self._owner)
            os.close(self._descriptor)
            self._descriptor = None

    def dead(self) -> Iterator[str]:
        """Owners whose process ended without a word. `forget` them once that is noted."""
        for path in self._directory.glob(f"{_ALIVE}*"):
            owner = path.name.removeprefix(_ALIVE)
            if owner != self._owner and _was_let_go(path):
                yield owner

    def forget(self, owner: str) -> None:
        """Remove the sign of this owner."""
        (self._directory / f"{_ALIVE}{owner}").unlink(missing_ok=True)


def _was_let_go(path: Path) -> bool:
    with suppress(OSError):  # gone meanwhile, or still locked
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.read(descriptor, 64) == _mark(descriptor)
        finally:
            os.close(descriptor)
    return False


def _mark(descriptor: int) -> bytes:
    """What an original holds and a copy of it, being another file, does not."""
    return str(os.fstat(descriptor).st_ino).encode()
