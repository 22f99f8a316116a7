"""A provider's word is taken only if it is its own, for us, for this very sign-in, and still good."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.pages.stage import HandClock
from voicebot.config.sign_in import OpenIdPlan
from voicebot.pages.flow import Flow
from voicebot.pages.openid import Identity, NoIdentity, OpenIdClient

ISSUER = "https://login.example.com/tenant"
BACK = "https://desk.example.com/sign-in/openid/back"
SECRET = "canary secret/0420"
FLOW = Flow("held", "state", "nonce-7", "verifier-7", "/")
KEY = RSAKey.generate_key(2048, parameters={"kid": "k1", "alg": "RS256", "use": "sig"})
NEXT_KEY = ECKey.generate_key("P-256", parameters={"kid": "k2", "alg": "ES256", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, parameters={"kid": "k1"})
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def streamed(status: int, body: bytes) -> httpx.Response:
    """As it comes over the network, piece by piece."""
    return httpx.Response(status, content=(body[at : at + 65_536] for at in range(0, len(body), 65_536)))


@dataclass
class Provider:
    """What it says, and what it was asked. Tests change what it says."""

    configuration: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    keys: list[Any] = field(default_factory=lambda: [KEY])
    signed_with: Any = field(default_factory=lambda: KEY)
    algorithm: str = "RS256"
    token: str | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As a real one would."""
        self.asked.append(request)
        name = request.url.path.rpartition("/")[2]
        if name in self.bodies:
            return streamed(200, self.bodies[name])
        content = {
            "openid-configuration": self._configuration,
            "keys": lambda: {"keys": [key.as_dict(private=False) for key in self.keys]},
            "token": lambda: {"id_token": self._id_token(), "access_token": "access-7", "token_type": "Bearer"},
            "userinfo": lambda: self.userinfo,
        }[name]()
        return streamed(self.statuses.get(name, 200), json.dumps(content).encode())

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            **{f"{name}_endpoint": f"{ISSUER}/{name}" for name in ("authorization", "token", "userinfo")},
            "jwks_uri": f"{ISSUER}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        } | self.configuration

    def _id_token(self) -> str:
        if self.token is not None:
            return self.token
        now = int(NOON.timestamp())
        usual = {"iss": ISSUER, "aud": "voicebot", "sub": "u7", "nonce": "nonce-7", "iat": now, "exp": now + 300,
                 "email": "mira@example.com", "email_verified": True}  # fmt: skip
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        kid = self.signed_with.kid if not isinstance(self.signed_with, OctKey) else "k1"
        return jwt.encode({"alg": self.algorithm, "kid": kid}, claims, self.signed_with, algorithms=[self.algorithm])


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def client(provider: Provider, clock: HandClock) -> OpenIdClient:
    return client_of(provider, clock)


def client_of(provider: Provider, clock: HandClock, **plan: Any) -> OpenIdClient:
    transport = httpx.MockTransport(provider.answer)
    return OpenIdClient(OpenIdPlan(ISSUER, "voicebot", **plan), SECRET, BACK, clock.now, transport)


def identity(client: OpenIdClient, issuer: str = "") -> Identity | NoIdentity:
    return client.identity(FLOW, "code-7", issuer)


def test_whoever_it_vouches_for_is_known_by_subject_and_verified_address(client: OpenIdClient, provider: Provider) -> None:
    assert identity(client) == Identity("u7", "mira@example.com")
    asked = next(request for request in provider.asked if request.url.path.endswith("/token"))
    form = parse_qs(asked.content.decode())
    assert form == {
        "grant_type": ["authorization_code"], "code": ["code-7"], "redirect_uri": [BACK], "code_verifier": ["verifier-7"],
    }  # fmt: skip
    pair = base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "voicebot:canary%20secret%2F0420"


