"""What each request about the caller's leg becomes."""

import logging

import pytest

from tests.telephony.stage import ASK, BASE, CALL, LEG, NOW, UNKNOWN, Line, Told, document, outline
from voicebot.dialogue.actions import AskAgent, Hangup, Say
from voicebot.dialogue.events import EntryKeyed, HandOverEnded, NoInput, RoomLeft, SpeechLost, TroubleMet
from voicebot.dialogue.values import AniStanding, Attestation
from voicebot.errors import StoreUnavailable


@pytest.fixture
def line() -> Line:
    return Line()


def test_an_incoming_call_arrives_with_its_number_read_in_the_lines_region(line: Line) -> None:
    response = line.post("/voice/incoming", {"From": "33 12 45 67", "To": "+4570101010", "StirVerstat": "TN-Validation-Passed-B"})
    assert response.status_code == 200
    assert response.content_type == "text/xml; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    [(what, leg, dnis, ani)] = line.exchange.asked
    assert (what, leg, dnis) == ("arrive", LEG, "+4570101010")
    assert (ani.standing, ani.number, ani.attestation) == (AniStanding.USABLE, "+4533124567", Attestation.B)


def test_a_call_without_a_number_still_arrives(line: Line) -> None:
    assert line.post("/voice/incoming").status_code == 200
    assert line.exchange.asked[0][3].standing is AniStanding.WITHHELD


@pytest.mark.parametrize("first", ["/voice/status", "/voice/incoming"])
def test_a_call_that_was_over_before_it_arrived_is_not_begun(line: Line, first: str) -> None:
    line.post(first, {"CallStatus": "no-answer"})
    line.exchange.asked.clear()
    response = line.post("/voice/incoming", {"CallStatus": "ringing"} if first == "/voice/status" else {"CallStatus": "failed"})
    assert outline(document(response.text)) == ["Hangup"]
    assert line.exchange.asked == []


def test_keys_become_an_entry_of_their_turn_and_only_keys(line: Line) -> None:
    line.post(line.entry(), {"Digits": "4a 9\x003#8*", "FinishedOnKey": "#"})
    [(what, call, event, key)] = line.exchange.asked
    assert (what, call, key) == ("handle", CALL, "entry:our-call:3:0")
    assert isinstance(event, EntryKeyed)
    assert (event.at, event.turn, event.keys.reveal(), event.ended_by_terminator) == (NOW, 3, "493#8*", True)


def test_without_a_finishing_key_the_terminator_did_not_end_it(line: Line) -> None:
    line.post(line.entry(), {"Digits": "12", "FinishedOnKey": ""})
    line.post(line.entry(), {"Digits": "12"})
    assert [asked[2].ended_by_terminator for asked in line.exchange.asked] == [False, False]


@pytest.mark.parametrize("speaking", [True, False])
def test_no_keys_is_no_input_and_says_whether_the_caller_is_speaking(line: Line, speaking: bool) -> None:
    line.ear.speaking = speaking
    line.post(line.entry(extension=2), {"Digits": ""})
    assert line.ear.noted[0] == ("speech_active", CALL, 3)
    assert line.exchange.asked == [("handle", CALL, NoInput(NOW, 3, 2, speaking), "entry:our-call:3:2")]


def test_letters_alone_are_no_input(line: Line) -> None:
    line.post(line.entry(), {"Digits": "abcD"})
    assert isinstance(line.exchange.asked[0][2], NoInput)


def test_of_endless_keys_the_last_ones_count(line: Line) -> None:
    line.post(line.entry(), {"Digits": "9" * 60_000 + "*493817"})
    keys = line.exchange.asked[0][2].keys.reveal()
    assert (len(keys), keys[-7:]) == (64, "*493817")
    line.post(line.agent("verdict"), {"Digits": "2" * 60_000})
    assert line.exchange.asked[1] == ("agent_keyed", "r1", "2" * 64)


def test_a_repeat_of_a_request_carries_the_same_key(line: Line) -> None:
    for token in ("one", "one", "two"):
        line.post(line.entry(), {"Digits": "1"}, headers={"I-Twilio-Idempotency-Token": token})
    assert {asked[3] for asked in line.exchange.asked} == {"entry:our-call:3:0"}


def test_waiting_takes_a_key_or_goes_on_and_each_piece_has_its_own_key(line: Line) -> None:
    line.post(line.target("waiting", f"{CALL}/5-9", CALL, 5, 9), {"Digits": "1"})
    line.post(line.target("waiting", f"{CALL}/5-10", CALL, 5, 10), {"Digits": ""})
    (_, _, keyed, first), (_, _, silent, second) = line.exchange.asked
    assert (keyed.turn, keyed.keys.reveal(), first) == (5, "1", "waiting:our-call:5:9")
    assert (silent, second) == (NoInput(NOW, 5), "waiting:our-call:5:10")


