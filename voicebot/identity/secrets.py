"""Stored secrets: Argon2id over a keyed hash, so that a stolen table alone gives nothing away.

The pepper (a key outside the database) is the real control: a million PINs are four core-hours of Argon2. Parameters are
OWASP's minimum for Argon2id (Password Storage Cheat Sheet): 16 ms, one at a time so that listening is not starved.
"""

import hashlib
import hmac
import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from voicebot.dialogue.values import Secret
from voicebot.keyring import Keyring

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
WAIT_FOR_TURN = 2.0  # seconds; beyond it the check counts as not run
VERSION = "1"


class SecretKeeper:
    """Makes and checks stored hashes: `<pepper id>:<argon2 hash>`. One check at a time: `patience` seconds for its turn."""

    def __init__(self, keyring: Keyring, hasher: PasswordHasher = HASHER, patience: float = WAIT_FOR_TURN) -> None:
        self._keyring, self._hasher, self._patience = keyring, hasher, patience
        self._turn = threading.Semaphore(1)
        self._decoy = self.stored("decoy", "decoy", Secret("decoy"))

    def stored(self, account: str, field: str, secret: Secret) -> str:
        """The form in which a customer's secret is kept."""
        pepper_id, keyed = self.keyed(account, field, secret)
        return f"{pepper_id}:{self._hasher.hash(keyed)}"

    def keyed(self, account: str, field: str, secret: Secret) -> tuple[str, bytes]:
        """(pepper id, what Argon2 works on): the secret under a key that whoever runs Argon2 need not have."""
        pepper_id, pepper = self._keyring.pepper()
        return pepper_id, _peppered(pepper, account, field, secret)

    def matches(self, stored: str | None, account: str, field: str, secret: Secret) -> bool | None:
        """Whether this is the secret; None if it was not checked for lack of time.

        Without a stored hash the same work is done and the answer is no, so that nobody learns which accounts exist.
        """
        pepper_id, _, hashed = (stored or self._decoy).partition(":")
        if not self._turn.acquire(timeout=self._patience):
            return None
        try:
            _, pepper = self._keyring.pepper(pepper_id)
            return self._hasher.verify(hashed, _peppered(pepper, account, field, secret)) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False
        finally:
            self._turn.release()

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash should be made anew at the next success: an older pepper, or cheaper parameters."""
        pepper_id, _, hashed = stored.partition(":")
        return pepper_id != self._keyring.pepper()[0] or self._hasher.check_needs_rehash(hashed)


def _peppered(pepper: bytes, account: str, field: str, secret: Secret) -> bytes:
    text = f"{VERSION}\x1f{account}\x1f{field}\x1f{secret.reveal()}"
    return hmac.new(pepper, text.encode(), hashlib.sha256).digest()
