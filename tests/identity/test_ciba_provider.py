"""Approval at a real provider (npm's oidc-provider, a certified FAPI-CIBA provider): each way in, each answer."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey

from tests.openid_provider import real_provider
from voicebot.config.approvals import ApprovalsPlan, ClientProof, Delivery, ProviderKind
from voicebot.dialogue.values import Secret
from voicebot.identity.ciba import CibaProvider, ClientKeys
from voicebot.identity.ciba_profiles import PROFILES
from voicebot.ports.approvals import ApprovalWanted, Looked, NotOpened, Opened

KEY = ECKey.generate_key("P-256", parameters={"kid": "line-1", "alg": "ES256", "use": "sig"})
STRANGER = ECKey.generate_key("P-256", parameters={"kid": "line-1"})
PLAIN = PROFILES[ProviderKind.LOGIN_HINT]
WANTED = ApprovalWanted("mira", Secret("482913"), "en", "", 120, "t" * 32)


class Doorbell:
    """Where pings come in, over TLS with a certificate of its own, as the provider insists on."""

    def __init__(self, place: Path) -> None:
        self.came: list[tuple[str, dict[str, Any]]] = []
        self.rung = threading.Event()
        self.certificate = place / "doorbell.pem"
        key = _own_certificate(self.certificate)
        self._server = HTTPServer(("127.0.0.1", 0), self._door())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self._server.server_port}/ping"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Nobody is at home any more."""
        self._server.shutdown()
        self._server.server_close()

    def _door(self) -> type[BaseHTTPRequestHandler]:
        doorbell = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                doorbell.came.append((self.headers["Authorization"], json.loads(body)))
                self.send_response(204)
                self.end_headers()
                doorbell.rung.set()

            def log_message(self, *_: Any) -> None:
                pass

        return Door


def _own_certificate(path: Path) -> Path:
    """For this machine's loopback address, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "doorbell")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path.write_bytes(made.public_bytes(Encoding.PEM))
    private = path.with_suffix(".key")
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return private


class App:
    """The customer's phone."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def shown(self) -> list[dict[str, str]]:
        """What it has shown, oldest first."""
        return list(httpx.post(f"{self.issuer}/app/shown").json())

    def does(self, deed: str, opened: Opened | NotOpened) -> None:
        """`approve`, `approve-low` or `deny`."""
        assert isinstance(opened, Opened)
        answer = httpx.post(f"{self.issuer}/app/{deed}/{opened.auth_req_id}")
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def doorbell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doorbell]:
    bell = Doorbell(tmp_path_factory.mktemp("doorbell"))
    yield bell
    bell.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, doorbell: Doorbell) -> Iterator[App]:
    public = json.dumps(KEY.as_dict(private=False))
    log = tmp_path_factory.mktemp("ciba") / "log"
    script, trusts = Path(__file__).with_name("ciba_provider.mjs"), {"NODE_EXTRA_CA_CERTS": str(doorbell.certificate)}
    with real_provider(script, log, public, doorbell.address, environment=trusts) as port:
        yield App(f"http://127.0.0.1:{port}")


ClientOf = Callable[..., CibaProvider]


@pytest.fixture
def client_of(app: App) -> Iterator[ClientOf]:
    """A client of the provider, with what is not as usual."""
    made: list[CibaProvider] = []

    def make(**changes: Any) -> CibaProvider:
        keys, profile = ClientKeys(changes.pop("secret", "s" * 20), changes.pop("key", None)), changes.pop("profile", None)
        usual = ApprovalsPlan(
            ProviderKind.LOGIN_HINT, app.issuer, "line-basic", "app", "app", acr_values=("urn:test:high",), auth_time=True,
            longest_message=20,
        )  # fmt: skip
        made.append(CibaProvider(replace(usual, **changes), keys, lambda: datetime.now(UTC), profile=profile))
        return made[-1]

    yield make
    for client in made:
        client.close()


def look(client: CibaProvider, opened: Opened | NotOpened, subject: str = "mira", since: float | None = None) -> Looked:
    assert isinstance(opened, Opened)
    return client.look(opened.auth_req_id, subject, time.time() - 1 if since is None else since)


WAYS = [
    {},
    {"client_id": "line-post", "proof": ClientProof.POST},
    {"client_id": "line-key", "proof": ClientProof.PRIVATE_KEY, "key": KEY, "secret": ""},
]


