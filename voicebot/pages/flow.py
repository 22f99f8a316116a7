"""One sign-in by the provider, from going there to coming back. Nothing of it is stored: all follows from one cookie."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from voicebot.pages.gate import TokenKeys, own_path

LASTS = 600  # seconds to sign in over there
_HELD = re.compile(r"[\w-]{22}\.(?P<began>\d{1,12})\.(?P<target>[\w-]*)")


@dataclass(frozen=True)
class Flow:
    """`held` is what the cookie holds; `state`, `nonce` and `verifier` follow from it and from our keys. `target` comes after."""

    held: str
    state: str
    nonce: str
    verifier: str
    target: str

    @property
    def challenge(self) -> str:
        """The verifier, so that only who knows it can use the code (S256)."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


def begin(keys: TokenKeys, target: str, now: datetime) -> Flow:
    """A new one."""
    where = urlsafe_b64encode(target.encode()[:600]).decode().rstrip("=")
    return _of(keys, f"{token_urlsafe(16)}.{int(now.timestamp())}.{where}", target)


def come_back(keys: TokenKeys, held: str, state: str, now: datetime) -> Flow | None:
    """The one that this browser began, if `state` belongs to it and it is not too long ago."""
    found = _HELD.fullmatch(held)
    if found is None or not keys.token_fits(state, "openid state", held):
        return None
    if not 0 <= now.timestamp() - int(found["began"]) <= LASTS:
        return None
    try:
        target = urlsafe_b64decode(found["target"] + "=" * (-len(found["target"]) % 4)).decode()
    except (BadBase64, UnicodeDecodeError):
        return None
    return _of(keys, held, own_path(target))


def _of(keys: TokenKeys, held: str, target: str) -> Flow:
    state = keys.token("openid state", held)
    return Flow(held, state, keys.blind("openid nonce", held), keys.blind("openid verifier", held), target)
