"""<Connect><Stream>: the product speaks over the socket, hears the caller and learns of keys; the document waits for its end."""

import base64
import wave
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from voicebot.simulator.script import Script, parse_turns
from voicebot.simulator.settings import Faults, StreamFault

INCOMING = "/voice/incoming"
CONNECT = '<Connect><Stream url="wss://voicebot.test/voice/talk"><Parameter name="call" value="c1"/></Stream></Connect>'
AFTER = "<Say>After</Say>"
QUESTION = "/entry/1-0"
Talker: TypeAlias = Callable[[dict[str, Any]], Awaitable[Any]]


def script(*turns: str) -> Script:
    return Script("+15550100", "+15550199", parse_turns(turns))


def sound(sid: str, seconds: float) -> dict[str, Any]:
    payload = base64.b64encode(b"\x55" * int(8000 * seconds)).decode()
    return {"event": "media", "streamSid": sid, "media": {"payload": payload}}


def mark(sid: str, name: str) -> dict[str, Any]:
    return {"event": "mark", "streamSid": sid, "mark": {"name": name}}


def talker(begin: Callable[[str], list[Any]], react: Callable[[str, dict[str, Any]], Any] = lambda *_: None) -> Talker:
    """A product that sends `begin` when the stream starts, and `react` at what comes then."""

    async def hear(message: dict[str, Any]) -> Any:
        if message["event"] == "start":
            return begin(message["streamSid"])
        return react(message["streamSid"], message) if message["event"] in ("mark", "dtmf") else None

    return hear


def call(kit: Any, hear: Talker, *turns: str, document: str = CONNECT + AFTER, **more: Any) -> Any:
    product = kit.Product({INCOMING: document})
    product.on_message = hear
    return kit.call_product(product, more.pop("script", None) or script(*turns), **{"time_scale": 20.0} | more)


def told(out: Any, event: str) -> list[Any]:
    return [one[event] for one in out.product.messages if one["event"] == event]


def close_at(name: str) -> Callable[[str, dict[str, Any]], Any]:
    return lambda _sid, message: "close" if message.get("mark") == {"name": name} else None


def test_the_next_verb_runs_when_the_socket_closes(kit: Any) -> None:
    out = call(kit, talker(lambda sid: [sound(sid, 1.0), mark(sid, "hello")], close_at("hello")))
    assert out.heard == ["hello", "After"]
    assert out.record.failures == []
    start = out.product.messages[1]
    assert start["start"]["tracks"] == ["inbound"]
    assert start["start"]["customParameters"] == {"call": "c1"}
    assert "x-twilio-signature" in out.product.upgrades[0]


def test_connect_with_an_action_goes_there(kit: Any) -> None:
    document = CONNECT.replace("<Connect>", '<Connect action="https://voicebot.test/behind">') + AFTER
    out = call(kit, talker(lambda sid: [mark(sid, "at once")], close_at("at once")), document=document)
    assert out.product.paths(prefix="/behind") == ["/behind"]
    assert out.heard == []


def test_a_mark_comes_back_when_its_sound_has_been_played_and_at_once_where_there_is_none(kit: Any) -> None:
    out = call(
        kit,
        talker(
            lambda sid: [mark(sid, "empty"), sound(sid, 2.0), mark(sid, "one"), sound(sid, 2.0), mark(sid, "two")],
            close_at("two"),
        ),
    )
    assert [one["name"] for one in told(out, "mark")] == ["empty", "one", "two"]
    frames = [one["event"] for one in out.product.messages]
    assert frames.index("mark") < 6  # nothing had to be played
    assert [one.cut for one in out.record.caller.heard[:2]] == [False, False]


def test_clear_cuts_the_sound_off_and_gives_all_marks_back(kit: Any) -> None:
    def react(sid: str, message: dict[str, Any]) -> Any:
        if message["event"] == "dtmf":
            return [{"event": "clear", "streamSid": sid}]
        return "close" if message["mark"]["name"] == "later" else None

    out = call(
        kit,
        talker(lambda sid: [sound(sid, 60.0), mark(sid, QUESTION), sound(sid, 60.0), mark(sid, "later")], react),
        "keys:7@early",
    )
    assert [one["name"] for one in told(out, "mark")] == [QUESTION, "later"]
    assert out.record.caller.heard[0].cut
    assert out.heard == [QUESTION, "After"]


def test_sound_whose_mark_is_late_is_played_from_when_it_came_so_that_a_question_is_heard_before_it_is_answered(kit: Any) -> None:
    came: list[int] = []

    async def hear(message: dict[str, Any]) -> Any:
        sid = message.get("streamSid", "")
        match message["event"]:
            case "start":
                return [sound(sid, 0.5)]
            case "media":
                came.append(1)
                return [mark(sid, "hello"), sound(sid, 0.5), mark(sid, QUESTION)] if len(came) == 5 else None
            case "dtmf":
                return [{"event": "clear", "streamSid": sid}, "close"]
        return None

    out = call(kit, hear, "keys:1", time_scale=40.0)
    assert [one.what for one in out.record.caller.heard][:2] == ["hello", QUESTION]


