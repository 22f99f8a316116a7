"""The media socket over a real server and a real client."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.serving_stage import Served, served
from tests.telephony.stage import ACCOUNT, CALL, KEYS, LEG, NOW, TOKEN, HeardLine, Line, ScriptedEar, Told, sign
from voicebot.dialogue.actions import Join
from voicebot.dialogue.events import SpeechLost
from voicebot.serving import asgi_house
from voicebot.telephony.addresses import Addresses

SIGNED_URL = "wss://voice.example.com/voice/stream"
SOUND = bytes(range(160))


class WatchedLine(HeardLine):
    """Tells when something has come."""

    def __init__(self, watch: Condition) -> None:
        super().__init__()
        self._watch = watch

    def hear(self, mulaw: bytes) -> None:
        with self._watch:
            super().hear(mulaw)
            self._watch.notify_all()

    def close(self, *, lost: bool) -> None:
        with self._watch:
            super().close(lost=lost)
            self._watch.notify_all()


class WatchedEar(ScriptedEar):
    """An ear that a test can wait at."""

    def __init__(self, **wishes: Any) -> None:
        super().__init__(**wishes)
        self.watch = Condition()

    def open_line(self, call_id: str, phase: int) -> HeardLine | None:
        self._note("open_line", call_id, phase)
        if not self.room:
            return None
        with self.watch:
            self.lines.append(WatchedLine(self.watch))
            self.watch.notify_all()
        return self.lines[-1]

    def heard(self, count: int) -> list[bytes]:
        with self.watch:
            assert self.watch.wait_for(lambda: bool(self.lines) and len(self.lines[-1].heard) >= count, 5)
        return self.lines[-1].heard

    def closed(self) -> bool:
        """How the last line was closed: lost or not."""
        with self.watch:
            assert self.watch.wait_for(lambda: bool(self.lines) and bool(self.lines[-1].closed), 5)
        [lost] = self.lines[-1].closed
        return lost


class Stage:
    """A served line and the carrier's sockets."""

    def __init__(self, server: Served, line: Line, ear: WatchedEar) -> None:
        self.server = server
        self.line = line
        self.ear = ear

    @contextmanager
    def socket(self, *, signed: str = SIGNED_URL, token: str = TOKEN, path: str = "/voice/stream") -> Iterator[ClientConnection]:
        headers = {"x-twilio-signature": sign(token, signed)}
        with connect(f"ws://127.0.0.1:{self.server.port}{path}", additional_headers=headers, max_size=None) as socket:
            yield socket

    def start(self, *, phase: int = 2, leg: str = LEG, account: str = ACCOUNT, now: float = 1_000_000.0, token: str = "") -> str:
        token = token or Addresses(self.line.settings, KEYS).stream_token(CALL, phase, LEG, now)
        return json.dumps({
            "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
            "start": {
                "accountSid": account, "streamSid": "MZ1", "callSid": leg, "tracks": ["inbound"],
                "customParameters": {"call": CALL, "phase": str(phase), "token": token},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        })  # fmt: skip

    @contextmanager
    def begin(self) -> Iterator[ClientConnection]:
        """A stream that is being heard."""
        with self.socket() as socket:
            socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            socket.send(self.start())
            socket.send(frame(1))
            self.ear.heard(1)
            yield socket


def frame(chunk: int, sound: bytes = SOUND, track: str = "inbound") -> str:
    payload = base64.b64encode(sound).decode()
    body = {"track": track, "chunk": str(chunk), "timestamp": str(chunk * 20), "payload": payload}
    return json.dumps({"event": "media", "sequenceNumber": str(chunk + 1), "streamSid": "MZ1", "media": body})


def closed_with(socket: ClientConnection) -> int:
    """The code with which the other side closes."""
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=5)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


@pytest.fixture(scope="module")
def stage_of_module() -> Iterator[Stage]:
    ear = WatchedEar()
    line = Line(ear=ear)
    house = asgi_house(line.app, dict.fromkeys(line.room.socket_paths, line.room.media))
    with served(house) as server:
        yield Stage(server, line, ear)


