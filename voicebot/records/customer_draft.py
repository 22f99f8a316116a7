"""The hashes of an import that is under way, kept sealed beside the database, so that a stopped one goes on where it was.

A draft belongs to one content of one file under one plan; another file begins anew. Whether a secret is the same as last
month's cannot be kept: a look-up hash of six digits is undone in a second by whoever has its key. A draft goes when the
import is done, or after a day: at the next import, or when the house does its chores.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from voicebot.errors import ImportRefused, KeyringError
from voicebot.keyring import Keyring
from voicebot.records.customer_file import ImportPlan

KEPT = timedelta(hours=24)
_AT_ONCE = 64  # hashes lost at most when the process is killed
_LARGEST_FRAME = 1 << 20
_PATTERN = "import-*.draft"

Hashes = list[tuple[int, str, str]]  # line, field, hash


class Draft:
    """Made hashes by (line, field). `add` keeps another one."""

    def __init__(self, file: BinaryIO, keyring: Keyring, key: bytes, about: str) -> None:
        self._file, self._keyring, self._key, self._about = file, keyring, key, about
        self._frames = 0
        self._waiting: Hashes = []
        self.made = {(line, field): hashed for line, field, hashed in self._read()}

    def add(self, line: int, field: str, hashed: str) -> None:
        """Keep a hash; written with the next few."""
        self._waiting.append((line, field, hashed))
        if len(self._waiting) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            sealed = self._keyring.seal(self._key, json.dumps(self._waiting).encode(), f"{self._about}:{self._frames}")
            self._file.write(len(sealed).to_bytes(4, "big") + sealed)
            self._file.flush()
            self._frames += 1
            self._waiting = []

    def _read(self) -> Hashes:
        """Whole frames from the beginning; what a killed process left half written is cut off."""
        found: Hashes = []
        end = 0
        while size := int.from_bytes(self._file.read(4), "big"):
            sealed = self._file.read(size) if size <= _LARGEST_FRAME else b""
            if len(sealed) < size or (frame := self._opened(sealed)) is None:
                break
            found += frame
            end += 4 + size
            self._frames += 1
        self._file.seek(end)
        self._file.truncate()
        return found

    def _opened(self, sealed: bytes) -> Hashes | None:
        try:
            plain = json.loads(self._keyring.open_sealed(self._key, sealed, f"{self._about}:{self._frames}"))
        except KeyringError:
            return None
        return [(line, field, hashed) for line, field, hashed in plain]


@contextmanager
def drafting(directory: Path, keyring: Keyring, key: bytes, content: bytes, plan: ImportPlan) -> Iterator[Draft]:
    """The draft of this content, which goes if nothing is raised. ImportRefused where another process is at it."""
    name = _name(keyring, content, plan)
    path = directory / f"import-{name}.draft"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ImportRefused(f"{directory}: what is done cannot be kept there ({error.strerror})") from None
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportRefused("this very file is being imported already") from None
        draft = Draft(file, keyring, key, f"draft:{name}")
        try:
            yield draft
        except BaseException:
            draft.flush()
            raise
        path.unlink(missing_ok=True)


def sweep_drafts(directory: Path, now: datetime) -> int:
    """Remove drafts that nobody went on with for a day; gives how many."""
    gone = 0
    for path in directory.glob(_PATTERN):
        try:
            if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= KEPT:
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone


def _name(keyring: Keyring, content: bytes, plan: ImportPlan) -> str:
    """One name for one content under one plan. Keyed: a plain hash of a short file would give its PINs away."""
    columns = json.dumps([plan.customer_id, plan.sheet, [(name, str(shape)) for name, shape in plan.secrets]])
    return keyring.blind("customers.draft", f"{hashlib.sha256(content).hexdigest()} {columns}")