def test_keys_come_as_messages_after_the_prompts_and_the_call_s_requests_carry_none(kit: Any) -> None:
    out = call(
        kit,
        talker(
            lambda sid: [sound(sid, 1.0), mark(sid, QUESTION)],
            lambda _sid, message: "close" if message.get("dtmf", {}).get("digit") == "3" else None,
        ),
        "keys:123",
    )
    assert told(out, "dtmf") == [{"track": "inbound_track", "digit": digit} for digit in "123"]
    events = [one["event"] for one in out.product.messages if one["event"] in ("mark", "dtmf")]
    assert events[0] == "mark"
    numbers = [int(one["sequenceNumber"]) for one in out.product.messages if "sequenceNumber" in one]
    assert numbers == sorted(set(numbers))
    assert not any("Digits" in came.form for came in out.product.came)


def test_the_same_question_again_uses_no_new_turn_and_another_one_does(kit: Any) -> None:
    def react(sid: str, message: dict[str, Any]) -> Any:
        match message:
            case {"dtmf": {"digit": "1"}}:
                return [mark(sid, "/entry/1-1"), mark(sid, "/entry/2-0")]
            case {"dtmf": {"digit": "2"}}:
                return "close"
        return None

    out = call(kit, talker(lambda sid: [mark(sid, QUESTION)], react), "keys:1", "keys:2")
    assert [one["digit"] for one in told(out, "dtmf")] == ["1", "2"]


def test_a_caller_hangs_up_at_a_question_and_the_socket_is_told(kit: Any) -> None:
    out = call(kit, talker(lambda sid: [mark(sid, QUESTION)]), "hangup")
    assert out.record.ended_by == "caller"
    assert out.product.messages[-1]["event"] == "stop"


def test_a_push_ends_the_socket_and_the_document(kit: Any) -> None:
    product = kit.Product({INCOMING: CONNECT + AFTER, "/pushed": "<Say>Pushed</Say>"})

    async def hear(message: dict[str, Any]) -> None:
        if message["event"] == "start":
            path = f"/Calls/{message['start']['callSid']}.json"
            await product.rest("POST", path, {"Url": "https://voicebot.test/pushed"})

    product.on_message = hear
    out = kit.call_product(product, script("silence"), time_scale=20.0)
    assert out.heard == ["Pushed"]
    assert "stop" in [one["event"] for one in product.messages]


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        {"event": "say", "text": "hello"},
        {"event": "clear"},
        {"event": "mark", "streamSid": "MZother", "mark": {"name": "x"}},
        {"event": "media", "streamSid": "SID", "media": {"payload": "no base64!"}},
        {"event": "media", "streamSid": "SID", "media": {"payload": ""}},
    ],
)
def test_what_is_no_message_of_a_two_way_stream_is_a_failure(kit: Any, message: Any) -> None:
    def begin(sid: str) -> list[Any]:
        mine = {**message, "streamSid": sid} if isinstance(message, dict) and message.get("streamSid") == "SID" else message
        return [mine, mark(sid, "then")]

    out = call(kit, talker(begin, close_at("then")))
    assert out.codes == [31951]
    assert out.heard == ["After"]


@pytest.mark.parametrize("fault", [StreamFault.REFUSED, StreamFault.DROPPED])
def test_a_socket_that_does_not_open_or_breaks_leads_to_the_next_verb(kit: Any, fault: StreamFault) -> None:
    faults = Faults(stream=fault, stream_after=3)
    out = call(kit, talker(lambda sid: [sound(sid, 600.0), mark(sid, "long")]), faults=faults, time_scale=1.0)
    assert out.heard[-1] == "After"


def test_marks_that_never_come_back(kit: Any) -> None:
    def react(_sid: str, message: dict[str, Any]) -> Any:
        return "close" if message["event"] == "dtmf" else None

    out = call(kit, talker(lambda sid: [mark(sid, QUESTION)], react), "keys:1", faults=Faults(stream=StreamFault.MARKLESS))
    assert told(out, "mark") == []
    assert out.heard == ["After"]


def test_one_stream_is_connected_by_one_name(kit: Any) -> None:
    twice = CONNECT.replace("<Stream ", '<Stream name="one" ') * 2
    out = call(kit, talker(lambda sid: [mark(sid, "m")], close_at("m")), document=twice + AFTER)
    assert out.codes == [31904]
    assert out.heard == ["After"]


def test_a_two_way_stream_carries_the_inbound_track_only(kit: Any) -> None:
    out = call(kit, talker(lambda _sid: []), document=CONNECT.replace("<Stream ", '<Stream track="both_tracks" ') + AFTER)
    assert out.codes == [31941]


def test_a_connect_without_its_stream_is_not_performed(kit: Any) -> None:
    out = call(kit, talker(lambda _sid: []), document="<Connect/>" + AFTER)
    assert out.codes == [12299]


def test_somebody_speaks_over_a_two_way_stream(kit: Any, tmp_path: Any) -> None:
    path = tmp_path / "said.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\x00\x20" * 1600)

    async def hear(message: dict[str, Any]) -> Any:
        if message["event"] == "start":
            return [mark(message["streamSid"], QUESTION)]
        return "close" if message["event"] == "media" and base64.b64decode(message["media"]["payload"])[0] != 0xFF else None

    spoken = replace(script(f"audio:{path}"))
    out = call(kit, hear, script=spoken, time_scale=1.0)
    assert out.record.caller.utterances[0].name == "said.wav"
