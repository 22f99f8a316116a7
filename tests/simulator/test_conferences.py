"""Participants of a conference: on hold, muted, coaching, told something; and what the product is told of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from voicebot.simulator.rooms import Participant, Room
from voicebot.simulator.script import Script

EVENTS = "start end join leave mute hold modify"
MUSIC, TOLD = "https://voicebot.test/music", "https://voicebot.test/told"


def joining(**attributes: str) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<Dial><Conference waitUrl="" statusCallback="https://voicebot.test/room" statusCallbackEvent="{EVENTS}"{more}>'
        "room</Conference></Dial>"
    )


@dataclass
class Meeting:
    """A caller and an agent in a room."""

    product: Any
    twin: Any
    caller: str
    agent: str

    @property
    def room(self) -> Room:
        return self.twin.rooms[0]  # type: ignore[no-any-return]

    def person(self, leg: str) -> Participant:
        return self.room.participants[leg]

    def hears(self, listener: str, speaker: str) -> bool:
        return self.room.hears(self.person(listener), self.person(speaker))

    async def update(self, leg: str, **change: str) -> Any:
        return await self.product.rest("POST", f"/Conferences/{self.room.sid}/Participants/{leg}.json", change)

    async def rings(self, url: str) -> str:
        """Another leg, until it is in the room."""
        form = {"To": f"+1555017{len(self.room.participants)}", "From": "+15550100", "Url": url}
        sid: str = (await self.product.rest("POST", "/Calls.json", form)).json()["sid"]
        await self.until(lambda: sid in self.room.participants)
        return sid

    async def until(self, so: Any) -> None:
        async with asyncio.timeout(10):
            while not so():
                await self.product.rest("GET", "/Conferences.json")

    def told(self) -> list[str]:
        return [form["StatusCallbackEvent"] for form in self.product.forms("/room")]


@asynccontextmanager
async def meeting(kit: Any) -> AsyncIterator[Meeting]:
    product = kit.Product({
        "/voice/incoming": joining(), "/agent": joining(), "/muted": joining(muted="true"),
        "/music": f"<Say>La la</Say><Redirect>{MUSIC}</Redirect>", "/told": "<Say>A word</Say>", "/keys": "<Gather/>",
    })  # fmt: skip
    async with kit.twin(product, time_scale=50.0) as twin:
        call = asyncio.create_task(twin.place_call(Script("+15550100", "+15550199", talk=9999)))
        met = Meeting(product, twin, "", "")
        await met.until(lambda: twin.rooms and twin.rooms[0].participants)
        met.caller = twin.calls_so_far()[0]
        met.agent = await met.rings("https://voicebot.test/agent")
        yield met
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


def heard(met: Meeting, leg: str) -> list[str]:
    return [one.what for one in met.person(leg).leg.record.heard]


def test_on_hold_nobody_hears_or_is_heard_and_the_music_goes_on_until_its_end(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            assert met.hears(met.caller, met.agent)
            held = await met.update(met.caller, Hold="true", HoldUrl=MUSIC, HoldMethod="POST")
            assert held.json()["hold"] is True
            await met.until(lambda: len(heard(met, met.caller)) >= 3)
            assert set(heard(met, met.caller)) == {"La la"}
            assert not met.hears(met.caller, met.agent)
            assert not met.hears(met.agent, met.caller)
            await met.update(met.caller, Hold="false")
            played = len(heard(met, met.caller))
            assert met.hears(met.caller, met.agent)
            await met.update(met.agent, Muted="true")
            assert len(heard(met, met.caller)) == played
            await met.until(lambda: len(met.told()) == 6)
            assert met.told()[3:] == ["participant-hold", "participant-unhold", "participant-mute"]
            assert [form["Hold"] for form in met.product.forms("/room")[3:5]] == ["true", "false"]
            voices = met.person(met.caller).leg.record.voices
            assert [(voice.sid, voice.until is None) for voice in voices] == [(met.agent, False), (met.agent, False)]

    kit.run(run())


def test_music_from_elsewhere_is_the_carriers_own_and_is_not_fetched(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            await met.update(met.caller, Hold="true")
            await met.until(lambda: heard(met, met.caller) == ["hold music"])

    kit.run(run())


def test_a_document_of_questions_cannot_be_heard_in_a_room(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            await met.update(met.caller, Hold="true", HoldUrl="https://voicebot.test/keys", HoldMethod="POST")
            record = met.person(met.caller).leg.record
            await met.until(lambda: record.failures)
            assert [one.code for one in record.failures] == [13233]

    kit.run(run())


def test_an_announcement_is_heard_once_by_one_or_by_all(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            await met.update(met.agent, AnnounceUrl=TOLD)
            await met.until(lambda: heard(met, met.agent) == ["A word"])
            assert heard(met, met.caller) == []
            await met.product.rest("POST", f"/Conferences/{met.room.sid}.json", {"AnnounceUrl": TOLD})
            await met.until(lambda: (heard(met, met.caller), heard(met, met.agent)) == (["A word"], ["A word", "A word"]))

    kit.run(run())


def test_a_coach_is_heard_by_the_coached_alone(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            coach = await met.rings("https://voicebot.test/muted")
            assert (met.hears(coach, met.caller), met.hears(met.agent, coach)) == (True, False)
            answer = await met.update(coach, Muted="false", Coaching="true", CallSidToCoach=met.agent)
            assert (answer.json()["coaching"], answer.json()["call_sid_to_coach"]) == (True, met.agent)
            assert (met.hears(met.agent, coach), met.hears(met.caller, coach)) == (True, False)
            await met.update(coach, Coaching="false")
            assert met.hears(met.caller, coach)
            await met.until(lambda: met.told().count("participant-modify") == 2)
            modified = [form for form in met.product.forms("/room") if form["StatusCallbackEvent"] == "participant-modify"]
            assert [form["Coaching"] for form in modified] == ["true", "false"]

    kit.run(run())


@pytest.mark.parametrize("change", [
    {"Coaching": "true"}, {"CallSidToCoach": "CA" + "0" * 32}, {"Coaching": "true", "CallSidToCoach": "self"},
    {"Hold": "perhaps"}, {"HoldUrl": "nowhere"}, {"AnnounceUrl": "nowhere"},
])  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_has_changed(kit: Any, change: dict[str, str]) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            asked = {name: met.agent if value == "self" else value for name, value in change.items()}
            answer = await met.update(met.agent, **({"Muted": "true"} | asked))
            assert answer.status_code == 400
            assert not met.person(met.agent).muted

    kit.run(run())


def test_whether_somebody_ends_the_room_cannot_be_changed_while_they_are_on_hold(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            await met.update(met.caller, Hold="true")
            assert (await met.update(met.caller, EndConferenceOnExit="true")).status_code == 400
            assert (await met.update(met.caller, Hold="false", EndConferenceOnExit="true")).status_code == 200
            assert met.person(met.caller).ends

    kit.run(run())


def test_coaching_can_be_asked_for_in_the_document_and_needs_somebody_who_is_there(kit: Any) -> None:
    async def run() -> None:
        async with meeting(kit) as met:
            met.product.answers |= {"/coach": joining(coach=met.agent), "/stray": joining(coach="CA" + "0" * 32)}
            coach = await met.rings("https://voicebot.test/coach")
            assert (met.hears(met.agent, coach), met.hears(met.caller, coach)) == (True, False)
            form = {"To": "+15550173", "From": "+15550100", "Url": "https://voicebot.test/stray"}
            await met.product.rest("POST", "/Calls.json", form)
            stray = met.twin.legs[-1].record
            await met.until(lambda: stray.ended_at is not None)
            assert [one.code for one in stray.failures] == [13240]

    kit.run(run())


@pytest.mark.parametrize("to", ["sip:", "sip:a b@c", "client:", "client:a b", "tel:5"])
def test_an_address_that_is_none_is_refused(kit: Any, to: str) -> None:
    async def run() -> int:
        product = kit.Product({})
        async with kit.twin(product):
            form = {"To": to, "From": "+15550100", "Url": "https://voicebot.test/agent"}
            code: int = (await product.rest("POST", "/Calls.json", form)).json()["code"]
            return code

    assert kit.run(run()) == 21211
