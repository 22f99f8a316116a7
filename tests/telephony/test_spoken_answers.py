"""Answers that are spoken into recordings: asked for, told of, fetched, heard, and kept nowhere."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.telephony.stage import CALL, KEYS, LEG, NOW, HeardLine, Line, ScriptedEar, ScriptedExchange, StoppedClock, Told
from voicebot.dialogue.actions import Ask, KeyPlan, Say
from voicebot.dialogue.events import DoorFailed, NoInput
from voicebot.dialogue.forms import Door
from voicebot.dialogue.values import Shape
from voicebot.errors import AudioRefused, CarrierUnavailable, ImpossibleEvent, LegGone
from voicebot.telephony import spoken_answers
from voicebot.telephony.spoken_answers import SpokenAnswers

SID = "RE" + "0b" * 16
TURN, PHASE = 3, 2


class Sounds:
    """Where recordings lie; each answer of `fates` is one request's."""

    def __init__(self, *fates: bytes | Exception) -> None:
        self.fates, self.asked = list(fates), 0

    def wav(self, sid: str) -> bytes:
        assert sid == SID
        self.asked += 1
        fate = self.fates.pop(0) if len(self.fates) > 1 else self.fates[0]
        if isinstance(fate, Exception):
            raise fate
        return fate


def mulaw_of(wav: bytes) -> bytes:
    if wav == b"mp3":
        raise AudioRefused("a spoken answer: it is an MP3 file")
    return wav.upper()


class Stage:
    """Answers with all that they need, and a thread to fetch them on."""

    def __init__(self, *fates: bytes | Exception, ear: ScriptedEar | None = None) -> None:
        self.sounds, self.ear, self.exchange = Sounds(*fates), ear or ScriptedEar(), ScriptedExchange()
        self.threads = ThreadPoolExecutor(1)
        self.answers = SpokenAnswers(self.sounds, self.ear, mulaw_of, self.exchange, StoppedClock(), self.threads)

    def hears(self, *, times: int = 1) -> None:
        for _ in range(times):
            self.answers.hear(CALL, TURN, PHASE, SID)
        self.threads.shutdown(wait=True)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken_answers, "PAUSE", 0.001)
    monkeypatch.setattr(spoken_answers, "LONGEST_WAIT", 0.2)


def test_the_ear_hears_it_as_if_it_had_come_over_a_stream() -> None:
    stage = Stage(b"sound")
    stage.hears()
    assert stage.ear.noted == [("open_line", CALL, PHASE)]
    assert stage.ear.lines == [HeardLine([b"SOUND"], [False])]
    assert stage.exchange.asked == []
    assert not stage.answers.is_fetched(CALL, TURN)


def test_what_is_not_there_yet_is_waited_for() -> None:
    stage = Stage(LegGone("not yet"), CarrierUnavailable("a moment", refused=True), b"sound")
    stage.hears()
    assert stage.sounds.asked == 3
    assert stage.ear.lines[0].heard == [b"SOUND"]


def test_a_request_that_is_repeated_is_heard_once() -> None:
    stage = Stage(b"sound")
    stage.hears(times=3)
    assert (stage.sounds.asked, len(stage.ear.lines)) == (1, 1)


@pytest.mark.parametrize("fate", [LegGone("never"), CarrierUnavailable("down", refused=True), b"mp3", RuntimeError("anything")])
def test_what_cannot_be_had_or_heard_fails_the_door(fate: bytes | Exception) -> None:
    stage = Stage(fate)
    stage.hears()
    assert stage.exchange.asked == [("handle", CALL, DoorFailed(NOW, TURN), None)]
    assert not stage.answers.is_fetched(CALL, TURN)


def test_an_ear_without_room_fails_the_door() -> None:
    stage = Stage(b"sound", ear=ScriptedEar(room=False))
    stage.hears()
    assert stage.exchange.asked == [("handle", CALL, DoorFailed(NOW, TURN), None)]


def test_a_call_that_is_over_meanwhile_is_nobodys_trouble() -> None:
    stage = Stage(LegGone("never"))
    stage.exchange.failures = [ImpossibleEvent("no such call")]
    stage.hears()
    assert stage.answers.is_fetched(CALL, TURN) is False


