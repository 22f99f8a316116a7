"""The client of a provider of approvals (OpenID Client-Initiated Backchannel Authentication Core 1.0), by poll and by ping.

Must not log or keep a code, a hint, a token or a key. What goes wrong is a value.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from voicebot.config.approvals import ApprovalsPlan, ClientProof, Delivery
from voicebot.identity.ciba_profiles import PROFILES, Asked, Profile
from voicebot.openid_provider import LEEWAY, NEEDED, OpenIdProvider, ProviderTrouble, basic
from voicebot.ports.approvals import ApprovalWanted, Looked, NotOpened, Opened

GRANT = "urn:openid:params:grant-type:ciba"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LASTS = 60  # seconds
AT_ONCE = 4  # requests out; a provider that hangs must not take every thread that the line needs
WAIT_FOR_TURN = 2.0
USUAL_INTERVAL = 5.0  # seconds, where the provider names none
INTERVAL = (1.0, 30.0)
LIFE = (5.0, 600.0)  # of a request; what a provider says beyond it is not believed
LONGEST_ID = 4096  # characters; Keycloak puts all that it knows into one, and comes near 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ClientKeys:
    """What proves who we are: a secret, or a private key."""

    secret: str = field(default="", repr=False)
    key: ECKey | RSAKey | None = field(default=None, repr=False)


class CibaProvider:
    """An `ApprovalProvider`. `now` is the time of day; `transport` stands for the network in tests, `profile` for others."""

    def __init__(
        self, plan: ApprovalsPlan, keys: ClientKeys, now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None, profile: Profile | None = None,
    ) -> None:  # fmt: skip
        self._plan, self._keys, self._now, self._profile = plan, keys, now, profile or PROFILES[plan.provider]
        self._provider = OpenIdProvider(plan.issuer, now, transport)
        self._turns = threading.Semaphore(AT_ONCE)

    def close(self) -> None:
        """Let go of the connections."""
        self._provider.close()

    def unusable(self) -> str:
        """Why it cannot be asked for approvals, as far as its own description tells; empty if it can."""
        try:
            self._endpoint()
            for name in ("token_endpoint", "jwks_uri"):
                self._provider.endpoint(name)
            modes = self._provider.told().get("backchannel_token_delivery_modes_supported", [self._plan.delivery.value])
        except (ProviderTrouble, httpx.HTTPError) as trouble:
            return _told(trouble)
        return "" if self._plan.delivery in modes else f"it does not deliver by {self._plan.delivery}"

    # ---- the request ---------------------------------------------------------------------------------------------------

    def ask(self, wanted: ApprovalWanted) -> Opened | NotOpened:
        """Have the app ask."""
        if not self._turns.acquire(timeout=WAIT_FOR_TURN):
            log.error("approval not asked for", why="too many requests are out")
            return NotOpened.UNAVAILABLE
        try:
            return self._opened(*self._post(self._endpoint(), self._request(wanted)))
        except (ProviderTrouble, httpx.HTTPError) as trouble:
            log.error("approval not asked for", why=_told(trouble))
            return NotOpened.UNAVAILABLE
        finally:
            self._turns.release()

    def _endpoint(self) -> str:
        if self._profile.path:
            return f"{self._plan.issuer.rstrip('/')}{self._profile.path}"
        return self._provider.endpoint("backchannel_authentication_endpoint")

    def _request(self, wanted: ApprovalWanted) -> dict[str, str]:
        plan, profile = self._plan, self._profile
        message = profile.message(wanted.code.reveal(), wanted.language, wanted.about, plan.longest_message, plan.message)
        form = {"scope": profile.scope, "requested_expiry": str(wanted.seconds), **profile.extra}
        form |= profile.form(Asked(wanted.hint, message))
        if plan.acr_values:
            form["acr_values"] = " ".join(plan.acr_values)
        if plan.delivery is Delivery.PING:
            form["client_notification_token"] = wanted.ping_token
        return form

    def _opened(self, status: int, answer: dict[str, Any]) -> Opened | NotOpened:
        """What the endpoint says (CIBA Core 1.0, 7.3 and 13)."""
        request = answer.get("auth_req_id")
        if status == 200 and isinstance(request, str) and 0 < len(request) <= LONGEST_ID:
            seconds = _number(answer.get("expires_in"), LIFE[1], LIFE)
            return Opened(request, seconds, _number(answer.get("interval"), USUAL_INTERVAL, INTERVAL))
        error = _error(answer)
        if status in (400, 403) and error in ("unknown_user_id", "expired_login_hint_token", "access_denied"):
            log.warning("approval not asked for", why=error)
            return NotOpened.NOT_SET_UP
        log.error("approval not asked for", status=status, why=error)
        return NotOpened.UNAVAILABLE

    # ---- the answer ----------------------------------------------------------------------------------------------------

    def look(self, auth_req_id: str, subject: str, since: float) -> Looked:
        """How it stands."""
        if not self._turns.acquire(timeout=WAIT_FOR_TURN):
            return Looked.UNAVAILABLE
        try:
            endpoint = self._provider.endpoint("token_endpoint")
            return self._looked(*self._post(endpoint, {"grant_type": GRANT, "auth_req_id": auth_req_id}), subject, since)
        except (ProviderTrouble, httpx.HTTPError) as trouble:
            log.warning("approval not looked at", why=_told(trouble))
            return Looked.UNAVAILABLE
        finally:
            self._turns.release()

    def _looked(self, status: int, answer: dict[str, Any], subject: str, since: float) -> Looked:
        """What the token endpoint says (CIBA Core 1.0, 10.1 and 11; RFC 6749, 5.2)."""
        if status == 200:
            return self._believed(answer.get("id_token"), subject, since)
        error = _error(answer)
        known = {
            "authorization_pending": Looked.PENDING, "slow_down": Looked.SLOWER, "expired_token": Looked.EXPIRED,
            "access_denied": Looked.DENIED,
        }  # fmt: skip
        if 400 <= status < 500 and error in known:
            return known[error]
        if status == 429 or status >= 500 or status < 400:
            log.warning("approval not looked at", status=status)
            return Looked.UNAVAILABLE
        log.error("approval lost", status=status, why=error)
        return Looked.GONE

    def _believed(self, token: Any, subject: str, since: float) -> Looked:
        """Whether the provider's word holds: its own, for us, of this very customer, now, and as sure as we want it."""
        plan = self._plan
        try:
            wanted: dict[str, jwt.ClaimsOption] = {}
            if plan.acr_values:
                wanted["acr"] = {"essential": True, "values": list(plan.acr_values)}
            if plan.auth_time:
                wanted["auth_time"] = NEEDED
            claims = self._provider.claims(token if isinstance(token, str) else "", plan.client_id, **wanted)
            if not subject or claims.get(plan.subject_claim or self._profile.subject_claim) != subject:
                raise ValueError("it is of somebody else")
            if any(float(claims.get(name, since)) < since - LEEWAY for name in ("iat", "auth_time")):
                raise ValueError("it is from before")
        except (JoseError, ValueError, TypeError) as failed:
            log.error("approval not believed", why=str(failed) if type(failed) is ValueError else type(failed).__name__)
            return Looked.UNTRUE
        return Looked.APPROVED

    # ---- requests --------------------------------------------------------------------------------------------------------

    def _post(self, url: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Authenticated as RFC 6749, 2.3.1 or OpenID Connect Core 1.0, 9 have it."""
        client_id, headers = self._plan.client_id, {}
        match self._plan.proof:
            case ClientProof.PRIVATE_KEY:
                assertion = {"client_assertion_type": ASSERTION, "client_assertion": self._assertion()}
                form = {**form, "client_id": client_id, **assertion}
            case ClientProof.POST:
                form = {**form, "client_id": client_id, "client_secret": self._keys.secret}
            case ClientProof.BASIC:
                headers["Authorization"] = basic(client_id, self._keys.secret)
        return self._provider.ask("POST", url, headers, form)

    def _assertion(self) -> str:
        """Signed by our key, good for one use and a minute. Its audience is the issuer, which providers agree on."""
        plan, key, now = self._plan, self._keys.key, int(self._now().timestamp())
        if key is None:
            raise ProviderTrouble("there is no private key to sign with")
        algorithm = "ES256" if isinstance(key, ECKey) else "PS256"
        claims = {
            "iss": plan.client_id, "sub": plan.client_id, "aud": plan.issuer, "jti": token_urlsafe(16),
            "iat": now, "nbf": now, "exp": now + ASSERTION_LASTS,
        }  # fmt: skip
        header = {"alg": algorithm} | ({"kid": key.kid} if key.kid else {})
        return jwt.encode(header, claims, key, algorithms=[algorithm])


def _number(value: Any, usual: float, limits: tuple[float, float]) -> float:
    """A number of seconds as a provider names it, within what we believe."""
    given = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return min(max(float(value if given else usual), limits[0]), limits[1])


def _error(answer: dict[str, Any]) -> str:
    """The provider's code for what is wrong, as far as it is one that may stand in a log."""
    error = answer.get("error")
    return error if isinstance(error, str) and len(error) <= 60 and error.isascii() and error.replace("_", "").isalpha() else ""


def _told(trouble: Exception) -> str:
    return str(trouble) if isinstance(trouble, ProviderTrouble) else type(trouble).__name__
