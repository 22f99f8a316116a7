"""One question after the conversation: whoever answers it is thanked, whoever does not has said goodbye."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import BILLING, Conversation
from voicebot.dialogue.actions import CloseRoom, WithdrawFromFloor
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import Arranged, CallerHungUp, ProofRedeemed, RoomLeft
from voicebot.dialogue.forms import LinePlan
from voicebot.dialogue.journeys.room import room_of
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Ending, Hearing, Shape

ASKS = replace(BILLING, survey=True)


def over(line: LinePlan = ASKS, *, keypad: bool = False) -> Conversation:
    """A caller whose agent has just left."""
    talk = Conversation(line, keypad=keypad).is_with_agent()
    talk.agent.leaves()
    return talk


def ended(talk: Conversation, score: int | None, says: str) -> None:
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.SERVED)
    assert talk.call.survey is not None
    assert talk.call.survey.score == score
    assert talk.hears == [says]


def test_when_the_agent_leaves_the_caller_is_asked_and_the_agent_is_through() -> None:
    talk = over()
    assert talk.stage is Stage.SURVEY
    assert talk.hears == ["survey.ask"]
    assert (talk.ask.shape, talk.ask.keys.count, talk.ask.listen) == (Shape.parse("digits:1-2"), 2, True)
    assert talk.does(WithdrawFromFloor)
    assert talk.does(CloseRoom)
    assert talk.count(Noted.SURVEY_BEGUN) == 1


def test_it_is_asked_by_keys_where_the_line_does_not_listen() -> None:
    talk = over(keypad=True)
    assert talk.hears == ["survey.ask_keys"]
    assert not talk.ask.listen


def test_when_the_agent_ends_the_call_at_the_desk_the_caller_is_asked() -> None:
    talk = Conversation(ASKS).is_with_agent()
    talk.agent.ends()
    assert talk.stage is Stage.SURVEY


def test_a_line_that_wants_none_says_goodbye() -> None:
    talk = over(BILLING)
    assert (talk.stage, talk.hears, talk.call.survey) == (Stage.ENDED, ["goodbye"], None)


def test_who_hangs_up_at_the_agent_is_not_asked() -> None:
    talk = Conversation(ASKS).is_with_agent()
    talk.caller.hangs_up()
    assert (talk.stage, talk.call.ending, talk.call.survey) == (Stage.ENDED, Ending.SERVED, None)


@pytest.mark.parametrize(("keys", "score"), [("0", 0), ("7#", 7), ("10", 10), ("10#", 10), ("07", 7), ("3*8#", 8)])
def test_a_key_or_two_are_the_score(keys: str, score: int) -> None:
    talk = over()
    talk.caller.keys(keys)
    ended(talk, score, "survey.thanks")
    assert talk.facts(Noted.SURVEYED) == {"score": score, "modality": "keypad"}


@pytest.mark.parametrize(("words", "score"), [("seven", 7), ("one zero", 10), ("oh", 0)])
def test_a_number_that_was_said_is_the_score(words: str, score: int) -> None:
    talk = over()
    talk.caller.says(words)
    ended(talk, score, "survey.thanks")
    assert talk.facts(Noted.SURVEYED)["modality"] == "speech"


@pytest.mark.parametrize("keys", ["11", "99#", "*", "#", "123"])
def test_what_is_no_score_is_asked_once_more_and_then_goodbye(keys: str) -> None:
    talk = over()
    talk.caller.keys(keys)
    assert (talk.stage, talk.hears) == (Stage.SURVEY, ["survey.again"])
    talk.caller.keys(keys)
    ended(talk, None, "goodbye")
    assert talk.count(Noted.SURVEYED) == 0


@pytest.mark.parametrize("hearing", [Hearing.CONFIRM, Hearing.REJECTED])
def test_what_the_ear_is_not_sure_of_is_asked_once_more(hearing: Hearing) -> None:
    talk = over()
    talk.caller.says("seven", hearing)
    assert talk.hears == ["survey.again"]
    talk.caller.keys("7#")
    ended(talk, 7, "survey.thanks")


def test_silence_is_asked_once_more_and_then_goodbye() -> None:
    talk = over()
    talk.caller.is_silent()
    assert talk.hears == ["survey.again"]
    talk.caller.is_silent()
    ended(talk, None, "goodbye")


def test_who_is_still_speaking_is_waited_for() -> None:
    talk = over()
    turn = talk.call.turn
    talk.caller.is_silent(speaking=True)
    assert (talk.stage, talk.call.turn, talk.hears) == (Stage.SURVEY, turn, [])
    talk.caller.says("nine")
    ended(talk, 9, "survey.thanks")


def test_who_hangs_up_at_the_question_was_served() -> None:
    talk = over()
    talk.happens(CallerHungUp(talk.passes(2)))
    assert (talk.stage, talk.call.ending) == (Stage.ENDED, Ending.SERVED)


def test_late_news_of_the_conversation_leave_the_question_open() -> None:
    talk = over()
    ask = talk.ask
    talk.happens(RoomLeft(talk.passes(1), room_of(talk.call)))
    talk.agent.leaves()
    talk.agent.enters()
    talk.happens(Arranged(talk.now, "call-1.1"))
    talk.time_comes("held_too_long")
    talk.happens(ProofRedeemed(talk.now, 1, "ref-1", "payout", ""))
    assert talk.stage is Stage.SURVEY
    assert talk.ask == ask
    talk.caller.keys("5#")
    ended(talk, 5, "survey.thanks")


def test_when_something_fails_nobody_is_kept_for_a_question() -> None:
    talk = over()
    talk.meets_trouble()
    ended(talk, None, "goodbye")


def test_speech_that_is_lost_leaves_the_keys() -> None:
    talk = over()
    talk.loses_speech()
    talk.caller.keys("6#")
    ended(talk, 6, "survey.thanks")


def test_a_call_that_was_passed_on_is_asked_once_at_its_end() -> None:
    talk = Conversation(ASKS).is_with_agent()
    talk.agent.passes_to()
    assert talk.stage is Stage.WAIT
    talk.agent.accepts("call-1.2")
    talk.agent.enters()
    talk.caller.enters()
    talk.agent.leaves("call-1.2")
    assert (talk.stage, talk.count(Noted.SURVEY_BEGUN)) == (Stage.SURVEY, 1)
