"""Who may do what with a call, and when."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import DELIVERY, NOON, OMAR, Conversation
from voicebot.dialogue.deeds import (
    AgentMuted,
    CallEnded,
    CallerHeld,
    CallerResumed,
    CallPassed,
    ConsultAsked,
    ConsultCompleted,
    ConsultEnded,
    Deed,
    SupervisorListens,
    SupervisorStopped,
)
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.refusals import Refusal, refusal
from voicebot.dialogue.values import Supervision

OF_AGENTS = [
    CallerHeld, CallerResumed, lambda at, by: AgentMuted(at, by, True), lambda at, by: ConsultAsked(at, by, OMAR), ConsultEnded,
    ConsultCompleted, lambda at, by: CallPassed(at, by, DELIVERY), CallEnded,
]  # fmt: skip
LISTENS = SupervisorListens(NOON, "sofia", "Sofia", Supervision.SILENT)


@pytest.mark.parametrize("build", OF_AGENTS)
def test_only_the_agent_who_has_the_call_controls_it(build: type[CallerHeld]) -> None:
    talk = Conversation().is_with_agent()
    assert refusal(talk.call, build(NOON, "omar")) is Refusal.NOT_YOURS
    assert refusal(talk.call, build(NOON, "")) is Refusal.NOT_YOURS
    assert refusal(Conversation().is_verified().call, build(NOON, "mira")) is Refusal.NOT_YOURS


def test_nor_does_a_nameless_agent_of_an_older_release() -> None:
    call = Conversation().is_with_agent().call
    assert call.serving is not None
    older = replace(call, serving=replace(call.serving, agent_id=""))
    assert refusal(older, CallerHeld(NOON, "")) is Refusal.NOT_YOURS


@pytest.mark.parametrize("build", OF_AGENTS)
def test_before_both_are_connected_there_is_nothing_to_control(build: type[CallerHeld]) -> None:
    talk = Conversation().is_verified()
    talk.agent.accepts()
    assert refusal(talk.call, build(NOON, "mira")) is Refusal.NOT_CONNECTED


def test_one_colleague_at_a_time() -> None:
    talk = Conversation().is_with_agent()
    talk.agent.asks()
    assert refusal(talk.call, ConsultAsked(NOON, "mira", OMAR)) is Refusal.CONSULTING
    assert refusal(talk.call, CallPassed(NOON, "mira", DELIVERY)) is Refusal.CONSULTING
    assert refusal(talk.call, ConsultCompleted(NOON, "mira")) is Refusal.NOBODY_ANSWERED_YET
    assert refusal(talk.call, ConsultEnded(NOON, "mira")) is None
    talk.colleague.accepts()
    talk.colleague.enters()
    assert refusal(talk.call, ConsultCompleted(NOON, "mira")) is None


@pytest.mark.parametrize("deed", [ConsultEnded(NOON, "mira"), ConsultCompleted(NOON, "mira")])
def test_without_a_colleague_there_is_nothing_to_end(deed: Deed) -> None:
    assert refusal(Conversation().is_with_agent().call, deed) is Refusal.NOT_CONSULTING


def test_nobody_asks_or_passes_to_themselves() -> None:
    call, myself = Conversation().is_with_agent().call, replace(OMAR, agent="mira")
    assert refusal(call, ConsultAsked(NOON, "mira", myself)) is Refusal.YOURSELF
    assert refusal(call, CallPassed(NOON, "mira", myself)) is Refusal.YOURSELF
    assert refusal(call, CallPassed(NOON, "mira", OMAR)) is None


def test_a_supervisor_needs_a_conversation_of_somebody_else() -> None:
    talk = Conversation().is_with_agent()
    assert refusal(talk.call, LISTENS) is None
    assert refusal(talk.call, replace(LISTENS, by="mira")) is Refusal.YOUR_OWN_CALL
    talk.agent.asks()
    talk.colleague.accepts()
    assert refusal(talk.call, replace(LISTENS, by="omar")) is Refusal.YOUR_OWN_CALL
    waiting = Conversation().is_verified()
    assert refusal(waiting.call, LISTENS) is Refusal.NOT_CONNECTED
    waiting.agent.accepts()
    assert refusal(waiting.call, LISTENS) is Refusal.NOT_CONNECTED


def test_only_who_is_in_can_stop() -> None:
    talk = Conversation().is_with_agent()
    stop = SupervisorStopped(NOON, "sofia")
    assert refusal(talk.call, stop) is Refusal.NOT_SUPERVISING
    talk.supervisor.wants()
    assert refusal(talk.call, stop) is None
    assert refusal(Conversation().call, stop) is Refusal.NOT_SUPERVISING


def test_what_is_refused_leaves_a_journal_note_and_nothing_else() -> None:
    talk = Conversation().is_with_agent()
    before = talk.call
    talk.agent.passes_to(by="omar")
    assert talk.call == before
    assert talk.facts(Noted.TOO_LATE) == {"event": "CallPassed"}
