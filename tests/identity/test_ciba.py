"""What a provider of approvals may answer beside the usual, and what is believed of it."""

import json
import logging
import threading
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from structlog.testing import capture_logs

from voicebot.config.approvals import LONGEST_MESSAGE, ApprovalsPlan, ClientProof, Delivery, ProviderKind
from voicebot.dialogue.values import Secret
from voicebot.identity import ciba
from voicebot.identity.ciba import CibaProvider, ClientKeys
from voicebot.identity.ciba_profiles import MESSAGES, PROFILES
from voicebot.ports.approvals import ApprovalWanted, Looked, NotOpened, Opened

ISSUER = "https://login.example.com/op"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AT = NOON.timestamp()
KEY = ECKey.generate_key("P-256", parameters={"kid": "k1", "alg": "ES256", "use": "sig"})
NEXT_KEY = RSAKey.generate_key(2048, parameters={"kid": "k2", "alg": "PS256", "use": "sig"})
STRANGER = ECKey.generate_key("P-256", parameters={"kid": "k1"})
CODE, HINT, SECRET = "482913", "canary-hint", "canary-secret"
WANTED = ApprovalWanted(HINT, Secret(CODE), "en", "", 120, "t" * 32)


class Stub:
    """A provider that answers as it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.begins: tuple[int, Any] = (200, {"auth_req_id": "req-7", "expires_in": 120, "interval": 5})
        self.token: tuple[int, Any] | None = None
        self.claims: dict[str, Any] = {}
        self.described: dict[str, Any] = {}
        self.keys: list[Any] = [KEY]
        self.signed_with: Any = KEY
        self.algorithm = "ES256"
        self.down: Exception | None = None
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As told."""
        self.asked.append(request)
        name = request.url.path.rpartition("/")[2]
        if self.down is not None and name in ("begin", "token", "ciba", "bc-authorize"):
            raise self.down
        match name:
            case "openid-configuration":
                return _json(200, self._configuration())
            case "keys":
                return _json(200, {"keys": [key.as_dict(private=False) for key in self.keys]})
            case "token":
                return _json(*(self.token or (200, {"id_token": self._id_token(), "access_token": "canary-access"})))
        return _json(*self.begins)

    def _configuration(self) -> dict[str, Any]:
        told = {
            "issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", "token_endpoint": f"{ISSUER}/token",
            "backchannel_authentication_endpoint": f"{ISSUER}/begin",
            "id_token_signing_alg_values_supported": ["ES256", "PS256", "HS256", "none"],
        }  # fmt: skip
        return {name: value for name, value in {**told, **self.described}.items() if value is not None}

    def _id_token(self) -> str:
        now = int(AT)
        usual = {"iss": ISSUER, "aud": "line", "sub": "u7", "iat": now, "exp": now + 60, "auth_time": now, "acr": "high"}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        header = {"alg": self.algorithm, "kid": getattr(self.signed_with, "kid", None) or "k1"}
        return jwt.encode(header, claims, self.signed_with, algorithms=[self.algorithm])

    def form(self, place: str) -> dict[str, str]:
        """What was posted to the newest address that ends so."""
        request = next(one for one in reversed(self.asked) if one.url.path.endswith(place))
        return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _json(status: int, content: Any) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.Response(status, content=iter([body]))


@pytest.fixture
def stub() -> Stub:
    return Stub()


def client_of(stub: Stub, **changes: Any) -> CibaProvider:
    kind = changes.get("provider", ProviderKind.LOGIN_HINT)
    longest = LONGEST_MESSAGE[kind]
    usual = ApprovalsPlan(kind, ISSUER, "line", "app", "app", acr_values=("high", "higher"), longest_message=longest)
    keys = ClientKeys(SECRET, changes.pop("key", None))
    return CibaProvider(replace(usual, **changes), keys, lambda: NOON, httpx.MockTransport(stub.answer))


def look(stub: Stub, since: float = AT - 5, **changes: Any) -> Looked:
    return client_of(stub, **changes).look("req-7", "u7", since)


