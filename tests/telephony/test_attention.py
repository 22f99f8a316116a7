"""The ear follows the newest document, and no socket is heard beyond what a document says."""

import asyncio
from dataclasses import replace

import pytest

from tests.telephony.stage import ASK, CALL, ScriptedEar, Told, listening_for
from voicebot.dialogue.actions import Hangup, Join, Say, StopListening, Wait
from voicebot.telephony import attention as attention_module
from voicebot.telephony.attention import Attention
from voicebot.telephony.streams import OpenStream, Streams


class NotedStreams(Streams):
    """Streams that note what is wound down."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0)
        self.wound_down: list[tuple[str, int | None]] = []

    def wind_down(self, call_id: str, seconds: float, phase: int | None = None) -> None:
        assert seconds == 2.0
        self.wound_down.append((call_id, phase))


def attention(ear: ScriptedEar) -> tuple[Attention, NotedStreams]:
    streams = NotedStreams()
    return Attention(ear, streams, listening_for, 2.0), streams


def stopped(streams: Streams) -> None:
    """The carrier ends the question's stream in good order."""

    async def end() -> None:
        streams.remove(OpenStream(CALL, ASK.phase, asyncio.timeout(None)), stopped=True)

    asyncio.run(end())


def test_a_listening_question_is_attended_to() -> None:
    ear = ScriptedEar()
    follower, streams = attention(ear)
    follower.follow(Told())
    assert (ear.noted, streams.wound_down) == ([("attend", CALL, 3)], [])


def test_a_question_by_keys_alone_is_not() -> None:
    ear = ScriptedEar()
    follower, streams = attention(ear)
    follower.follow(Told(verbs=(replace(ASK, listen=False),)))
    assert (ear.noted, streams.wound_down) == ([("ignore", CALL)], [])


def test_a_question_that_the_house_has_no_grammar_for_is_not() -> None:
    ear = ScriptedEar()
    Attention(ear, NotedStreams(), lambda _turned, _ask: None, 2.0).follow(Told())
    assert ear.noted == [("ignore", CALL)]


def test_while_something_is_looked_up_nothing_is_listened_to_and_no_socket_is_closed() -> None:
    ear = ScriptedEar()
    follower, streams = attention(ear)
    follower.follow(Told(verbs=(StopListening(2), ASK), pending=True))
    assert (ear.noted, streams.wound_down) == ([("ignore", CALL)], [])


def test_the_end_of_listening_makes_the_socket_deaf() -> None:
    ear = ScriptedEar()
    follower, streams = attention(ear)
    follower.follow(Told(verbs=(StopListening(2), Say("goodbye"), Hangup())))
    assert streams.wound_down == [(CALL, 2)]


def test_waiting_and_joining_make_every_socket_of_the_call_deaf() -> None:
    for verb in (Wait(4, 0), Join("room")):
        ear = ScriptedEar()
        follower, streams = attention(ear)
        follower.follow(Told(verbs=(verb,)))
        assert (ear.noted, streams.wound_down) == ([("ignore", CALL)], [(CALL, None)])


def test_an_older_document_changes_nothing_and_the_same_one_may_come_again() -> None:
    ear = ScriptedEar()
    follower, _ = attention(ear)
    follower.follow(Told(seq=8, verbs=(replace(ASK, turn=4),)))
    follower.follow(Told(seq=7))
    follower.follow(Told(seq=8, verbs=(replace(ASK, turn=4),)))
    assert ear.noted == [("attend", CALL, 4), ("attend", CALL, 4)]


def test_calls_do_not_disturb_each_other() -> None:
    ear = ScriptedEar()
    follower, _ = attention(ear)
    follower.follow(Told(seq=8))
    follower.follow(Told(call_id="other", seq=1))
    assert ear.noted == [("attend", CALL, 3), ("attend", "other", 3)]


def test_a_call_that_is_over_is_forgotten() -> None:
    ear = ScriptedEar()
    follower, _ = attention(ear)
    follower.follow(Told(seq=8))
    follower.end(CALL)
    assert ear.noted[-1] == ("ignore", CALL)
    assert len(follower._newest) == 0


def test_a_question_whose_stream_never_came_is_unheard_once_the_caller_was_silent_to_its_end() -> None:
    follower, streams = attention(ScriptedEar())
    assert follower.unheard(CALL, ASK.turn, answered=False) is None
    follower.follow(Told())
    assert follower.unheard(CALL, ASK.turn, answered=True) is None  # keys may be quicker than a socket
    assert follower.unheard(CALL, ASK.turn + 1, answered=False) is None
    assert follower.unheard(CALL, ASK.turn, answered=False) == ASK.phase
    assert streams.claim(CALL, ASK.phase)
    assert follower.unheard(CALL, ASK.turn, answered=False) is None


@pytest.mark.parametrize("answered", [True, False])
def test_a_question_whose_stream_ended_in_good_order_is_unheard_until_the_call_knows(answered: bool) -> None:
    follower, streams = attention(ScriptedEar())
    follower.follow(Told())
    assert streams.claim(CALL, ASK.phase)
    stopped(streams)
    assert follower.unheard(CALL, ASK.turn, answered=answered) == ASK.phase
    follower.forget_phase(CALL, ASK.phase + 1)
    follower.forget_phase("another", ASK.phase)
    assert follower.unheard(CALL, ASK.turn, answered=answered) == ASK.phase
    follower.forget_phase(CALL, ASK.phase)
    assert follower.unheard(CALL, ASK.turn, answered=answered) is None


def test_a_question_by_keys_alone_is_never_unheard() -> None:
    follower, _ = attention(ScriptedEar())
    follower.follow(Told(verbs=(replace(ASK, listen=False),)))
    assert follower.unheard(CALL, ASK.turn, answered=False) is None


def test_what_is_remembered_is_bounded() -> None:
    follower, _ = attention(ScriptedEar())
    for number in range(attention_module.MOST_CALLS + 10):
        follower.follow(Told(call_id=f"call-{number}"))
    assert len(follower._newest) == attention_module.MOST_CALLS


def test_an_ear_that_fails_is_silence() -> None:
    follower, _ = attention(ScriptedEar(failing=True))
    follower.follow(Told())
    follower.end(CALL)
    assert follower.is_speaking(CALL, 3) is False
