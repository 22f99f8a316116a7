"""The company's OpenID provider, as a client of its authorization code flow (OpenID Connect Core 1.0, 3.1; PKCE, RFC 7636).

Tells who somebody is there; who that is here is decided elsewhere. Must not log or show a token, a code or the client's secret.
What goes wrong is a value. Every answer is bounded in time and size, and no redirect is followed.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import structlog
from joserfc.errors import JoseError

from voicebot.config.sign_in import EMAIL, OpenIdPlan
from voicebot.openid_provider import OpenIdProvider, ProviderTrouble, basic
from voicebot.pages.flow import Flow

AT_ONCE = 4  # sign-ins that ask the provider; the others wait
WAIT_FOR_TURN = 5.0
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


class OpenIdClient:
    """The client. Methods may be called from any thread. `transport` stands for the network in tests."""

    def __init__(
        self, plan: OpenIdPlan, secret: str, redirect: str, now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.plan, self._secret, self._redirect = plan, secret, redirect
        self._provider = OpenIdProvider(plan.issuer, now, transport)
        self._turns = threading.Semaphore(AT_ONCE)

    def close(self) -> None:
        """Let go of the connections."""
        self._provider.close()

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
        except ProviderTrouble as failed:
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
        endpoint = self._provider.endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    # ---- the way back ------------------------------------------------------------------------------------------------

    def _identity(self, flow: Flow, code: str, issuer: str) -> Identity | NoIdentity:
        names_itself = self._provider.told().get("authorization_response_iss_parameter_supported") is True  # RFC 9207
        if issuer != self.plan.issuer and (issuer or names_itself):
            return _refused("the answer names another issuer")
        granted = self._exchange(code, flow.verifier)
        if granted is None:
            return _refused("the code is not good")
        claims = self._claims(granted.get("id_token"), flow.nonce)
        if claims is None:
            return NoIdentity.REFUSED
        told = claims
        if self.plan.claim not in claims and "userinfo_endpoint" in self._provider.told():
            told = self._userinfo(granted.get("access_token"), claims["sub"])
        return Identity(claims["sub"], _said(told, self.plan.claim))

    def _exchange(self, code: str, verifier: str) -> dict[str, Any] | None:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect, "code_verifier": verifier}
        headers = {}
        methods = self._provider.told().get("token_endpoint_auth_methods_supported", [BASIC])
        if BASIC not in methods and POST in methods:
            form |= {"client_id": self.plan.client_id, "client_secret": self._secret}
        else:
            headers["Authorization"] = basic(self.plan.client_id, self._secret)
        status, answer = self._provider.ask("POST", self._provider.endpoint("token_endpoint"), headers, form)
        if status == 400 and answer.get("error") in ("invalid_grant", "access_denied"):
            return None
        if status != 200:
            raise ProviderTrouble(f"its token endpoint answers {status}")
        return answer

    def _claims(self, token: Any, nonce: str) -> dict[str, Any] | None:
        """The ID token's claims, if it is the provider's, for us, for this very sign-in, and still good."""
        if not isinstance(token, str):
            raise ProviderTrouble("there is no ID token")
        try:
            return self._provider.claims(token, self.plan.client_id, nonce={"essential": True, "value": nonce})
        except (JoseError, ValueError) as failed:
            _refused(f"the ID token does not hold ({type(failed).__name__})")
            return None

    def _userinfo(self, token: Any, subject: str) -> dict[str, Any]:
        """Claims that are not in the ID token; nothing of anybody else."""
        if not isinstance(token, str):
            return {}
        status, answer = self._provider.ask(
            "GET", self._provider.endpoint("userinfo_endpoint"), {"Authorization": f"Bearer {token}"}
        )
        if status != 200:
            raise ProviderTrouble(f"its userinfo endpoint answers {status}")
        return answer if answer.get("sub") == subject else {}


def _said(claims: Mapping[str, Any], name: str) -> str:
    """What a claim says; an e-mail address only if the provider has verified it."""
    verified = claims.get("email_verified")
    if name == EMAIL and verified is not True and verified != "true":  # some say it in words
        return ""
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _refused(why: str) -> NoIdentity:
    log.warning("provider's word not taken", why=why)
    return NoIdentity.REFUSED
