"""The telephone company (`Carrier`): our client against the simulator's REST API, as it acts on real legs and rooms."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.simulator.conftest import Came, Product, open_stand
from voicebot.dialogue.seats import Seat
from voicebot.dialogue.values import Tape
from voicebot.errors import CarrierUnavailable, LegGone
from voicebot.keyring import Keyring
from voicebot.ports.carrier import Carrier
from voicebot.simulator.script import Script
from voicebot.simulator.settings import Faults, TwinSettings
from voicebot.simulator.twin import Twin
from voicebot.telephony.carrier import TwilioCarrier
from voicebot.telephony.recordings import TwilioRecordings
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.settings import TelephonySettings

T = TypeVar("T")
PHONE, OTHER_PHONE = "+12025550171", "+12025550172"
HOLD = "<Gather timeout='9999'/>"
TOGETHER = "<Dial><Conference>our-room</Conference></Dial><Redirect>/out</Redirect>"
NOBODY = "CA" + "0" * 32
PATIENCE = 20.0


class Answers(dict[str, str]):
    """By the beginning of a path, since our addresses end in tokens. `came` has an event for each beginning."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        super().__init__(answers)
        self.came = {start: asyncio.Event() for start in answers}

    def get(self, path: str, otherwise: Any = None) -> Any:
        start = next((start for start in self if path.startswith(start)), None)
        if start is None:
            return otherwise
        self.came[start].set()
        return self[start]


@dataclass
class Line:
    """A simulator, a product that it calls, and a carrier's client."""

    twin: Twin
    product: Product
    answers: Answers
    new_carrier: Callable[[], TwilioCarrier]
    carrier: Carrier
    settings: TelephonySettings
    calls: list[asyncio.Task[Any]] = field(default_factory=list)

    async def ask(self, ask: Callable[..., T], *about: Any) -> T:
        """Our client waits for its answer, so it does that on a thread."""
        return await asyncio.to_thread(ask, *about)

    async def reached(self, start: str) -> None:
        """A leg has asked for this path."""
        async with asyncio.timeout(PATIENCE):
            await self.answers.came[start].wait()

    async def in_room(self, *legs: str) -> None:
        """Just these are in a room."""
        async with asyncio.timeout(PATIENCE):
            while {leg for room in self.twin.rooms for leg in room.participants} != set(legs):
                await self.ask(self.carrier.has_ended, legs[0])  # something to wait for, while the twin goes on

    async def caller(self) -> str:
        """A caller on the line, at the document that /voice/incoming answers with."""
        self.calls.append(asyncio.create_task(self.twin.place_call(Script("+12025550120", "+12025550199", talk=9999))))
        await self.reached("/voice/incoming")
        return self.twin.calls_so_far()[-1]

    def documents(self, start: str) -> list[Came]:
        return [came for came in self.product.came if came.path.startswith(start)]


@asynccontextmanager
async def opened(keyring: Keyring, answers: Mapping[str, str], faults: Faults | None = None) -> AsyncIterator[Line]:
    async with open_stand() as stand:
        known = Answers(answers)
        product = Product(known)
        settings = TwinSettings.made(stand.serve(product), time_scale=50.0)
        async with Twin(settings, faults) as twin:
            product.token, product.account = settings.auth_token, settings.account_sid
            made: list[TwilioCarrier] = []

            ours = TelephonySettings(
                settings.public_url, settings.account_sid, (settings.auth_token,), "+12025550100", api_base_url=twin.api_url
            )

            def new_carrier() -> TwilioCarrier:
                made.append(TwilioCarrier(ours, keyring, RungLegs()))
                return made[-1]

            line = Line(twin, product, known, new_carrier, new_carrier(), ours)
            yield line
            for call in line.calls:
                call.cancel()
            await asyncio.gather(*line.calls, return_exceptions=True)
            for carrier in made:
                carrier.close()
            assert product.forged == []
            assert twin.failures == []


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture
def run() -> Run:
    return asyncio.run


