"""What strikes single requests on purpose, and what it does to a call."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.simulator.test_transfer import Desk
from tests.simulator.test_transfer import script as transfer
from tests.simulator.test_twin import ask, script
from voicebot.simulator.mishaps import Fate, RestFate, Strikes
from voicebot.simulator.script import Moment
from voicebot.simulator.settings import Faults

INCOMING, STATUS, FIRST, SECOND = "/voice/incoming", "/voice/status", "/voice/entry/c1/1-0/t", "/voice/entry/c1/2-0/t"
TWO_QUESTIONS = {INCOMING: ask(1), FIRST: ask(2, say="And your PIN?"), SECOND: "<Say>Thanks</Say>"}
KEYS = ("keys:1111", "keys:2222")


# ---- words -------------------------------------------------------------------------------------------------------


def test_strikes_are_used_in_order_each_by_its_own_kind() -> None:
    strikes = Strikes(["entry:well", "incoming:twice", "entry:lost"], ["push:429", "ring:500"])
    assert strikes.left == ("entry:well", "incoming:twice", "entry:lost", "push:429", "ring:500")
    asked_for = ("entry/c/1-0", "entry/c/2-0", "incoming", "entry")
    fates = [strikes.document(f"https://x.test/voice/{what}/t#rc=2") for what in asked_for]
    assert fates == [Fate.WELL, Fate.LOST, Fate.TWICE, Fate.WELL]
    assert [strikes.request(kind) for kind in ("ring", "push", "push")] == [RestFate.FAILED, RestFate.BUSY, RestFate.WELL]
    assert strikes.left == ()


@pytest.mark.parametrize(
    ("webhooks", "rest", "said"),
    [
        (("entry",), (), "'entry' strikes nothing; it is KIND:FATE, and kinds are incoming, entry"),
        (("push:lost",), (), "'push:lost' strikes nothing"),
        (("entry:gone",), (), "'entry:gone' is no fate; known are well, twice"),
        (("entry:caller_gone",), (), "only an agent's answer or verdict"),
        ((), ("ring:21220",), "only a push can come to that"),
    ],
)
def test_a_wrong_word_is_told_with_what_there_is(webhooks: tuple[str, ...], rest: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Faults(webhooks=webhooks, rest=rest)


# ---- documents ---------------------------------------------------------------------------------------------------


def struck(kit: Any, *webhooks: str, **settings: Any) -> Any:
    return kit.call(TWO_QUESTIONS, script(*KEYS), faults=Faults(webhooks=webhooks), **settings)


def test_a_request_comes_twice_at_once_or_late(kit: Any) -> None:
    twice, at_once, late = (struck(kit, f"entry:{fate}") for fate in ("twice", "at_once", "late"))
    for out in (twice, at_once, late):
        assert out.heard == ["Your number?", "And your PIN?", "Thanks"]
        assert out.product.paths().count(FIRST) == 2
        assert len({one.headers["i-twilio-idempotency-token"] for one in out.product.came if one.path == FIRST}) == 1
        assert out.record.failures == []
    assert twice.product.paths(prefix="/voice/entry") == at_once.product.paths(prefix="/voice/entry") == [FIRST, FIRST, SECOND]
    assert late.product.paths(prefix="/voice/entry") == [FIRST, SECOND, FIRST]


def test_what_is_late_at_the_end_comes_when_the_leg_has_ended(kit: Any) -> None:
    out = struck(kit, "entry:well", "entry:late")
    assert out.product.paths(prefix="/voice/entry") == [FIRST, SECOND, SECOND]
    assert out.product.forms(SECOND)[1]["CallStatus"] == "in-progress"


def test_a_request_that_is_answered_differently_is_a_failure_but_for_its_parameters(kit: Any) -> None:
    def stream(token: int) -> str:
        opened = f'<Stream name="s{token % 2}" url="wss://elsewhere.test/x"><Parameter name="t" value="{token}"/></Stream>'
        return f"<Start>{opened}</Start><Hangup/>"

    numbers = iter(range(0, 40, 2))
    out = kit.call({INCOMING: lambda _: stream(next(numbers))}, script(), faults=Faults(webhooks=("incoming:at_once",)))
    assert out.codes == [31901]  # of the address alone
    numbers = iter(range(9))
    out = kit.call({INCOMING: lambda _: stream(next(numbers))}, script(), faults=Faults(webhooks=("incoming:at_once",)))
    assert any("answered differently" in one.what for one in out.record.failures)


@pytest.mark.parametrize(("fate", "came"), [("unanswered", 1), ("unreachable", 0)])
def test_a_request_without_any_answer_leads_to_the_fallback_document(kit: Any, fate: str, came: int) -> None:
    out = struck(kit, f"entry:{fate}", fallback_document="<Response><Say>Sorry</Say></Response>")
    assert out.product.paths().count(FIRST) == came
    assert out.heard == ["Your number?", "Sorry"]
    assert out.codes == [11205]


@pytest.mark.parametrize(("fate", "order"), [("hung_up", {FIRST, STATUS}), ("overtaken", [STATUS, FIRST])])
def test_a_caller_hangs_up_while_a_request_is_on_its_way(kit: Any, fate: str, order: Any) -> None:
    out = struck(kit, f"entry:{fate}")
    assert out.record.ended_by == "caller"
    assert type(order)(out.product.paths()[1:]) == order
    assert (out.product.forms(FIRST)[0]["CallStatus"], out.product.forms(STATUS)[0]["CallStatus"]) == ("in-progress", "completed")


def test_a_call_that_is_hung_up_before_it_is_answered_was_not_answered(kit: Any) -> None:
    out = struck(kit, "incoming:overtaken")
    assert out.product.paths() == [STATUS, INCOMING]
    assert out.product.forms(STATUS)[0]["CallStatus"] == "no-answer"


def test_an_agents_request_arrives_when_the_caller_has_gone(kit: Any) -> None:
    desk = Desk(kit)
    out = kit.call_product(desk.product, transfer(), faults=Faults(webhooks=("verdict:caller_gone",)), time_scale=50.0)
    assert [path for path in out.product.paths() if path in (STATUS, "/agent/verdict")] == [STATUS, "/agent/verdict"]
    assert out.record.ended_by == "caller"
    assert out.record.caller.together_at is None


def test_a_strike_that_struck_nothing_is_a_failure(kit: Any) -> None:
    out = struck(kit, "waiting:lost")
    assert [one.what for one in out.record.failures] == ["waiting:lost struck nothing: there was no such request"]


# ---- REST --------------------------------------------------------------------------------------------------------


def pushed_with(kit: Any, fate: str) -> tuple[Any, list[int]]:
    """A product that pushes while its question is open, and what it was answered."""
    product = kit.Product({"/pushed": ask(2, say="Pushed")})
    answers: list[int] = []

    async def incoming(came: Any) -> str:
        async def push() -> None:
            path = f"/Calls/{came.form['CallSid']}.json"
            while (await product.rest("GET", path)).json()["status"] != "in-progress":
                pass
            try:
                async with asyncio.timeout(0.5):
                    answers.append((await product.rest("POST", path, {"Url": "https://voicebot.test/pushed"})).status_code)
            except TimeoutError:
                answers.append(0)

        product.task = asyncio.create_task(push())
        return ask(1)

    product.answers[INCOMING] = incoming
    turns = ("wait:60", "keys:11")  # far behind the push
    return kit.call_product(product, script(*turns), faults=Faults(rest=(f"push:{fate}",)), time_scale=20.0), answers


@pytest.mark.parametrize(
    ("fate", "answered", "asked_for"),
    [
        ("well", 200, [INCOMING, "/pushed"]),
        ("500", 500, [INCOMING, FIRST]),
        ("unanswered", 0, [INCOMING, "/pushed"]),
        ("lost", 200, [INCOMING, FIRST]),
        ("action_first", 200, [INCOMING, FIRST, "/pushed"]),
        ("action_later", 200, [INCOMING, "/pushed", FIRST]),
        ("stale", 200, [INCOMING, "/pushed", INCOMING]),
    ],
)
def test_a_push_meets_its_fate(kit: Any, fate: str, answered: int, asked_for: list[str]) -> None:
    out, answers = pushed_with(kit, fate)
    assert answers[0] == answered
    assert [path for path in out.product.paths() if path not in (STATUS, SECOND)][: len(asked_for)] == asked_for
    assert ("Pushed" in out.heard) is ("/pushed" in asked_for)


@pytest.mark.parametrize(("fate", "status", "rung"), [("429", 429, 1), ("unanswered", None, 2)])
def test_ringing_meets_its_fate(kit: Any, fate: str, status: int | None, rung: int) -> None:
    desk, met = Desk(kit), []

    async def ring(came: Any) -> str:
        desk.caller = came.form["CallSid"]
        create = {"To": "+15550171", "From": "+15550100", "Url": "https://voicebot.test/agent/answer"}
        for _ in range(2):
            try:
                async with asyncio.timeout(0.3):
                    met.append((await desk.product.rest("POST", "/Calls.json", create)).status_code)
            except (TimeoutError, httpx.HTTPError):
                met.append(None)
        return ask(1)

    desk.product.answers[INCOMING] = ring
    out = kit.call_product(desk.product, script("hangup"), faults=Faults(rest=(f"ring:{fate}",)), time_scale=50.0)
    assert met == [status, 201]
    assert len(out.record.agents) + len(out.twin.stray_legs) == rung


# ---- callbacks, agents, moments ----------------------------------------------------------------------------------


def test_a_late_callback_is_overtaken_by_the_others(kit: Any) -> None:
    desk = Desk(kit)
    faults = Faults(late_callbacks=frozenset({"ringing"}), late_by=4.0)
    out = kit.call_product(desk.product, transfer(), faults=faults, time_scale=50.0)
    statuses = [one["CallStatus"] for one in out.product.forms("/agent/status")]
    assert statuses == ["initiated", "in-progress", "ringing", "completed"]
    assert out.record.failures == []


@pytest.mark.parametrize(
    ("habit", "keys", "verdict", "ended_by"),
    [
        ("fails", "", "failed", "carrier"),
        ("hangs_up", "", "no-key", "agent"),
        ("other_key", "5", "no-key", "product"),
        ("leaves", "1", "accepted", "agent"),
    ],
)
def test_agents_have_other_habits_too(kit: Any, habit: str, keys: str, verdict: str, ended_by: str) -> None:
    desk = Desk(kit)
    out = kit.call_product(desk.product, transfer(habit, patience=20.0), time_scale=50.0)
    agent = out.record.agents[0]
    assert ("".join(one.key for one in agent.keys), agent.verdict, agent.ended_by) == (keys, verdict, ended_by)
    assert agent.together_at is None


@pytest.mark.parametrize(
    ("moment", "rung", "keyed", "joined"),
    [
        (Moment.AGENT_RINGING, True, False, False),
        (Moment.AGENT_ANSWERED, True, False, False),
        (Moment.AGENT_KEY, True, True, False),
        (Moment.IN_ROOM, True, True, True),
        (Moment.TOGETHER, True, True, True),
        (Moment.PUSHED, True, True, False),
    ],
)
def test_a_caller_hangs_up_in_a_moment(kit: Any, moment: Moment, rung: bool, keyed: bool, joined: bool) -> None:
    desk = Desk(kit)
    out = kit.call_product(desk.product, transfer(leaves_when=moment), time_scale=50.0)
    caller, agents = out.record.caller, out.record.agents
    assert out.record.ended_by == "caller"
    assert (bool(agents), any(agent.keys for agent in agents), caller.joined_at is not None) == (rung, keyed, joined)
    assert (caller.together_at is not None) is (moment is Moment.TOGETHER)