# ---- what is asked ---------------------------------------------------------------------------------------------------


def test_a_plain_request(stub: Stub) -> None:
    assert client_of(stub).ask(WANTED) == Opened("req-7", 120.0, 5.0)
    assert stub.form("/begin") == {
        "scope": "openid", "requested_expiry": "120", "login_hint": HINT, "binding_message": CODE, "acr_values": "high higher",
    }  # fmt: skip


def test_who_is_to_be_pinged_sends_a_token_for_it(stub: Stub) -> None:
    client_of(stub, delivery=Delivery.PING).ask(WANTED)
    assert stub.form("/begin")["client_notification_token"] == "t" * 32


@pytest.mark.parametrize(
    ("kind", "field"), [(ProviderKind.ID_TOKEN_HINT, "id_token_hint"), (ProviderKind.LOGIN_HINT_TOKEN, "login_hint_token")]
)
def test_exactly_one_hint_of_the_kind_that_the_provider_takes(stub: Stub, kind: ProviderKind, field: str) -> None:
    client_of(stub, provider=kind).ask(WANTED)
    assert [name for name in stub.form("/begin") if "hint" in name] == [field]
    assert (stub.form("/begin")[field], stub.form("/begin")["binding_message"]) == (HINT, CODE)


def test_a_companys_own_words_are_in_the_message(stub: Stub) -> None:
    client_of(stub, message="Larkfield: {code}").ask(WANTED)
    assert stub.form("/begin")["binding_message"] == f"Larkfield: {CODE}"


def test_a_client_with_a_secret_shows_it_in_the_header_or_in_the_form_as_its_provider_wants(stub: Stub) -> None:
    client_of(stub, proof=ClientProof.BASIC).ask(WANTED)
    assert stub.asked[-1].method == "POST"
    assert stub.asked[-1].headers["Authorization"] == "Basic " + b64encode(f"line:{SECRET}".encode()).decode()
    assert "client_secret" not in stub.form("/begin")
    client_of(stub, proof=ClientProof.POST).ask(WANTED)
    assert "Authorization" not in stub.asked[-1].headers
    assert stub.form("/begin")["client_secret"] == SECRET


def test_an_issuer_may_end_with_a_slash(stub: Stub) -> None:
    client_of(stub, provider=ProviderKind.IDURA, issuer=f"{ISSUER}/").ask(WANTED)
    assert str(stub.asked[-1].url) == f"{ISSUER}/ciba/bc-authorize"


def test_mitid_takes_the_message_in_its_hint(stub: Stub) -> None:
    client_of(stub, provider=ProviderKind.MITID, proof=ClientProof.POST).ask(replace(WANTED, language="da"))
    form = stub.form("/connect/ciba")
    hint = json.loads(b64decode(form["login_hint_token"]))
    assert hint == {"idp": "mitid", "uuid": HINT, "referenceTextBody": f"Tast {CODE} i opkaldet."}
    client_of(stub, provider=ProviderKind.MITID).ask(replace(WANTED, language="ko"))
    assert CODE in b64decode(stub.form("/connect/ciba")["login_hint_token"]).decode()
    assert "통화" in b64decode(stub.form("/connect/ciba")["login_hint_token"]).decode()  # as it is, not spelled out
    assert (form["client_id"], form["client_secret"]) == ("line", SECRET)
    assert form["grant_type"] == "urn:openid:params:grant-type:ciba"


def test_bankid_is_told_that_the_customer_called_us(stub: Stub) -> None:
    client_of(stub, provider=ProviderKind.IDURA).ask(WANTED)
    form = stub.form("/ciba/bc-authorize")
    assert form["login_hint"] == f"sub:ssn:{HINT}"
    assert form["binding_message"] == f"Key {CODE} into the call."
    assert form["authorization_details"] == '[{"type":"phoneAuth","callInitiator":"user"}]'


