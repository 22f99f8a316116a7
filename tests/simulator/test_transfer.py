"""Agents' telephones, rooms and what is reported about them."""

import asyncio
from typing import Any

import pytest

from voicebot.simulator.record import What
from voicebot.simulator.script import Habit, Script
from voicebot.simulator.settings import Faults

LINE, CALLER, AGENT = "+15550100", "+15550199", "+15550171"
INCOMING, STATUS = "/voice/incoming", "/voice/status"
EVENTS = ["initiated", "ringing", "answered", "completed"]
HOLD = (
    '<Gather action="https://voicebot.test/voice/waiting/c1/1/t" numDigits="1" finishOnKey="" timeout="1"'
    ' actionOnEmptyResult="true"><Say>Please hold</Say></Gather>'
)
INVITE = (
    '<Gather action="https://voicebot.test/agent/verdict" numDigits="1" finishOnKey="" timeout="8" actionOnEmptyResult="true">'
    "<Say>Call for billing. One accepts, two declines.</Say></Gather>"
)


def joining(label: str) -> str:
    return (
        f'<Dial action="https://voicebot.test/left/{label}"><Conference startConferenceOnEnter="true" endConferenceOnExit="false"'
        f' beep="false" waitUrl="" participantLabel="{label}" statusCallback="https://voicebot.test/room"'
        ' statusCallbackEvent="start end join leave">room-1</Conference></Dial>'
    )


class Desk:
    """A product that transfers: it rings an agent at the first wait, and brings the caller in at the agent's key."""

    def __init__(self, kit: Any, *, phones: tuple[str, ...] = (AGENT,)) -> None:
        self.product = kit.Product(
            {
                INCOMING: self.incoming,
                "/voice/waiting/c1/1/t": HOLD,
                "/agent/answer": INVITE,
                "/agent/verdict": self.verdict,
                "/agent/status": self.status,
                "/join": joining("caller"),
                "/left/caller": "<Say>Goodbye</Say>",
                "/left/agent": "<Hangup/>",
                "/room": self.room,
                STATUS: self.caller_ended,
            }
        )
        self.phones = list(phones)
        self.caller = ""
        self.agent_legs: list[str] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.create: dict[str, Any] = {}

    async def ring(self) -> None:
        if not self.phones:
            return
        form = {
            "To": self.phones.pop(0),
            "From": LINE,
            "Url": "https://voicebot.test/agent/answer",
            "StatusCallback": "https://voicebot.test/agent/status",
            "StatusCallbackEvent": EVENTS,
            "Timeout": "20",
            **self.create,
        }
        answer = await self.product.rest("POST", "/Calls.json", form)
        assert answer.status_code == 201, answer.text
        self.agent_legs.append(answer.json()["sid"])

    async def incoming(self, came: Any) -> str:
        self.caller = came.form["CallSid"]
        await self.ring()
        return HOLD

    async def verdict(self, came: Any) -> str:
        if came.form["Digits"] != "1":
            return "<Say>Declined</Say>"
        answer = await self.product.rest("POST", f"/Calls/{self.caller}.json", {"Url": "https://voicebot.test/join"})
        if answer.status_code != 200:
            return "<Say>The caller has gone</Say><Hangup/>"
        return "<Say>Identified and verified</Say>" + joining("agent")

    async def status(self, came: Any) -> str:
        if came.form["CallStatus"] in ("busy", "no-answer", "failed", "completed") and self.phones:
            await self.ring()
        return ""

    async def room(self, came: Any) -> str:
        if came.form["StatusCallbackEvent"] == "participant-leave":
            rooms = await self.product.rest("GET", "/Conferences.json", {"FriendlyName": "room-1", "Status": "in-progress"})
            for one in rooms.json()["conferences"]:
                await self.product.rest("POST", f"/Conferences/{one['sid']}.json", {"Status": "completed"})
        return ""

    async def caller_ended(self, _: Any) -> str:
        for leg in self.agent_legs:
            await self.product.rest("POST", f"/Calls/{leg}.json", {"Status": "completed"})
        return ""


def script(*agents: str, **rest: Any) -> Script:
    return Script(LINE, CALLER, agents=tuple(Habit(one) for one in agents or ("accept",)), **rest)


