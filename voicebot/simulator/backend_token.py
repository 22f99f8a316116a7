"""The mock back end's token endpoint: OAuth 2.0 client credentials, as RFC 6749 (4.4) has it. Must not show a token."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs, unquote

LIFE = 300  # seconds


@dataclass
class TokenDesk:
    """Gives tokens to one client and knows those that it gave."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    new_token: Callable[[], str]
    _given: dict[str, float] = field(default_factory=dict, repr=False)

    def grant(self, headers: Mapping[str, str], body: bytes, now: float) -> dict[str, Any] | None:
        """A token; None for a client that is not ours. `now` is seconds since 1970."""
        form = parse_qs(body.decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"] or not self._is_ours(headers.get("authorization", "")):
            return None
        token = self.new_token()
        self._given[token] = now + LIFE
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE}

    def knows(self, authorization: str, now: float) -> bool:
        """Whether this header carries a token of ours that has not run out."""
        return self._given.get(authorization.removeprefix("Bearer "), 0.0) > now

    def withdraw(self) -> None:
        """No token that was given is good any more."""
        self._given.clear()

    def _is_ours(self, authorization: str) -> bool:
        try:
            pair = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        client_id, _, secret = pair.partition(":")
        known = compare_digest(unquote(client_id).encode(), self.client_id.encode())
        return compare_digest(unquote(secret).encode(), self.client_secret.encode()) and known
