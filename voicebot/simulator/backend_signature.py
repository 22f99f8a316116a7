"""The back end's half of the signature, written from docs/backend.md alone. It must not be imported by the product.

Also remembers request ids, so that a request is taken once only.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from voicebot.simulator.backend_flaws import Flaw, Flaws

WINDOW = 300  # seconds


@dataclass
class SignatureGate:
    """`secrets`: key id -> shared secret. Headers have lower-case names."""

    secrets: Mapping[str, str] = field(repr=False)
    flaws: Flaws = frozenset()
    _seen: dict[str, float] = field(default_factory=dict, repr=False)

    def trouble(self, method: str, path: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """Why this request is refused: the code of a problem; empty if it is taken. `now` is seconds since 1970."""
        timestamp, signature = headers.get("voicebot-timestamp", ""), headers.get("voicebot-signature", "")
        request_id, key_id = headers.get("voicebot-request-id", ""), headers.get("voicebot-key-id", "")
        if not (timestamp and signature and request_id and key_id):
            return "" if Flaw.UNSIGNED_TAKEN in self.flaws else "unsigned"
        if not self._is_signed(method, path, headers, body):
            return "wrong_signature"
        if not timestamp.isdecimal() or self._is_stale(int(timestamp), now):
            return "stale"
        if request_id in self._seen and Flaw.REPLAY_TAKEN not in self.flaws:
            return "replayed"
        self._seen = {known: until for known, until in self._seen.items() if until > now}
        self._seen[request_id] = now + 2 * WINDOW
        return ""

    def _is_signed(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        secret = self.secrets.get(headers["voicebot-key-id"])
        if secret is None and Flaw.KEY_ID_IGNORED in self.flaws:
            secret = next(iter(self.secrets.values()))
        if secret is None:
            return False
        variants = [(headers, path, body), *self._overlooked(headers, path, body)]
        if any(hmac.compare_digest(_signature(secret, method, p, h, b), headers["voicebot-signature"]) for h, p, b in variants):
            return True
        return Flaw.WRONG_SIGNATURE_TAKEN in self.flaws

    def _overlooked(self, headers: Mapping[str, str], path: str, body: bytes) -> Iterator[tuple[Mapping[str, str], str, bytes]]:
        """What a flawed back end does not look at, it takes as whatever would be right."""
        if Flaw.PATH_UNSIGNED in self.flaws:
            base = path.rpartition("/")[0]
            yield from ((headers, f"{base}/{name}", body) for name in ("identify", "validate", "details"))
        if Flaw.KEY_UNSIGNED in self.flaws:
            yield {**headers, "idempotency-key": ""}, path, body
        if Flaw.BODY_UNSIGNED in self.flaws:
            yield headers, path, body.rstrip(b" ")

    def _is_stale(self, timestamp: int, now: float) -> bool:
        old, early = now - timestamp > WINDOW, timestamp - now > WINDOW
        return (old and Flaw.OLD_TAKEN not in self.flaws) or (early and Flaw.FUTURE_TAKEN not in self.flaws)


def _signature(secret: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    lines = [
        "v1",
        headers["voicebot-timestamp"],
        headers["voicebot-request-id"],
        method,
        path,
        headers.get("idempotency-key", ""),
        hashlib.sha256(body).hexdigest(),
    ]
    return "v1=" + hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
