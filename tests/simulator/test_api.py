"""The REST API: strict about what it is asked, and shaped as Twilio describes it."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from voicebot.simulator.script import Script

SCRIPT_DOCUMENT = "<Gather timeout='9999'/>"
CREATE = {"To": "+15550171", "From": "+15550100", "Url": "https://voicebot.test/agent"}


@asynccontextmanager
async def calling(kit: Any, **settings: Any) -> AsyncIterator[tuple[Any, Any, str]]:
    """A twin with one caller on the line, waiting at a question for as long as the test wants."""
    answered = asyncio.Event()

    def incoming(_: Any) -> str:
        answered.set()
        return SCRIPT_DOCUMENT

    join = '<Dial><Conference participantLabel="agent" waitUrl="">room 1</Conference></Dial>'
    product = kit.Product({"/voice/incoming": incoming, "/agent": join, "/join": "<Dial><Conference>room 1</Conference></Dial>"})
    async with kit.twin(product, time_scale=20.0, **settings) as twin:
        call = asyncio.create_task(twin.place_call(Script("+15550100", "+15550199", talk=9999)))
        await answered.wait()
        listed: list[Any] = []
        while not listed:
            listed = (await product.rest("GET", "/Calls.json", {"Status": "in-progress"})).json()["calls"]
        yield product, twin, listed[0]["sid"]
        call.cancel()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"To": ""}, 400, 21201),
        ({"To": "somebody"}, 400, 21211),
        ({"From": ""}, 400, 21213),
        ({"From": "0420"}, 400, 21212),
        ({"Url": ""}, 400, 21205),
        ({"Url": "ftp://x/y"}, 400, 21205),
        ({"Twiml": "<Response/>"}, 400, 20001),
        ({"Timeout": "abc"}, 400, 20001),
        ({"Timeout": "601"}, 400, 20001),
        ({"Method": "PUT"}, 400, 20001),
        ({"StatusCallback": "nowhere"}, 400, 21609),
    ],
)
def test_a_call_that_cannot_be_made_is_refused(kit: Any, change: dict[str, str], status: int, code: int) -> None:
    async def run() -> tuple[int, int]:
        product = kit.Product({})
        async with kit.twin(product):
            answer = await product.rest("POST", "/Calls.json", CREATE | change)
            return answer.status_code, answer.json()["code"]

    assert kit.run(run()) == (status, code)


def test_what_twilio_would_silently_ignore_is_noted(kit: Any) -> None:
    async def run() -> list[int]:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            unknown = await product.rest("POST", "/Calls.json", CREATE | {"Colour": "red"})
            wrong = await product.rest("POST", "/Calls.json", CREATE | {"StatusCallbackEvent": "finished"})
            assert (unknown.status_code, wrong.status_code) == (201, 201)
            return [one.code for one in twin.failures]

    assert kit.run(run()) == [20001, 21626]


def test_a_wrong_key_or_another_account_gets_nothing(kit: Any) -> None:
    async def run() -> None:
        product = kit.Product({})
        async with kit.twin(product) as twin:
            product.token = "wrong"
            assert (await product.rest("GET", "/Calls.json")).json()["code"] == 20003
            product.token = twin.settings.auth_token
            assert (await product.rest("GET", "/Calls.json")).status_code == 200
            url = f"{twin.api_url}/2010-04-01/Accounts/AC{'0' * 32}/Calls.json"
            other = await product.client.get(url, auth=(product.account, product.token))
            assert (other.status_code, other.json()["code"]) == (404, 20404)

    kit.run(run())


def test_calls_are_found_by_what_is_asked_for_page_by_page(kit: Any) -> None:
    async def run() -> None:
        async with calling(kit) as (product, _, caller):
            for number in ("+15550171", "+15550172", "+15550173"):
                await product.rest("POST", "/Calls.json", CREATE | {"To": number})
            found = (await product.rest("GET", "/Calls.json", {"To": "+15550172"})).json()["calls"]
            assert [one["to"] for one in found] == ["+15550172"]
            page = (await product.rest("GET", "/Calls.json", {"PageSize": "3", "Page": "1"})).json()
            assert [one["sid"] for one in page["calls"]] == [caller]
            assert (page["next_page_uri"], page["page"]) == (None, 1)
            later = (await product.rest("GET", "/Calls.json", {"StartTime>": "2999-01-01"})).json()
            assert later["calls"] == []
            assert (await product.rest("GET", "/Calls.json", {"Status": "nonsense"})).status_code == 400
            assert (await product.rest("GET", "/Calls.json", {"StartTime>": "soon"})).status_code == 400

    kit.run(run())


def test_a_ringing_leg_cannot_be_redirected_but_can_be_ended(kit: Any) -> None:
    async def run() -> None:
        product = kit.Product({})
        async with kit.twin(product, time_scale=1.0) as twin:
            sid = (await product.rest("POST", "/Calls.json", CREATE)).json()["sid"]
            early = await product.rest("POST", f"/Calls/{sid}.json", {"Url": "https://voicebot.test/x"})
            assert (early.status_code, early.json()["code"]) == (400, 21220)
            assert (await product.rest("POST", f"/Calls/{sid}.json", {"Status": "nonsense"})).json()["code"] == 21218
            assert (await product.rest("POST", f"/Calls/{sid}.json", {})).status_code == 400
            assert (await product.rest("POST", f"/Calls/{sid}.json", {"Status": "completed"})).status_code == 200
            while (await product.rest("GET", f"/Calls/{sid}.json")).json()["status"] == "ringing":
                pass
            assert [leg.status for leg in twin.stray_legs] == ["canceled"]

    kit.run(run())


def test_a_live_leg_takes_a_document_in_the_request_itself(kit: Any) -> None:
    async def run() -> None:
        async with calling(kit) as (product, _, caller):
            document = "<Response><Redirect>https://voicebot.test/said</Redirect></Response>"
            assert (await product.rest("POST", f"/Calls/{caller}.json", {"Twiml": document})).status_code == 200
            while "/said" not in product.paths():
                await product.rest("GET", f"/Calls/{caller}.json")
            both = await product.rest("POST", f"/Calls/{caller}.json", {"Twiml": document, "Url": "https://voicebot.test/x"})
            assert both.status_code == 400

    kit.run(run())


def test_participants_are_listed_muted_held_and_removed(kit: Any) -> None:
    async def run() -> None:
        async with calling(kit) as (product, _, caller):
            await product.rest("POST", f"/Calls/{caller}.json", {"Url": "https://voicebot.test/join"})
            agent = (await product.rest("POST", "/Calls.json", CREATE)).json()["sid"]
            people: list[Any] = []
            while len(people) < 2:
                rooms = (await product.rest("GET", "/Conferences.json", {"FriendlyName": "room 1"})).json()["conferences"]
                place = f"/Conferences/{rooms[0]['sid']}" if rooms else ""
                people = (await product.rest("GET", f"{place}/Participants.json")).json()["participants"] if rooms else []
            assert {one["call_sid"] for one in people} == {caller, agent}
            muted = await product.rest("POST", f"{place}/Participants/agent.json", {"Muted": "true", "Hold": "true"})
            assert (muted.json()["muted"], muted.json()["hold"]) == (True, True)
            assert (await product.rest("POST", f"{place}/Participants/agent.json", {"Muted": "perhaps"})).status_code == 400
            assert (await product.rest("DELETE", f"{place}/Participants/{agent}.json")).status_code == 204
            assert (await product.rest("GET", f"{place}/Participants/{agent}.json")).status_code == 404
            ended = await product.rest("POST", f"{place}.json", {"Status": "completed"})
            assert (ended.json()["status"], ended.json()["reason_conference_ended"]) == ("completed", "conference-ended-via-api")
            assert (await product.rest("GET", "/Conferences.json", {"Status": "in-progress"})).json()["conferences"] == []

    kit.run(run())


def test_a_stream_can_be_stopped_by_name(kit: Any) -> None:
    async def run() -> None:
        async with calling(kit) as (product, _, caller):
            product.answers = {"/listen": '<Start><Stream name="ear-1" url="wss://voicebot.test/s"/></Start>' + SCRIPT_DOCUMENT}
            await product.rest("POST", f"/Calls/{caller}.json", {"Url": "https://voicebot.test/listen"})
            while not product.messages:
                await product.rest("GET", f"/Calls/{caller}.json")
            stopped = await product.rest("POST", f"/Calls/{caller}/Streams/ear-1.json", {"Status": "stopped"})
            assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped")
            while product.messages[-1]["event"] != "stop":
                await product.rest("GET", f"/Calls/{caller}.json")
            unknown = await product.rest("POST", f"/Calls/{caller}/Streams/ear-2.json", {"Status": "stopped"})
            assert unknown.status_code == 404

    kit.run(run())


# ---- Twilio's own description -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def described(material: Path) -> Any:
    """Twilio's OpenAPI description, as a checker of requests and answers."""
    path = material / "twilio" / "twilio_api_v2010.json.gz"
    if not path.exists():
        pytest.skip("the test material holds no OpenAPI description of Twilio")
    openapi = pytest.importorskip("openapi_core")
    found = json.loads(gzip.decompress(path.read_bytes()))
    kept = (
        "/Calls.json",
        "/Calls/{Sid}.json",
        "/Conferences.json",
        "/Conferences/{Sid}.json",
        "Participants.json",
        "/{CallSid}.json",
        "/Calls/{CallSid}/Recordings.json",
        "/Calls/{CallSid}/Recordings/{Sid}.json",
        "{AccountSid}/Recordings/{Sid}.json",
        "/Messages.json",
        "{AccountSid}/Messages/{Sid}.json",
    )
    found["paths"] = {
        path: {kind: what for kind, what in item.items() if kind != "servers"}
        for path, item in found["paths"].items()
        if path.endswith(kept)
    }
    why_ended = found["components"]["schemas"]["conference_enum_reason_conference_ended"]
    why_ended |= {"nullable": True, "enum": [*why_ended["enum"], None]}  # its own words say null, its schema forgets it
    return openapi.OpenAPI.from_dict(found)