def test_a_document_is_fetched_and_is_no_event(line: Line) -> None:
    line.post(line.target("document", f"{CALL}/7", CALL, 7), {"Digits": "999"})
    assert line.exchange.asked == [("document", CALL)]


def test_coming_out_of_the_room_alive_is_told(line: Line) -> None:
    line.post(line.target("joined", f"{CALL}/7-room-1", CALL, 7, "room-1"), {"DialCallStatus": "answered"})
    assert line.exchange.asked == [("handle", CALL, RoomLeft(NOW, "room-1"), "joined:our-call:7")]


def test_on_hold_there_is_music_and_then_more_of_it_and_nothing_has_happened(line: Line) -> None:
    root = document(line.post(line.target("hold", CALL, CALL)).text)
    assert outline(root) == ["Play", "Play", "Play", "Play", "Redirect"]
    assert root.findtext("Redirect") == f"{BASE}{line.target('hold', CALL, CALL)}#ct=1500&rt=4000&rc=2&rp=ct,rt,5xx"
    assert line.exchange.asked == [("look", CALL)]


def test_where_no_music_is_to_be_had_a_caller_on_hold_hears_nothing_for_a_while(line: Line) -> None:
    line.exchange.failures = [StoreUnavailable("down")]
    root = document(line.post(line.target("hold", CALL, CALL)).text)
    assert outline(root) == ["Pause"]


@pytest.mark.parametrize("purpose", ["entry", "waiting", "document", "joined"])
def test_a_leg_that_has_ended_is_told_as_that_and_nothing_else(line: Line, purpose: str) -> None:
    path, parts = {
        "entry": (f"{CALL}/3-0", (CALL, 3, 0)),
        "waiting": (f"{CALL}/3-7", (CALL, 3, 7)),
        "document": (f"{CALL}/7", (CALL, 7)),
        "joined": (f"{CALL}/7-room-1", (CALL, 7, "room-1")),
    }[purpose]
    response = line.post(line.target(purpose, path, *parts), {"CallStatus": "completed", "Digits": "12"})
    assert outline(document(response.text)) == ["Hangup"]
    assert line.exchange.asked == [("caller_hung_up", LEG)]


@pytest.mark.parametrize(
    ("status", "told"),
    [("completed", True), ("Completed", True), ("busy", True), ("failed", True), ("no-answer", True), ("canceled", True),
     ("in-progress", False), ("ringing", False), ("", False)],
)  # fmt: skip
def test_the_numbers_status_tells_only_the_end(line: Line, status: str, told: bool) -> None:
    assert line.post("/voice/status", {"CallStatus": status}).status_code == 204
    assert line.exchange.asked == ([("caller_hung_up", LEG)] if told else [])


def test_the_room_tells_who_comes_and_goes(line: Line) -> None:
    target = line.target("room", CALL, CALL)
    for event in ("participant-join", "participant-leave", "conference-start", "conference-end", "something-new"):
        assert line.post(target, {"StatusCallbackEvent": event, "FriendlyName": "room-1"}).status_code == 204
    assert line.exchange.asked == [("room_changed", CALL, "room-1", LEG, None), ("room_changed", CALL, "room-1", None, LEG)]


def test_a_stream_that_never_came_is_speech_lost(line: Line) -> None:
    target = line.target("stream-status", f"{CALL}/2", CALL, 2)
    for event in ("stream-started", "stream-stopped", "stream-error"):
        assert line.post(target, {"StreamEvent": event}).status_code == 204
    assert line.exchange.asked == [("handle", CALL, SpeechLost(NOW, 2), None)]


def test_of_a_stream_that_came_only_the_ear_tells_the_loss(line: Line) -> None:
    line.room.streams.claim(CALL, 2)
    line.post(line.target("stream-status", f"{CALL}/2", CALL, 2), {"StreamEvent": "stream-error"})
    assert line.exchange.asked == []


def test_a_question_that_nobody_can_have_heard_is_speech_lost_before_it_is_silence(line: Line) -> None:
    line.post(line.target("document", f"{CALL}/50", CALL, 50))  # the question is asked, and no stream comes
    line.exchange.asked.clear()
    line.post(line.entry())
    line.post(line.entry())
    lost, silence = ("handle", CALL, SpeechLost(NOW, ASK.phase), None), ("handle", CALL, NoInput(NOW, 3, 0), "entry:our-call:3:0")
    assert line.exchange.asked == [lost, silence, silence]


# ---- trouble -----------------------------------------------------------------------------------------------------


def test_trouble_brings_the_document_that_goes_to_an_agent(line: Line) -> None:
    line.exchange.failures = [RuntimeError("anything")]
    response = line.post(line.entry(), {"Digits": "493817"})
    assert response.status_code == 200
    assert outline(document(response.text)) == ["Start", ["Stream", ["Parameter"] * 3], "Gather", ["Say"], "Redirect"]
    assert line.exchange.asked[-1] == ("handle", CALL, TroubleMet(NOW, "entry"), "trouble:entry:our-call:3:0")