def test_an_agent_accepts_hears_the_whisper_and_both_are_connected(kit: Any) -> None:
    desk = Desk(kit)
    out = kit.call_product(desk.product, script(), time_scale=50.0)
    agent = out.record.agents[0]
    assert out.record.failures == []
    assert agent.heard_before_key == ("Call for billing. One accepts, two declines.",)
    assert agent.heard_after_key == out.record.whisper == ("Identified and verified",)
    assert (agent.verdict, out.record.agent_verdict, agent.ended_by) == ("accepted", "accepted", "agent")
    assert out.record.caller.together_at is not None
    assert out.heard[-1] == "Goodbye"
    kinds = [one.what for one in out.happened]
    assert (
        kinds.index(What.AGENT_RINGING)
        < kinds.index(What.AGENT_ANSWERED)
        < kinds.index(What.AGENT_KEY)
        < kinds.index(What.TOGETHER)
    )


def test_the_agents_leg_reports_every_status_in_order(kit: Any) -> None:
    desk = Desk(kit)
    out = kit.call_product(desk.product, script(), time_scale=50.0)
    forms = out.product.forms("/agent/status")
    assert [one["CallStatus"] for one in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in forms] == ["0", "1", "2", "3"]
    assert {one["Direction"] for one in forms} == {"outbound-api"}
    assert [one for one in forms if "CallDuration" in one] == [forms[-1]]
    assert (forms[0]["To"], forms[0]["From"]) == (AGENT, LINE)


def test_the_room_reports_who_comes_and_goes(kit: Any) -> None:
    out = kit.call_product(Desk(kit).product, script(), time_scale=50.0)
    forms = out.product.forms("/room")
    events = [one["StatusCallbackEvent"] for one in forms]
    assert sorted(events[:3]) == ["conference-start", "participant-join", "participant-join"]
    assert events[3:] == ["participant-leave", "participant-leave", "conference-end"]
    assert [one["SequenceNumber"] for one in forms] == ["1", "2", "3", "4", "5", "6"]
    assert {one["FriendlyName"] for one in forms} == {"room-1"}
    assert {one.get("ParticipantLabel") for one in forms} == {"caller", "agent", None}
    assert forms[-1]["ReasonConferenceEnded"] == "conference-ended-via-api"
    assert out.product.forms("/left/caller")[0]["DialCallStatus"] == "answered"
    assert "DialCallSid" not in out.product.forms("/left/caller")[0]


def test_the_caller_may_be_the_one_to_end_the_conversation(kit: Any) -> None:
    out = kit.call_product(Desk(kit).product, script(hangs_up="caller"), time_scale=50.0)
    assert out.record.ended_by == "caller"
    assert [leg.ended_by for leg in out.record.agents] == ["product"]
    assert out.product.paths(prefix="/left") == []


@pytest.mark.parametrize(
    ("habit", "verdict", "statuses"),
    [
        ("decline", "declined", ["initiated", "ringing", "in-progress", "completed"]),
        ("voicemail", "voicemail", ["initiated", "ringing", "in-progress", "completed"]),
        ("busy", "busy", ["initiated", "ringing", "busy"]),
        ("none", "no-answer", ["initiated", "ringing", "no-answer"]),
    ],
)
def test_an_agent_who_does_not_take_it_leaves_the_caller_waiting(kit: Any, habit: str, verdict: str, statuses: list[str]) -> None:
    out = kit.call_product(Desk(kit).product, script(habit, patience=60), time_scale=100.0)
    assert [leg.verdict for leg in out.record.agents] == [verdict]
    assert [one["CallStatus"] for one in out.product.forms("/agent/status")] == statuses
    assert out.record.ended_by == "caller"
    assert out.record.caller.together_at is None
    greeted = any(leg.utterances for leg in out.record.agents)
    assert greeted == (habit == "voicemail")


def test_the_next_agent_is_rung_and_habits_follow_the_order_of_ringing(kit: Any) -> None:
    desk = Desk(kit, phones=(AGENT, "+15550172"))
    out = kit.call_product(desk.product, script("decline", "accept"), time_scale=50.0)
    assert [(leg.phone, leg.verdict) for leg in out.record.agents] == [(AGENT, "declined"), ("+15550172", "accepted")]


