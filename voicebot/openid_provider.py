"""What an OpenID provider says of itself, and whether a token is its own: configuration, keys, and one bounded request.

Shared by those who are a client of one, for staff at the pages and for callers in their apps. Must not log or show anything that
was sent or received. Every answer is bounded in time and size, and no redirect is followed.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

LIMITS = httpx.Timeout(5.0, connect=2.0)
LONGEST_ANSWER = 256 * 1024
KNOWN_FOR = timedelta(hours=1)
ASKED_AGAIN = timedelta(minutes=1)  # for a key that is not known
LEEWAY = 60  # seconds between our clock and the provider's
ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
USED = {"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "backchannel_authentication_endpoint"}
NEEDED: jwt.ClaimsOption = {"essential": True}


class ProviderTrouble(Exception):
    """The provider cannot be used. The text is for the log and holds nothing of anybody."""


class OpenIdProvider:
    """One provider, by its issuer. Methods may be called from any thread. `transport` stands for the network in tests."""

    def __init__(self, issuer: str, now: Callable[[], datetime], transport: httpx.BaseTransport | None = None) -> None:
        self.issuer, self._now = issuer, now
        self._http = httpx.Client(timeout=LIMITS, follow_redirects=False, trust_env=False, transport=transport)
        self._told: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def told(self) -> dict[str, Any]:
        """Its configuration (OpenID Connect Discovery 1.0), fetched anew each hour. Raises ProviderTrouble, httpx.HTTPError."""
        if self._told is None or self._now() - self._told[0] >= KNOWN_FOR:
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            status, answer = self.ask("GET", address)
            if status != 200:
                raise ProviderTrouble(f"its configuration answers {status}")
            if answer.get("issuer") != self.issuer:
                raise ProviderTrouble("its configuration names another issuer")
            for name in USED & answer.keys():
                self._fit(answer, name)
            self._told = (self._now(), answer)
        return self._told[1]

    def endpoint(self, name: str) -> str:
        """An address that it names. Raises ProviderTrouble where there is none, or one that leads elsewhere than over TLS."""
        return self._fit(self.told(), name)

    def _fit(self, told: dict[str, Any], name: str) -> str:
        address = told.get(name)
        if not isinstance(address, str) or urlsplit(address).scheme not in ("https", urlsplit(self.issuer).scheme):
            raise ProviderTrouble(f"its configuration has no usable {name}")
        return address

    def algorithms(self) -> tuple[str, ...]:
        """What it signs ID tokens with, of what we take: never by a shared secret, never not at all."""
        supported = self.told().get("id_token_signing_alg_values_supported", ["RS256"])
        return tuple(name for name in ALGORITHMS if name in supported)

    def claims(self, token: str, audience: str, **wanted: jwt.ClaimsOption) -> dict[str, Any]:
        """An ID token's claims, if it is this provider's, for `audience`, and still good (OpenID Connect Core 1.0, 3.1.3.7).

        `wanted`: further claims that it must have. Raises JoseError or ValueError where it does not hold.
        """
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": audience},
            sub=NEEDED,
            exp=NEEDED,
            iat=NEEDED,
            **wanted,
        )
        claims = self._signed(token)
        registry.validate(claims)
        others = claims["aud"] not in (audience, [audience])
        if claims.get("azp", "" if others else audience) != audience:
            raise ValueError("it is for somebody else")
        return dict(claims)

    def _signed(self, token: str) -> dict[str, Any]:
        """Decoded with the provider's keys, fetched anew for a key that is not known. Raises JoseError."""
        algorithms: Sequence[str] = self.algorithms()
        try:
            return jwt.decode(token, self._key_set(KNOWN_FOR), algorithms=list(algorithms)).claims
        except InvalidKeyIdError:
            return jwt.decode(token, self._key_set(ASKED_AGAIN), algorithms=list(algorithms)).claims

    def _key_set(self, good_for: timedelta) -> KeySet:
        if self._keys is None or self._now() - self._keys[0] >= good_for:
            status, answer = self.ask("GET", self.endpoint("jwks_uri"))
            if status != 200 or not isinstance(answer.get("keys"), list):
                raise ProviderTrouble(f"its keys answer {status}")
            try:
                self._keys = (self._now(), KeySet.import_key_set({"keys": answer["keys"]}))
            except (JoseError, ValueError, KeyError, TypeError) as failed:
                raise ProviderTrouble(f"its keys cannot be read ({type(failed).__name__})") from None
        return self._keys[1]

    def ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object; an empty one where there is none. Raises ProviderTrouble, httpx.HTTPError."""
        own = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        with self._http.stream(method, url, headers=own, data=form) as response:
            body = bytearray()
            for part in response.iter_raw():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise ProviderTrouble("an answer is too long")
        try:
            answer = json.loads(bytes(body))
        except (ValueError, RecursionError):
            answer = {}
        return response.status_code, answer if isinstance(answer, dict) else {}


def basic(client_id: str, secret: str) -> str:
    """The header of a client with a secret. Both are form-encoded first (RFC 6749, 2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