@pytest.mark.parametrize("kind", ProviderKind)
@pytest.mark.parametrize("language", MESSAGES)
@pytest.mark.parametrize("about", ["", "payout 1250.00 USD", "x" * 200])
def test_every_message_has_the_code_and_fits(kind: ProviderKind, language: str, about: str) -> None:
    message = PROFILES[kind].message(CODE, language, about, LONGEST_MESSAGE[kind])
    assert CODE in message
    assert 1 <= len(message) <= LONGEST_MESSAGE[kind]


def test_a_message_says_what_is_approved_where_there_is_room() -> None:
    message = PROFILES[ProviderKind.IDURA].message(CODE, "en", "payout 1250.00 USD", 100)
    assert message == f"Key {CODE} into the call. payout 1250.00 USD"
    for longest, shown in ((len(message), message), (len(message) - 1, f"Key {CODE} into the call.")):
        assert PROFILES[ProviderKind.IDURA].message(CODE, "en", "payout 1250.00 USD", longest) == shown
    assert PROFILES[ProviderKind.IDURA].message(CODE, "en", "", 100, "Tast {code}") == f"Tast {CODE}"


@pytest.mark.parametrize("key", [KEY, NEXT_KEY], ids=["EC", "RSA"])
def test_a_client_with_a_key_signs_a_new_assertion_for_each_request(stub: Stub, key: Any) -> None:
    client = client_of(stub, proof=ClientProof.PRIVATE_KEY, key=key)
    seen = []
    for _ in range(2):
        client.ask(WANTED)
        form = stub.form("/begin")
        assert form["client_assertion_type"].endswith("jwt-bearer")
        assert form["client_id"] == "line"
        token = jwt.decode(form["client_assertion"], key, algorithms=["ES256", "PS256"])
        assert token.header == {"typ": "JWT", "alg": "ES256" if key is KEY else "PS256", "kid": key.kid}
        seen.append(token.claims)
    assert {(one["iat"], one["nbf"]) for one in seen} == {(int(AT), int(AT))}
    assert {(one["iss"], one["sub"], one["aud"], one["exp"]) for one in seen} == {("line", "line", ISSUER, int(AT) + 60)}
    assert seen[0]["jti"] != seen[1]["jti"]


def test_a_key_without_a_name_signs_without_one(stub: Stub) -> None:
    key = ECKey.generate_key("P-256")
    client_of(stub, proof=ClientProof.PRIVATE_KEY, key=key).ask(WANTED)
    assertion = jwt.decode(stub.form("/begin")["client_assertion"], key, algorithms=["ES256"])
    assert assertion.header == {"typ": "JWT", "alg": "ES256"}


@pytest.mark.parametrize("request_", ["r", "r" * 4096])
def test_a_request_may_be_named_by_up_to_4096_characters(stub: Stub, request_: str) -> None:
    stub.begins = (200, {"auth_req_id": request_})
    assert client_of(stub).ask(WANTED) == Opened(request_, 600.0, 5.0)