@pytest.mark.parametrize("failure", [StoreUnavailable("down"), UNKNOWN, KeyError("x"), MemoryError()])
def test_trouble_twice_dials_the_operator(line: Line, failure: Exception) -> None:
    line.exchange.failures = [failure, failure]
    response = line.post(line.entry(), {"Digits": "1"})
    assert response.status_code == 200
    assert outline(document(response.text)) == ["Say", "Dial", "Say", "Hangup"]
    assert document(response.text).findtext("Dial") == "+12025550199"


def test_an_arrival_in_trouble_dials_the_operator_when_the_call_is_not_known_yet(line: Line) -> None:
    line.exchange.known = {}
    line.exchange.failures = [StoreUnavailable("down")]
    assert document(line.post("/voice/incoming").text).findtext("Dial") == "+12025550199"
    assert len(line.exchange.asked) == 1


def test_an_arrival_in_trouble_goes_to_an_agent_when_the_call_is_known(line: Line) -> None:
    line.exchange.failures = [StoreUnavailable("down")]
    line.post("/voice/incoming")
    assert line.exchange.asked[-1] == ("handle", CALL, TroubleMet(NOW, "incoming"), f"trouble:incoming:{LEG}")


@pytest.mark.parametrize("verbs", [(Say("greeting"),), (AskAgent((Say("agent.invitation"),)),)])
def test_a_document_that_would_leave_the_caller_in_the_air_is_trouble(line: Line, verbs: tuple[Say, ...]) -> None:
    line.exchange.answer = Told(verbs=verbs)
    assert document(line.post(line.entry()).text).findtext("Dial") == "+12025550199"
    assert [asked[2].__class__ for asked in line.exchange.asked] == [NoInput, TroubleMet]


def test_a_failing_ear_costs_no_document() -> None:
    line = Line()
    line.ear.failing = True
    assert outline(document(line.post(line.entry()).text))[-2:] == [["Say"], "Redirect"]
    assert line.exchange.asked == [("handle", CALL, NoInput(NOW, 3, 0, speech_active=False), "entry:our-call:3:0")]


def test_news_in_trouble_is_asked_for_again_unless_it_can_never_be_true(line: Line) -> None:
    line.exchange.failures = [StoreUnavailable("down")]
    assert line.post("/voice/status", {"CallStatus": "completed"}).status_code == 503
    line.exchange.failures = [UNKNOWN]
    assert line.post("/voice/status", {"CallStatus": "completed"}).status_code == 204


def test_keys_reach_no_log_even_in_trouble(
    line: Line, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    line.exchange.failures = [RuntimeError("keys 493817"), RuntimeError("keys 493817")]
    line.post(line.entry(), {"Digits": "493817", "From": "+4533124567"})
    said = caplog.text + "".join(capsys.readouterr())
    assert "answer failed" in said
    assert "493817" not in said
    assert "33124567" not in said


# ---- the ear follows ---------------------------------------------------------------------------------------------


def test_a_question_that_listens_opens_the_ear_and_a_repeat_of_an_older_document_does_not(line: Line) -> None:
    line.post(line.entry())
    line.exchange.answer = Told(seq=9, verbs=(Say("goodbye"), Hangup()))
    line.post(line.entry(turn=4))
    line.exchange.answer = Told(seq=7)
    line.post(line.entry())
    assert [note for note in line.ear.noted if note[0] != "speech_active"] == [("attend", CALL, ASK.turn), ("ignore", CALL)]


def test_after_a_hang_up_the_ear_is_let_go(line: Line) -> None:
    line.post("/voice/status", {"CallStatus": "completed"})
    assert line.ear.noted == [("ignore", CALL)]


@pytest.mark.parametrize(
    ("status", "connected"),
    [
        ("completed", True), ("answered", True), ("busy", False), ("no-answer", False), ("failed", False), ("canceled", False),
        ("", False),
    ],
)  # fmt: skip
def test_coming_back_from_another_system_says_whether_it_had_answered(line: Line, status: str, connected: bool) -> None:
    line.post(line.target("handed", "our-call/7", CALL, 7), {"DialCallStatus": status})
    assert line.exchange.asked == [("handle", CALL, HandOverEnded(NOW, connected), "handed:our-call:7")]


def test_a_leg_that_ended_elsewhere_has_hung_up(line: Line) -> None:
    line.post(line.target("handed", "our-call/7", CALL, 7), {"DialCallStatus": "completed", "CallStatus": "completed"})
    assert [asked[0] for asked in line.exchange.asked if asked[0] != "call_of_leg"] == ["caller_hung_up"]
