"""What each request about the leg of a customer whom we call back becomes."""

import pytest

from tests.telephony.stage import CALL, KEYS, LEG, Line, Told, document, outline
from voicebot.dialogue.calling_back import NotReached
from voicebot.errors import ImpossibleEvent, StoreUnavailable

OUTBOUND = {"CallSid": LEG, "Direction": "outbound-api"}


def address(what: str, call: str = CALL) -> str:
    return f"/voice/called/{call}/{what}/{KEYS.token(f'voice.called.{what}', CALL)}"


@pytest.fixture
def line() -> Line:
    return Line()


def test_who_picks_up_is_asked_for_a_key(line: Line) -> None:
    line.exchange.answer = Told()
    root = document(line.post(address("answer"), OUTBOUND | {"CallStatus": "in-progress"}).text)
    assert "Gather" in outline(root)
    assert line.exchange.asked == [("called_answered", CALL, LEG)]
    assert line.rung.leg(f"{CALL}~called.1") == LEG


def test_a_leg_that_is_gone_already_is_asked_nothing(line: Line) -> None:
    root = document(line.post(address("answer"), OUTBOUND | {"CallStatus": "completed"}).text)
    assert outline(root) == ["Hangup"]
    assert line.exchange.asked == []


def test_where_nothing_can_be_decided_who_picked_up_is_not_put_through_to_the_operator(line: Line) -> None:
    line.exchange.failures = [StoreUnavailable("down"), StoreUnavailable("down")]
    assert outline(document(line.post(address("answer"), OUTBOUND | {"CallStatus": "in-progress"}).text)) == ["Hangup"]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("busy", NotReached.BUSY), ("no-answer", NotReached.NO_ANSWER), ("canceled", NotReached.NO_ANSWER),
        ("failed", NotReached.FAILED), ("completed", None),
    ],
)  # fmt: skip
def test_a_final_status_is_news(line: Line, status: str, why: NotReached | None) -> None:
    assert line.post(address("status"), OUTBOUND | {"CallStatus": status}).status_code == 204
    assert line.exchange.asked == [("called_ended", CALL, why)]


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress", ""])
def test_any_other_status_only_teaches_the_leg(line: Line, status: str) -> None:
    assert line.post(address("status"), OUTBOUND | {"CallStatus": status}).status_code == 204
    assert line.exchange.asked == []
    assert line.rung.leg(f"{CALL}~called.1") == LEG


@pytest.mark.parametrize(("trouble", "answer"), [(StoreUnavailable("down"), 503), (ImpossibleEvent("past"), 204)])
def test_a_status_in_trouble_is_asked_for_again(line: Line, trouble: Exception, answer: int) -> None:
    line.exchange.failures = [trouble]
    assert line.post(address("status"), OUTBOUND | {"CallStatus": "busy"}).status_code == answer


@pytest.mark.parametrize("what", ["answer", "status"])
def test_an_address_of_another_call_is_refused(line: Line, what: str) -> None:
    assert line.post(address(what, "another"), OUTBOUND).status_code == 403
    assert line.exchange.asked == []
