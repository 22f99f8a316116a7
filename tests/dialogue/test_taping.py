"""Who is recorded, and when."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import BILLING, DELIVERY, OMAR, Conversation
from voicebot.dialogue.actions import Record, Say
from voicebot.dialogue.forms import QueuePlan, Recorded
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.taping import tape
from voicebot.dialogue.values import Tape

OF_LINE = replace(BILLING, recording=Recorded.AFTER_VERIFICATION)
OF_QUEUE = replace(BILLING, queue=QueuePlan("billing", recording=Recorded.AFTER_VERIFICATION))
TOLD = Say("recording.announced")


@pytest.mark.parametrize("line", [OF_LINE, OF_QUEUE])
def test_a_verified_caller_is_told_before_and_recorded_once_both_have_met(line: object) -> None:
    talk = Conversation(line).is_verified()  # type: ignore[arg-type]
    talk.agent.accepts()
    assert talk.call.verbs[0] == TOLD
    talk.agent.enters()
    assert tape(talk.call) is Tape.OFF
    assert talk.count(Noted.RECORDING) == 0
    talk.caller.enters()
    assert tape(talk.call) is Tape.RUNS
    assert talk.actions[-2:] == [Record(), Note(Noted.RECORDING, (("tape", "runs"),))]


def test_nobody_is_recorded_where_nobody_wants_it() -> None:
    talk = Conversation().is_with_agent()
    assert TOLD not in talk.call.verbs
    assert tape(talk.call) is Tape.OFF
    assert talk.count(Noted.RECORDING) == 0


def test_who_is_not_verified_is_neither_told_nor_recorded() -> None:
    talk = Conversation(OF_LINE).is_identified().waits()
    talk.agent.accepts()
    talk.agent.enters()
    talk.caller.enters()
    assert TOLD not in talk.call.verbs
    assert tape(talk.call) is Tape.OFF


def test_on_hold_and_while_a_colleague_is_asked_nothing_is_recorded() -> None:
    talk = Conversation(OF_LINE).is_with_agent()
    talk.agent.holds()
    assert tape(talk.call) is Tape.PAUSED
    talk.agent.resumes()
    assert tape(talk.call) is Tape.RUNS
    talk.agent.asks()
    assert tape(talk.call) is Tape.PAUSED
    talk.colleague.accepts()
    talk.colleague.enters()
    assert tape(talk.call) is Tape.PAUSED
    talk.agent.completes()
    assert tape(talk.call) is Tape.RUNS


def test_in_line_again_nothing_is_recorded_and_nobody_is_told_twice() -> None:
    talk = Conversation(OF_LINE).is_with_agent()
    talk.agent.passes_to(OMAR)
    assert tape(talk.call) is Tape.PAUSED
    talk.agent.accepts("call-1.2")
    assert TOLD not in talk.call.verbs
    talk.caller.enters()
    talk.agent.enters()
    assert tape(talk.call) is Tape.RUNS


def test_passed_to_a_queue_without_recording_nothing_more_is_recorded() -> None:
    talk = Conversation(OF_QUEUE).is_with_agent()
    talk.agent.passes_to(DELIVERY)
    talk.agent.accepts("call-1.2")
    talk.caller.enters()
    talk.agent.enters()
    assert tape(talk.call) is Tape.PAUSED


@pytest.mark.parametrize("end", ["agent ends", "caller hangs up"])
def test_with_the_call_the_recording_is_over(end: str) -> None:
    talk = Conversation(OF_LINE).is_with_agent()
    talk.agent.ends() if end == "agent ends" else talk.caller.hangs_up()
    assert tape(talk.call) is Tape.OFF
    assert Record() in talk.actions