@pytest.fixture
def stage(stage_of_module: Stage) -> Stage:
    """A stage that has forgotten everything."""
    fresh = stage_of_module
    fresh.ear.lines.clear()
    fresh.ear.noted.clear()
    fresh.ear.room = True
    fresh.ear.failing = False
    fresh.line.exchange.asked.clear()
    fresh.line.room.streams._used.clear()
    return fresh


def test_what_the_caller_says_reaches_the_ear_in_order(stage: Stage) -> None:
    with stage.begin() as socket:
        for chunk in range(2, 6):
            socket.send(frame(chunk, bytes([chunk]) * chunk))
        socket.send(frame(6, b"agent", track="outbound"))
        socket.send('{"event":"mark","mark":{"name":"x"}}')
        socket.send('{"event":"dtmf","dtmf":{"digit":"1"}}')
        socket.send(frame(6, b"last"))
        assert stage.ear.heard(6) == [SOUND, b"\x02" * 2, b"\x03" * 3, b"\x04" * 4, b"\x05" * 5, b"last"]
        assert stage.line.room.streams.is_open(CALL, 2)
        socket.send('{"event":"stop","stop":{}}')
        assert closed_with(socket) == 1000
    assert stage.ear.closed() is False
    assert not stage.line.room.streams.is_open(CALL, 2)
    assert stage.ear.noted == [("open_line", CALL, 2)]


def test_a_frame_that_was_overtaken_is_left_out_and_counting_anew_is_not(stage: Stage) -> None:
    with stage.begin() as socket:
        for chunk, sound in ((3, b"c"), (2, b"b"), (3, b"c"), (4, b"d"), (500, b"e"), (1, b"f")):
            socket.send(frame(chunk, sound))
        assert stage.ear.heard(5) == [SOUND, b"c", b"d", b"e", b"f"]


@pytest.mark.parametrize("signed", [SIGNED_URL, SIGNED_URL + "/"])
@pytest.mark.parametrize("path", ["/voice/stream", "/voice/stream/"])
def test_the_upgrade_is_signed_with_or_without_a_slash(stage: Stage, signed: str, path: str) -> None:
    with stage.socket(signed=signed, path=path) as socket:
        socket.send(stage.start())
        socket.send(frame(1))
        stage.ear.heard(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "another"}, {"signed": "https://voice.example.com/voice/stream"}, {"signed": "wss://evil.example/voice/stream"},
        {"path": "/voice/stream?x=1"},
    ],
)  # fmt: skip
def test_an_upgrade_that_the_carrier_did_not_sign_is_refused(stage: Stage, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused, stage.socket(**wrong):
        pass
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{stage.server.port}/voice/stream"):
        pass
    assert stage.ear.noted == []


def test_there_is_no_socket_elsewhere(stage: Stage) -> None:
    with pytest.raises(InvalidStatus) as refused, stage.socket(path="/voice/other"):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "x"}, {"phase": 3, "token": "1.AAAA"}, {"leg": "CA" + "9" * 32}, {"account": "AC" + "9" * 32},
        {"now": 1_000_000.0 - 91}, {"now": 1_000_000.0 + 31},
    ],
)  # fmt: skip
def test_a_start_with_a_wrong_or_stale_token_is_closed_and_hears_nothing(stage: Stage, wrong: dict[str, Any]) -> None:
    with stage.socket() as socket:
        socket.send(stage.start(**wrong))
        assert closed_with(socket) == 1008
    assert stage.ear.noted == []


def test_a_token_is_good_once_even_for_the_next_one_to_come(stage: Stage) -> None:
    with stage.begin() as first:
        with stage.socket() as second:
            second.send(stage.start())
            assert closed_with(second) == 1008
        first.send(frame(2, b"still heard"))
        assert stage.ear.heard(2)[-1] == b"still heard"
    assert stage.ear.closed() is True
    with stage.socket() as third:
        third.send(stage.start())
        assert closed_with(third) == 1008
    assert stage.ear.noted == [("open_line", CALL, 2)]


