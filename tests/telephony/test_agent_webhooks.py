"""What each request about an agent's leg becomes."""

import pytest

from tests.telephony.stage import CALL, LEG, NOW, UNKNOWN, Line, Told, document, outline
from voicebot.dialogue.actions import Ask, AskAgent, Hangup, Join, KeyPlan, Say
from voicebot.dialogue.events import TroubleMet
from voicebot.dialogue.spoken import Sounded
from voicebot.dialogue.values import Shape
from voicebot.errors import StoreUnavailable
from voicebot.floor.values import TurnedDown

AGENT_LEG = "CA" + "2" * 32
OUTBOUND = {"CallSid": AGENT_LEG, "Direction": "outbound-api"}
INVITATION = Told(verbs=(AskAgent((Say("agent.invitation", args=(("queue", Sounded("queue.billing")),)),), timeout=8),))


@pytest.fixture
def line() -> Line:
    line = Line()
    line.exchange.answer = INVITATION
    return line


def test_who_answers_hears_the_invitation_and_has_eight_seconds(line: Line) -> None:
    root = document(line.post(line.agent("answer"), OUTBOUND).text)
    assert outline(root) == ["Gather", ["Say"], "Hangup"]
    gather = root.find("Gather")
    assert gather is not None
    assert {name: gather.get(name) for name in ("numDigits", "finishOnKey", "timeout", "actionOnEmptyResult", "input")} == {
        "numDigits": "1", "finishOnKey": "", "timeout": "8", "actionOnEmptyResult": "true", "input": "dtmf",
    }  # fmt: skip
    assert "/voice/agent/r1/verdict/" in gather.get("action", "")
    assert line.exchange.asked == [("agent_answered", "r1", AGENT_LEG)]
    assert line.rung.leg("r1") == AGENT_LEG


@pytest.mark.parametrize(("digits", "keys"), [("1", "1"), ("2", "2"), ("", ""), ("9", "9"), ("x", "")])
def test_a_key_or_none_is_the_verdict(line: Line, digits: str, keys: str) -> None:
    line.exchange.answer = Told(verbs=(Say("whisper.verified"), Join("room-1")))
    root = document(line.post(line.agent("verdict"), OUTBOUND | {"Digits": digits}).text)
    assert line.exchange.asked == [("agent_keyed", "r1", keys)]
    assert outline(root) == ["Say", "Dial", ["Conference"]]
    conference = root.find("Dial/Conference")
    assert conference is not None
    assert conference.get("participantLabel") == "agent-1"
    assert "/voice/agent/r1/left/" in root.find("Dial").get("action", "")


def test_an_agent_who_said_yes_on_the_page_fetches_what_comes_after_key_1(line: Line) -> None:
    line.exchange.answer = Told(verbs=(Say("whisper.verified"), Join("room-1")))
    root = document(line.post(line.agent("document"), OUTBOUND).text)
    assert outline(root) == ["Say", "Dial", ["Conference"]]
    assert line.exchange.asked == [("agent_document", "r1")]


def test_hanging_up_is_no_verdict(line: Line) -> None:
    response = line.post(line.agent("verdict"), OUTBOUND | {"CallStatus": "completed", "Digits": "1"})
    assert outline(document(response.text)) == ["Hangup"]
    assert line.exchange.asked == []


def test_out_of_the_room_the_agents_leg_ends(line: Line) -> None:
    assert outline(document(line.post(line.agent("left"), OUTBOUND).text)) == ["Hangup"]
    assert line.exchange.asked == []


@pytest.mark.parametrize(
    ("status", "why"),
    [("completed", None), ("busy", TurnedDown.BUSY), ("no-answer", TurnedDown.NO_ANSWER), ("canceled", TurnedDown.NO_ANSWER),
     ("failed", TurnedDown.FAILED), ("FAILED", TurnedDown.FAILED)],
)  # fmt: skip
def test_a_final_status_tells_how_the_leg_ended(line: Line, status: str, why: TurnedDown | None) -> None:
    assert line.post(line.agent("status"), OUTBOUND | {"CallStatus": status}).status_code == 204
    assert line.exchange.asked == [("agent_leg_ended", "r1", why)]