def test_the_way_there_names_what_it_must(client: OpenIdClient) -> None:
    address = client.where_to(FLOW)
    asked = parse_qs(str(address).partition("?")[2])
    assert str(address).startswith(f"{ISSUER}/authorization?")
    assert (asked["state"], asked["nonce"], asked["scope"]) == (["state"], ["nonce-7"], ["openid email"])
    assert asked["code_challenge"] == [FLOW.challenge]
    assert "verifier-7" not in str(address)


def test_nothing_of_it_is_in_a_repr(client: OpenIdClient) -> None:
    assert "u7" not in repr(identity(client))
    assert "canary" not in repr(client)


# ---- an ID token that does not hold --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["voicebot", "another"]},  # and nothing says whose it is
        {"azp": "another"},
        {"nonce": "nonce-8"},
        {"nonce": None},
        {"exp": int(NOON.timestamp()) - 61},
        {"exp": None},
        {"iat": int(NOON.timestamp()) + 120},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
    ],
)
def test_a_token_for_somebody_else_or_another_time_is_not_taken(
    client: OpenIdClient, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert identity(client) is NoIdentity.REFUSED


def test_a_token_for_several_is_taken_if_it_says_that_it_is_ours(client: OpenIdClient, provider: Provider) -> None:
    provider.claims = {"aud": ["voicebot", "another"], "azp": "voicebot"}
    assert identity(client) == Identity("u7", "mira@example.com")


def test_a_token_that_another_key_signed_is_not_taken(client: OpenIdClient, provider: Provider) -> None:
    provider.signed_with = STRANGER
    assert identity(client) is NoIdentity.REFUSED


def test_a_token_signed_with_our_own_secret_or_not_at_all_is_not_taken(client: OpenIdClient, provider: Provider) -> None:
    provider.signed_with, provider.algorithm = OctKey.import_key(SECRET * 3), "HS256"
    assert identity(client) is NoIdentity.REFUSED
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, {}))
    provider.token = f"{head}.{body}."
    assert identity(client) is NoIdentity.REFUSED


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 100, "é.é.é"])
def test_what_is_no_token_is_not_taken(client: OpenIdClient, provider: Provider, token: str) -> None:
    provider.token = token
    assert identity(client) is NoIdentity.REFUSED


# ---- keys ----------------------------------------------------------------------------------------------------------


def asked_for_keys(provider: Provider) -> int:
    return sum(request.url.path.endswith("/keys") for request in provider.asked)


def test_a_new_key_is_fetched_when_a_token_names_it_and_not_more_than_once_a_minute(
    client: OpenIdClient, provider: Provider, clock: HandClock
) -> None:
    identity(client)
    provider.keys, provider.signed_with, provider.algorithm = [KEY, NEXT_KEY], NEXT_KEY, "ES256"
    assert identity(client) is NoIdentity.REFUSED  # within the minute
    assert asked_for_keys(provider) == 1
    clock.pass_time(minutes=1)
    assert identity(client) == Identity("u7", "mira@example.com")
    assert asked_for_keys(provider) == 2
    identity(client)
    assert asked_for_keys(provider) == 2


# ---- claims --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verified", [False, None, "false", 1])
def test_an_address_that_is_not_verified_says_nothing(client: OpenIdClient, provider: Provider, verified: Any) -> None:
    provider.claims = {"email_verified": verified}
    assert identity(client) == Identity("u7", "")


def test_what_is_not_in_the_token_is_asked_for_and_taken_of_the_same_person_only(
    client: OpenIdClient, provider: Provider
) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "u7", "email": "mira@example.com", "email_verified": True}
    assert identity(client) == Identity("u7", "mira@example.com")
    assert provider.asked[-1].headers["Authorization"] == "Bearer access-7"
    provider.userinfo["sub"] = "u8"
    assert identity(client) == Identity("u7", "")


def test_an_address_is_verified_by_whoever_tells_it(client: OpenIdClient, provider: Provider) -> None:
    provider.claims = {"email": None, "email_verified": True}
    provider.userinfo = {"sub": "u7", "email": "mira@example.com", "email_verified": False}
    assert identity(client) == Identity("u7", "")


