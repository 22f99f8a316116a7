"""A provider of approvals and its customers' apps, for developers and tests: OpenID CIBA Core 1.0 by poll, an ASGI application.

Must not share code with the product's client of it. It keeps everything in memory and believes any client.
"""

import json
import re
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer: TypeAlias = tuple[int, dict[str, Any]]

LONGEST = 16 * 1024
TOKEN_LASTS = 60
CLIENT = "voicebot"  # whoever asks is taken for it


@dataclass
class Asked:
    """One request, as the customer's app shows it."""

    id: str
    hint: str = field(repr=False)
    message: str = field(repr=False)
    at: float
    until: float
    answer: str = ""  # approve or deny
    told: bool = False


@dataclass
class Flaws:
    """What goes wrong on purpose: so many of the next looks are answered so. `begins`: the next request, by status and error."""

    failing: int = 0  # 503
    slow_down: int = 0
    forged: bool = False  # tokens are signed by nobody's key
    subject: str = ""  # whose word it is, if not the customer's who was asked
    begins: list[tuple[int, str]] = field(default_factory=list)


class ApprovalTwin:
    """The provider. `issuer` is where it is reached; `interval` and `lasts` are real seconds. Any thread may call.

    A customer is who the hint names; `unknown` ones have no app.
    """

    def __init__(self, interval: float = 1.0, lasts: float | None = None) -> None:
        self.issuer, self.interval, self.lasts = "", interval, lasts
        self.flaws, self.unknown, self.looks = Flaws(), set[str](), 0
        self._key = ECKey.generate_key("P-256", {"kid": "twin", "use": "sig", "alg": "ES256"})
        self._stranger = ECKey.generate_key("P-256", {"kid": "twin"})
        self._asked: list[Asked] = []
        self._lock = threading.Lock()

    # ---- the app ---------------------------------------------------------------------------------------------------------

    def shown(self, hint: str) -> str:
        """What this customer's app shows now; empty where it shows nothing."""
        asked = self._newest(hint)
        return asked.message if asked is not None and not asked.answer else ""

    def code(self, hint: str, since: float = 0.0) -> str:
        """The digits in what it last showed; `since` then, in monotonic seconds."""
        asked = self._newest(hint, since)
        found = re.search(r"\d{6}", asked.message) if asked is not None else None
        return found[0] if found else ""

    def answer(self, hint: str, deed: str, since: float = 0.0) -> bool:
        """The customer says `approve` or `deny`. False where the app shows nothing that has come since then."""
        asked = self._newest(hint, since)
        if asked is None or asked.answer:
            return False
        asked.answer = deed
        return True

    def asked_of(self, hint: str) -> int:
        """How often this customer's app was made to show something."""
        with self._lock:
            return sum(asked.hint == hint for asked in self._asked)

    def _newest(self, hint: str, since: float = 0.0) -> Asked | None:
        with self._lock:
            return next((asked for asked in reversed(self._asked) if asked.hint == hint and asked.at >= since), None)

    # ---- the provider ----------------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = bytearray()
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body") or len(body) > LONGEST:
                break
        status, answer = self._answered(scope["path"], bytes(body))
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answered(self, path: str, body: bytes) -> Answer:
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        match path:
            case "/.well-known/openid-configuration":
                return 200, self._configuration()
            case "/keys":
                return 200, {"keys": [self._key.as_dict(private=False)]}
            case "/begin":
                return self._begin(form)
            case "/token":
                return self._token(form)
        return 404, {}

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", "token_endpoint": f"{self.issuer}/token",
            "backchannel_authentication_endpoint": f"{self.issuer}/begin", "id_token_signing_alg_values_supported": ["ES256"],
            "backchannel_token_delivery_modes_supported": ["poll"],
        }  # fmt: skip

    def _begin(self, form: dict[str, str]) -> Answer:
        if self.flaws.begins:
            status, error = self.flaws.begins.pop(0)
            return status, {"error": error}
        hint = form.get("login_hint", "")
        if not hint or hint in self.unknown:
            return 400, {"error": "unknown_user_id"}
        lasts = self.lasts if self.lasts is not None else float(form.get("requested_expiry", "120"))
        now = time.monotonic()
        asked = Asked(token_urlsafe(24), hint, form.get("binding_message", ""), now, now + lasts)
        with self._lock:
            self._asked.append(asked)
        return 200, {"auth_req_id": asked.id, "expires_in": lasts, "interval": self.interval}

    def _token(self, form: dict[str, str]) -> Answer:
        self.looks += 1
        if self.flaws.failing > 0:
            self.flaws.failing -= 1
            return 503, {}
        if self.flaws.slow_down > 0:
            self.flaws.slow_down -= 1
            return 400, {"error": "slow_down"}
        with self._lock:
            asked = next((one for one in self._asked if one.id == form.get("auth_req_id")), None)
            if asked is None or asked.told:
                return 400, {"error": "invalid_grant"}
            if not asked.answer and time.monotonic() < asked.until:
                return 400, {"error": "authorization_pending"}
            asked.told = True
        if asked.answer == "approve":
            return 200, {"id_token": self._id_token(asked), "access_token": token_urlsafe(16), "token_type": "Bearer"}
        return 400, {"error": "access_denied" if asked.answer else "expired_token"}

    def _id_token(self, asked: Asked) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.flaws.subject or asked.hint, "iat": now,
            "exp": now + TOKEN_LASTS, "auth_time": now,
        }  # fmt: skip
        key = self._stranger if self.flaws.forged else self._key
        return jwt.encode({"alg": "ES256", "kid": "twin"}, claims, key, algorithms=["ES256"])


@dataclass(frozen=True)
class CallersApp:
    """One customer's app, in whoever's hand, who took it up `since` then."""

    provider: ApprovalTwin
    hint: str = field(repr=False)
    since: float = field(default_factory=time.monotonic)

    def code(self) -> str:
        """The digits that it shows."""
        return self.provider.code(self.hint, self.since)

    def answer(self, deed: str) -> bool:
        """Say so there."""
        return self.provider.answer(self.hint, deed, self.since)