# ---- what the request is answered with -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "seconds", "interval"),
    [
        ({"expires_in": 30, "interval": 2}, 30.0, 2.0),
        ({"expires_in": 120}, 120.0, 5.0),  # as the standard has it
        ({"expires_in": 10**9, "interval": 0}, 600.0, 1.0),
        ({"expires_in": -1, "interval": 900}, 5.0, 30.0),
        ({"expires_in": "soon", "interval": True}, 600.0, 5.0),
        ({"expires_in": None, "interval": None}, 600.0, 5.0),
    ],
)
def test_times_are_believed_within_reason(stub: Stub, told: dict[str, Any], seconds: float, interval: float) -> None:
    stub.begins = (200, {"auth_req_id": "req-7", **told})
    assert client_of(stub).ask(WANTED) == Opened("req-7", seconds, interval)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, {"error": "unknown_user_id"}), NotOpened.NOT_SET_UP),
        ((400, {"error": "expired_login_hint_token"}), NotOpened.NOT_SET_UP),
        ((403, {"error": "access_denied"}), NotOpened.NOT_SET_UP),
        ((400, {"error": "invalid_request"}), NotOpened.UNAVAILABLE),
        ((400, {"error": "invalid_scope"}), NotOpened.UNAVAILABLE),
        ((400, {"error": "unauthorized_client"}), NotOpened.UNAVAILABLE),
        ((400, {"error": "missing_user_code"}), NotOpened.UNAVAILABLE),
        ((400, {"error": "invalid_user_code"}), NotOpened.UNAVAILABLE),
        ((400, {"error": "invalid_binding_message"}), NotOpened.UNAVAILABLE),
        ((401, {"error": "invalid_client"}), NotOpened.UNAVAILABLE),
        ((500, b"oops"), NotOpened.UNAVAILABLE),
        ((302, {}), NotOpened.UNAVAILABLE),
        ((200, {}), NotOpened.UNAVAILABLE),
        ((200, {"auth_req_id": ""}), NotOpened.UNAVAILABLE),
        ((200, {"auth_req_id": "x" * 4097}), NotOpened.UNAVAILABLE),
        ((200, {"auth_req_id": 7}), NotOpened.UNAVAILABLE),
        ((200, b"x" * 300_000), NotOpened.UNAVAILABLE),
    ],
)
def test_why_nothing_is_to_be_approved(stub: Stub, answer: tuple[int, Any], outcome: NotOpened) -> None:
    stub.begins = answer
    assert client_of(stub).ask(WANTED) is outcome


# ---- what a look is answered with ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "looked"),
    [
        ((400, {"error": "authorization_pending"}), Looked.PENDING),
        ((400, {"error": "slow_down"}), Looked.SLOWER),
        ((400, {"error": "expired_token"}), Looked.EXPIRED),
        ((400, {"error": "access_denied"}), Looked.DENIED),
        ((403, {"error": "access_denied"}), Looked.DENIED),
        ((400, {"error": "transaction_failed"}), Looked.GONE),
        ((400, {"error": "invalid_grant"}), Looked.GONE),
        ((401, {"error": "invalid_client"}), Looked.GONE),
        ((400, {}), Looked.GONE),
        ((429, {"error": "slow_down"}), Looked.SLOWER),
        ((429, {}), Looked.UNAVAILABLE),
        ((500, {"error": "access_denied"}), Looked.UNAVAILABLE),  # a server's trouble is no answer of the customer's
        ((503, b"<html>"), Looked.UNAVAILABLE),
        ((302, {}), Looked.UNAVAILABLE),
        ((200, {}), Looked.UNTRUE),
        ((200, {"id_token": 7}), Looked.UNTRUE),
        ((200, {"id_token": "a.b.c"}), Looked.UNTRUE),
    ],
)
def test_what_a_look_finds(stub: Stub, answer: tuple[int, Any], looked: Looked) -> None:
    stub.token = answer
    assert look(stub) is looked


def test_approved(stub: Stub) -> None:
    assert look(stub) is Looked.APPROVED
    assert stub.form("/token") == {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": "req-7"}


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")], ids=["down", "slow", "broken"]
)
def test_a_provider_that_does_not_answer_is_looked_at_again(stub: Stub, trouble: Exception) -> None:
    stub.down = trouble
    assert look(stub) is Looked.UNAVAILABLE
    assert client_of(stub).ask(WANTED) is NotOpened.UNAVAILABLE


# ---- whose word it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["line", "another"]},
        {"azp": "another"},
        {"exp": int(AT) - 61},
        {"exp": None},
        {"iat": None},
        {"iat": int(AT) - 90},  # of before we asked
        {"iat": int(AT) + 120},
        {"sub": "u8"},
        {"sub": None},
        {"acr": "low"},
        {"acr": None},
        {"auth_time": int(AT) - 90},
        {"auth_time": "then"},
    ],
    ids=str,
)
def test_a_token_that_says_anything_else_is_not_believed(stub: Stub, claims: dict[str, Any]) -> None:
    stub.claims = claims
    assert look(stub) is Looked.UNTRUE


