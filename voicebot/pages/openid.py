"""The company's OpenID provider, as a client of its authorization code flow (OpenID Connect Core 1.0, 3.1; PKCE, RFC 7636).

Tells who somebody is there; who that is here is decided elsewhere. Must not log or show a token, a code or the client's secret.
What goes wrong is a value. Every answer is bounded in time and size, and no redirect is followed.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from voicebot.config.sign_in import EMAIL, OpenIdPlan
from voicebot.pages.flow import Flow

LIMITS = httpx.Timeout(5.0, connect=2.0)
LONGEST_ANSWER = 256 * 1024
AT_ONCE = 4  # sign-ins that ask the provider; the others wait
WAIT_FOR_TURN = 5.0
KNOWN_FOR = timedelta(hours=1)
ASKED_AGAIN = timedelta(minutes=1)  # for a key that is not known
LEEWAY = 60  # seconds between our clock and the provider's
ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
BASIC, POST = "client_secret_basic", "client_secret_post"

Told = TypeVar("Told")
log = structlog.get_logger(__name__)


class NoIdentity(StrEnum):
    """Why nobody was signed in."""

    UNAVAILABLE = "unavailable"  # the provider did not answer, or not as it must
    REFUSED = "refused"  # it did not sign them in, or its word does not hold


@dataclass(frozen=True)
class Identity:
    """Who somebody is at the provider. `claim`: what the configured claim says, empty where it says nothing that counts."""

    subject: str = field(repr=False)
    claim: str = field(repr=False)


@dataclass(frozen=True)
class _Provider:
    """What it says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    authentication: str
    names_itself: bool  # in its answer to the browser (RFC 9207)


class _Failed(Exception):
    """Inside this module only; the text is for the log and holds nothing of anybody."""