def test_habits_may_be_given_by_number(kit: Any) -> None:
    desk = Desk(kit, phones=("+15550172", AGENT))
    by_number = {AGENT: (Habit.ACCEPT,), "+15550172": (Habit.BUSY,)}
    out = kit.call_product(desk.product, Script(LINE, CALLER, agents=by_number), time_scale=50.0)
    assert [(leg.phone, leg.verdict) for leg in out.record.agents] == [("+15550172", "busy"), (AGENT, "accepted")]


def test_a_caller_who_hangs_up_lets_the_product_stop_the_ringing(kit: Any) -> None:
    out = kit.call_product(Desk(kit).product, script("none", patience=5), time_scale=20.0)
    assert out.record.ended_by == "caller"
    assert [leg.verdict for leg in out.record.agents] == ["canceled"]
    assert out.product.forms("/agent/status")[-1]["CallStatus"] == "canceled"


def test_reordered_callbacks_all_arrive_with_their_own_numbers(kit: Any) -> None:
    out = kit.call_product(
        Desk(kit).product, script("decline", patience=30), faults=Faults(reorder_callbacks=True), time_scale=50.0
    )
    numbers = [one["SequenceNumber"] for one in out.product.forms("/agent/status")]
    assert sorted(numbers) == ["0", "1", "2", "3"]
    assert numbers != sorted(numbers)


def test_calls_above_the_accounts_rate_are_queued(kit: Any) -> None:
    desk = Desk(kit, phones=(AGENT, "+15550172"))
    out = kit.call_product(desk.product, script("busy", "accept"), time_scale=20.0, calls_per_second=0.05)
    first, second = out.record.agents
    assert second.heard[0].at - first.callbacks[0].at > 0.5


def test_a_push_into_a_room_fetches_the_interrupted_action_in_vain(kit: Any) -> None:
    product = kit.Product({})

    async def enter(came: Any) -> str:
        async def later() -> None:
            listed: list[Any] = []
            while not listed:
                listed = (await product.rest("GET", "/Conferences.json", {"FriendlyName": "room-1"})).json()["conferences"]
            await product.rest("POST", f"/Calls/{came.form['CallSid']}.json", {"Url": "https://voicebot.test/out"})

        product.task = asyncio.create_task(later())
        return joining("caller")

    product.answers = {
        INCOMING: enter,
        "/out": "<Say>You left</Say><Pause length='30'/>",
        "/left/caller": "<Say>Never heard</Say>",
    }
    out = kit.call_product(product, time_scale=50.0)
    assert out.heard == ["You left"]
    assert out.product.paths().count("/left/caller") == 1
    assert [one["StatusCallbackEvent"] for one in out.product.forms("/room")][-2:] == ["participant-leave", "conference-end"]


def test_waiting_music_comes_from_the_wait_url_until_the_room_starts(kit: Any) -> None:
    document = joining("caller").replace('waitUrl=""', 'waitUrl="https://voicebot.test/music"')
    answers = {INCOMING: document, "/music": "<Say>La la la</Say><Redirect>https://voicebot.test/music</Redirect>"}
    out = kit.call(answers, Script(LINE, CALLER, patience=20), time_scale=20.0)
    assert set(out.heard) == {"La la la"}
    assert len(out.heard) > 2
    assert out.record.ended_by == "caller"


@pytest.mark.parametrize(
    ("habit", "status", "bridged"), [("accept", "completed", "true"), ("busy", "busy", "false"), ("none", "no-answer", "false")]
)
def test_a_dialled_number_is_connected_or_says_why_not(kit: Any, habit: str, status: str, bridged: str) -> None:
    answers = {INCOMING: '<Dial action="/after" timeout="10"><Number>+15550123</Number></Dial>', "/after": "<Say>After</Say>"}
    out = kit.call(answers, script(habit))
    form = out.product.forms("/after")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, bridged)
    assert form["DialCallSid"] == out.record.agents[0].sid
    assert out.heard == ["After"]
