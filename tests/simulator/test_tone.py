"""<Record>: a tone, what is said, and what the product is told and can fetch."""

import io
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voicebot.simulator.script import Script, parse_turns

LINE, CALLER = "+15550100", "+15550199"
INCOMING, TOLD = "/voice/incoming", "/voice/answer-recorded/c1/t"
SPOKEN, ENTRY = "/voice/spoken/c1/1-0/t", "/voice/entry/c1/1-0/t"
RECORDINGS = Path(__file__).parents[1] / "recordings"


def asked(**attributes: str) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
    gather = f'<Gather action="{ENTRY}" timeout="2"><Say>Your number?</Say></Gather>'
    record = f'<Record action="{SPOKEN}" timeout="3" recordingStatusCallback="https://voicebot.test{TOLD}"{extra}/>'
    return f"{gather}{record}<Redirect>{ENTRY}</Redirect>"


def script(*turns: str, **rest: Any) -> Script:
    return replace(Script(LINE, CALLER, parse_turns(turns), folder=RECORDINGS), **rest)


def fetched(kit: Any, kinds: tuple[str, ...]) -> tuple[list[int], bytes]:
    """What the product gets that fetches the recording so often."""
    statuses: list[int] = []
    sounds: list[bytes] = []

    async def fetch(came: Any) -> str:
        for kind in kinds:
            answer = await product.rest("GET", f"/Recordings/{came.form['RecordingSid']}.{kind}")
            statuses.append(answer.status_code)
            sounds.append(answer.content if answer.status_code == 200 else b"")
        return "<Hangup/>"

    product = kit.Product({INCOMING: asked(), SPOKEN: fetch})

    async def run() -> None:
        async with kit.twin(product) as twin:
            await twin.place_call(script("audio:yes.wav"))

    kit.run(run())
    return statuses, sounds[-1]


def test_what_is_said_after_the_tone_lies_with_the_carrier_some_moments_later(kit: Any) -> None:
    statuses, sound = fetched(kit, ("wav", "wav"))
    assert statuses == [404, 200]
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int32)
    assert len(samples) / 8000 > 3  # the pause that ended it is on it
    assert np.abs(samples).max() > 3000
    assert np.abs(samples[-8000:]).max() < 50


def test_the_product_is_told_twice_and_the_caller_heard_a_tone(kit: Any) -> None:
    out = kit.call({INCOMING: asked(), SPOKEN: "<Hangup/>"}, script("audio:yes.wav"))
    form = out.product.forms(SPOKEN)[0]
    assert (form["Digits"], form["RecordingSid"][:2]) == ("", "RE")
    assert form["RecordingUrl"].endswith(f"/Recordings/{form['RecordingSid']}")
    (told,) = out.product.forms(TOLD)
    assert (told["RecordingSid"], told["RecordingStatus"], told["RecordingSource"]) == (
        form["RecordingSid"], "completed", "RecordVerb",
    )  # fmt: skip
    assert out.heard == ["Your number?", "beep"]
    assert [one.name for one in out.record.caller.utterances] == ["yes.wav"]
    assert out.record.failures == []


def test_a_key_ends_it(kit: Any) -> None:
    out = kit.call({INCOMING: asked(), SPOKEN: "<Hangup/>"}, script("wait:2", "keys:4"))
    assert out.product.forms(SPOKEN)[0]["Digits"] == "4"
    assert out.product.forms(ENTRY) == []


def test_keys_before_the_tone_are_the_gathers(kit: Any) -> None:
    out = kit.call({INCOMING: asked(), ENTRY: "<Hangup/>"}, script("keys:4071"))
    assert out.product.forms(ENTRY)[0]["Digits"] == "4071"
    assert out.product.forms(SPOKEN) == []


def test_of_silence_nothing_is_told(kit: Any) -> None:
    out = kit.call({INCOMING: asked(), ENTRY: "<Hangup/>"}, script("silence"))
    assert out.product.forms(SPOKEN) == out.product.forms(TOLD) == []
    assert "Digits" not in out.product.forms(ENTRY)[0]


def test_no_tone_where_none_is_wanted_and_no_more_than_may_be(kit: Any) -> None:
    incoming = asked(playBeep="false", maxLength="1")
    out = kit.call({INCOMING: incoming, SPOKEN: "<Hangup/>"}, script("audio:tracking-5502716384.wav"))
    assert "beep" not in out.heard
    assert out.product.forms(SPOKEN)[0]["RecordingDuration"] == "1"


@pytest.mark.parametrize("turns", [("wait:2.2", "hangup"), ("audio:tracking-5502716384.wav",)])
def test_who_hangs_up_ends_the_call(kit: Any, turns: tuple[str, ...]) -> None:
    out = kit.call({INCOMING: asked(), SPOKEN: ""}, script(*turns))
    assert out.record.failures == []
    assert out.record.caller.status == "completed"
