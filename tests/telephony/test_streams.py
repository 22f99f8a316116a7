"""One stream a phase, and no memory without end."""

import asyncio

from voicebot.telephony.streams import USED_FOR, OpenStream, Streams


def test_a_phases_stream_is_had_once() -> None:
    streams = Streams(lambda: 0.0)
    assert streams.claim("call", 1)
    assert not streams.claim("call", 1)
    assert streams.claim("call", 2)
    assert streams.claim("other", 1)
    assert streams.was_claimed("call", 1)
    assert not streams.was_claimed("call", 3)
    assert not streams.is_open("call", 1)


def test_a_phase_is_forgotten_when_no_token_of_it_could_be_good() -> None:
    now = [0.0]
    streams = Streams(lambda: now[0])
    assert streams.claim("call", 1)
    now[0] = USED_FOR - 1
    assert not streams.claim("call", 1)
    now[0] = USED_FOR + 1
    assert streams.claim("call", 1)
    assert len(streams._used) == 1


def test_that_a_stream_was_stopped_is_known_as_long_as_the_phase_is() -> None:
    async def stream() -> OpenStream:
        return OpenStream("call", 1, asyncio.timeout(None))

    now = [0.0]
    streams, ended = Streams(lambda: now[0]), asyncio.run(stream())
    assert streams.claim("call", 1)
    streams.remove(ended)
    assert not streams.was_stopped("call", 1)
    streams.remove(ended, stopped=True)
    assert streams.was_stopped("call", 1)
    now[0] = USED_FOR + 1
    streams.claim("call", 2)
    assert not streams.was_stopped("call", 1)


def test_winding_down_what_is_not_open_does_nothing() -> None:
    Streams(lambda: 0.0).wind_down("call", 2.0)