def test_while_it_is_fetched_its_question_is_being_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    there, asked = threading.Event(), threading.Event()
    stage = Stage(b"sound")

    def slow(_sid: str) -> bytes:
        asked.set()
        assert there.wait(5)
        return b"sound"

    monkeypatch.setattr(stage.sounds, "wav", slow)
    stage.answers.hear(CALL, TURN, PHASE, SID)
    assert asked.wait(5)
    assert stage.answers.is_fetched(CALL, TURN)
    assert not stage.answers.is_fetched(CALL, TURN + 1)
    assert not stage.answers.is_fetched("another", TURN)
    there.set()
    stage.threads.shutdown(wait=True)
    assert not stage.answers.is_fetched(CALL, TURN)


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken_answers, "MOST", 2)
    stage = Stage(b"sound")
    for turn in range(1, 5):
        stage.answers.hear(CALL, turn, PHASE, SID)
    stage.threads.shutdown(wait=True)
    assert len(stage.answers.__dict__["_begun"]) == 2
    assert len(stage.ear.lines) == 4


# ---- the addresses -------------------------------------------------------------------------------------------------

ASKED = Ask(TURN, (Say("account_number.ask"),), Shape.parse("digits:8"), KeyPlan(8), True, PHASE, True, door=Door.RECORD)


@pytest.fixture
def line() -> Line:
    made = Line(api_base_url="http://127.0.0.1:9")
    made.exchange.answer = Told(verbs=(ASKED,))
    return made


def spoken(line: Line, **form: str) -> Any:
    target = line.target("spoken", f"{CALL}/{TURN}-0", CALL, TURN, 0)
    return line.post(target, {"RecordingSid": SID, "Digits": "", **form})


def asks(line: Line) -> list[tuple[Any, ...]]:
    return [one for one in line.exchange.asked if one[0] != "look"]


def wait_until(done: Callable[[], object]) -> None:
    until = time.monotonic() + 5
    while not done() and time.monotonic() < until:
        time.sleep(0.01)
    assert done()


def test_what_was_spoken_holds_the_question_open_and_is_not_kept(line: Line) -> None:
    assert spoken(line).status_code == 200
    key = f"spoken:{CALL}:{TURN}:0"
    assert asks(line)[0] == ("answer_recorded", SID)
    assert ("handle", CALL, NoInput(NOW, TURN, 0, speech_active=True), key) in asks(line)
    # There is no carrier to fetch it from.
    wait_until(lambda: ("handle", CALL, DoorFailed(NOW, TURN), None) in asks(line))


def test_a_key_instead_is_the_callers_own_wish(line: Line) -> None:
    assert spoken(line, Digits="4").status_code == 200
    assert asks(line)[-1] == ("handle", CALL, DoorFailed(NOW, TURN, by_caller=True), f"spoken:{CALL}:{TURN}:0")


@pytest.mark.parametrize("sid", ["", "RE1", "../x", SID.upper()])
def test_what_is_no_recording_fails_the_door_and_asks_nobody_to_delete_it(line: Line, sid: str) -> None:
    assert spoken(line, RecordingSid=sid).status_code == 200
    assert asks(line) == [("handle", CALL, DoorFailed(NOW, TURN), f"spoken:{CALL}:{TURN}:0")]


def test_who_hung_up_while_speaking_has_left_nothing_behind(line: Line) -> None:
    line.exchange.known[LEG] = CALL
    assert spoken(line, Digits="hangup", CallStatus="completed").status_code == 200
    assert asks(line) == [("answer_recorded", SID), ("caller_hung_up", LEG)]


def test_a_question_that_has_gone_by_is_not_heard(line: Line) -> None:
    line.exchange.answer = Told(verbs=(Ask(TURN + 1, (), Shape.parse("digits:6"), KeyPlan(6)),))
    spoken(line)
    time.sleep(0.05)
    assert [one for one in asks(line) if isinstance(one[2] if len(one) > 2 else None, DoorFailed)] == []


def test_the_carrier_tells_of_each_recording_besides(line: Line) -> None:
    target = line.target("answer-recorded", CALL, CALL)
    assert line.post(target, {"RecordingSid": SID}).status_code == 204
    assert line.post(target, {"RecordingSid": "RE1"}).status_code == 204
    assert line.exchange.asked == [("answer_recorded", SID)]


def test_the_address_belongs_to_its_question(line: Line) -> None:
    token = KEYS.token("voice.spoken", CALL, "4", "0")
    assert line.post(f"/voice/spoken/{CALL}/{TURN}-0/{token}").status_code == 403
    assert line.exchange.asked == []
