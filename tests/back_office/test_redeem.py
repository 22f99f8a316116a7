"""The company's back end redeems tokens over HTTP: signed, fresh, once; and what is not its own is told nothing."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import openapi_core
import pytest
from flask import Flask
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.test import TestResponse

from tests.identity.test_backend_contract import document, spec
from voicebot.back_office.admission import Admission
from voicebot.back_office.room import PATH, BackOffice, create_back_office

__all__ = ["document", "spec"]
SECRET, NEXT = "s" * 40, "n" * 40
NOW = 1_772_445_600
ASKED = {"token": "call.1.signature", "customer": "C-1001", "action": "payout", "amount": "250.00 USD"}
KEY = "0123456789abcdef"


@dataclass
class Office:
    """A back office whose tokens are worth what the test says."""

    redeemed: list[tuple[str, ...]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    busy: bool = False

    def seen(self, request_id: str) -> bool:
        before = request_id in self.ids
        self.ids.add(request_id)
        return before

    def redeem(self, *asked: str) -> str:
        self.redeemed.append(asked)
        return "valid" if len(self.redeemed) == 1 else "invalid"

    def once(self, key: str, do: Callable[[], str]) -> str | None:
        if self.busy:
            return None
        return self.answers[key] if key in self.answers else self.answers.setdefault(key, do())


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def company(office: Office) -> "Company":
    app = Flask(__name__)
    admission = Admission((SECRET, NEXT), office.seen, lambda: NOW)
    app.register_blueprint(create_back_office(BackOffice(admission, office.redeem, office.once)))
    return Company(app)


class Company:
    """Signs as docs/backend.md says, written anew here."""

    def __init__(self, app: Flask) -> None:
        self.app, self.asked = app, 0

    def asks(
        self, content: object = ASKED, *, secret: str = SECRET, at: str = str(NOW), request_id: str = "", key: str = KEY,
        body: bytes | None = None, sent: bytes | None = None, kind: str = "application/json", method: str = "POST",
    ) -> TestResponse:
        self.asked += 1
        body = json.dumps(content).encode() if body is None else body
        request_id = request_id or f"request-{self.asked}"
        text = "\n".join(["v1", at, request_id, method, PATH, key, hashlib.sha256(body).hexdigest()])
        headers = {
            "Voicebot-Timestamp": at, "Voicebot-Request-Id": request_id, "Idempotency-Key": key,
            "Voicebot-Signature": "v1=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
        }  # fmt: skip
        return self.app.test_client().open(PATH, method=method, data=sent or body, headers=headers, content_type=kind)


def test_a_token_is_redeemed_and_a_repeat_is_told_the_same(company: Company, office: Office) -> None:
    assert company.asks().json == {"result": "valid"}
    assert company.asks().json == {"result": "valid"}  # the same key: its answer was lost, perhaps
    assert office.redeemed == [("call.1.signature", "C-1001", "payout", "250.00 USD")]
    assert company.asks(key="another-key-0123456789").json == {"result": "invalid"}


def test_a_key_that_comes_with_another_question_is_not_told_the_first_ones_answer(company: Company, office: Office) -> None:
    assert company.asks().json == {"result": "valid"}
    assert company.asks(ASKED | {"token": "call.1.forged"}).json == {"result": "invalid"}
    assert len(office.redeemed) == 2
    assert not any("call.1" in key for key in office.answers)  # which is written down


def test_the_next_secret_is_taken_while_it_is_being_changed(company: Company) -> None:
    assert company.asks(secret=NEXT).status_code == 200


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"secret": "x" * 40}, "wrong_signature"),
        ({"sent": b'{"token": "another"}'}, "wrong_signature"),
        ({"at": str(NOW - 301)}, "stale"),
        ({"at": str(NOW + 301)}, "stale"),
        ({"at": ""}, "stale"),
        ({"at": "²"}, "stale"),
        ({"at": "9" * 40}, "stale"),
        ({"request_id": "x" * 129}, "replayed"),
    ],
)
def test_what_is_not_the_companys_is_turned_away(company: Company, office: Office, how: dict[str, Any], why: str) -> None:
    refused = company.asks(**how)
    assert refused.status_code == 401
    assert refused.json is not None
    assert refused.json["type"] == f"urn:voicebot:problem:{why}"
    assert office.redeemed == []


def test_an_unsigned_request_is_turned_away_before_its_body_is_looked_at(company: Company) -> None:
    answer = company.app.test_client().post(PATH, data=b"{", content_type="application/json")
    assert answer.status_code == 401


def test_a_request_that_was_seen_is_turned_away(company: Company, office: Office) -> None:
    assert company.asks(request_id="the-same").status_code == 200
    assert company.asks(request_id="the-same").status_code == 401
    assert len(office.redeemed) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"body": b"{"}, {"body": b"\xff"}, {"content": []}, {"content": {}}, {"content": {**ASKED, "more": ""}},
        {"content": {**ASKED, "token": 1}}, {"content": {**ASKED, "amount": "9" * 201}}, {"kind": "text/plain"},
        {"key": ""}, {"key": "short"}, {"key": "not a key, with spaces"},
    ],
)  # fmt: skip
def test_what_is_not_in_the_contract_is_refused_and_repeats_nothing(
    company: Company, office: Office, how: dict[str, Any]
) -> None:
    refused = company.asks(**how)
    assert refused.status_code == 400
    assert "signature" not in refused.text
    assert office.redeemed == []


def test_other_methods_too_much_and_too_soon(company: Company, office: Office) -> None:
    refused = company.asks(method="GET")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert company.asks(body=b"x" * 17_000).status_code == 413
    office.busy = True
    later = company.asks()
    assert (later.status_code, later.headers["Retry-After"]) == (503, "1")


def test_no_secret_is_shown() -> None:
    assert SECRET not in repr(Admission((SECRET,), lambda _: False, lambda: 0.0))


@pytest.mark.parametrize(
    ("how", "status"),
    [({}, 200), ({"body": b"{"}, 400), ({"secret": "x" * 40}, 401), ({"body": b"x" * 17_000}, 413)],
)
def test_every_answer_is_in_the_description(company: Company, spec: Any, how: dict[str, Any], status: int) -> None:
    answer = company.asks(**how)
    assert answer.status_code == status
    headers = {**dict.fromkeys(("Idempotency-Key",), "x" * 16), "Voicebot-Timestamp": str(NOW)}
    asked = MockRequest(
        "https://voice.example.com", "post", PATH, data=json.dumps(ASKED).encode(), content_type="application/json",
        headers={**headers, "Voicebot-Request-Id": "r" * 32, "Voicebot-Signature": "v1=" + "0" * 64},
    )  # fmt: skip
    given = MockResponse(answer.data, status_code=status, content_type=answer.content_type.partition(";")[0])
    spec.validate_response(asked, given)
    assert isinstance(spec, openapi_core.OpenAPI)


def test_the_examples_of_the_description_are_taken(company: Company, document: dict[str, Any]) -> None:
    described = document["paths"][PATH]["post"]
    examples = [one["value"] for one in described["requestBody"]["content"]["application/json"]["examples"].values()]
    given = [company.asks(example, key=f"key-of-example-{number}") for number, example in enumerate(examples)]
    assert [answer.status_code for answer in given] == [200, 200]