def test_what_was_said_a_minute_before_we_asked_at_most_is_believed(stub: Stub) -> None:
    stub.claims = {"iat": int(AT) - 60, "auth_time": int(AT) - 60}
    assert look(stub, since=AT) is Looked.APPROVED
    stub.claims = {"auth_time": int(AT) - 61}
    assert look(stub, since=AT) is Looked.UNTRUE


def test_who_wants_to_know_when_the_customer_was_there_is_told(stub: Stub) -> None:
    stub.claims = {"auth_time": None}
    assert look(stub) is Looked.APPROVED
    assert look(stub, auth_time=True) is Looked.UNTRUE
    stub.claims = {}
    assert look(stub, auth_time=True) is Looked.APPROVED


def test_no_acr_is_asked_for_where_none_is_wanted(stub: Stub) -> None:
    stub.claims = {"acr": None}
    assert look(stub, acr_values=()) is Looked.APPROVED


def test_a_customer_is_known_by_the_claim_of_the_profile(stub: Stub) -> None:
    stub.claims = {"sub": "pseudonym", "mitid.uuid": "u7"}
    assert look(stub, provider=ProviderKind.MITID) is Looked.APPROVED
    assert look(stub) is Looked.UNTRUE
    assert look(stub, subject_claim="mitid.uuid") is Looked.APPROVED


def test_a_customer_without_a_subject_is_nobody(stub: Stub) -> None:
    stub.claims = {"mitid.uuid": ""}
    client = client_of(stub, provider=ProviderKind.MITID)
    assert client.look("req-7", "", AT) is Looked.UNTRUE


def test_another_key_our_own_secret_or_none_signs_for_nobody(stub: Stub) -> None:
    stub.signed_with = STRANGER
    assert look(stub) is Looked.UNTRUE
    stub.signed_with, stub.algorithm = OctKey.import_key(SECRET * 3), "HS256"
    assert look(stub) is Looked.UNTRUE
    stub.token = (200, {"id_token": "eyJhbGciOiJub25lIn0.e30."})
    assert look(stub) is Looked.UNTRUE


def test_a_provider_may_change_its_keys(stub: Stub) -> None:
    now = [NOON]
    plan = ApprovalsPlan(ProviderKind.LOGIN_HINT, ISSUER, "line", "app", "app")
    client = CibaProvider(plan, ClientKeys(SECRET), lambda: now[0], httpx.MockTransport(stub.answer))
    assert client.look("req-7", "u7", AT) is Looked.APPROVED
    stub.keys, stub.signed_with, stub.algorithm = [NEXT_KEY], NEXT_KEY, "PS256"
    assert client.look("req-7", "u7", AT) is Looked.UNTRUE  # keys are asked for once a minute at most
    now[0] = datetime.fromtimestamp(AT + 61, UTC)
    stub.claims = {"iat": int(AT) + 61, "exp": int(AT) + 121}
    assert client.look("req-7", "u7", AT) is Looked.APPROVED


def test_a_client_without_its_key_asks_nobody(stub: Stub) -> None:
    client = client_of(stub, proof=ClientProof.PRIVATE_KEY)
    assert client.ask(WANTED) is NotOpened.UNAVAILABLE
    assert client.look("req-7", "u7", AT) is Looked.UNAVAILABLE


def test_what_keeps_it_from_being_used_is_told_before_anybody_is_asked(stub: Stub) -> None:
    assert client_of(stub).unusable() == ""
    stub.described = {"backchannel_authentication_endpoint": None}
    assert "backchannel_authentication_endpoint" in client_of(stub).unusable()
    stub.described = {"issuer": "https://evil.example"}
    assert client_of(stub).unusable() == "its configuration names another issuer"
    stub.described = {"backchannel_token_delivery_modes_supported": ["poll"]}
    assert client_of(stub, delivery=Delivery.PING).unusable() == "it does not deliver by ping"
    assert not [one for one in stub.asked if one.method == "POST"]


# ---- what an operator reads ------------------------------------------------------------------------------------------


