"""Messages of a media socket, one by one."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.telephony.frames import (
    Audio,
    FrameRefused,
    InOrder,
    KeyPressed,
    MarkCame,
    StreamStarted,
    StreamStopped,
    TalkStarted,
    Unused,
    clear_message,
    mark_message,
    read_frame,
    sound_messages,
)

START: dict[str, Any] = {
    "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
    "customParameters": {"call": "our-call", "phase": "2", "token": "t"},
    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
}  # fmt: skip


def started(**changes: Any) -> str:
    return json.dumps({"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": START | changes})


def media(**changes: Any) -> str:
    payload = {"track": "inbound", "chunk": "4", "timestamp": "80", "payload": base64.b64encode(b"\xff" * 160).decode()}
    return json.dumps({"event": "media", "sequenceNumber": "5", "streamSid": "MZ1", "media": payload | changes})


def test_a_start_says_whose_it_is() -> None:
    assert read_frame(started()) == StreamStarted("AC1", "CA1", "our-call", 2, "t")
    assert "token='t'" not in repr(read_frame(started()))


@pytest.mark.parametrize("rate", [8000, "8000"])
def test_numbers_may_come_as_text(rate: object) -> None:
    audio = {"encoding": "audio/x-mulaw", "sampleRate": rate, "channels": "1"}
    assert isinstance(read_frame(started(mediaFormat=audio)), StreamStarted)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mediaFormat": {"encoding": "audio/x-l16", "sampleRate": 8000, "channels": 1}}, 1002),
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}}, 1002),
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2}}, 1002),
        ({"mediaFormat": {}}, 1002),
        ({"mediaFormat": None}, 1008),
        ({"customParameters": {}}, 1008),
        ({"customParameters": {"call": "c", "phase": "x", "token": "t"}}, 1008),
        ({"customParameters": {"call": "c", "phase": 2, "token": "t"}}, 1008),
        ({"customParameters": {"call": "c", "phase": "²", "token": "t"}}, 1008),
        ({"customParameters": {"call": "c", "phase": "9" * 30, "token": "t"}}, 1008),
        ({"customParameters": {"call": ["c"], "phase": "2", "token": "t"}}, 1008),
        ({"callSid": None}, 1008),
        ({"accountSid": 7}, 1008),
    ],
)
def test_a_start_of_anything_else_is_refused(changes: dict[str, Any], code: int) -> None:
    with pytest.raises(FrameRefused) as refused:
        read_frame(started(**changes))
    assert refused.value.code == code


@pytest.mark.parametrize("length", [0, 1, 80, 160, 161, 320, 8000])
def test_audio_may_have_any_length(length: int) -> None:
    sound = bytes(range(256)) * 40
    frame = read_frame(media(payload=base64.b64encode(sound[:length]).decode()))
    assert frame == Audio(4, sound[:length])


@pytest.mark.parametrize("payload", ["%%%", "AAA", "AAAA=", "AAAA==", "AA=A", "AAAA\n", "ÿÿÿÿ", None, 7, ["AAAA"]])
def test_a_payload_that_is_not_strictly_base64_is_refused(payload: object) -> None:
    with pytest.raises(FrameRefused) as refused:
        read_frame(media(payload=payload))
    assert refused.value.code == 1007


@pytest.mark.parametrize(("chunk", "number"), [("7", 7), (7, 7), (None, None), ("x", None), ("-1", None), ("9" * 40, None)])
def test_a_chunk_that_is_no_number_is_not_needed(chunk: object, number: int | None) -> None:
    assert read_frame(media(chunk=chunk)) == Audio(number, b"\xff" * 160)


def test_only_the_inbound_track_is_the_callers() -> None:
    assert read_frame(media(track="outbound")) == Unused()
    assert read_frame(media(track=None)) == Unused()


@pytest.mark.parametrize("event", ["connected", "mark", "something-new"])
def test_what_we_have_no_use_for_is_let_pass(event: str) -> None:
    assert read_frame(json.dumps({"event": event, "dtmf": {"digit": "1"}})) == Unused()


def test_a_stop_stops() -> None:
    assert read_frame('{"event":"stop","stop":{}}') == StreamStopped()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, 1003), ("", 1007), ("{", 1007), ("[]", 1007), ("1", 1007), ("null", 1007), ("{}", 1007), ('{"event":1}', 1007),
        ('{"event":"start"}', 1007), ('{"event":"media","media":[]}', 1007), ("[" * 60_000, 1007), ("1" * 60_000, 1007),
        ('{"event":"connected","x":"' + "x" * 66_000 + '"}', 1009), ('"' + "é" * 40_000 + '"', 1009),
    ],
)  # fmt: skip
def test_garbage_is_refused_with_its_code(text: str | None, code: int) -> None:
    with pytest.raises(FrameRefused) as refused:
        read_frame(text)
    assert refused.value.code == code


json_names = st.sampled_from(["event", "start", "media", "payload", "track"]) | st.text()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(json_names, inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


media_frames = json_values.map(lambda body: json.dumps({"event": "media", "media": body}))


@given(st.text() | json_values.map(json.dumps) | media_frames)
def test_nothing_that_is_sent_does_more_than_be_refused(text: str) -> None:
    try:
        frame = read_frame(text)
    except FrameRefused as refused:
        assert refused.code in (1002, 1003, 1007, 1008, 1009)  # noqa: PT017  # both ways are right
    else:
        assert isinstance(frame, StreamStarted | Audio | StreamStopped | Unused)


def test_a_two_way_stream_says_which_document_opened_it() -> None:
    own = {"call": "our-call", "talk": "7", "token": "t"}
    assert read_frame(started(customParameters=own)) == TalkStarted("AC1", "CA1", "our-call", 7, "MZ1", "t")
    for wrong in ({"talk": "x"}, {"talk": "1" * 10}, {"talk": None}):
        with pytest.raises(FrameRefused):
            read_frame(started(customParameters=own | wrong))
    with pytest.raises(FrameRefused):
        read_frame(started(customParameters=own, mediaFormat={"encoding": "audio/l16", "sampleRate": 8000, "channels": 1}))


@pytest.mark.parametrize("key", list("0123456789*#"))
def test_a_key_is_a_key_and_is_not_shown(key: str) -> None:
    pressed = read_frame(json.dumps({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": key}}))
    assert pressed == KeyPressed(key)
    assert repr(pressed) == "KeyPressed()"


@pytest.mark.parametrize("digit", ["", "12", "A", "٣", 1, None])
def test_what_is_no_key_is_let_pass(digit: object) -> None:
    assert read_frame(json.dumps({"event": "dtmf", "dtmf": {"digit": digit}})) == Unused()


def test_marks_come_back_by_name() -> None:
    assert read_frame(mark_message("MZ1", "pin.ask")) == MarkCame("pin.ask")
    assert json.loads(clear_message("MZ1")) == {"event": "clear", "streamSid": "MZ1"}


@given(st.binary(max_size=40_000))
def test_sound_goes_out_in_pieces_that_make_the_whole(sound: bytes) -> None:
    messages = [json.loads(message) for message in sound_messages("MZ1", sound)]
    pieces = [base64.b64decode(message["media"]["payload"]) for message in messages]
    assert b"".join(pieces) == sound
    assert all(0 < len(piece) <= 8000 for piece in pieces)
    assert {message["streamSid"] for message in messages} <= {"MZ1"}


def test_a_piece_that_was_overtaken_has_lost_its_place() -> None:
    order = InOrder()
    assert [order.fits(chunk) for chunk in (1, 3, 2, 3, 4, None, 500, 1)] == [True, True, False, False, True, True, True, True]