def test_a_socket_that_never_starts_is_closed(stage: Stage) -> None:
    with stage.socket() as socket:
        socket.send('{"event":"connected"}')
        assert closed_with(socket) == 1008
    assert stage.ear.noted == []


def test_audio_before_the_start_is_nobodys(stage: Stage) -> None:
    with stage.socket() as socket:
        socket.send(frame(1))
        assert closed_with(socket) == 1002


def test_a_second_start_ends_the_stream(stage: Stage) -> None:
    with stage.begin() as socket:
        socket.send(stage.start(phase=3))
        assert closed_with(socket) == 1002
    assert stage.ear.closed() is True


@pytest.mark.parametrize(
    ("garbage", "code"),
    [
        ("no json", 1007), (b"\x00\x01", 1003), ("[]", 1007), ('{"event":"media","media":{"payload":"%%"}}', 1007),
        ('{"event":"media","media":{"payload":"' + "A" * 70_000 + '"}}', 1009), ("x" * 1_048_576, 1009),
    ],
    ids=["text", "binary", "list", "payload", "long", "mebibyte"],
)  # fmt: skip
def test_garbage_ends_the_stream_as_lost_and_nothing_else(stage: Stage, garbage: str | bytes, code: int) -> None:
    with stage.begin() as socket:
        socket.send(garbage)
        assert closed_with(socket) == code
    assert stage.ear.closed() is True
    stage.line.room.streams._used.clear()
    with stage.begin():
        pass  # the server is well


def test_a_socket_that_breaks_or_stalls_is_lost(stage: Stage) -> None:
    with stage.begin() as socket:
        socket.close()
    assert stage.ear.closed() is True
    stage.line.room.streams._used.clear()
    stage.ear.lines.clear()
    with stage.begin() as stalled:
        assert closed_with(stalled) == 1011
    assert stage.ear.closed() is True


def test_after_listening_ended_frames_are_dropped_and_the_socket_is_closed(stage: Stage) -> None:
    with stage.begin() as socket:
        stage.line.exchange.answer = Told(seq=50, verbs=(Join("room"),))
        stage.line.post(stage.line.target("document", f"{CALL}/50", CALL, 50))
        socket.send(frame(2, b"an agent speaks"))
        assert closed_with(socket) == 1000
    assert stage.ear.closed() is False
    assert stage.ear.lines[-1].heard == [SOUND]


@pytest.mark.parametrize("listening", [True, False])
def test_a_stream_that_the_carrier_ends_is_known_to_be_gone_if_somebody_was_listening(stage: Stage, listening: bool) -> None:
    with stage.begin() as socket:
        if not listening:
            stage.line.room.streams.wind_down(CALL, 60.0)
        socket.send('{"event":"stop"}')
        assert closed_with(socket) == 1000
    assert stage.line.room.streams.was_stopped(CALL, 2) is listening
    assert stage.ear.closed() is False


def test_winding_down_another_phase_leaves_this_one_heard(stage: Stage) -> None:
    with stage.begin() as socket:
        stage.line.room.streams.wind_down(CALL, 0.0, 1)
        stage.line.room.streams.wind_down("other", 0.0)
        socket.send(frame(2))
        stage.ear.heard(2)


def test_a_stream_that_the_ear_refuses_is_told_as_speech_lost(stage: Stage) -> None:
    stage.ear.room = False
    with stage.socket() as socket:
        socket.send(stage.start())
        assert closed_with(socket) == 1008
    assert stage.line.exchange.asked == [("handle", CALL, SpeechLost(NOW, 2), None)]


def test_an_ear_that_fails_closes_the_socket_and_not_the_server(stage: Stage) -> None:
    stage.ear.failing = True
    with stage.socket() as socket:
        socket.send(stage.start())
        assert closed_with(socket) == 1011
