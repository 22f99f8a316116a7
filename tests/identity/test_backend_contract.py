"""docs/backend-openapi.yaml is the contract: what we send, what the mock answers and what the document shows agree with it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.identity.backends import BACK_END, EXAMPLES, KEYS, InProcess, Moved, Scripted, a_crm, a_mock, says
from voicebot.dialogue.actions import Among, Claim
from voicebot.dialogue.values import Secret
from voicebot.identity import answers
from voicebot.identity.conformance.check import findings, open_probe
from voicebot.identity.conformance.known import read_known
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.rest_http import LARGEST_BODY
from voicebot.simulator.backend_flaws import Flaw

openapi_core = pytest.importorskip("openapi_core", reason="the description is read by openapi-core")
READERS = {
    "identify": answers.read_identified,
    "validate": answers.read_verdict,
    "details": answers.read_details,
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    from jsonschema_path import SchemaPath

    read: dict[str, Any] = SchemaPath.from_file_path(str(EXAMPLES.parent / "docs" / "backend-openapi.yaml")).read_value()
    return read


@pytest.fixture(scope="module")
def spec(document: dict[str, Any]) -> Any:
    """Built for the address of these tests; building it validates the document itself."""
    here = {**document, "servers": [{"url": "https://crm.example.com/voicebot"}]}
    config = openapi_core.Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    return openapi_core.OpenAPI.from_dict(here, config=config)


class Watched(InProcess):
    """Keeps what was answered, too."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.answers: list[httpx.Response] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        self.answers.append(httpx.Response(response.status_code, headers=response.headers, content=response.read()))
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(self.answers[-1].content))


def as_asked(request: httpx.Request) -> Any:
    from openapi_core.testing import MockRequest

    return MockRequest(
        "https://crm.example.com", request.method.lower(), request.url.path, headers=dict(request.headers), data=request.content,
        content_type=request.headers.get("content-type", ""),
    )  # fmt: skip


def as_answered(response: httpx.Response) -> Any:
    from openapi_core.testing import MockResponse

    kind = response.headers["content-type"]
    return MockResponse(response.content, status_code=response.status_code, headers=dict(response.headers), content_type=kind)


def test_what_we_send_is_in_the_contract(spec: Any) -> None:
    line = InProcess(a_mock(Moved()))
    crm = a_crm(line)
    crm.identify("account_number", "40719238")
    crm.identify("ani", "+12025550105")
    crm.identify("account_number", "81527360", Among("ani", "+12025550105"))
    crm.check_secret(Claim(ref="C-1001"), "pin", Secret("493817"), new_key())
    crm.check_secret(Claim(by="account_number", value="40719238"), "pin", Secret("493817"), new_key())
    crm.details("C-1001", ("balance", "delivery_status"))
    crm.details("C-1001", ("delivery_status",))
    assert len(line.requests) == 7
    for request in line.requests:
        spec.validate_request(as_asked(request))


def test_every_answer_of_the_mock_is_in_the_contract_and_every_status_of_the_contract_is_provoked(
    spec: Any, document: dict[str, Any]
) -> None:
    when = Moved()
    line = Watched(a_mock(when))
    probe = open_probe(BACK_END, KEYS, read_known(EXAMPLES / "backend-check.toml", {}, ""), EXAMPLES, line, when.time())
    list(findings(probe))
    probe.send("identify", b" " * 20_000)
    seen = set()
    for request, response in zip(line.requests, line.answers, strict=True):
        if request.method != "POST":
            assert response.status_code == 405
            continue
        path = f"/{request.url.path.rpartition('/')[2]}"
        seen.add((path, str(response.status_code)))
        spec.validate_response(as_asked(request), as_answered(response))
    assert ("/identify", "413") in seen
    described = {(path, status) for path, item in document["paths"].items() for status in item["post"]["responses"]}
    provoked = {("/identify", status) for status in ("200", "400", "401", "413", "422")}
    provoked |= {("/validate", status) for status in ("200", "400", "401", "422")} | {
        ("/details", status) for status in ("200", "422")
    }
    assert provoked <= seen <= described


def test_being_put_off_is_in_the_contract(spec: Any) -> None:
    when = Moved()
    line = Watched(a_mock(when, fail=1.0))
    a_crm(line, when).identify("account_number", "40719238")
    (request,), (response,) = line.requests, line.answers
    assert response.status_code == 503
    spec.validate_response(as_asked(request), as_answered(response))


@pytest.mark.parametrize("flaw", [Flaw.WRONG_WORDS, Flaw.NUMBERS_AS_NUMBERS, Flaw.EXTRA_KEYS, Flaw.HTML])
def test_this_test_would_see_an_answer_that_is_not_in_the_contract(spec: Any, flaw: Flaw) -> None:
    from openapi_core.exceptions import OpenAPIError

    line = Watched(a_mock(Moved(), flaw))
    a_crm(line).identify("account_number", "40719238")
    with pytest.raises(OpenAPIError):
        spec.validate_response(as_asked(line.requests[0]), as_answered(line.answers[0]))


# ---- examples -----------------------------------------------------------------------------------------------------------


def of_the_company(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """The addresses of its back end. Another one is ours, and says where it is."""
    return [(path, item) for path, item in document["paths"].items() if "servers" not in item]


def answer_examples(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for path, item in of_the_company(document):
        content = item["post"]["responses"]["200"]["content"]["application/json"]
        yield from ((path.removeprefix("/"), example["value"]) for example in content["examples"].values())


def test_every_example_of_an_answer_is_one_that_we_understand(document: dict[str, Any]) -> None:
    examples = list(answer_examples(document))
    assert len(examples) == 10
    for endpoint, plain in examples:
        READERS[endpoint](says(plain).content)


def test_every_example_of_a_question_is_in_the_contract(spec: Any, document: dict[str, Any]) -> None:
    from openapi_core.testing import MockRequest

    probe = open_probe(
        BACK_END, KEYS, read_known(EXAMPLES / "backend-check.toml", {}, ""), EXAMPLES, Scripted(says({})), Moved().time()
    )
    count = 0
    for path, item in of_the_company(document):
        for example in item["post"]["requestBody"]["content"]["application/json"]["examples"].values():
            body = says(example["value"]).content
            headers = {**probe.headers(path.removeprefix("/"), body), "Idempotency-Key": "6b1f6a52-3a55-4b6e-9a0e"}
            spec.validate_request(
                MockRequest(
                    "https://crm.example.com",
                    "post",
                    f"/voicebot{path}",
                    headers=headers,
                    data=body,
                    content_type="application/json",
                )
            )
            count += 1
    assert count == 7


def test_the_documents_say_the_limits_of_the_program(document: dict[str, Any]) -> None:
    told = (EXAMPLES.parent / "docs" / "backend.md").read_text("utf-8")
    assert f"{LARGEST_BODY // 1024} KiB" in told
    assert f"{LARGEST_BODY // 1024} KiB" in document["info"]["description"]
    assert f"{BACK_END.read} s" in told
    assert f"{BACK_END.connect * 1000:.0f} ms" in told
    assert f"{BACK_END.step:.0f} seconds" in told
    assert f"At most {BACK_END.in_flight} requests" in told


def test_the_path_that_is_signed_is_the_path_that_is_sent() -> None:
    line = InProcess(a_mock(Moved()))
    a_crm(line).identify("account_number", "40719238")
    assert line.requests[0].url.path == f"{urlsplit(BACK_END.url).path}/identify"
    assert Path(line.requests[0].url.path).name == "identify"
