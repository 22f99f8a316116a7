"""The media stream as the product receives it."""

import asyncio
import base64
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicebot.simulator.recording import to_mulaw
from voicebot.simulator.script import Script, parse_turns
from voicebot.simulator.settings import Faults, StreamFault

LINE, CALLER = "+15550100", "+15550199"
INCOMING = "/voice/incoming"
START = (
    '<Start><Stream name="ear-1" url="wss://voicebot.test/voice/stream" statusCallback="https://voicebot.test/stream-status">'
    '<Parameter name="call" value="c1"/><Parameter name="token" value="t1"/></Stream></Start>'
)
STOP = '<Stop><Stream name="ear-1"/></Stop>'


def ask(timeout: int = 5) -> str:
    return (
        f'<Gather action="https://voicebot.test/voice/entry/c1/1-0/t" timeout="{timeout}" actionOnEmptyResult="true">'
        "<Say>Yes?</Say></Gather>"
    )


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A second of a tone, mu-law, with a count of samples that is no multiple of a frame's."""
    tone = to_mulaw(8000 * np.sin(np.arange(8010) * 0.3))
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 7, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", len(tone))
    path = tmp_path / "said.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(head) + len(tone)) + head + tone)
    return path


def script(*turns: str) -> Script:
    return Script(LINE, CALLER, parse_turns(turns))


def media(product: Any) -> list[bytes]:
    return [base64.b64decode(one["media"]["payload"]) for one in product.messages if one["event"] == "media"]