def test_ring_gives_the_leg_and_the_phone_rings_with_our_callbacks(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/agent/r-1/answer/": HOLD, "/voice/agent/r-1/status/": ""}) as line:
            leg = await line.ask(line.carrier.ring, PHONE, "r-1", "call-1", 20)
            await line.reached("/voice/agent/r-1/answer/")
            assert [(one.sid, one.phone) for one in line.twin.stray_legs] == [(leg, PHONE)]
            assert line.documents("/voice/agent/r-1/answer/")[0].form["CallSid"] == leg
            await line.reached("/voice/agent/r-1/status/")
            assert await line.ask(line.carrier.find_leg, "r-1") == leg

    run(told())


def test_a_leg_is_found_again_after_a_restart_by_the_phone_that_rings(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/agent/r-1/answer/": HOLD}) as line:
            leg = await line.ask(line.carrier.ring, PHONE, "r-1", "call-1", 20)
            after_restart = line.new_carrier()
            assert await line.ask(after_restart.find_leg, "r-1", OTHER_PHONE) is None
            assert await line.ask(after_restart.find_leg, "r-1") is None
            assert await line.ask(after_restart.find_leg, "r-1", PHONE) == leg
            assert await line.ask(after_restart.find_leg, "r-2", PHONE) is None  # it is somebody's by now

    run(told())


def test_a_reservation_that_nobody_was_rung_for_has_no_leg(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {}) as line:
            assert await line.ask(line.carrier.find_leg, "r-9") is None

    run(told())


def test_a_leg_ends_once_and_ending_it_again_is_no_error(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/agent/r-1/answer/": HOLD}) as line:
            leg = await line.ask(line.carrier.ring, PHONE, "r-1", "call-1", 20)
            assert not await line.ask(line.carrier.has_ended, leg)
            await line.ask(line.carrier.end_leg, leg)
            await line.ask(line.carrier.end_leg, leg)
            assert await line.ask(line.carrier.has_ended, leg)
            assert await line.ask(line.new_carrier().find_leg, "r-1", PHONE) is None

    run(told())


def test_a_leg_that_never_was_has_ended(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {}) as line:
            await line.ask(line.carrier.end_leg, NOBODY)
            assert await line.ask(line.carrier.has_ended, NOBODY)

    run(told())


def test_push_has_the_caller_fetch_that_document_whatever_goes_on(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/incoming": HOLD, "/voice/document/call-1/7/": HOLD}) as line:
            leg = await line.caller()
            await line.ask(line.carrier.push, leg, "call-1", 7)
            await line.reached("/voice/document/call-1/7/")
            assert [came.form["CallSid"] for came in line.documents("/voice/document/")] == [leg]

    run(told())


def test_push_to_a_leg_that_has_ended_or_never_was_is_leg_gone(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/incoming": HOLD}) as line:
            leg = await line.caller()
            await line.ask(line.carrier.end_leg, leg)
            for gone in (leg, NOBODY):
                with pytest.raises(LegGone):
                    await line.ask(line.carrier.push, gone, "call-1", 7)
            assert line.documents("/voice/document/") == []

    run(told())


def test_push_to_a_leg_that_is_not_in_progress_may_be_too_early(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        answers = {"/voice/incoming": HOLD, "/voice/document/call-1/7/": HOLD}
        async with opened(keyring, answers, Faults(rest=("push:21220",))) as line:
            leg = await line.caller()
            with pytest.raises(LegGone) as gone:
                await line.ask(line.carrier.push, leg, "call-1", 7)
            assert gone.value.perhaps_not_yet
            await line.ask(line.carrier.push, leg, "call-1", 7)
            await line.reached("/voice/document/call-1/7/")

    run(told())


def test_a_busy_carrier_has_certainly_not_done_it(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        answers = {"/voice/incoming": HOLD, "/voice/document/call-1/7/": HOLD}
        async with opened(keyring, answers, Faults(rest=("push:429",))) as line:
            leg = await line.caller()
            with pytest.raises(CarrierUnavailable) as busy:
                await line.ask(line.carrier.push, leg, "call-1", 7)
            assert busy.value.refused
            assert not busy.value.for_good
            assert line.documents("/voice/document/") == []
            await line.ask(line.carrier.push, leg, "call-1", 7)
            await line.reached("/voice/document/call-1/7/")

    run(told())


def test_close_room_puts_everybody_out_and_a_room_that_is_gone_is_no_error(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        answers = {"/voice/incoming": TOGETHER, "/voice/agent/r-1/answer/": TOGETHER, "/out": HOLD}
        async with opened(keyring, answers) as line:
            caller = await line.caller()
            agent = await line.ask(line.carrier.ring, PHONE, "r-1", "call-1", 20)
            await line.reached("/voice/agent/r-1/answer/")
            await line.ask(line.carrier.close_room, "another-room")
            assert line.documents("/out") == []
            async with asyncio.timeout(PATIENCE):
                while {came.form["CallSid"] for came in line.documents("/out")} != {caller, agent}:
                    await line.ask(line.carrier.close_room, "our-room")  # whoever came in after it was closed opened a new one
            await line.ask(line.carrier.close_room, "our-room")

    run(told())


async def together(line: Line) -> tuple[str, str]:
    """A caller and an agent in one room, by the REST API's own word."""
    caller = await line.caller()
    agent = await line.ask(line.carrier.ring, PHONE, "r-1", "call-1", 20)
    await line.in_room(caller, agent)
    return caller, agent


IN_ROOM = {"/voice/incoming": TOGETHER, "/voice/agent/r-1/answer/": TOGETHER, "/out": HOLD}


def test_whoever_is_on_hold_hears_our_music_and_nobody_and_is_brought_back(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, IN_ROOM | {"/voice/hold/call-1/": "<Pause length='9'/>"}) as line:
            caller, agent = await together(line)
            room = line.twin.rooms[0]
            await line.ask(line.carrier.arrange, "our-room", caller, Seat(held=True), "call-1", None)
            await line.reached("/voice/hold/call-1/")
            assert line.documents("/voice/hold/call-1/")[0].form["CallSid"] == caller
            assert not room.hears(room.participants[caller], room.participants[agent])
            assert not room.hears(room.participants[agent], room.participants[caller])
            for _ in range(2):  # the same again does no harm
                await line.ask(line.carrier.arrange, "our-room", caller, Seat(held=False), "call-1", None)
            assert room.hears(room.participants[caller], room.participants[agent])

    run(told())


def test_whoever_is_muted_is_not_heard_but_hears(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, IN_ROOM) as line:
            caller, agent = await together(line)
            room = line.twin.rooms[0]
            await line.ask(line.carrier.arrange, "our-room", agent, Seat(muted=True), "call-1", None)
            assert not room.hears(room.participants[caller], room.participants[agent])
            assert room.hears(room.participants[agent], room.participants[caller])

    run(told())


def test_a_coach_is_heard_by_one_alone_and_then_by_everybody(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        muted = "<Dial><Conference muted='true'>our-room</Conference></Dial>"
        async with opened(keyring, IN_ROOM | {"/voice/agent/r-2/answer/": muted}) as line:
            caller, agent = await together(line)
            coach = await line.ask(line.carrier.ring, OTHER_PHONE, "r-2", "call-1", 20)
            room = line.twin.rooms[0]
            await line.in_room(caller, agent, coach)
            people = [room.participants[leg] for leg in (caller, agent, coach)]

            def heard_by() -> list[bool]:
                return [room.hears(one, people[2]) for one in people[:2]]

            assert heard_by() == [False, False]
            await line.ask(line.carrier.arrange, "our-room", coach, Seat(muted=False, coached="r-1"), "call-1", agent)
            assert heard_by() == [False, True]
            await line.ask(line.carrier.arrange, "our-room", coach, Seat(muted=False, coached=""), "call-1", None)
            assert heard_by() == [True, True]
            await line.ask(line.carrier.arrange, "our-room", coach, Seat(muted=True, coached=""), "call-1", None)
            assert heard_by() == [False, False]

    run(told())


def test_nobody_can_be_arranged_in_a_room_that_is_not_there_or_without_them(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, IN_ROOM) as line:
            caller, _ = await together(line)
            for room, leg in (("no-room", caller), ("our-room", NOBODY)):
                with pytest.raises(LegGone):
                    await line.ask(line.carrier.arrange, room, leg, Seat(muted=True), "call-1", None)
            await line.ask(line.carrier.arrange, "our-room", caller, Seat(held=False), "call-1", None)
            await line.ask(line.carrier.close_room, "our-room")
            with pytest.raises(LegGone):  # although its id is remembered
                await line.ask(line.carrier.arrange, "our-room", caller, Seat(held=True), "call-1", None)

    run(told())


def test_who_is_in_a_room_is_told_and_nobody_is_in_one_that_is_not_there(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, IN_ROOM) as line:
            legs = await together(line)
            assert await line.ask(line.carrier.who_is_in, "our-room") == frozenset(legs)
            assert await line.ask(line.carrier.who_is_in, "no-room") == frozenset()

    run(told())


def tapes(line: Line, leg: str) -> list[str]:
    return [tape.status for tape in next(one for one in line.twin.legs if one.sid == leg).tapes]


def test_a_recording_begins_once_pauses_goes_on_and_ends(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/incoming": HOLD, "/voice/recorded/call-1/": ""}) as line:
            leg = await line.caller()
            assert await line.ask(line.carrier.record, leg, "call-1", Tape.PAUSED) is None
            assert tapes(line, leg) == []
            sid = await line.ask(line.carrier.record, leg, "call-1", Tape.RUNS)
            for tape, status in (
                (Tape.RUNS, "in-progress"), (Tape.PAUSED, "paused"), (Tape.PAUSED, "paused"), (Tape.RUNS, "in-progress"),
            ):  # fmt: skip
                assert await line.ask(line.carrier.record, leg, "call-1", tape) == sid
                assert tapes(line, leg) == [status]
            await line.ask(line.carrier.end_leg, leg)
            await line.reached("/voice/recorded/call-1/")
            form = line.documents("/voice/recorded/call-1/")[0].form
            assert (form["RecordingSid"], form["RecordingStatus"]) == (sid, "completed")

    run(told())


def test_a_recording_is_stopped_and_another_one_may_begin(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/incoming": HOLD}) as line:
            leg = await line.caller()
            await line.ask(line.carrier.record, leg, "call-1", Tape.RUNS)
            await line.ask(line.carrier.record, leg, "call-1", Tape.OFF)
            assert tapes(line, leg) == ["stopped"]
            assert await line.ask(line.carrier.record, leg, "call-1", Tape.OFF) is None
            await line.ask(line.carrier.record, leg, "call-1", Tape.RUNS)
            assert tapes(line, leg) == ["stopped", "in-progress"]

    run(told())


def test_nothing_is_recorded_of_a_leg_that_has_ended(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/incoming": HOLD}) as line:
            leg = await line.caller()
            await line.ask(line.carrier.end_leg, leg)
            for gone in (leg, NOBODY):
                with pytest.raises(LegGone):
                    await line.ask(line.carrier.record, gone, "call-1", Tape.RUNS)

    run(told())


def test_a_deleted_recording_is_not_there_and_deleting_it_again_is_no_error(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/incoming": HOLD, "/voice/recorded/call-1/": ""}) as line:
            leg = await line.caller()
            sid = await line.ask(line.carrier.record, leg, "call-1", Tape.RUNS)
            await line.ask(line.carrier.end_leg, leg)
            await line.reached("/voice/recorded/call-1/")
            sounds = TwilioRecordings(line.settings)
            sound = await line.ask(sounds.sound, sid)
            assert sound.content_type == "audio/mpeg"
            assert (await asyncio.to_thread(b"".join, sound.pieces)).startswith(b"\xff\xe3")
            for _ in range(2):
                await line.ask(line.carrier.delete_recording, sid)
            with pytest.raises(LegGone):
                await line.ask(sounds.sound, sid)
            sounds.close()

    run(told())


def test_an_agents_leg_is_pushed_to_what_it_does_now(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/agent/r-1/answer/": HOLD, "/voice/agent/r-1/document/": HOLD}) as line:
            leg = await line.ask(line.carrier.ring, PHONE, "r-1", "call-1", 20)
            await line.reached("/voice/agent/r-1/answer/")
            await line.ask(line.carrier.push_agent, leg, "r-1")
            await line.reached("/voice/agent/r-1/document/")
            assert [came.form["CallSid"] for came in line.documents("/voice/agent/r-1/document/")] == [leg]

    run(told())


@pytest.mark.parametrize("phone", ["sip:mira@pbx.example.com", "client:mira"])
def test_a_phone_may_be_a_sip_address_or_a_browser(keyring: Keyring, run: Run, phone: str) -> None:
    async def told() -> None:
        async with opened(keyring, {"/voice/agent/r-1/answer/": HOLD}) as line:
            leg = await line.ask(line.carrier.ring, phone, "r-1", "call-1", 20)
            await line.reached("/voice/agent/r-1/answer/")
            assert line.documents("/voice/agent/r-1/answer/")[0].form["To"] == phone
            assert await line.ask(line.new_carrier().find_leg, "r-1", phone) == leg

    run(told())


def test_a_number_that_is_none_is_refused_for_good_and_the_refusal_does_not_repeat_it(keyring: Keyring, run: Run) -> None:
    async def told() -> None:
        async with opened(keyring, {}) as line:
            with pytest.raises(CarrierUnavailable) as refused:
                await line.ask(line.carrier.ring, "+0420", "r-1", "call-1", 20)
            assert refused.value.refused
            assert refused.value.for_good
            assert "0420" not in str(refused.value)

    run(told())


def test_a_carrier_that_cannot_be_reached_has_certainly_not_done_it(keyring: Keyring) -> None:
    settings = TelephonySettings("https://voicebot.test", "AC" + "0" * 32, ("t",), "+12025550100", "http://127.0.0.1:9")
    client = TwilioCarrier(settings, keyring, RungLegs())
    carrier: Carrier = client
    asks: list[Callable[[], object]] = [
        lambda: carrier.ring(PHONE, "r-1", "call-1", 20),
        lambda: carrier.find_leg("r-1"),
        lambda: carrier.push(NOBODY, "call-1", 7),
        lambda: carrier.end_leg(NOBODY),
        lambda: carrier.close_room("our-room"),
        lambda: carrier.push_agent(NOBODY, "r-1"),
        lambda: carrier.who_is_in("our-room"),
        lambda: carrier.record(NOBODY, "call-1", Tape.RUNS),
        lambda: carrier.delete_recording("RE" + "0" * 32),
        lambda: carrier.arrange("our-room", NOBODY, Seat(held=True), "call-1", None),
    ]
    for ask in asks:
        with pytest.raises(CarrierUnavailable) as unreachable:
            ask()
        assert unreachable.value.refused
    client.close()