@pytest.mark.parametrize("way", WAYS, ids=["basic", "post", "private key"])
def test_pending_until_the_customer_approves_and_then_once(app: App, client_of: ClientOf, way: dict[str, Any]) -> None:
    client = client_of(**way)
    opened = client.ask(WANTED)
    assert isinstance(opened, Opened)
    assert opened.seconds == 120
    assert look(client, opened) is Looked.PENDING
    app.does("approve", opened)
    assert look(client, opened) is Looked.APPROVED
    assert look(client, opened) is Looked.GONE  # nobody is approved twice


def test_the_app_shows_the_code_and_whose_request_it_is(app: App, client_of: ClientOf) -> None:
    client_of().ask(WANTED)
    assert (app.shown()[-1]["hint"], app.shown()[-1]["message"]) == ("mira", "482913")


def test_a_denial_is_told_once(app: App, client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    app.does("deny", opened)
    assert look(client, opened) is Looked.DENIED
    assert look(client, opened) is Looked.GONE


def test_a_ping_shows_our_token_and_the_answer_is_there_to_be_looked_at(
    app: App, client_of: ClientOf, doorbell: Doorbell
) -> None:
    client = client_of(client_id="line-ping", delivery=Delivery.PING)
    opened = client.ask(WANTED)
    assert isinstance(opened, Opened)
    assert look(client, opened) is Looked.PENDING  # who is to be pinged may look all the same
    app.does("approve", opened)
    assert doorbell.rung.wait(10)
    assert doorbell.came == [(f"Bearer {'t' * 32}", {"auth_req_id": opened.auth_req_id})]
    assert look(client, opened) is Looked.APPROVED


def test_one_that_nobody_answers_expires(client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(replace(WANTED, seconds=1))
    assert isinstance(opened, Opened)
    until = time.monotonic() + 20
    while (looked := look(client, opened)) is Looked.PENDING and time.monotonic() < until:
        time.sleep(0.2)
    assert looked is Looked.EXPIRED


def test_the_approval_of_another_customer_is_not_believed(app: App, client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    app.does("approve", opened)
    assert look(client, opened, "jonas") is Looked.UNTRUE


def test_one_that_is_less_sure_than_we_want_it_is_not_believed(app: App, client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    app.does("approve-low", opened)
    assert look(client, opened) is Looked.UNTRUE


def test_one_from_before_we_asked_is_not_believed(app: App, client_of: ClientOf) -> None:
    client = client_of()
    opened = client.ask(WANTED)
    app.does("approve", opened)
    assert look(client, opened, since=time.time() + 120) is Looked.UNTRUE


def test_a_customer_without_an_app_is_not_set_up(client_of: ClientOf) -> None:
    assert client_of().ask(replace(WANTED, hint="nobody")) is NotOpened.NOT_SET_UP


def test_a_request_that_it_does_not_know_is_gone(client_of: ClientOf) -> None:
    assert client_of().look("unknown", "mira", time.time()) is Looked.GONE


@pytest.mark.parametrize(
    "way",
    [
        {"secret": "wrong"},
        {"client_id": "line-key", "proof": ClientProof.PRIVATE_KEY, "key": STRANGER},
        {"client_id": "line-user-code"},  # this client must send a code that we never ask a caller for
        {"profile": replace(PLAIN, form=lambda _: {"login_hint": "mira", "id_token_hint": "x", "binding_message": "1"})},
        {"profile": replace(PLAIN, form=lambda _: {"binding_message": "1"})},
        {"profile": replace(PLAIN, scope="email")},
        {"profile": replace(PLAIN, form=lambda _: {"login_hint": "mira", "binding_message": "with a space"})},
    ],
    ids=["wrong secret", "wrong key", "user code", "two hints", "no hint", "no scope", "message refused"],
)
def test_a_request_that_it_refuses_asks_nobody(app: App, client_of: ClientOf, way: dict[str, Any]) -> None:
    before = len(app.shown())
    assert client_of(**way).ask(WANTED) is NotOpened.UNAVAILABLE
    assert len(app.shown()) == before


def test_a_hint_that_is_a_token(app: App, client_of: ClientOf) -> None:
    mitid = replace(PROFILES[ProviderKind.MITID], path="", scope="openid", extra={}, subject_claim="sub")
    client = client_of(profile=mitid)
    opened = client.ask(WANTED)
    app.does("approve", opened)
    assert look(client, opened) is Looked.APPROVED


def test_nobody_hears_of_it_when_it_is_down(client_of: ClientOf) -> None:
    client = client_of(issuer="http://127.0.0.1:1")
    assert client.ask(WANTED) is NotOpened.UNAVAILABLE
    assert client.look("any", "mira", time.time()) is Looked.UNAVAILABLE