@pytest.mark.parametrize("status", ["initiated", "queued", "ringing", "in-progress", "", "new"])
def test_any_other_status_only_teaches_the_legs_id(line: Line, status: str) -> None:
    assert line.post(line.agent("status"), OUTBOUND | {"CallStatus": status}).status_code == 204
    assert line.exchange.asked == []
    assert line.rung.leg("r1") == AGENT_LEG


def test_a_status_in_trouble_is_asked_for_again(line: Line) -> None:
    line.exchange.failures = [StoreUnavailable("down")]
    assert line.post(line.agent("status"), OUTBOUND | {"CallStatus": "busy"}).status_code == 503


@pytest.mark.parametrize("what", ["answer", "verdict"])
def test_an_agents_leg_in_trouble_ends_and_tells_nothing(line: Line, what: str) -> None:
    line.exchange.failures = [UNKNOWN]
    assert outline(document(line.post(line.agent(what), OUTBOUND | {"Digits": "1"}).text)) == ["Say", "Hangup"]


def test_a_callers_question_never_reaches_an_agent(line: Line) -> None:
    line.exchange.answer = Told(verbs=(Ask(1, (Say("pin.ask"),), Shape.parse("digits:6"), KeyPlan(6)),))
    assert outline(document(line.post(line.agent("answer"), OUTBOUND).text)) == ["Say", "Hangup"]


def test_an_agents_document_leaves_the_ear_alone(line: Line) -> None:
    line.post(line.agent("answer"), OUTBOUND)
    line.exchange.answer = Told(verbs=(Say("agent.caller_gone"), Hangup()))
    line.post(line.agent("verdict"), OUTBOUND)
    assert line.ear.noted == []


def test_an_agents_answer_that_is_not_known_yet_is_fetched_again(line: Line) -> None:
    line.exchange.answer = Told(verbs=(), pending=True)
    root = document(line.post(line.agent("answer"), OUTBOUND).text)
    assert outline(root) == ["Say", "Redirect"]
    assert "/voice/agent/r1/answer/" in (root.findtext("Redirect") or "")


def test_the_fallback_ends_an_agents_leg(line: Line) -> None:
    assert outline(document(line.post("/voice/fallback", OUTBOUND | {"ErrorCode": "11200"}).text)) == ["Say", "Hangup"]
    assert line.exchange.asked == []


def test_the_fallback_takes_a_known_caller_to_an_agent_and_any_other_to_the_operator(line: Line) -> None:
    line.exchange.answer = Told()
    line.post("/voice/fallback", {"ErrorCode": "11205"})
    [(*asked, key)] = line.exchange.asked
    assert asked == ["handle", CALL, TroubleMet(NOW, "fallback")]
    assert key.startswith(f"fallback:{LEG}:")
    root = document(line.post("/voice/fallback", {"CallSid": "CA" + "9" * 32}).text)
    assert root.findtext("Dial") == "+12025550199"
    line.exchange.known = {}
    assert document(line.post("/voice/fallback").text).findtext("Dial") == "+12025550199"


def test_an_address_that_failed_is_trouble_once_whatever_token_its_repeat_has(line: Line) -> None:
    """The carrier signs which address failed; the token by which it tells repeats apart it does not sign."""
    line.exchange.answer = Told()
    for failed, token in (("one", "s"), ("one", "t"), ("one", ""), ("two", "s")):
        line.post("/voice/fallback", {"ErrorUrl": failed}, headers={"I-Twilio-Idempotency-Token": token})
    keys = [asked[3] for asked in line.exchange.asked]
    assert [keys.index(key) for key in keys] == [0, 0, 0, 3]
