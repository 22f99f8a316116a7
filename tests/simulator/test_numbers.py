"""The account's numbers in the twin: strict about what it is asked, shaped as Twilio describes it, and used by callers."""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from voicebot.simulator.numbers import WELCOME, AccountNumber
from voicebot.simulator.script import Script

LINE = "+15550199"
HANGUP = "<Hangup/>"


def numbered(twin: Any, **configured: str) -> AccountNumber:
    number = AccountNumber(LINE, set=configured or {"voice_url": WELCOME})
    twin.numbers.numbers.append(number)
    return number


def test_a_call_to_a_number_goes_where_the_number_is_configured_to(kit: Any) -> None:
    async def run() -> list[str]:
        product = kit.Product({"/elsewhere": HANGUP})
        async with kit.twin(product) as twin:
            numbered(
                twin, voice_url="https://voicebot.test/elsewhere", voice_method="GET",
                status_callback="https://voicebot.test/ended",
            )  # fmt: skip
            await twin.place_call(Script(LINE, "+15550100"))
            assert product.forged == []
            assert product.came[0].method == "GET"
            return product.paths()

    assert kit.run(run()) == ["/elsewhere", "/ended"]


def test_a_number_without_a_status_callback_reports_no_end(kit: Any) -> None:
    async def run() -> list[str]:
        product = kit.Product({"/elsewhere": HANGUP})
        async with kit.twin(product) as twin:
            numbered(twin, voice_url="https://voicebot.test/elsewhere")
            await twin.place_call(Script(LINE, "+15550100"))
            return product.paths()

    assert kit.run(run()) == ["/elsewhere"]


def test_a_number_that_nobody_has_configured_does_not_reach_the_product(kit: Any) -> None:
    async def run() -> tuple[list[str], list[int]]:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            numbered(twin)
            record = await twin.place_call(Script(LINE, "+15550100"))
            return product.paths(), [one.code for one in record.failures]

    paths, failures = kit.run(run())
    assert paths == []
    assert failures


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"VoiceUrl": "nowhere"}, 400, 21402),
        ({"StatusCallback": "ftp://x/y"}, 400, 21402),
        ({"VoiceMethod": "PUT"}, 400, 20001),
        ({"TrunkSid": "AP" + "0" * 32}, 400, 20001),
        ({"VoiceUrl": "", "VoiceFallbackUrl": "https://x.example/f"}, 400, 21405),
        ({"VoiceUrl": "https://x.example/v"}, 200, None),
    ],
)
def test_a_number_takes_only_what_twilio_takes(kit: Any, change: dict[str, str], status: int, code: int | None) -> None:
    async def run() -> tuple[int, int | None, dict[str, str]]:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            number = numbered(twin)
            answer = await product.rest("POST", f"/IncomingPhoneNumbers/{number.sid}.json", change)
            return answer.status_code, answer.json().get("code"), number.set

    said, number_code, left = kit.run(run())
    assert (said, number_code) == (status, code)
    assert (left == {"voice_url": WELCOME}) is (status != 200)


def test_a_trunk_takes_an_application_off_and_the_other_way_round(kit: Any) -> None:
    async def run() -> None:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            path = f"/IncomingPhoneNumbers/{numbered(twin).sid}.json"
            await product.rest("POST", path, {"VoiceApplicationSid": "AP" + "0" * 32})
            with_trunk = (await product.rest("POST", path, {"TrunkSid": "TK" + "0" * 32})).json()
            assert (with_trunk["voice_application_sid"], with_trunk["trunk_sid"]) == (None, "TK" + "0" * 32)
            with_application = (await product.rest("POST", path, {"VoiceApplicationSid": "AP" + "0" * 32})).json()
            assert with_application["trunk_sid"] is None

    kit.run(run())


def test_what_twilio_would_ignore_is_noted_and_what_is_not_there_is_said(kit: Any) -> None:
    async def run() -> list[int]:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            number = numbered(twin)
            assert (await product.rest("POST", f"/IncomingPhoneNumbers/{number.sid}.json", {"Colour": "red"})).status_code == 200
            assert (await product.rest("GET", f"/IncomingPhoneNumbers/PN{'0' * 32}.json")).json()["code"] == 20404
            countries = await kit.stand.client.get(
                f"{twin.api_url}/v1/DialingPermissions/Countries/XX", auth=(product.account, product.token)
            )
            assert countries.status_code == 404
            return [one.code for one in twin.failures]

    assert kit.run(run()) == [20001]


def test_what_the_twin_takes_and_answers_about_numbers_is_what_twilio_describes(kit: Any, material: Path) -> None:
    path = material / "twilio" / "twilio_api_v2010.json.gz"
    if not path.exists():
        pytest.skip("the test material holds no OpenAPI description of Twilio")
    openapi = pytest.importorskip("openapi_core")
    from openapi_core.testing import MockRequest, MockResponse

    found = json.loads(gzip.decompress(path.read_bytes()))
    kept = ("/IncomingPhoneNumbers.json", "/IncomingPhoneNumbers/{Sid}.json", "/OutgoingCallerIds.json", "/Accounts/{Sid}.json")
    found["paths"] = {
        path: {kind: what for kind, what in item.items() if kind != "servers"}
        for path, item in found["paths"].items()
        if path.endswith(kept)
    }
    described = openapi.OpenAPI.from_dict(found)
    asked: list[tuple[str, str]] = []

    async def ask(product: Any, method: str, path: str, form: dict[str, str]) -> None:
        answer = await product.rest(method, path, form)
        assert answer.status_code == 200
        request = MockRequest(
            "https://api.twilio.com", method.lower(), f"/2010-04-01/Accounts/{product.account}{path}",
            args={} if method == "POST" else form, data=urlencode(form).encode() if method == "POST" else b"",
            headers={"Authorization": "Basic eA=="}, content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        described.validate_request(request)
        described.validate_response(request, MockResponse(answer.content, status_code=200, content_type="application/json"))
        asked.append((method, path))

    async def run() -> None:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            number = numbered(twin)
            twin.numbers.verified = ["+4533124567"]
            await ask(product, "GET", "/IncomingPhoneNumbers.json", {"PhoneNumber": LINE, "PageSize": "20"})
            await ask(product, "GET", f"/IncomingPhoneNumbers/{number.sid}.json", {})
            wiring = {"VoiceUrl": "https://x.example/v#rc=2", "VoiceMethod": "POST", "TrunkSid": "TK" + "0" * 32}
            await ask(product, "POST", f"/IncomingPhoneNumbers/{number.sid}.json", wiring)
            await ask(product, "GET", "/OutgoingCallerIds.json", {"PhoneNumber": "+4533124567"})
            await ask(product, "GET", ".json", {})

    kit.run(run())
    assert len(asked) == 5
