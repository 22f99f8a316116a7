"""The carrier's client against a small server of its own: what is sent, and what each kind of answer becomes."""

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.telephony.stage import ACCOUNT, BASE, CALL, KEYS, LEG, settings
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.ports.carrier import Carrier
from voicebot.telephony.carrier import TwilioCarrier
from voicebot.telephony.carrier_http import PatientHttp
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.settings import PATIENCE
from voicebot.telephony.talks import Talks

AGENT_LEG = "CA" + "2" * 32
ROOM = "CF" + "3" * 32
PHONE = "+4533124567"


@dataclass
class Exchange:
    """A server that notes requests and answers with the next of `answers`."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, list[str]]]] = field(default_factory=list)
    release: Event = field(default_factory=Event)
    port: int = 0


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    exchange: Exchange

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.exchange.requests.append((self.command, parts.path, parse_qs(body or parts.query)))
        status, content = self.exchange.answers.pop(0)
        if status == 0:  # no answer at all, as long as anybody waits
            self.exchange.release.wait(10)
            self.close_connection = True
            return
        if status == -1:
            self.close_connection = True
            return
        answer = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815  # the names that the server looks for

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    noted = Exchange()
    answering = type("Answering", (_Answering,), {"exchange": noted})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
    noted.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield noted
    noted.release.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def rung() -> RungLegs:
    return RungLegs()


@pytest.fixture
def carrier(exchange: Exchange, rung: RungLegs) -> Iterator[TwilioCarrier]:
    line = settings(api_base_url=f"http://127.0.0.1:{exchange.port}")
    carrier = TwilioCarrier(line, KEYS, rung, PatientHttp(connect=0.5, answer=0.3))
    yield carrier
    carrier.close()


def refusal(code: int, status: int) -> dict[str, Any]:
    return {"code": code, "message": f"about {PHONE}", "more_info": "", "status": status}


def test_it_is_the_carrier_that_the_house_knows(carrier: TwilioCarrier) -> None:
    known: Carrier = carrier
    assert known is carrier


def test_ringing_tells_where_everything_about_the_leg_goes(exchange: Exchange, carrier: TwilioCarrier, rung: RungLegs) -> None:
    exchange.answers = [(201, {"sid": AGENT_LEG, "status": "queued"})]
    assert carrier.ring(PHONE, "r1", CALL, 20) == AGENT_LEG
    [(method, path, form)] = exchange.requests
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert form == {
        "To": [PHONE], "From": ["+12025550100"], "Method": ["POST"], "Timeout": ["20"], "TimeLimit": ["14400"],
        "Url": [f"{BASE}/voice/agent/r1/answer/{KEYS.token('voice.agent.answer', 'r1')}{PATIENCE}"],
        "FallbackUrl": [f"{BASE}/voice/fallback"], "FallbackMethod": ["POST"],
        "StatusCallback": [f"{BASE}/voice/agent/r1/status/{KEYS.token('voice.agent.status', 'r1')}{PATIENCE}"],
        "StatusCallbackMethod": ["POST"], "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
    }  # fmt: skip
    assert rung.leg("r1") == AGENT_LEG


def test_a_leg_that_we_talk_to_over_a_stream_is_told_there_and_the_carrier_is_not_asked(
    exchange: Exchange, rung: RungLegs
) -> None:
    talks, told = Talks(), []
    carrier = TwilioCarrier(settings(api_base_url="http://127.0.0.1:9"), KEYS, rung, talks=talks)
    talks.begin(CALL, lambda: told.append("news"))
    carrier.push(LEG, CALL, 12)
    carrier.close()
    assert told == ["news"]
    assert exchange.requests == []


def test_pushing_sends_the_leg_to_its_document(exchange: Exchange, carrier: TwilioCarrier) -> None:
    exchange.answers = [(200, {"sid": LEG})]
    carrier.push(LEG, CALL, 12)
    [(method, path, form)] = exchange.requests
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{LEG}.json")
    token = KEYS.token("voice.document", CALL, "12")
    assert form == {"Url": [f"{BASE}/voice/document/{CALL}/12/{token}{PATIENCE}"], "Method": ["POST"]}


def test_a_leg_is_ended_whether_it_is_there_or_not(exchange: Exchange, carrier: TwilioCarrier) -> None:
    exchange.answers = [(200, {"sid": LEG}), (404, refusal(20404, 404)), (400, refusal(21220, 400))]
    for _ in range(3):
        carrier.end_leg(LEG)
    assert [form for _, _, form in exchange.requests] == [{"Status": ["completed"]}] * 3


def test_every_room_of_that_name_is_closed_and_one_that_is_gone_is_no_error(exchange: Exchange, carrier: TwilioCarrier) -> None:
    rooms = {"conferences": [{"sid": ROOM}, {"sid": ROOM[:-1] + "4"}], "next_page_uri": None}
    exchange.answers = [(200, rooms), (404, refusal(20404, 404)), (200, {"sid": ROOM})]
    carrier.close_room("room-1")
    listing, *closings = exchange.requests
    assert listing[1] == f"/2010-04-01/Accounts/{ACCOUNT}/Conferences.json"
    assert (listing[2]["FriendlyName"], listing[2]["Status"]) == (["room-1"], ["in-progress"])
    assert [(path.rpartition("/")[2], form) for _, path, form in closings] == [
        (f"{ROOM}.json", {"Status": ["completed"]}), (f"{ROOM[:-1]}4.json", {"Status": ["completed"]}),
    ]  # fmt: skip


def test_no_room_of_that_name_is_no_error(exchange: Exchange, carrier: TwilioCarrier) -> None:
    exchange.answers = [(200, {"conferences": [], "next_page_uri": None})]
    carrier.close_room("room-1")
    assert len(exchange.requests) == 1


@pytest.mark.parametrize(
    ("status", "content", "perhaps_not_yet"),
    [(404, refusal(20404, 404), False), (404, "nothing", False), (400, refusal(21220, 400), True)],
)
def test_a_leg_that_is_gone_is_said_to_be(
    exchange: Exchange, carrier: TwilioCarrier, status: int, content: Any, perhaps_not_yet: bool
) -> None:
    exchange.answers = [(status, content)]
    with pytest.raises(LegGone) as gone:
        carrier.push(LEG, CALL, 1)
    assert gone.value.perhaps_not_yet is perhaps_not_yet


@pytest.mark.parametrize(
    ("status", "content", "refused", "for_good"),
    [
        (429, refusal(20429, 429), True, False), (400, refusal(21211, 400), True, True), (401, refusal(20003, 401), True, True),
        (500, refusal(20500, 500), False, False), (503, "<html>", False, False), (200, "not json", False, False),
        (0, None, False, False), (-1, None, False, False),
    ],
    ids=["busy", "bad number", "bad token", "failed", "proxy", "garbage", "silence", "hung up"],
)  # fmt: skip
def test_whether_it_certainly_did_not_happen_is_said(
    exchange: Exchange, carrier: TwilioCarrier, status: int, content: Any, refused: bool, for_good: bool
) -> None:
    exchange.answers = [(status, content)]
    with pytest.raises(CarrierUnavailable) as failure:
        carrier.ring(PHONE, "r1", CALL, 20)
    assert (failure.value.refused, failure.value.for_good) == (refused, for_good)
    assert len(exchange.requests) == 1  # never repeated
    assert PHONE not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_carrier_that_is_not_there_certainly_did_nothing(rung: RungLegs) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        line = settings(api_base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        carrier = TwilioCarrier(line, KEYS, rung, PatientHttp(connect=0.5, answer=0.3))
        with pytest.raises(CarrierUnavailable) as failure:
            carrier.push(LEG, CALL, 1)
        carrier.close()
    assert (failure.value.refused, failure.value.for_good) == (True, False)


def test_a_lost_answer_is_made_up_for_by_the_callback(exchange: Exchange, carrier: TwilioCarrier, rung: RungLegs) -> None:
    exchange.answers = [(0, None)]
    with pytest.raises(CarrierUnavailable):
        carrier.ring(PHONE, "r1", CALL, 20)
    rung.learn("r1", AGENT_LEG)
    assert carrier.find_leg("r1") == AGENT_LEG
    assert len(exchange.requests) == 1


def test_without_a_callback_the_live_leg_to_that_phone_that_is_nobodys_is_it(
    exchange: Exchange, carrier: TwilioCarrier, rung: RungLegs
) -> None:
    rung.learn("r0", "CA" + "8" * 32)
    calls = [("8", "in-progress"), ("7", "completed"), ("2", "ringing")]
    listed = {"calls": [{"sid": "CA" + digit * 32, "status": status} for digit, status in calls], "next_page_uri": None}
    exchange.answers = [(-1, None), (200, listed)]
    with pytest.raises(CarrierUnavailable):
        carrier.ring(PHONE, "r1", CALL, 20)
    assert carrier.find_leg("r1") == AGENT_LEG
    assert (exchange.requests[1][2]["To"], exchange.requests[1][2]["From"]) == ([PHONE], ["+12025550100"])
    assert rung.leg("r1") == AGENT_LEG


def test_no_live_leg_means_that_it_did_not_ring(exchange: Exchange, carrier: TwilioCarrier) -> None:
    exchange.answers = [(200, {"calls": [], "next_page_uri": None})]
    assert carrier.find_leg("r1", PHONE) is None
    assert carrier.find_leg("r2") is None  # nobody knows its phone
    assert len(exchange.requests) == 1


@pytest.mark.parametrize(
    ("status", "content", "ended"),
    [
        (200, {"sid": LEG, "status": "in-progress"}, False), (200, {"sid": LEG, "status": "ringing"}, False),
        (200, {"sid": LEG, "status": "completed"}, True), (200, {"sid": LEG, "status": "no-answer"}, True),
        (404, refusal(20404, 404), True),
    ],
)  # fmt: skip
def test_the_carrier_is_asked_whether_a_leg_is_over(
    exchange: Exchange, carrier: TwilioCarrier, status: int, content: Any, ended: bool
) -> None:
    exchange.answers = [(status, content)]
    assert carrier.has_ended(LEG) is ended
    assert exchange.requests[0][:2] == ("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{LEG}.json")


def test_a_carrier_that_cannot_say_whether_a_leg_is_over_says_neither(exchange: Exchange, carrier: TwilioCarrier) -> None:
    exchange.answers = [(500, refusal(20500, 500))]
    with pytest.raises(CarrierUnavailable):
        carrier.has_ended(LEG)


def test_numbers_and_tokens_reach_no_log(
    exchange: Exchange, carrier: TwilioCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    exchange.answers = [(201, {"sid": AGENT_LEG, "status": "queued"})]
    carrier.ring(PHONE, "r1", CALL, 20)
    assert PHONE not in caplog.text
    assert "voice/agent" not in caplog.text
    assert "the-primary-token" not in repr(carrier)


def test_without_an_override_the_carrier_itself_is_asked(rung: RungLegs) -> None:
    carrier = TwilioCarrier(settings(), KEYS, rung)
    assert carrier._client.api.base_url == "https://api.twilio.com"
    carrier.close()
