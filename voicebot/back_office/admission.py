"""How we know that a request is the company's: signed with the shared secret, fresh, and not seen before.

The same as we do towards its back end, in the other direction. Must not look at the body before, and must not show a secret.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.ports.signed_requests import VERSION, WINDOW, signed_text

LONGEST_ID = 128


class Turned(StrEnum):
    """Why a request is not taken."""

    WRONG_SIGNATURE = "wrong_signature"
    STALE = "stale"
    REPLAYED = "replayed"


@dataclass(frozen=True)
class Admission:
    """`secrets`: the present one, and the next one while it is being changed. `seen(id)` remembers an id for twice the window and
    says whether it was there before; `wall` gives seconds since 1970.
    """

    secrets: tuple[str, ...] = field(repr=False)
    seen: Callable[[str], bool]
    wall: Callable[[], float]

    def turned_away(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Turned | None:
        """Why it is refused; None if it is the company's."""
        timestamp, request_id = headers.get("Voicebot-Timestamp", ""), headers.get("Voicebot-Request-Id", "")
        due = signed_text(timestamp, request_id, method, path, headers.get("Idempotency-Key", ""), body)
        given = headers.get("Voicebot-Signature", "").encode("utf-8", "replace")
        if not any(hmac.compare_digest(_signature(secret, due), given) for secret in self.secrets):
            return Turned.WRONG_SIGNATURE
        if not (timestamp.isascii() and timestamp.isdecimal()) or abs(self.wall() - int(timestamp[:15])) > WINDOW:
            return Turned.STALE
        if not request_id or len(request_id) > LONGEST_ID or self.seen(request_id):
            return Turned.REPLAYED
        return None


def _signature(secret: str, text: bytes) -> bytes:
    return f"{VERSION}={hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}".encode()