class OpenIdClient:
    """The client. Methods may be called from any thread. `transport` stands for the network in tests."""

    def __init__(
        self, plan: OpenIdPlan, secret: str, redirect: str, now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.plan, self._secret, self._redirect, self._now = plan, secret, redirect, now
        self._http = httpx.Client(timeout=LIMITS, follow_redirects=False, trust_env=False, transport=transport)
        self._turns = threading.Semaphore(AT_ONCE)
        self._provider: tuple[datetime, _Provider] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def where_to(self, flow: Flow) -> str | NoIdentity:
        """The provider's address that this browser goes to now."""
        return self._guarded(lambda: self._where_to(flow))

    def identity(self, flow: Flow, code: str, issuer: str) -> Identity | NoIdentity:
        """Who came back with this code. `issuer`: as the answer named it, empty if it did not."""
        return self._guarded(lambda: self._identity(flow, code, issuer))

    def _guarded(self, ask: Callable[[], Told | NoIdentity]) -> Told | NoIdentity:
        if not self._turns.acquire(timeout=WAIT_FOR_TURN):
            return NoIdentity.UNAVAILABLE
        try:
            return ask()
        except _Failed as failed:
            log.error("provider cannot be used", why=str(failed))
            return NoIdentity.UNAVAILABLE
        except httpx.HTTPError as failed:
            log.error("provider cannot be used", why=type(failed).__name__)
            return NoIdentity.UNAVAILABLE
        finally:
            self._turns.release()

    # ---- the way there -----------------------------------------------------------------------------------------------

    def _where_to(self, flow: Flow) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.plan.client_id,
            "redirect_uri": self._redirect,
            "scope": "openid email" if self.plan.claim == EMAIL else "openid profile",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._known().authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    # ---- the way back ------------------------------------------------------------------------------------------------

    def _identity(self, flow: Flow, code: str, issuer: str) -> Identity | NoIdentity:
        provider = self._known()
        if issuer != self.plan.issuer and (issuer or provider.names_itself):
            return _refused("the answer names another issuer")
        granted = self._exchange(provider, code, flow.verifier)
        if granted is None:
            return _refused("the code is not good")
        claims = self._claims(provider, granted.get("id_token"), flow.nonce)
        if claims is None:
            return NoIdentity.REFUSED
        told = claims
        if self.plan.claim not in claims and provider.userinfo_endpoint:
            told = self._userinfo(provider, granted.get("access_token"), claims["sub"])
        return Identity(claims["sub"], _said(told, self.plan.claim))

    def _exchange(self, provider: _Provider, code: str, verifier: str) -> dict[str, Any] | None:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect, "code_verifier": verifier}
        headers = {}
        if provider.authentication == POST:
            form |= {"client_id": self.plan.client_id, "client_secret": self._secret}
        else:
            headers["Authorization"] = _basic(self.plan.client_id, self._secret)
        status, answer = self._ask("POST", provider.token_endpoint, headers, form)
        if status == 400 and answer.get("error") in ("invalid_grant", "access_denied"):
            return None
        if status != 200:
            raise _Failed(f"its token endpoint answers {status}")
        return answer

    def _claims(self, provider: _Provider, token: Any, nonce: str) -> dict[str, Any] | None:
        """The ID token's claims, if it is the provider's, for us, for this very sign-in, and still good."""
        if not isinstance(token, str):
            raise _Failed("there is no ID token")
        needed: jwt.ClaimsOption = {"essential": True}
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.plan.issuer},
            aud={"essential": True, "value": self.plan.client_id},
            nonce={"essential": True, "value": nonce},
            sub=needed,
            exp=needed,
            iat=needed,
        )
        try:
            claims = self._signed(provider, token)
            registry.validate(claims)
        except (JoseError, ValueError) as failed:
            _refused(f"the ID token does not hold ({type(failed).__name__})")
            return None
        others = claims["aud"] not in (self.plan.client_id, [self.plan.client_id])
        if claims.get("azp", "" if others else self.plan.client_id) != self.plan.client_id:
            _refused("the ID token is for somebody else")
            return None
        return dict(claims)

    def _signed(self, provider: _Provider, token: str) -> dict[str, Any]:
        """Decoded with the provider's keys, fetched anew for a key that is not known. Raises JoseError."""
        try:
            return jwt.decode(token, self._key_set(provider, KNOWN_FOR), algorithms=provider.algorithms).claims
        except InvalidKeyIdError:
            return jwt.decode(token, self._key_set(provider, ASKED_AGAIN), algorithms=provider.algorithms).claims

    def _userinfo(self, provider: _Provider, token: Any, subject: str) -> dict[str, Any]:
        """Claims that are not in the ID token; nothing of anybody else."""
        if not isinstance(token, str):
            return {}
        status, answer = self._ask("GET", provider.userinfo_endpoint, {"Authorization": f"Bearer {token}"})
        if status != 200:
            raise _Failed(f"its userinfo endpoint answers {status}")
        return answer if answer.get("sub") == subject else {}

    # ---- what is known of the provider -------------------------------------------------------------------------------

    def _known(self) -> _Provider:
        if self._provider is None or self._now() - self._provider[0] >= KNOWN_FOR:
            address = f"{self.plan.issuer.rstrip('/')}/.well-known/openid-configuration"
            status, answer = self._ask("GET", address)
            if status != 200:
                raise _Failed(f"its configuration answers {status}")
            self._provider = (self._now(), _described(answer, self.plan.issuer))
        return self._provider[1]

    def _key_set(self, provider: _Provider, good_for: timedelta) -> KeySet:
        if self._keys is None or self._now() - self._keys[0] >= good_for:
            status, answer = self._ask("GET", provider.jwks_uri)
            if status != 200 or not isinstance(answer.get("keys"), list):
                raise _Failed(f"its keys answer {status}")
            try:
                self._keys = (self._now(), KeySet.import_key_set({"keys": answer["keys"]}))
            except (JoseError, ValueError, KeyError, TypeError) as failed:
                raise _Failed(f"its keys cannot be read ({type(failed).__name__})") from None
        return self._keys[1]

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object; an empty one where there is none."""
        own = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        with self._http.stream(method, url, headers=own, data=form) as response:
            body = bytearray()
            for part in response.iter_raw():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise _Failed("an answer is too long")
        try:
            answer = json.loads(bytes(body))
        except (ValueError, RecursionError):
            answer = {}
        return response.status_code, answer if isinstance(answer, dict) else {}


def _described(answer: dict[str, Any], issuer: str) -> _Provider:
    """Its own description. Raises _Failed where it is not this provider's, or leads anywhere but over TLS or to this machine."""
    if answer.get("issuer") != issuer:
        raise _Failed("its configuration names another issuer")
    supported = answer.get("id_token_signing_alg_values_supported", ["RS256"])
    methods = answer.get("token_endpoint_auth_methods_supported", [BASIC])
    return _Provider(
        authorization_endpoint=_endpoint(answer, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(answer, "token_endpoint", issuer),
        jwks_uri=_endpoint(answer, "jwks_uri", issuer),
        userinfo_endpoint=_endpoint(answer, "userinfo_endpoint", issuer) if "userinfo_endpoint" in answer else "",
        algorithms=tuple(name for name in ALGORITHMS if name in supported),
        authentication=POST if BASIC not in methods and POST in methods else BASIC,
        names_itself=answer.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(answer: dict[str, Any], name: str, issuer: str) -> str:
    address = answer.get(name)
    if not isinstance(address, str) or urlsplit(address).scheme not in ("https", urlsplit(issuer).scheme):
        raise _Failed(f"its configuration has no usable {name}")
    return address


def _said(claims: Mapping[str, Any], name: str) -> str:
    """What a claim says; an e-mail address only if the provider has verified it."""
    verified = claims.get("email_verified")
    if name == EMAIL and verified is not True and verified != "true":  # some say it in words
        return ""
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _basic(client_id: str, secret: str) -> str:
    """Both are form-encoded first (RFC 6749, 2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _refused(why: str) -> NoIdentity:
    log.warning("provider's word not taken", why=why)
    return NoIdentity.REFUSED