ASKED_FOR, LOOKED_AT = "approval not asked for", "approval not looked at"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((400, {"error": "unknown_user_id"}), {"log_level": "warning", "event": ASKED_FOR, "why": "unknown_user_id"}),
        ((400, {"error": "e" * 60}), {"log_level": "error", "event": ASKED_FOR, "status": 400, "why": "e" * 60}),
        ((400, {"error": "e" * 61}), {"log_level": "error", "event": ASKED_FOR, "status": 400, "why": ""}),
        ((400, {"error": "4711"}), {"log_level": "error", "event": ASKED_FOR, "status": 400, "why": ""}),
        (httpx.ConnectError("to a host"), {"log_level": "error", "event": ASKED_FOR, "why": "ConnectError"}),
    ],
)
def test_the_log_tells_why_nothing_was_asked(stub: Stub, answer: Any, told: dict[str, Any]) -> None:
    stub.down = answer if isinstance(answer, Exception) else None
    stub.begins = answer if isinstance(answer, tuple) else stub.begins
    with capture_logs() as logged:
        client_of(stub).ask(WANTED)
    assert logged == [told]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((503, {"error": "busy"}), {"log_level": "warning", "event": LOOKED_AT, "status": 503}),
        ((400, {"error": "bad"}), {"log_level": "error", "event": "approval lost", "status": 400, "why": "bad"}),
        ((200, {"id_token": "a.b.c"}), {"log_level": "error", "event": "approval not believed", "why": "DecodeError"}),
        (httpx.ReadTimeout("slow"), {"log_level": "warning", "event": LOOKED_AT, "why": "ReadTimeout"}),
        ({"sub": "u8"}, {"log_level": "error", "event": "approval not believed", "why": "it is of somebody else"}),
        ({"iat": int(AT) - 90}, {"log_level": "error", "event": "approval not believed", "why": "it is from before"}),
    ],
)
def test_the_log_tells_what_became_of_a_look(stub: Stub, answer: Any, told: dict[str, Any]) -> None:
    stub.down = answer if isinstance(answer, Exception) else None
    stub.token = answer if isinstance(answer, tuple) else None
    stub.claims = answer if isinstance(answer, dict) else {}
    with capture_logs() as logged:
        look(stub)
    assert logged == [told]


def test_the_log_tells_of_a_missing_key(stub: Stub) -> None:
    with capture_logs() as logged:
        client_of(stub, proof=ClientProof.PRIVATE_KEY).ask(WANTED)
    assert logged == [{"log_level": "error", "event": ASKED_FOR, "why": "there is no private key to sign with"}]


def test_a_provider_that_hangs_takes_no_more_than_four_threads(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ciba, "WAIT_FOR_TURN", 0.01)
    client, out, done = client_of(stub), threading.Semaphore(0), threading.Event()

    def hangs(_: httpx.Request) -> httpx.Response:
        out.release()
        assert done.wait(30)
        return _json(200, {})

    hanging = CibaProvider(client._plan, ClientKeys(SECRET), lambda: NOON, httpx.MockTransport(hangs))
    threads = [threading.Thread(target=hanging.ask, args=(WANTED,)) for _ in range(4)]
    for thread in threads:
        thread.start()
        assert out.acquire(timeout=30)
    with capture_logs() as logged:
        assert hanging.ask(WANTED) is NotOpened.UNAVAILABLE
        assert hanging.look("req-7", "u7", AT) is Looked.UNAVAILABLE
    assert logged == [{"log_level": "error", "event": ASKED_FOR, "why": "too many requests are out"}]
    done.set()
    for thread in threads:
        thread.join()


def test_nothing_secret_is_logged_or_shown(stub: Stub, capsys: pytest.CaptureFixture[str], caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(stub)
    shown = repr(client.ask(WANTED)) + repr(WANTED) + repr(client)
    for token in ((400, {"error": f"canary {CODE}"}), (500, {}), (200, {"id_token": "canary-token"})):
        stub.token = token
        client.look("canary-request", "canary-subject", AT)
    stub.token = None
    client.look("canary-request", "canary-subject", AT)
    out = capsys.readouterr()
    assert not [word for word in ("canary", CODE, "req-7") if word in shown + out.out + out.err + caplog.text]