TEXT = {"To": "+12025550190", "From": "+12025550100", "Body": "Hello"}
TEMPLATE = {
    "To": "whatsapp:+12025550190", "From": "whatsapp:+12025550100", "ContentSid": "HX" + "0" * 32,
    "ContentVariables": '{"1": "noon"}',
}  # fmt: skip


def test_what_the_twin_takes_and_answers_is_what_twilio_describes(  # noqa: PLR0915 - one of each request
    kit: Any, described: Any
) -> None:
    from openapi_core.testing import MockRequest, MockResponse

    checked: list[str] = []

    def check(account: str, method: str, path: str, form: dict[str, Any], answer: Any) -> None:
        request = MockRequest(
            "https://api.twilio.com",
            method.lower(),
            f"/2010-04-01/Accounts/{account}{path}",
            args={} if method == "POST" else form,
            data=urlencode(form, doseq=True).encode() if method == "POST" else b"",
            headers={"Authorization": "Basic eA=="},
            content_type="application/x-www-form-urlencoded",
        )
        described.validate_request(request)
        reply = MockResponse(answer.content, status_code=answer.status_code, content_type="application/json")
        described.validate_response(request, reply)
        checked.append(f"{method} {path}")

    async def ask(product: Any, method: str, path: str, form: dict[str, Any] | None = None) -> Any:
        answer = await product.rest(method, path, form or {})
        check(product.account, method, path, form or {}, answer)
        return answer.json()

    async def run() -> None:
        async with calling(kit) as (product, _, caller):
            events = {
                "StatusCallback": "https://voicebot.test/s",
                "StatusCallbackEvent": ["initiated", "completed"],
                "Timeout": "20",
            }
            agent = (await ask(product, "POST", "/Calls.json", CREATE | events))["sid"]
            await ask(product, "GET", "/Calls.json", {"To": "+15550171", "PageSize": "5"})
            await ask(product, "GET", f"/Calls/{agent}.json")
            await ask(product, "POST", f"/Calls/{caller}.json", {"Url": "https://voicebot.test/join"})
            rooms: list[Any] = []
            while not (rooms and rooms[0]["status"] == "in-progress"):
                rooms = (await product.rest("GET", "/Conferences.json")).json()["conferences"]
            await ask(product, "GET", "/Conferences.json", {"FriendlyName": "room 1", "Status": "in-progress"})
            place = f"/Conferences/{rooms[0]['sid']}"
            await ask(product, "GET", f"{place}.json")
            await ask(product, "GET", f"{place}/Participants.json")
            await ask(product, "GET", f"{place}/Participants/{caller}.json")
            await ask(product, "POST", f"{place}/Participants/{caller}.json", {"Hold": "true"})
            while len((await product.rest("GET", f"{place}/Participants.json")).json()["participants"]) < 2:
                pass
            coach = {"Coaching": "true", "CallSidToCoach": agent, "Muted": "false"}
            await ask(product, "POST", f"{place}/Participants/{caller}.json", coach)
            tape = (await ask(product, "POST", f"/Calls/{caller}/Recordings.json", {"RecordingChannels": "dual"}))["sid"]
            await ask(product, "GET", f"/Calls/{caller}/Recordings.json")
            pause = {"Status": "paused", "PauseBehavior": "skip"}
            await ask(product, "POST", f"/Calls/{caller}/Recordings/{tape}.json", pause)
            await ask(product, "GET", f"/Recordings/{tape}.json")
            text = TEXT | {"StatusCallback": "https://voicebot.test/m"}
            written = (await ask(product, "POST", "/Messages.json", text))["sid"]
            await ask(product, "POST", "/Messages.json", TEMPLATE)
            await ask(product, "GET", "/Messages.json", {"To": TEXT["To"], "From": TEXT["From"]})
            await ask(product, "GET", f"/Messages/{written}.json")
            await ask(product, "POST", f"/Calls/{agent}.json", {"Status": "completed"})
            await ask(product, "POST", f"{place}.json", {"Status": "completed"})

    kit.run(run())
    assert len(checked) == 20
