"""Voicebot's own keys: made on first start, kept in files that only we can read, never shown, logged or put in a database.

Four kinds. `master` wraps the data keys, `blind` makes look-up hashes, `pepper` goes into the hashes of customers' secrets,
`token` signs what we hand out. Each kind may have several keys, numbered from 1: the newest makes, all check. `blind` alone
never changes, since the look-up columns of the database rest on it.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voicebot.errors import KeyringError

MASTER, BLIND, PEPPER, TOKEN = "master", "blind", "pepper", "token"
# The order of making. A start that was cut short leaves the first few, so only a gap before a later kind means a loss.
KINDS = (MASTER, BLIND, PEPPER, TOKEN)
KEY_BYTES = 32
NONCE_BYTES = 12
TOKEN_BYTES = 24
_KEY_FILE = re.compile(r"(master|blind|pepper|token)-([1-9]\d{0,5})\.key")
_TOKEN = re.compile(r"([1-9]\d{0,5})\.([A-Za-z0-9_-]{32})")


class Keyring:
    """The keys of one data directory. Safe to share between threads; never pickled or copied."""

    def __init__(self, directory: Path, keys: dict[str, dict[int, bytes]]) -> None:
        self._directory = directory
        self._keys = keys

    @classmethod
    def open(cls, directory: Path) -> "Keyring":
        """The keyring kept in `directory`, made (mode 0700, files 0600) if it is not there.

        Raises KeyringError, with file and mend, where a key is missing, malformed, or open to others.
        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_writable_by_others(directory)
            with _alone_in(directory):
                keys = _read_all(directory)
                _make_missing(directory, keys)
        except OSError as error:
            raise KeyringError(f"{directory}: the keys cannot be read or made ({error.strerror})") from None
        return cls(directory, keys)

    def __repr__(self) -> str:
        return "Keyring(•••)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a keyring is never pickled or copied")

    # ---- signing and hashing -----------------------------------------------------------------------------------------

    def token(self, purpose: str, *parts: str) -> str:
        """A signature over these parts for this purpose only, safe in a URL: key number, dot, 192 bits of HMAC-SHA256."""
        number, key = self._newest(TOKEN)
        return f"{number}.{_url_safe(_mac(key, purpose, *parts)[:TOKEN_BYTES])}"

    def token_fits(self, token: str, purpose: str, *parts: str) -> bool:
        """Whether `token` made this token for these parts, with any of our keys. In constant time."""
        found = _TOKEN.fullmatch(token)
        key = self._numbered(TOKEN, int(found[1])) if found else None
        if found is None or key is None:
            return False
        return hmac.compare_digest(found[2], _url_safe(_mac(key, purpose, *parts)[:TOKEN_BYTES]))

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash of a value, the same for ever, for counters and look-up columns (43 characters)."""
        return _url_safe(_mac(self._keys[BLIND][1], purpose, value))

    def pepper(self, pepper_id: str | None = None) -> tuple[str, bytes]:
        """(id, key) of the newest pepper, or of the one with this id. Raises KeyringError where there is none."""
        if pepper_id is None:
            number, key = self._newest(PEPPER)
            return str(number), key
        number = int(pepper_id) if pepper_id.isascii() and pepper_id.isdigit() else 0
        return pepper_id, self._lasting(PEPPER, number)

    def mark(self) -> str:
        """A fingerprint of the keys that stored data rest on, so that a database knows whether these are its own."""
        first = b"".join(self._keys[kind][1] for kind in (MASTER, BLIND, PEPPER))
        return _url_safe(hashlib.sha256(b"voicebot keyring mark" + first).digest()[:16])

    # ---- encryption --------------------------------------------------------------------------------------------------

    def new_data_key(self) -> bytes:
        """A fresh key for one call or one table (AES-256)."""
        return secrets.token_bytes(KEY_BYTES)

    def wrap(self, data_key: bytes, about: str) -> bytes:
        """A data key under the newest master key, for storage. `about` must be the same at `unwrap`."""
        number, key = self._newest(MASTER)
        return number.to_bytes(4, "big") + self.seal(key, data_key, f"wrapped:{about}")

    def unwrap(self, wrapped: bytes, about: str) -> bytes:
        """The data key again. Raises KeyringError where keys or `about` do not fit."""
        key = self._lasting(MASTER, int.from_bytes(wrapped[:4], "big"))
        return self.open_sealed(key, wrapped[4:], f"wrapped:{about}")

    @staticmethod
    def seal(data_key: bytes, plain: bytes, about: str) -> bytes:
        """AES-GCM: a random nonce, then the ciphertext, bound to `about`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(data_key).encrypt(nonce, plain, about.encode())

    @staticmethod
    def open_sealed(data_key: bytes, sealed: bytes, about: str) -> bytes:
        """What was sealed. Raises KeyringError if it was changed, moved to another place, or sealed under another key."""
        try:
            return AESGCM(data_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            raise KeyringError("something sealed cannot be opened: it was changed, or these are not its keys") from None

    # ---- rotation ----------------------------------------------------------------------------------------------------

    def rotate(self, purpose: str) -> str:
        """Make a new key of kind `master`, `pepper` or `token`; gives its id. Older ones still check and open."""
        if purpose not in KINDS or purpose == BLIND:
            raise KeyringError(f"keys that can be rotated are {MASTER}, {PEPPER} and {TOKEN}, not {purpose}")
        try:
            with _alone_in(self._directory):
                known = _read_all(self._directory)[purpose]
                number = max(known, default=0) + 1
                known[number] = _make(self._directory, purpose, number)
        except OSError as error:
            raise KeyringError(f"{self._directory}: no new key could be made ({error.strerror})") from None
        self._keys = self._keys | {purpose: known}
        return str(number)

    def _newest(self, kind: str) -> tuple[int, bytes]:
        return max(self._keys[kind].items())

    def _numbered(self, kind: str, number: int) -> bytes | None:
        """A key by number. One that another process made since we started is read now."""
        known = self._keys[kind]
        path = self._directory / f"{kind}-{number}.key"
        if number not in known and number > 0 and path.exists():
            known = known | {number: _read(path)}
            self._keys = self._keys | {kind: known}
        return known.get(number)

    def _lasting(self, kind: str, number: int) -> bytes:
        key = self._numbered(kind, number)
        if key is None:
            path = self._directory / f"{kind}-{number}.key"
            raise KeyringError(f"{path} is missing, and stored data rest on it: bring it back from your backup")
        return key


def _url_safe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(key: bytes, *parts: str) -> bytes:
    """Each part goes in with its length, so that no two lists of parts read the same."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")  # what comes in JSON may be no text at all, and then simply does not fit
        mac.update(len(raw).to_bytes(8, "big") + raw)
    return mac.digest()


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Two processes may start at once on an empty directory; only one makes the keys."""
    lock = os.open(directory / "keyring.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _refuse_writable_by_others(directory: Path) -> None:
    if stat.S_IMODE(directory.stat().st_mode) & 0o022:
        raise KeyringError(f"{directory}: others may write here and could change the keys; mend with: chmod go-w {directory}")


def _read_all(directory: Path) -> dict[str, dict[int, bytes]]:
    keys: dict[str, dict[int, bytes]] = {kind: {} for kind in KINDS}
    for path in directory.iterdir():
        if found := _KEY_FILE.fullmatch(path.name):
            keys[found[1]][int(found[2])] = _read(path)
    return keys


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyringError(f"{path}: others may read this key (mode {mode:04o}); mend with: chmod 600 {path}")
    try:
        key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyringError(f"{path}: this is not a key of {KEY_BYTES} bytes in base64; bring it back from your backup")
    return key


def _make_missing(directory: Path, keys: dict[str, dict[int, bytes]]) -> None:
    latest = max((index for index, kind in enumerate(KINDS) if keys[kind]), default=-1)
    for index, kind in enumerate(KINDS):
        if 1 in keys[kind]:
            continue
        if keys[kind] or index < latest:
            path = directory / f"{kind}-1.key"
            raise KeyringError(f"{path} is missing while other keys are there: bring it back from your backup")
        keys[kind][1] = _make(directory, kind, 1)


def _make(directory: Path, kind: str, number: int) -> bytes:
    """A whole file or none: written aside, synced, then given its name, which must be new."""
    key = secrets.token_bytes(KEY_BYTES)
    aside, name = tempfile.mkstemp(prefix=".new-", dir=directory)  # made with mode 0600
    try:
        with os.fdopen(aside, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(name, directory / f"{kind}-{number}.key")
    finally:
        Path(name).unlink()
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return key
