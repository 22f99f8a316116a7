"""The company's payment page tells over HTTP what became of a link: in the contract, signed, once."""

import hashlib
import hmac
import json
from typing import Any

import openapi_core
import pytest
from flask import Flask
from openapi_core.testing import MockRequest, MockResponse

from tests.identity.test_backend_contract import document, spec
from voicebot.back_office.admission import Admission
from voicebot.back_office.room import REPORTS, BackOffice, create_back_office

__all__ = ["document", "spec"]
SECRET, NOW = "s" * 40, 1_772_445_600
PAID = {
    "payment": "call.1", "amount": "12.50 EUR", "result": "paid", "transaction": "ch_1", "authorisation": "A81733",
    "card": "4242",
}  # fmt: skip


class Page:
    """Tells, and notes what was taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, ...]] = []
        self.ids: set[str] = set()
        app = Flask(__name__)
        admission = Admission((SECRET,), self._seen, lambda: NOW)
        once = lambda _key, do: do()  # noqa: E731
        app.register_blueprint(create_back_office(BackOffice(admission, lambda *_: "invalid", once, self._report)))
        self.client = app.test_client()

    def _seen(self, request_id: str) -> bool:
        known = request_id in self.ids
        self.ids.add(request_id)
        return known

    def _report(self, *told: str) -> str:
        self.taken.append(told)
        return "taken"

    def tells(self, content: object = PAID, *, request_id: str = "r1", method: str = "POST") -> Any:
        body = json.dumps(content).encode()
        key = "0123456789abcdef"
        text = "\n".join(["v1", str(NOW), request_id, method, REPORTS, key, hashlib.sha256(body).hexdigest()])
        headers = {
            "Voicebot-Timestamp": str(NOW), "Voicebot-Request-Id": request_id, "Idempotency-Key": key,
            "Voicebot-Signature": "v1=" + hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest(),
        }  # fmt: skip
        return self.client.open(REPORTS, method=method, data=body, headers=headers, content_type="application/json")


def test_a_report_is_taken_with_its_parts_in_order_and_once() -> None:
    page = Page()
    assert page.tells().json == {"result": "taken"}
    assert page.tells().status_code == 401
    assert page.taken == [("call.1", "12.50 EUR", "paid", "ch_1", "A81733", "4242")]


@pytest.mark.parametrize("content", [[], {}, PAID | {"more": ""}, PAID | {"card": 4242}, PAID | {"payment": "x" * 201}])
def test_what_is_not_in_the_contract_is_refused(content: object) -> None:
    page = Page()
    assert page.tells(content).status_code == 400
    assert page.tells(request_id="r2", method="GET").status_code == 405
    assert page.taken == []


def test_the_contract_says_so(spec: openapi_core.OpenAPI) -> None:  # the fixture's name
    answer = Page().tells()
    headers = {
        "Voicebot-Timestamp": str(NOW), "Voicebot-Request-Id": "0" * 32, "Idempotency-Key": "0123456789abcdef",
        "Voicebot-Signature": "v1=" + "0" * 64,
    }  # fmt: skip
    asked = MockRequest(
        "https://voice.example.com", "post", REPORTS, headers=headers, data=json.dumps(PAID).encode(),
        content_type="application/json",
    )
    spec.validate_request(asked)
    spec.validate_response(asked, MockResponse(answer.data, status_code=200, content_type="application/json"))
