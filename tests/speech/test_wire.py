"""Frames arrive as they were sent; anything else breaks the wire and nothing more."""

import io
import json
import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.wire import LENGTHS, LONGEST_BODY, LONGEST_HEADER, Inlet, WireBroken, read_frame, write_frame

HEADERS = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20) | st.booleans(), max_size=5)


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=500)), max_size=5))
def test_frames_arrive_as_they_were_sent(frames: list[tuple[dict[str, object], bytes]]) -> None:
    pipe = io.BytesIO()
    for header, body in frames:
        write_frame(pipe, header, body)
    pipe.seek(0)
    assert frames == [read_frame(pipe) for _ in frames]
    assert read_frame(pipe) is None


@given(st.binary(max_size=200))
def test_garbage_breaks_the_wire_and_nothing_else(garbage: bytes) -> None:
    pipe = io.BytesIO(garbage)
    try:
        while read_frame(pipe) is not None:
            pass
    except WireBroken:
        pass


@pytest.mark.parametrize(
    "content",
    [
        LENGTHS.pack(LONGEST_HEADER + 1, 0),
        LENGTHS.pack(0, LONGEST_BODY + 1),
        LENGTHS.pack(2, 0) + b"[]",
        LENGTHS.pack(2, 0) + b"\xff\xff",
        LENGTHS.pack(10, 0) + b"{}",
        LENGTHS.pack(2, 5) + b"{}abc",
        struct.pack(">I", 2),
    ],
)
def test_what_is_no_frame_is_refused(content: bytes) -> None:
    with pytest.raises(WireBroken):
        read_frame(io.BytesIO(content))


def test_words_of_all_languages_travel_as_they_are() -> None:
    pipe = io.BytesIO()
    write_frame(pipe, {"words": "공 일"})
    assert "공".encode() in pipe.getvalue()
    assert json.loads(pipe.getvalue()[LENGTHS.size :]) == {"words": "공 일"}


def test_an_inlet_tells_whether_more_is_waiting_and_joins_what_comes_in_pieces() -> None:
    reading, writing = os.pipe()
    try:
        inlet = Inlet(reading)
        assert not inlet.waiting
        os.write(writing, b"abc")
        assert inlet.waiting
        assert inlet.read(2) == b"ab"
        assert inlet.waiting
        os.write(writing, b"de")
        assert inlet.read(3) == b"cde"
        assert not inlet.waiting
        os.close(writing)
        assert inlet.waiting  # the end
        assert inlet.read(1) == b""
    finally:
        os.close(reading)
