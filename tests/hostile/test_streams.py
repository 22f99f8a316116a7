"""The media socket under siege: nobody's audio is heard, the stream of the call that is there goes on, no row has changed."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lxml import etree
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.hostile.stage import LEG, Besieged, corpus, events, logged
from tests.serving_stage import served
from tests.telephony.stage import ACCOUNT, TOKEN, sign
from tests.telephony.test_media import WatchedEar, closed_with
from voicebot.serving import asgi_house

SIGNED_URL = "wss://voice.example.com/voice/stream"
SOUND = bytes(range(160))


class Siege:
    """A served house whose ear listens, and a caller who is being asked."""

    def __init__(self, besieged: Besieged, ear: WatchedEar, port: int, asked: etree._Element) -> None:
        self.besieged, self.ear, self.port = besieged, ear, port
        self.given = {parameter.get("name"): parameter.get("value") for parameter in asked.iter("Parameter")}

    @contextmanager
    def socket(self) -> Iterator[ClientConnection]:
        """As the carrier opens one."""
        headers = {"X-Twilio-Signature": sign(TOKEN, SIGNED_URL)}
        with connect(f"ws://127.0.0.1:{self.port}/voice/stream", additional_headers=headers, max_size=None) as socket:
            yield socket

    def start(self, **changes: Any) -> str:
        """The `start` of the stream that our document asked for; `changes` to what it says, by name."""
        given = self.given | {name: value for name, value in changes.items() if name in self.given}
        said = {
            "accountSid": ACCOUNT, "callSid": LEG, "streamSid": "MZ1", "tracks": ["inbound"], "customParameters": given,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }  # fmt: skip
        said |= {name: value for name, value in changes.items() if name in said}
        return json.dumps({"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": said})


    def is_well(self) -> None:
        """The server takes the next socket that comes, and hears it out."""
        with self.socket() as socket:
            socket.send('{"event": "connected"}')
            socket.send('{"event": "stop"}')
            assert closed_with(socket) == 1000


def sound(chunk: int) -> str:
    media = {"track": "inbound", "chunk": str(chunk), "timestamp": "20", "payload": base64.b64encode(SOUND).decode()}
    return json.dumps({"event": "media", "sequenceNumber": "2", "streamSid": "MZ1", "media": media})


@pytest.fixture(scope="module")
def siege_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    ear = WatchedEar()
    besieged = Besieged(tmp_path_factory.mktemp("streams"), ear=ear)
    asked = besieged.rings()
    house = asgi_house(besieged.app, dict.fromkeys(besieged.room.socket_paths, besieged.room.media), threads=2)
    with served(house) as server:
        yield Siege(besieged, ear, server.port, asked)
    besieged.close()


@pytest.fixture
def siege(siege_of_module: Siege) -> Iterator[Siege]:
    """A call that is being asked, whose stream nobody has had yet; and not a row is changed by what is done to its socket."""
    siege_of_module.ear.lines.clear()
    siege_of_module.ear.noted.clear()
    siege_of_module.besieged.room.streams._used.clear()
    before = siege_of_module.besieged.written()
    yield siege_of_module
    assert siege_of_module.besieged.written() == before


def test_the_stream_that_was_asked_for_is_heard(siege: Siege) -> None:
    """Otherwise what is refused below might be refused for another reason."""
    with siege.socket() as socket:
        socket.send(siege.start())
        socket.send(sound(1))
        assert siege.ear.heard(1) == [SOUND]


@pytest.mark.parametrize("case", corpus("frames"), ids=lambda case: str(case["what"]))
@pytest.mark.parametrize("started", [False, True], ids=["before the start", "in mid-stream"])
def test_a_frame_that_is_none_ends_its_own_socket_and_nothing_else(siege: Siege, case: dict[str, Any], started: bool) -> None:
    frame: str | bytes = case["text"] * case.get("times", 1) + case.get("then", "")
    if case.get("binary"):
        assert isinstance(frame, str)
        frame = frame.encode("latin-1")
    with logged() as text, siege.socket() as socket:
        if started:
            socket.send(siege.start())
            socket.send(sound(1))
            siege.ear.heard(1)
        socket.send(frame)
        assert closed_with(socket) == case["code"]
    assert [line.heard for line in siege.ear.lines] == ([[SOUND]] if started else [])
    for event in events(text):
        assert set(event) <= {"event", "level", "timestamp", "why", "code"}
    siege.is_well()


HALF = "\ud800"


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": ""}, {"token": "1." + "A" * 32}, {"token": HALF}, {"token": "x" * 60_000}, {"phase": "2"}, {"phase": "0"},
        {"phase": "-1"}, {"call": "other"}, {"call": ""}, {"call": HALF}, {"call": "\0"}, {"callSid": "CA" + "2" * 32},
        {"callSid": HALF}, {"accountSid": "AC" + "9" * 32}, {"accountSid": HALF}, {"callSid": 1}, {"accountSid": None},
        {"customParameters": {}}, {"customParameters": None}, {"customParameters": []},
    ],
    ids=repr,
)  # fmt: skip
def test_a_start_that_is_not_the_one_we_asked_for_is_refused(siege: Siege, wrong: dict[str, Any]) -> None:
    with logged() as text, siege.socket() as socket:
        socket.send(siege.start(**wrong))
        assert closed_with(socket) == 1008
    assert siege.ear.noted == []
    told = [(event["event"], event["why"]) for event in events(text)]
    assert told == [("stream refused", "frame")]


def test_a_token_opens_one_stream_whoever_comes_second(siege: Siege) -> None:
    with siege.socket() as first:
        first.send(siege.start())
        first.send(sound(1))
        siege.ear.heard(1)
        for _ in range(3):
            with siege.socket() as second:
                second.send(siege.start())
                assert closed_with(second) == 1008
        first.send(sound(2))
        assert siege.ear.heard(2) == [SOUND, SOUND]
    with siege.socket() as later:
        later.send(siege.start())
        assert closed_with(later) == 1008


def test_a_second_start_on_the_same_socket_ends_it(siege: Siege) -> None:
    with siege.socket() as socket:
        socket.send(siege.start())
        socket.send(siege.start())
        assert closed_with(socket) == 1002


@pytest.mark.parametrize("signature", [None, "", "x", sign("another", SIGNED_URL), sign(TOKEN, "https://voice.example.com/voice/stream")])
def test_no_socket_opens_without_the_carriers_signature(siege: Siege, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(f"ws://127.0.0.1:{siege.port}/voice/stream", additional_headers=headers, max_size=None),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_hundred_sockets_that_say_nothing_keep_nobody_from_being_heard(siege: Siege) -> None:
    opened = []
    for _ in range(100):
        context = siege.socket()
        opened.append((context, context.__enter__()))
    with siege.socket() as socket:
        socket.send(siege.start())
        socket.send(sound(1))
        assert siege.ear.heard(1) == [SOUND]
    for context, idle in opened:
        with pytest.raises(ConnectionClosed):
            idle.recv(timeout=10)
        context.__exit__(None, None, None)