def test_a_stream_opens_signed_and_introduces_itself(kit: Any) -> None:
    out = kit.call({INCOMING: START + ask()}, script("silence"), time_scale=20.0)
    connected, start = out.product.messages[:2]
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert start["sequenceNumber"] == "1"
    assert start["start"]["tracks"] == ["inbound"]
    assert start["start"]["customParameters"] == {"call": "c1", "token": "t1"}
    assert start["start"]["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    assert start["start"]["callSid"] == out.record.call_sid
    assert "x-twilio-signature" in out.product.upgrades[0]
    assert out.product.messages[-1]["event"] == "stop"
    assert [one["StreamEvent"] for one in out.product.forms("/stream-status")] == ["stream-started", "stream-stopped"]
    assert out.record.failures == []


def test_frames_are_20_ms_of_silence_until_somebody_speaks_and_count_up(kit: Any, spoken: Path) -> None:
    out = kit.call({INCOMING: START + ask(2)}, script(f"audio:{spoken}"), time_scale=1.0, hearing_limit=0.2)
    frames = [one for one in out.product.messages if one["event"] == "media"]
    payloads = media(out.product)
    assert {len(one) for one in payloads} == {160}
    assert [int(one["media"]["chunk"]) for one in frames] == list(range(1, len(frames) + 1))
    assert [int(one["sequenceNumber"]) for one in frames] == list(range(2, len(frames) + 2))
    steps = np.diff([int(one["media"]["timestamp"]) for one in frames])
    assert set(steps.tolist()) == {20}
    loud = [place for place, one in enumerate(payloads) if set(one) != {0xFF}]
    assert len(loud) == 51
    assert loud == list(range(loud[0], loud[0] + 51))
    assert loud[0] > 10
    said = out.record.caller.utterances[0]
    assert said.name == "said.wav"
    assert said.until is not None
    assert said.until - said.at > 0.9


def test_under_fast_speech_goes_out_at_once_and_the_clock_waits_for_a_push(kit: Any, spoken: Path) -> None:
    product = kit.Product({INCOMING: START + ask(timeout=8), "/pushed": "<Say>Understood</Say>"})
    loud: list[int] = []

    async def hear(message: dict[str, Any]) -> None:
        if message["event"] == "media" and set(base64.b64decode(message["media"]["payload"])) != {0xFF}:
            loud.append(1)
            if len(loud) == 51:
                call = product.messages[1]["start"]["callSid"]
                answer = await product.rest("POST", f"/Calls/{call}.json", {"Url": "https://voicebot.test/pushed"})
                assert answer.status_code == 200

    product.on_message = hear
    out = kit.call_product(product, script(f"audio:{spoken}"), fast=True, time_scale=200.0, hearing_limit=10.0)
    assert out.heard == ["Yes?", "Understood"]
    assert out.product.forms("/voice/entry/c1/1-0/t") == []
    said = out.record.caller.utterances[0]
    assert said.until is not None
    assert said.until - said.at < 0.9


def test_under_fast_the_clock_goes_on_when_nobody_answers_speech(kit: Any, spoken: Path) -> None:
    out = kit.call({INCOMING: START + ask()}, script(f"audio:{spoken}"), fast=True, hearing_limit=0.1)
    assert out.product.forms("/voice/entry/c1/1-0/t")[0]["Digits"] == ""


def test_a_stopped_stream_sends_no_more(kit: Any) -> None:
    out = kit.call({INCOMING: START + STOP + ask()}, script("silence"), time_scale=20.0)
    assert [one["event"] for one in out.product.messages if one["event"] != "media"] == ["connected", "start", "stop"]
    assert len(media(out.product)) <= 5


def test_no_frame_is_counted_after_a_stop_and_all_are_while_joined(kit: Any) -> None:
    join = '<Dial><Conference waitUrl="">r</Conference></Dial>'
    quiet = kit.call(
        {INCOMING: START + ask(1) + STOP + '<Pause length="9"/>' + join}, replace(script(), patience=10), time_scale=20.0
    )
    assert quiet.record.frames_after_join == 0
    open_ = kit.call({INCOMING: START + join}, replace(script(), patience=10), time_scale=20.0)
    assert open_.record.frames_after_join > 0


def test_a_stream_name_is_used_once_in_a_call(kit: Any) -> None:
    out = kit.call({INCOMING: START + START + ask()}, script("silence"))
    assert out.codes == [31904]
    assert len(out.product.upgrades) == 1


def test_a_refused_upgrade_leaves_the_keys(kit: Any) -> None:
    product = kit.Product({INCOMING: START + ask(60), "/voice/entry/c1/1-0/t": "<Say>Thanks</Say>"}, refuse_stream=True)
    out = kit.call_product(product, script("keys:12#"), time_scale=50.0)
    assert out.heard[-1] == "Thanks"
    assert [one.code for one in out.record.caller.warnings] == [31920]
    assert [one["StreamEvent"] for one in out.product.forms("/stream-status")] == ["stream-error"]


@pytest.mark.parametrize("fault", list(StreamFault))
def test_the_socket_can_fail_on_purpose_and_keys_still_work(kit: Any, fault: StreamFault) -> None:
    product = kit.Product({INCOMING: START + ask(60), "/voice/entry/c1/1-0/t": "<Say>Thanks</Say>"})
    turns = Script(LINE, CALLER, parse_turns(["wait:20", "keys:12#"]))
    out = kit.call_product(product, turns, faults=Faults(stream=fault, stream_after=5), time_scale=40.0)
    assert out.heard[-1] == "Thanks"
    assert out.record.failures == []
    starts = [one["start"]["customParameters"]["call"] for one in out.product.messages if one["event"] == "start"]
    assert starts == {"refused": [], "mute": [], "doubled": ["c1", "c1"], "foreign": ["somebody-elses", "c1"]}.get(fault, ["c1"])
    match fault:
        case StreamFault.REFUSED:
            assert out.product.upgrades == []
        case StreamFault.MUTE:
            assert [one["event"] for one in out.product.messages] == ["connected", "stop"]
        case StreamFault.STOPPED:
            assert (len(media(out.product)), out.product.messages[-1]["event"]) == (5, "stop")
        case StreamFault.GARBAGE:
            assert len(out.product.raw) - len(out.product.messages) == 2
            assert len(media(out.product)) > 5
        case StreamFault.DROPPED:
            assert len(media(out.product)) <= 5
            assert "stop" not in [one["event"] for one in out.product.messages]
        case StreamFault.STALLED:
            assert len(media(out.product)) == 5
            assert "stop" not in [one["event"] for one in out.product.messages]


def test_only_so_many_streams_of_a_call_fail(kit: Any) -> None:
    again = START.replace("ear-1", "ear-2")
    out = kit.call({INCOMING: START + ask(60), "/voice/entry/c1/1-0/t": again + "<Say>Thanks</Say>"}, script("keys:12#"),
                   faults=Faults(stream=StreamFault.REFUSED, stream_times=1), time_scale=40.0)  # fmt: skip
    assert len(out.product.upgrades) == 1
    assert [one.what for one in out.record.caller.warnings] == ["stream ear-1: connection refused"]


def test_a_socket_that_the_product_closes_is_the_end_of_the_stream_and_not_of_the_call(kit: Any) -> None:
    product = kit.Product({INCOMING: START + ask(60), "/voice/entry/c1/1-0/t": "<Say>Thanks</Say>"})

    async def close(message: dict[str, Any]) -> str | None:
        await asyncio.sleep(0)
        return "close" if message["event"] == "media" else None

    product.on_message = close
    out = kit.call_product(product, Script(LINE, CALLER, parse_turns(["wait:10", "keys:12#"])), time_scale=40.0)
    assert out.heard[-1] == "Thanks"
    assert [one["StreamEvent"] for one in out.product.forms("/stream-status")] == ["stream-started", "stream-stopped"]


def test_speech_that_nobody_listens_to_is_spoken_all_the_same(kit: Any, spoken: Path) -> None:
    out = kit.call({INCOMING: ask()}, script(f"audio:{spoken}"), fast=True)
    assert [one.name for one in out.record.caller.utterances] == ["said.wav"]
    assert out.product.upgrades == []
    assert out.record.caller.frames == 0
