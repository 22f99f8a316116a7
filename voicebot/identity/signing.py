"""How a back end knows that a request is ours: a signature over all of it. docs/backend.md has the other side's half.

Must not show the key.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Protocol

from voicebot.ports.signed_requests import VERSION, signed_text


@dataclass(frozen=True)
class Outgoing:
    """What is signed besides time and request id. `path` is the address's path as it is sent."""

    method: str
    path: str
    body: bytes
    idempotency_key: str = ""

    def __repr__(self) -> str:
        return f"Outgoing({self.method} {self.path})"


class TokenUnavailable(Exception):
    """No access token could be had, so nothing was sent."""


class Access(Protocol):
    """Proves who we are."""

    def headers(self, request: Outgoing, until: float) -> dict[str, str]:
        """Headers for this very request. May ask somebody, until then (monotonic seconds). Raises TokenUnavailable."""
        ...

    def refused(self) -> bool:
        """A request was answered with 401. Whether it is worth sending once more, with new headers."""
        ...


class HmacAccess:
    """Signs with a shared secret. `wall` gives seconds since 1970; `request_id` a new id each time."""

    def __init__(
        self, key_id: str, secret: str, wall: Callable[[], float], request_id: Callable[[], str] = lambda: token_hex(16)
    ) -> None:
        self._key_id, self._secret, self._wall, self._request_id = key_id, secret.encode(), wall, request_id

    def __repr__(self) -> str:
        return f"HmacAccess({self._key_id})"

    def headers(self, request: Outgoing, until: float) -> dict[str, str]:
        """Time, request id, key id and signature."""
        del until
        timestamp, request_id = str(int(self._wall())), self._request_id()
        about = (request.method, request.path, request.idempotency_key, request.body)
        signed = signed_text(timestamp, request_id, *about)
        return {
            "Voicebot-Timestamp": timestamp,
            "Voicebot-Request-Id": request_id,
            "Voicebot-Key-Id": self._key_id,
            "Voicebot-Signature": f"{VERSION}={hmac.new(self._secret, signed, hashlib.sha256).hexdigest()}",
        }

    def refused(self) -> bool:
        """A signature does not get better by repeating it."""
        return False
