"""Codes of an authenticator app (RFC 6238): six digits, a new one every 30 seconds, from a seed that customer and house share.

Seeds must be readable to be used, so they lie sealed under a key outside the database. That a code counts once is the table's to
see to: here is only whether it is the right one.
"""

import hmac
import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from voicebot.dialogue.values import Secret
from voicebot.keyring import Keyring

PERIOD, DIGITS = 30, 6  # what every app can do without being told
SEED = 20  # bytes; RFC 4226 wants 16 at least
AROUND = (0, -1, 1)  # steps that are taken, besides the present one those next to it: clocks differ, and a code takes time to say
KIND = "totp"


class CodeKeeper:
    """Makes, keeps and checks seeds: `totp:<pepper id>:<sealed>`."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._decoy = self.stored("decoy", "decoy", secrets.token_bytes(SEED))

    def stored(self, account: str, field: str, seed: bytes) -> str:
        """The form in which a customer's seed is kept; of use with our keys only, and for this customer and field."""
        pepper_id, pepper = self._keyring.pepper()
        sealed = self._keyring.seal(_key(pepper), seed, _about(account, field))
        return f"{KIND}:{pepper_id}:{urlsafe_b64encode(sealed).decode()}"

    def step(self, stored: str | None, account: str, field: str, code: Secret, at: float) -> int | None:
        """The 30-second step of this code around this time (seconds since 1970); None if it is no code of then.

        The same work whether there is a seed or not, and whichever step it is. Raises KeyringError.
        """
        known = (account, field) if stored else ("decoy", "decoy")
        totp = _totp(self._seed(stored or self._decoy, *known))
        given, now, found = code.reveal().encode("utf-8", "replace"), int(at // PERIOD), None
        for step in (now + off for off in AROUND):
            if hmac.compare_digest(totp.generate(step * PERIOD), given) and stored is not None and found is None:
                found = step
        return found

    def is_outdated(self, stored: str) -> bool:
        """Whether it lies under an older pepper."""
        return stored.split(":")[1] != self._keyring.pepper()[0]

    def renewed(self, stored: str, account: str, field: str) -> str:
        """The same seed under today's key."""
        return self.stored(account, field, self._seed(stored, account, field))

    def _seed(self, stored: str, account: str, field: str) -> bytes:
        _, pepper_id, sealed = stored.split(":")
        _, pepper = self._keyring.pepper(pepper_id)
        return self._keyring.open_sealed(_key(pepper), urlsafe_b64decode(sealed), _about(account, field))


def new_seed() -> bytes:
    """By chance."""
    return secrets.token_bytes(SEED)


def address_for(seed: bytes, company: str, customer_id: str) -> str:
    """What an app reads (`otpauth://…`, as a QR code). It holds the seed: shown once, to whoever sets the app up."""
    label = f"{quote(company, safe='')}:{quote(customer_id, safe='')}"
    return f"otpauth://totp/{label}?secret={b32encode(seed).decode()}&issuer={quote(company, safe='')}"


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, DIGITS, SHA1(), PERIOD, enforce_key_length=False)  # noqa: S303 - what RFC 6238 and all apps use


def _key(pepper: bytes) -> bytes:
    return hmac.new(pepper, b"seeds of authenticator apps", sha256).digest()


def _about(account: str, field: str) -> str:
    return f"{KIND}:{account}:{field}"
