"""Approval at a real Keycloak, where there is one (VOICEBOT_TEST_KEYCLOAK): both ways in, each answer, whose word is believed.

Keycloak asks customers through a server of the company's own (its authentication channel); here that is a few lines on loopback.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from tests.keycloak import keycloak
from voicebot.config.approvals import ApprovalsPlan, ClientProof, ProviderKind
from voicebot.dialogue.values import Secret
from voicebot.identity.ciba import CibaProvider, ClientKeys
from voicebot.ports.approvals import ApprovalWanted, Looked, NotOpened, Opened

KEY = ECKey.generate_key("P-256", parameters={"kid": "line-1", "alg": "ES256", "use": "sig"})
STRANGER = ECKey.generate_key("P-256", parameters={"kid": "line-1"})
SECRET = "a-secret-of-this-test"
WANTED = ApprovalWanted("mira", Secret("482913"), "en", "", 120, "t" * 32)


class Channel:
    """What Keycloak tells to have a customer asked, and how the customer's answer gets back to it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self._tokens: list[str] = []
        self._server = HTTPServer(("127.0.0.1", 0), self._door())
        self.address = f"http://127.0.0.1:{self._server.server_port}/asks"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Nobody is asked any more."""
        self._server.shutdown()
        self._server.server_close()

    def says(self, status: str, issuer: str) -> None:
        """The customer who was asked last answers: SUCCEED, UNAUTHORIZED or CANCELLED."""
        headers = {"Authorization": self._tokens[-1]}
        address = f"{issuer}/protocol/openid-connect/ext/ciba/auth/callback"
        httpx.post(address, json={"status": status}, headers=headers, timeout=30).raise_for_status()

    def _door(self) -> type[BaseHTTPRequestHandler]:
        channel = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                channel.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                channel._tokens.append(self.headers["Authorization"])
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Door


@pytest.fixture(scope="module")
def channel() -> Iterator[Channel]:
    made = Channel()
    yield made
    made.close()


@dataclass(frozen=True)
class Bank:
    """A realm with two customers, and what it calls them."""

    issuer: str
    mira: str
    jonas: str


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, channel: Channel) -> Iterator[Bank]:
    with keycloak(tmp_path_factory.mktemp("keycloak") / "log", asks=channel.address) as found:
        mira, jonas = (found.add("users", {"username": name, "enabled": True}) for name in ("mira", "jonas"))
        able = {"oidc.ciba.grant.enabled": "true", "ciba.backchannel.token.delivery.mode": "poll"}
        common = {"enabled": True, "publicClient": False, "standardFlowEnabled": False, "protocol": "openid-connect"}
        found.add("clients", {**common, "clientId": "line", "secret": SECRET, "attributes": able})
        keys = {"use.jwks.string": "true", "jwks.string": json.dumps({"keys": [KEY.as_dict(private=False)]})}
        signed = {**able, **keys, "token.endpoint.auth.signing.alg": "ES256"}
        found.add("clients", {**common, "clientId": "line-key", "clientAuthenticatorType": "client-jwt", "attributes": signed})
        yield Bank(found.issuer, mira, jonas)


ClientOf = Callable[..., CibaProvider]


@pytest.fixture
def client_of(bank: Bank) -> Iterator[ClientOf]:
    """A client of it, with what is not as usual."""
    made: list[CibaProvider] = []

    def make(**changes: Any) -> CibaProvider:
        keys = ClientKeys(changes.pop("secret", SECRET), changes.pop("key", None))
        usual = ApprovalsPlan(ProviderKind.LOGIN_HINT, bank.issuer, "line", "app", "app", longest_message=20)
        made.append(CibaProvider(replace(usual, **changes), keys, lambda: datetime.now(UTC)))
        return made[-1]

    yield make
    for client in made:
        client.close()


def look(client: CibaProvider, opened: Opened | NotOpened, subject: str) -> Looked:
    """How it stands, at the pace that the provider wants."""
    assert isinstance(opened, Opened)
    time.sleep(opened.interval)
    return client.look(opened.auth_req_id, subject, time.time() - 30)


WAYS = [
    {},
    {"proof": ClientProof.POST},
    {"client_id": "line-key", "proof": ClientProof.PRIVATE_KEY, "key": KEY, "secret": ""},
]


@pytest.mark.parametrize("way", WAYS, ids=["basic", "post", "private key"])
def test_pending_until_the_customer_approves_and_then_once(
    bank: Bank, channel: Channel, client_of: ClientOf, way: dict[str, Any]
) -> None:
    client, mira = client_of(**way), bank.mira
    opened = client.ask(WANTED)
    assert isinstance(opened, Opened)
    assert (opened.seconds, opened.interval) == (120, 1)
    assert (channel.asked[-1]["login_hint"], channel.asked[-1]["binding_message"]) == ("mira", "482913")
    assert look(client, opened, mira) is Looked.PENDING
    channel.says("SUCCEED", bank.issuer)
    assert look(client, opened, mira) is Looked.APPROVED
    assert look(client, opened, mira) is Looked.GONE  # nobody is approved twice


@pytest.mark.parametrize("answer", ["UNAUTHORIZED", "CANCELLED"])
def test_a_denial_is_told(bank: Bank, channel: Channel, client_of: ClientOf, answer: str) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    channel.says(answer, bank.issuer)
    assert look(client, opened, bank.mira) is Looked.DENIED


def test_who_asks_too_often_is_to_slow_down(bank: Bank, client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    assert look(client, opened, bank.mira) is Looked.PENDING
    assert isinstance(opened, Opened)
    assert client.look(opened.auth_req_id, bank.mira, time.time() - 30) is Looked.SLOWER


def test_the_approval_of_another_customer_is_not_believed(bank: Bank, channel: Channel, client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    channel.says("SUCCEED", bank.issuer)
    assert look(client, opened, bank.jonas) is Looked.UNTRUE


def test_how_long_it_is_asked_for_is_the_realms_to_say(client_of: ClientOf) -> None:
    opened = client_of().ask(replace(WANTED, seconds=30))
    assert isinstance(opened, Opened)
    assert opened.seconds == 120  # it takes no notice of `requested_expiry`


def test_a_request_that_it_does_not_know_is_gone(client_of: ClientOf) -> None:
    assert client_of().look("unknown", "mira", time.time()) is Looked.GONE


def test_a_customer_whom_it_does_not_know_is_told_as_a_request_that_is_no_good(client_of: ClientOf) -> None:
    assert client_of().ask(replace(WANTED, hint="nobody")) is NotOpened.UNAVAILABLE  # it says invalid_request


@pytest.mark.parametrize(
    "way",
    [{"secret": "wrong"}, {"client_id": "line-key", "proof": ClientProof.PRIVATE_KEY, "key": STRANGER}],
    ids=["secret", "key"],
)
def test_who_cannot_prove_to_be_us_asks_nobody(channel: Channel, client_of: ClientOf, way: dict[str, Any]) -> None:
    before = len(channel.asked)
    assert client_of(**way).ask(WANTED) is NotOpened.UNAVAILABLE
    assert len(channel.asked) == before
