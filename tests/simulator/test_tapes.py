"""Recordings of calls: begun, paused, ended, told of, listened to, deleted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from voicebot.simulator.script import Script
from voicebot.simulator.taped import Tape

TOLD = {"RecordingStatusCallback": "https://voicebot.test/recorded", "RecordingStatusCallbackEvent": "completed"}


@asynccontextmanager
async def calling(kit: Any) -> AsyncIterator[tuple[Any, Any, str]]:
    answered = asyncio.Event()

    def incoming(_: Any) -> str:
        answered.set()
        return "<Gather timeout='9999'/>"

    product = kit.Product({"/voice/incoming": incoming})
    async with kit.twin(product, time_scale=50.0) as twin:
        call = asyncio.create_task(twin.place_call(Script("+15550100", "+15550199")))
        await answered.wait()
        while (await product.rest("GET", "/Calls.json", {"Status": "in-progress"})).json()["calls"] == []:
            pass
        yield product, twin, twin.calls_so_far()[0]
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


def test_a_recording_is_told_of_when_its_call_has_ended_and_can_be_heard_until_it_is_deleted(kit: Any) -> None:
    async def run() -> None:
        async with calling(kit) as (product, twin, leg):
            made = await product.rest("POST", f"/Calls/{leg}/Recordings.json", TOLD)
            sid = made.json()["sid"]
            assert (made.status_code, made.json()["status"], made.json()["channels"]) == (201, "in-progress", 1)
            assert (await product.rest("GET", f"/Recordings/{sid}.mp3")).status_code == 404  # not yet
            for asked, status in (("paused", "paused"), ("in-progress", "in-progress")):
                changed = await product.rest("POST", f"/Calls/{leg}/Recordings/Twilio.CURRENT.json", {"Status": asked})
                assert changed.json()["status"] == status
            await product.rest("POST", f"/Calls/{leg}.json", {"Status": "completed"})
            while not product.forms("/recorded"):
                await product.rest("GET", f"/Recordings/{sid}.json")
            form = product.forms("/recorded")[0]
            assert (form["RecordingSid"], form["RecordingStatus"], form["CallSid"]) == (sid, "completed", leg)
            sound = await product.rest("GET", f"/Recordings/{sid}.mp3")
            assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/mpeg")
            assert (await product.rest("DELETE", f"/Recordings/{sid}.json")).status_code == 204
            for path in (f"/Recordings/{sid}.json", f"/Recordings/{sid}.mp3"):
                assert (await product.rest("GET", path)).status_code == 404
            assert twin.failures == []

    kit.run(run())


def test_a_second_recording_of_one_leg_is_noted_as_a_failure(kit: Any) -> None:
    async def run() -> None:
        async with calling(kit) as (product, twin, leg):
            for _ in range(2):
                await product.rest("POST", f"/Calls/{leg}/Recordings.json", {})
            assert [one.what for one in twin.failures] == ["a leg is recorded twice over"]

    kit.run(run())


@pytest.mark.parametrize(("path", "form", "status"), [
    ("/Calls/LEG/Recordings.json", {"RecordingChannels": "five"}, 400),
    ("/Calls/LEG/Recordings.json", {"RecordingStatusCallbackEvent": "sometimes"}, 400),
    ("/Calls/CA0/Recordings.json", {}, 404), ("/Calls/LEG/Recordings/RE0.json", {"Status": "paused"}, 404),
    ("/Calls/LEG/Recordings/RE0.json", {"Status": "deleted"}, 400),
])  # fmt: skip
def test_what_cannot_be_is_refused(kit: Any, path: str, form: dict[str, str], status: int) -> None:
    async def run() -> int:
        async with calling(kit) as (product, _, leg):
            answer = await product.rest("POST", path.replace("LEG", leg), form)
            code: int = answer.status_code
            return code

    assert kit.run(run()) == status


def test_a_tape_knows_what_is_on_it() -> None:
    tape = Tape("CA1", 1)
    tape.run(10.0)
    tape.run(11.0)
    tape.stop(40.0, "paused")
    tape.run(50.0)
    tape.stop(60.0, "completed")
    assert [tape.runs_at(at) for at in (9.0, 10.0, 39.0, 45.0, 55.0, 60.0)] == [False, True, True, False, True, False]
    assert tape.seconds == 40
    assert len(tape.sound) == 72 * round(40 / 0.072)