def test_another_claim_is_taken_as_it_is(provider: Provider, clock: HandClock) -> None:
    provider.userinfo = {"sub": "u7", "employee": "jonas"}
    assert client_of(provider, clock, claim="employee").identity(FLOW, "code-7", "") == Identity("u7", "jonas")


# ---- a provider that does not behave ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://login.example.com/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_configuration_that_is_not_its_own_or_not_over_tls_is_not_used(
    client: OpenIdClient, provider: Provider, configuration: dict[str, Any]
) -> None:
    provider.configuration = configuration
    assert client.where_to(FLOW) is NoIdentity.UNAVAILABLE


@pytest.mark.parametrize(
    ("name", "status"), [("openid-configuration", 500), ("token", 401), ("token", 302), ("token", 500), ("keys", 404)]
)
def test_a_provider_that_is_down_or_does_not_know_us_is_our_trouble_and_not_the_persons(
    client: OpenIdClient, provider: Provider, name: str, status: int
) -> None:
    provider.statuses[name] = status
    assert identity(client) is NoIdentity.UNAVAILABLE


@pytest.mark.parametrize("name", ["openid-configuration", "token", "keys"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"x" * 300_000, b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_none_is_not_taken(client: OpenIdClient, provider: Provider, name: str, body: bytes) -> None:
    provider.bodies[name] = body
    assert identity(client) is NoIdentity.UNAVAILABLE


def test_a_network_that_fails_is_trouble_and_no_exception(clock: HandClock) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("canary", request=request)

    client = OpenIdClient(OpenIdPlan(ISSUER, "voicebot"), SECRET, BACK, clock.now, httpx.MockTransport(fail))
    assert client.where_to(FLOW) is NoIdentity.UNAVAILABLE


def test_an_answer_that_names_another_issuer_is_not_exchanged(client: OpenIdClient, provider: Provider) -> None:
    assert identity(client, "https://evil.example") is NoIdentity.REFUSED
    assert not any(request.url.path.endswith("/token") for request in provider.asked)
    assert identity(client, ISSUER) == Identity("u7", "mira@example.com")


def test_a_provider_that_names_itself_must_do_so_each_time(client: OpenIdClient, provider: Provider) -> None:
    provider.configuration = {"authorization_response_iss_parameter_supported": True}
    assert identity(client) is NoIdentity.REFUSED


@pytest.mark.parametrize(
    ("error", "found"), [("invalid_grant", NoIdentity.REFUSED), ("invalid_request", NoIdentity.UNAVAILABLE)]
)
def test_a_code_that_is_not_good_any_more_is_refused_and_a_wrong_request_is_our_own_fault(
    clock: HandClock, provider: Provider, error: str, found: NoIdentity
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        at_token = request.url.path.endswith("/token")
        return streamed(400, json.dumps({"error": error}).encode()) if at_token else provider.answer(request)

    client = OpenIdClient(OpenIdPlan(ISSUER, "voicebot"), SECRET, BACK, clock.now, httpx.MockTransport(answer))
    assert identity(client) is found


def test_where_only_the_form_takes_a_secret_it_goes_there(client: OpenIdClient, provider: Provider) -> None:
    provider.configuration = {"token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"]}
    identity(client)
    asked = next(request for request in provider.asked if request.url.path.endswith("/token"))
    assert "Authorization" not in asked.headers
    assert parse_qs(asked.content.decode())["client_secret"] == [SECRET]


def test_what_it_says_of_itself_is_known_for_an_hour(client: OpenIdClient, provider: Provider, clock: HandClock) -> None:
    for _ in range(3):
        client.where_to(FLOW)
    assert len(provider.asked) == 1
    clock.pass_time(hours=1)
    client.where_to(FLOW)
    assert len(provider.asked) == 2
