"""Leaving the line to be called back, and what is said to those who wait."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import BILLING, KNOWN_NUMBER, WITHHELD, Conversation
from voicebot.dialogue.actions import BookCallback, Say, WithdrawFromFloor
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import CallbackBooked, NoInput
from voicebot.dialogue.forms import LinePlan, QueuePlan
from voicebot.dialogue.journeys.callback_wish import ASKED_AT_MOST
from voicebot.dialogue.journeys.wait import REASSURED_EVERY
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.outbound import BookingResult, CallbackRules
from voicebot.dialogue.spoken import Count, Digits, InLine
from voicebot.dialogue.values import Ani, AniStanding, Attestation, Ending

NUMBER_ONLY = CallbackRules(choose_time=False, phrase=False)
OFFERS = replace(BILLING, queue=QueuePlan("billing", offer_callback=True), callbacks=NUMBER_ONLY)
TELLS = replace(BILLING, queue=QueuePlan("billing", tell_position=True, tell_wait=True))
NUMBER = "+12025550123"
ABROAD = Ani(AniStanding.USABLE, "+881612345678", Attestation.A)
DEAR = Ani(AniStanding.USABLE, "+19005551234", Attestation.A)


def in_line(line: LinePlan = OFFERS, ani: Ani = WITHHELD) -> Conversation:
    talk = Conversation(line, ani)
    if ani.number is not None:
        talk.back_end.finds_nobody()
    return talk.waits()


def promised(talk: Conversation, number: str) -> None:
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.CALLBACK_PROMISED)
    assert BookCallback("billing", number) in talk.actions
    assert any(isinstance(action, WithdrawFromFloor) for action in talk.actions)
    assert talk.hears == ["callback.promised"]
    assert talk.facts(Noted.CALLBACK_WISHED) == {"queue": "billing", "result": talk.booking.value}


def test_the_number_that_calls_is_offered_and_a_yes_is_promised() -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.caller.keys("1")
    assert talk.says[-1] == Say("callback.confirm", args=(("value", Digits((KNOWN_NUMBER.number or "").removeprefix("+"))),))
    assert talk.ask.listen
    talk.caller.keys("1")
    promised(talk, KNOWN_NUMBER.number or "")


def test_another_number_may_be_keyed_and_is_read_back() -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.caller.keys("1")
    talk.caller.keys("2")
    assert talk.hears == ["callback.number"]
    talk.caller.keys("2025550123#")
    assert talk.says[-1].args == (("value", Digits("12025550123")),)
    talk.caller.keys("1")
    promised(talk, NUMBER)


def test_a_number_that_is_to_be_called_already_is_promised_all_the_same() -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.booking = BookingResult.MERGED
    talk.caller.keys("1")
    talk.caller.keys("1")
    promised(talk, KNOWN_NUMBER.number or "")


def test_too_many_wishes_are_refused_and_the_place_is_kept() -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.booking = BookingResult.LIMITED
    talk.caller.keys("1")
    talk.caller.keys("1")
    assert (talk.stage, talk.hears) == (Stage.WAIT, ["callback.limited"])
    assert not talk.does(WithdrawFromFloor)
    talk.agent.accepts()
    assert talk.stage is Stage.TRANSFER


def test_a_number_that_is_not_called_is_not_offered_and_not_taken() -> None:
    for ani in (ABROAD, DEAR):
        talk = in_line(ani=ani)
        talk.caller.keys("1")
        assert talk.hears == ["callback.number"]
        talk.caller.keys("9005551234#")
        assert (talk.says[-1].prompt_id, talk.says[-1].attempt) == ("callback.number", 2)
        talk.caller.keys("2025550123#")
        talk.caller.keys("1")
        promised(talk, NUMBER)


def test_what_became_of_a_wish_that_nobody_has_is_no_news() -> None:
    talk = in_line()
    talk.happens(CallbackBooked(talk.now, BookingResult.PROMISED))
    assert talk.stage is Stage.WAIT
    assert talk.count(Noted.TOO_LATE) == 1


def test_who_calls_without_a_number_is_asked_for_one() -> None:
    talk = in_line()
    talk.caller.keys("1")
    assert talk.hears == ["callback.number"]


def test_what_is_no_number_is_asked_again_and_then_the_caller_stays() -> None:
    talk = in_line()
    talk.caller.keys("1")
    for attempt in range(2, ASKED_AT_MOST + 1):
        talk.caller.keys("12#")
        assert (talk.says[-1].prompt_id, talk.says[-1].attempt) == ("callback.number", attempt)
    talk.caller.keys("12#")
    assert (talk.stage, talk.hears) == (Stage.WAIT, ["callback.stays"])
    assert not talk.does(WithdrawFromFloor)


@pytest.mark.parametrize("keys", ["3", "0"])
def test_any_other_answer_keeps_the_place(keys: str) -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.caller.keys("1")
    talk.caller.keys(keys)
    assert (talk.stage, talk.hears) == (Stage.WAIT, ["callback.stays"])


def test_silence_keeps_the_place() -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.caller.keys("1")
    talk.caller.is_silent()
    assert (talk.stage, talk.hears) == (Stage.WAIT, ["callback.stays"])
    talk.caller.is_silent()
    assert talk.stage is Stage.WAIT


def test_an_agent_who_becomes_free_meanwhile_takes_the_call() -> None:
    talk = in_line(ani=KNOWN_NUMBER)
    talk.caller.keys("1")
    talk.agent.accepts()
    assert talk.stage is Stage.TRANSFER


def test_another_key_in_line_and_a_queue_that_offers_nothing_go_on_waiting() -> None:
    for talk, key in ((in_line(), "5"), (in_line(BILLING), "1")):
        talk.caller.keys(key)
        assert (talk.stage, talk.hears) == (Stage.WAIT, [])


def waits_on(talk: Conversation, place: InLine | None) -> list[Say]:
    """The next time that a word is due."""
    for _ in range(REASSURED_EVERY):
        talk.happens(NoInput(talk.passes(8), talk.call.turn, place=place))
        if talk.says:
            return talk.says
    return []


def test_the_offer_is_made_with_the_reassurance() -> None:
    assert [say.prompt_id for say in waits_on(in_line(), None)] == ["waiting.on", "waiting.callback_offer"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (InLine(1), [Say("waiting.position", 1, (("position", Count(1)),))]),
        (
            InLine(4, 7),
            [Say("waiting.position", 2, (("position", Count(4)),)), Say("waiting.expected", 2, (("minutes", Count(7)),))],
        ),
        (None, [Say("waiting.on")]),
    ],
)
def test_place_and_wait_are_told_as_far_as_they_are_known(place: InLine | None, expected: list[Say]) -> None:
    assert waits_on(in_line(TELLS), place) == expected


def test_a_queue_that_tells_nothing_says_only_that_the_line_is_not_dead() -> None:
    assert waits_on(in_line(BILLING), InLine(4, 7)) == [Say("waiting.on")]
