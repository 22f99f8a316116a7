"""Whole calls between the twin and a small product."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from voicebot.simulator.record import What
from voicebot.simulator.script import Habit, Script, Turn, parse_turns
from voicebot.simulator.settings import Faults

LINE, CALLER = "+15550100", "+15550199"
INCOMING, STATUS = "/voice/incoming", "/voice/status"


def ask(turn: int, *, keys: str = 'numDigits="4"', extension: int = 0, say: str = "Your number?") -> str:
    action = f"https://voicebot.test/voice/entry/c1/{turn}-{extension}/t"
    return f'<Gather action="{action}" timeout="5" {keys} actionOnEmptyResult="true"><Say>{say}</Say></Gather>'


def script(*turns: str, **rest: Any) -> Script:
    return replace(Script.of(LINE, CALLER, turns), **rest)


def test_a_call_brings_what_twilio_sends(kit: Any) -> None:
    out = kit.call({INCOMING: "<Say>Hello</Say>"}, script(stir="TN-Validation-Passed-A", forwarded_from="+15550111"))
    form = out.product.forms(INCOMING)[0]
    assert form["From"] == form["Caller"] == CALLER
    assert form["To"] == form["Called"] == LINE
    assert (form["CallStatus"], form["Direction"], form["ApiVersion"]) == ("ringing", "inbound", "2010-04-01")
    assert form["StirVerstat"] == "TN-Validation-Passed-A"
    assert form["ForwardedFrom"] == "+15550111"
    assert {"FromCity", "ToCountry", "CallerZip", "CalledState", "CallToken"} <= form.keys()
    assert form["AccountSid"] == out.twin.settings.account_sid
    headers = out.product.came[0].headers
    assert headers["user-agent"] == "TwilioProxy/1.1"
    assert headers["host"] == "voicebot.test"
    assert headers["i-twilio-idempotency-token"]
    assert out.record.failures == []


def test_a_document_that_ends_ends_the_call_and_the_status_tells_it(kit: Any) -> None:
    out = kit.call({INCOMING: "<Say>Goodbye</Say>"})
    status = out.product.forms(STATUS)[0]
    assert out.heard == ["Goodbye"]
    assert out.record.ended_by == "product"
    assert (status["CallStatus"], status["SequenceNumber"]) == ("completed", "0")
    assert status["CallbackSource"] == "call-progress-events"
    assert "CallDuration" in status


def test_keys_are_gathered_and_the_next_document_is_asked_for(kit: Any) -> None:
    out = kit.call({INCOMING: ask(1), "/voice/entry/c1/1-0/t": "<Say>Thank you</Say>"}, script("keys:0420"))
    assert out.product.forms("/voice/entry/c1/1-0/t")[0]["Digits"] == "0420"
    assert out.heard == ["Your number?", "Thank you"]
    assert [one.path for one in out.record.caller.documents] == [INCOMING, "/voice/entry/c1/1-0/t"]
    assert out.record.caller.documents[0].verbs == ("Gather",)


def test_the_finishing_key_is_no_part_of_the_entry(kit: Any) -> None:
    out = kit.call({INCOMING: ask(1, keys='finishOnKey="#"')}, script("keys:042#"))
    form = out.product.forms("/voice/entry/c1/1-0/t")[0]
    assert (form["Digits"], form["FinishedOnKey"]) == ("042", "#")


def test_silence_brings_an_empty_entry_where_it_is_asked_for_and_the_next_verb_where_not(kit: Any) -> None:
    out = kit.call({INCOMING: ask(1)}, script("silence"))
    assert out.product.forms("/voice/entry/c1/1-0/t")[0]["Digits"] == ""
    plain = f'<Gather action="/voice/entry/c1/1-0/t" timeout="2"/><Redirect>{INCOMING}2</Redirect>'
    out = kit.call({INCOMING: plain}, script("silence"))
    assert out.product.paths(prefix="/voice/") == [INCOMING, f"{INCOMING}2", STATUS]


def test_a_repeated_question_uses_no_new_turn(kit: Any) -> None:
    answers = {
        INCOMING: ask(1),
        "/voice/entry/c1/1-0/t": ask(1, extension=1),
        "/voice/entry/c1/1-1/t": ask(2),
        "/voice/entry/c1/2-0/t": "<Hangup/>",
    }
    out = kit.call(answers, script("keys:1111", "keys:2222"))
    assert [one["Digits"] for one in out.product.forms("/voice/entry/c1/1-0/t")] == ["1111"]
    assert [one["Digits"] for one in out.product.forms("/voice/entry/c1/1-1/t")] == [""]
    assert [one["Digits"] for one in out.product.forms("/voice/entry/c1/2-0/t")] == ["2222"]


def test_keys_that_are_one_too_many_fall_into_the_next_question(kit: Any) -> None:
    answers = {
        INCOMING: ask(1, say="?"),
        "/voice/entry/c1/1-0/t": ask(2, keys="", say="?"),
        "/voice/entry/c1/2-0/t": ask(3, say="?"),
    }
    out = kit.call(answers, script("keys:1234#", "keys:5678"), time_scale=1.0)
    entry = out.product.forms("/voice/entry/c1/2-0/t")[0]
    assert (entry["Digits"], entry["FinishedOnKey"]) == ("", "#")
    assert out.product.forms("/voice/entry/c1/3-0/t")[0]["Digits"] == "5678"


def test_a_caller_may_key_before_the_prompt_ends_and_it_stops(kit: Any) -> None:
    out = kit.call({INCOMING: ask(1, say="Please listen to all of this. " * 9)}, script("keys:1234@early"))
    assert out.record.caller.heard[0].cut
    assert out.product.forms("/voice/entry/c1/1-0/t")[0]["Digits"] == "1234"


def test_a_caller_hangs_up_at_a_question(kit: Any) -> None:
    out = kit.call({INCOMING: ask(1)}, script("hangup"))
    assert out.record.ended_by == "caller"
    assert out.product.forms(STATUS)[0]["CallStatus"] == "completed"
    assert out.product.forms("/voice/entry/c1/1-0/t") == []


def waiting(path: str = "w") -> str:
    return (
        f'<Gather action="https://voicebot.test/voice/waiting/c1/{path}" numDigits="1" finishOnKey="" timeout="1"'
        ' actionOnEmptyResult="true"><Say>Please hold the line</Say></Gather>'
    )


def test_the_waiting_loop_uses_no_turn_and_patience_ends(kit: Any) -> None:
    out = kit.call({INCOMING: waiting(), "/voice/waiting/c1/w": waiting()}, script("keys:12", patience=20))
    assert out.record.ended_by == "caller"
    assert out.record.caller.keys == []
    assert 5 <= len(out.product.paths(prefix="/voice/waiting")) <= 9


def test_a_turn_marked_for_waiting_is_used_there_and_not_at_a_question(kit: Any) -> None:
    answers = {INCOMING: ask(1), "/voice/entry/c1/1-0/t": waiting(), "/voice/waiting/c1/w": "<Hangup/>"}
    out = kit.call(answers, script("keys:1@wait"))
    assert out.product.forms("/voice/entry/c1/1-0/t")[0]["Digits"] == ""
    assert out.product.forms("/voice/waiting/c1/w")[0]["Digits"] == "1"


def test_turns_that_wait_come_later_and_turns_that_hang_up_do(kit: Any) -> None:
    seen: list[float] = []
    answers = {
        INCOMING: ask(1, keys='numDigits="1"').replace('timeout="5"', 'timeout="60"'),
        "/voice/entry/c1/1-0/t": "<Hangup/>",
    }
    out = kit.call(answers, Script(LINE, CALLER, parse_turns(["wait:30", "keys:1"])), time_scale=100.0)
    seen = [one.at for one in out.record.caller.keys]
    assert seen[0] >= 0.3
    out = kit.call({INCOMING: waiting(), "/voice/waiting/c1/w": waiting()}, script("hangup@wait"))
    assert out.record.ended_by == "caller"
    assert out.product.paths(prefix="/voice/waiting") == []


def test_http_redirects_are_followed_ten_times_and_no_more(kit: Any) -> None:
    def hop(came: Any) -> Any:
        number = int(came.path.rpartition("/")[2])
        if number == 10:
            return "<Say>Arrived</Say>"
        return kit.Reply(status=307, headers=(("location", f"/hop/{number + 1}"),))

    answers = {INCOMING: "<Redirect>/hop/0</Redirect>"} | {f"/hop/{number}": hop for number in range(12)}
    out = kit.call(answers)
    assert out.heard == ["Arrived"]
    round_and_round = {INCOMING: lambda _: kit.Reply(status=307, headers=(("location", INCOMING),))}
    out = kit.call(round_and_round)
    assert out.codes == [11215]
    assert out.record.ended_by == "error"


def test_documents_that_lead_to_each_other_for_ever_are_stopped(kit: Any) -> None:
    out = kit.call({INCOMING: f"<Redirect>{INCOMING}</Redirect>"})
    assert out.record.ended_by == "error"
    assert "without end" in out.record.failures[-1].what


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"status": 500}, 11200),
        ({"status": 404}, 11200),
        ({"body": b"Internal error", "content_type": "text/plain"}, 12100),
        ({"body": b"<Response><Say>half"}, 12100),
        ({"body": b"<Answer/>"}, 12102),
        ({"body": b"{}", "content_type": "application/json"}, 12300),
        ({"body": b"<Response>" + b" " * 70000 + b"</Response>"}, 11750),
    ],
)
def test_what_is_no_document_ends_the_call_with_an_application_error(kit: Any, reply: dict[str, Any], code: int) -> None:
    out = kit.call({INCOMING: lambda _: kit.Reply(**reply)})
    assert out.codes == [code]
    assert out.record.ended_by == "error"
    assert out.heard == ["An application error has occurred. Goodbye."]


def test_a_number_with_a_fallback_document_performs_that(kit: Any) -> None:
    fallback = "<Response><Say>We have trouble</Say><Dial><Number>+15550123</Number></Dial></Response>"
    out = kit.call({INCOMING: lambda _: kit.Reply(status=503)}, fallback_document=fallback)
    assert out.codes == [11200]
    assert out.heard == ["We have trouble"]
    assert [(leg.phone, leg.verdict) for leg in out.record.agents] == [("+15550123", "accepted")]


def test_five_hundreds_are_tried_again_with_the_same_token(kit: Any) -> None:
    replies = iter([kit.Reply(status=503), kit.Reply(status=502), "<Say>At last</Say>"])
    out = kit.call({INCOMING: lambda _: next(replies)})
    tokens = {one.headers["i-twilio-idempotency-token"] for one in out.product.came if one.path == INCOMING}
    assert out.heard == ["At last"]
    assert out.record.caller.documents[0].attempts == 3
    assert len(tokens) == 1


def test_without_overrides_five_hundreds_are_not_tried_again(kit: Any) -> None:
    out = kit.call({INCOMING: lambda _: kit.Reply(status=503)}, overrides="")
    assert out.product.paths().count(INCOMING) == 1


def test_a_slow_answer_is_given_up_after_its_read_time(kit: Any) -> None:
    async def slow(_: Any) -> str:
        await asyncio.Event().wait()
        return ""

    out = kit.call({INCOMING: slow}, overrides="rt=50&rc=1&rp=rt")
    assert out.product.paths().count(INCOMING) == 2
    assert out.codes == [11205]


def test_all_attempts_together_have_no_longer_than_the_carrier_ever_waits(kit: Any) -> None:
    async def slow(_: Any) -> str:
        await asyncio.Event().wait()
        raise AssertionError

    out = kit.call({INCOMING: slow}, overrides="rt=500&rc=5&rp=rt&tt=900")
    assert out.product.paths().count(INCOMING) == 2
    assert out.codes == [11205]


def test_a_lost_answer_is_asked_for_again_and_the_call_goes_on(kit: Any) -> None:
    out = kit.call({INCOMING: "<Say>Hello</Say>"}, faults=Faults(webhooks=("incoming:lost",)))
    assert out.product.paths().count(INCOMING) == 2
    assert out.heard == ["Hello"]
    assert out.record.failures == []


def test_a_doubled_request_must_be_answered_alike(kit: Any) -> None:
    out = kit.call({INCOMING: "<Say>Hello</Say>"}, faults=Faults(duplicate_webhooks=True))
    assert (out.product.paths().count(INCOMING), out.product.paths().count(STATUS)) == (2, 2)
    assert out.record.failures == []
    words = iter("abcdef")
    out = kit.call({INCOMING: lambda _: f"<Say>{next(words)}</Say>"}, faults=Faults(duplicate_webhooks=True))
    assert ["answered differently" in one.what for one in out.record.failures] == [True]


def test_lost_status_callbacks_never_arrive(kit: Any) -> None:
    out = kit.call({INCOMING: "<Say>Hello</Say>"}, faults=Faults(lose_callbacks=frozenset({"completed"})))
    assert out.product.forms(STATUS) == []
    assert [one.answer for one in out.record.caller.callbacks] == [0]


# ---- the REST API acts on calls -----------------------------------------------------------------------------------


def test_a_push_drops_the_pending_question(kit: Any) -> None:
    product = kit.Product({})

    async def push(came: Any) -> str:
        async def later() -> None:
            while (await product.rest("GET", f"/Calls/{came.form['CallSid']}.json")).json()["status"] != "in-progress":
                pass
            answer = await product.rest("POST", f"/Calls/{came.form['CallSid']}.json", {"Url": "https://voicebot.test/pushed"})
            assert answer.status_code == 200

        product.task = asyncio.create_task(later())
        return ask(1).replace('timeout="5"', 'timeout="9999"')

    product.answers = {INCOMING: push, "/pushed": "<Say>You were heard</Say>"}
    out = kit.call_product(product, script("silence"), time_scale=50.0)
    assert out.heard[-1] == "You were heard"
    assert out.product.forms("/voice/entry/c1/1-0/t") == []
    assert [(one.what, one.answer) for one in out.record.caller.pushes] == [("url", 200)]
    assert out.record.failures == []


def test_an_interrupted_turn_is_kept_for_the_next_question(kit: Any) -> None:
    product = kit.Product({})

    async def push(came: Any) -> str:
        async def later() -> None:
            while (await product.rest("GET", f"/Calls/{came.form['CallSid']}.json")).json()["status"] != "in-progress":
                pass
            await product.rest("POST", f"/Calls/{came.form['CallSid']}.json", {"Url": "https://voicebot.test/pushed"})

        product.task = asyncio.create_task(later())
        return ask(1, say="A very long prompt. " * 500)

    product.answers = {INCOMING: push, "/pushed": ask(2)}
    out = kit.call_product(product, script("keys:4711"), time_scale=50.0)
    assert out.product.forms("/voice/entry/c1/2-0/t")[0]["Digits"] == "4711"
    assert out.record.caller.heard[0].cut


def test_a_call_that_has_ended_cannot_be_pushed(kit: Any) -> None:
    async def run() -> tuple[int, int, int, int]:
        product = kit.Product({INCOMING: "<Hangup/>"})
        async with kit.twin(product) as twin:
            record = await twin.place_call(script())
            gone = await product.rest("POST", f"/Calls/{record.call_sid}.json", {"Url": "https://voicebot.test/x"})
            none = await product.rest("POST", "/Calls/CA00000000000000000000000000000000.json", {"Status": "completed"})
            return gone.status_code, gone.json()["code"], none.status_code, none.json()["code"]

    assert kit.run(run()) == (400, 21220, 404, 20404)


@pytest.mark.parametrize(("fault", "status", "code"), [("429", 429, 20429), ("21220", 400, 21220), ("500", 500, 20500)])
def test_a_push_can_be_refused_once_on_purpose(kit: Any, fault: str, status: int, code: int) -> None:
    product = kit.Product({})
    answers: list[tuple[int, int | None]] = []

    async def push(came: Any) -> str:
        async def later() -> None:
            path = f"/Calls/{came.form['CallSid']}.json"
            while (await product.rest("GET", path)).json()["status"] != "in-progress":
                pass
            for _ in range(2):
                got = await product.rest("POST", path, {"Url": "https://voicebot.test/pushed"})
                answers.append((got.status_code, got.json().get("code")))

        product.task = asyncio.create_task(later())
        return ask(1).replace('timeout="5"', 'timeout="9999"')

    product.answers = {INCOMING: push, "/pushed": "<Say>Second time</Say>"}
    out = kit.call_product(product, script("silence"), faults=Faults(rest=(f"push:{fault}",)), time_scale=50.0)
    assert answers == [(status, code), (200, None)]
    assert out.heard[-1] == "Second time"


# ---- live events --------------------------------------------------------------------------------------------------


def test_whoever_watches_sees_the_call_and_never_a_key(kit: Any) -> None:
    out = kit.call({INCOMING: ask(1), "/voice/entry/c1/1-0/t": "<Hangup/>"}, script("keys:4711"))
    kinds = [one.what for one in out.happened]
    assert kinds[:4] == [What.RINGING, What.DOCUMENT, What.ANSWERED, What.HEARD]
    assert [one.detail for one in out.happened if one.what is What.KEYS] == ["1", "2", "3", "4"]
    assert kinds[-1] is What.HUNG_UP
    assert "4711" not in re.sub(r"\d+\.\d+", "", repr(out.record))  # moments in time may happen to hold it
    assert "'4'" not in repr(out.record.caller.keys)


def test_many_calls_at_once_keep_apart(kit: Any) -> None:
    def entry(came: Any) -> str:
        return f"<Say>{came.form['Digits']}</Say>"

    async def run() -> list[tuple[str, str]]:
        product = kit.Product({INCOMING: ask(1), "/voice/entry/c1/1-0/t": entry})
        async with kit.twin(product, time_scale=100.0) as twin:
            calls = [twin.place_call(script(f"keys:{number:04}")) for number in range(40)]
            records = await asyncio.gather(*calls)
            assert product.forged == []
            return [(f"{number:04}", record.caller.heard[-1].what) for number, record in enumerate(records)]

    assert all(keyed == heard for keyed, heard in kit.run(run()))


def test_a_caller_who_never_gets_anywhere_gives_up_and_it_is_a_failure(kit: Any) -> None:
    out = kit.call({INCOMING: f'<Pause length="50"/><Redirect>{INCOMING}</Redirect>'}, script(longest=300))
    assert out.record.ended_by == "caller"
    assert "longer than its script" in out.record.failures[0].what
    assert Turn.parse("silence").text == ""
    assert Habit("accept") is Habit.ACCEPT
