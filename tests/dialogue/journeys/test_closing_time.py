"""Everybody goes home while somebody is in line."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING, KNOWN_NUMBER, NOON, WITHHELD, Conversation
from voicebot.dialogue.actions import BookCallback, Say, WakeAt, WithdrawFromFloor
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.journeys.wait import REASSURED_EVERY
from voicebot.dialogue.outbound import CallbackRules
from voicebot.dialogue.patience import ONE_MORE_RING
from voicebot.dialogue.spoken import InLine
from voicebot.dialogue.timers import CLOSED_MEANWHILE, WAITED_TOO_LONG
from voicebot.dialogue.values import Ending

NUMBER_ONLY = CallbackRules(choose_time=False, phrase=False)
OFFERS = replace(BILLING, queue=QueuePlan("billing", offer_callback=True), callbacks=NUMBER_ONLY)
TELLS = replace(BILLING, queue=QueuePlan("billing", tell_wait=True))


def closing(talk: Conversation) -> WakeAt:
    return next(action for action in talk.actions if isinstance(action, WakeAt) and action.name == CLOSED_MEANWHILE)


def over(talk: Conversation) -> bool:
    return (talk.stage, talk.call.ending, talk.hears) == (Stage.ENDED, Ending.CLOSED_MEANWHILE, ["waiting.closed"])


def test_who_is_in_line_is_served_for_a_while_after_closing() -> None:
    talk = Conversation(open_for=5).waits()
    assert closing(talk).at == NOON + timedelta(minutes=5, seconds=talk.call.queue.serve_after_closing)


def test_a_line_that_does_not_close_sets_no_time() -> None:
    talk = Conversation().waits()
    assert not any(isinstance(action, WakeAt) and action.name == CLOSED_MEANWHILE for action in talk.actions)


def test_who_gets_in_line_after_everybody_has_gone_is_kept_for_one_ring() -> None:
    line = replace(BILLING, queue=QueuePlan("billing", serve_after_closing=0))
    talk = Conversation(line, open_for=0).waits()
    assert closing(talk).at == talk.now + ONE_MORE_RING


def test_an_agent_lost_at_closing_time_leaves_time_for_another() -> None:
    talk = Conversation(open_for=-60).waits()
    talk.agent.accepts()
    talk.agent.leaves_during_the_whisper()
    assert closing(talk).at == talk.now + ONE_MORE_RING


def test_without_callbacks_the_caller_hears_when_to_call() -> None:
    talk = Conversation(open_for=5).waits()
    talk.time_comes(CLOSED_MEANWHILE)
    assert over(talk)
    assert any(isinstance(action, WithdrawFromFloor) for action in talk.actions)


def test_with_callbacks_the_number_is_offered_and_a_yes_is_promised() -> None:
    talk = Conversation(OFFERS, KNOWN_NUMBER, open_for=5)
    talk.back_end.finds_nobody()
    talk.waits()
    talk.time_comes(CLOSED_MEANWHILE)
    assert talk.hears == ["waiting.closed_but", "callback.confirm_closed"]
    talk.caller.keys("1")
    assert BookCallback("billing", KNOWN_NUMBER.number or "") in talk.actions
    assert talk.call.ending is Ending.CALLBACK_PROMISED


@pytest.mark.parametrize("keys", ["", "9"])
def test_with_callbacks_who_does_not_want_one_hears_when_to_call(keys: str) -> None:
    talk = Conversation(OFFERS, KNOWN_NUMBER, open_for=5)
    talk.back_end.finds_nobody()
    talk.waits()
    talk.time_comes(CLOSED_MEANWHILE)
    talk.caller.keys(keys) if keys else talk.caller.is_silent()
    assert over(talk)


def test_who_is_just_being_asked_for_the_number_is_not_asked_twice() -> None:
    talk = Conversation(OFFERS, WITHHELD, open_for=5).waits()
    talk.caller.keys("1")
    before = talk.call.verbs
    assert talk.time_comes(CLOSED_MEANWHILE) == []
    assert talk.call.verbs == before
    talk.caller.is_silent()
    assert over(talk)


def test_the_limit_of_the_queue_does_not_cut_the_last_question_off() -> None:
    talk = Conversation(OFFERS, WITHHELD, open_for=5).waits()
    talk.time_comes(CLOSED_MEANWHILE)
    assert talk.time_comes(WAITED_TOO_LONG) == []
    talk.caller.keys("2025550123#")
    assert talk.hears == ["callback.confirm_closed"]


def test_an_agent_who_is_free_after_all_takes_the_call() -> None:
    talk = Conversation(OFFERS, WITHHELD, open_for=5).waits()
    talk.time_comes(CLOSED_MEANWHILE)
    talk.agent.accepts()
    assert talk.stage is Stage.TRANSFER


@pytest.mark.parametrize(("minutes", "told"), [(19, True), (21, False)])
def test_no_wait_is_told_that_closing_time_would_cut_off(minutes: int, told: bool) -> None:
    talk = Conversation(TELLS, open_for=5).waits()
    heard: list[Say] = []
    for _ in range(REASSURED_EVERY):
        talk.happens(NoInput(talk.passes(8), talk.call.turn, place=InLine(1, minutes)))
        heard += talk.says
    assert any(say.prompt_id == "waiting.expected" for say in heard) is told
