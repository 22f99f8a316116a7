"""What two systems sign when one asks the other something: ours and the company's, in either direction. docs/backend.md."""

import hashlib

VERSION = "v1"
WINDOW = 300  # seconds that their clocks may differ


def signed_text(timestamp: str, request_id: str, method: str, path: str, idempotency_key: str, body: bytes) -> bytes:
    """Seven lines without a line end after the last. `path` is the address's path as it is sent."""
    digest = hashlib.sha256(body).hexdigest()
    lines = [VERSION, timestamp, request_id, method, path, idempotency_key, digest]
    return "\n".join(lines).encode()
