"""A voice that the line carries badly is told so, once, and only where it was not understood and may speak again."""

import pytest

from tests.dialogue.conversation import ACCOUNT_SAID, Conversation
from voicebot.dialogue.values import Hearing, Loudness


@pytest.mark.parametrize(("loudness", "advice"), [(Loudness.QUIET, "loudness.too_soft"), (Loudness.LOUD, "loudness.too_loud")])
def test_who_is_not_understood_hears_why_before_the_question(loudness: Loudness, advice: str) -> None:
    talk = Conversation()
    talk.caller.says("", Hearing.REJECTED, loudness=loudness)
    assert talk.hears == [advice, "account_number.no_match"]


def test_a_voice_that_is_understood_all_the_same_hears_nothing_of_it() -> None:
    talk = Conversation()
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM, loudness=Loudness.QUIET)
    assert talk.hears == ["account_number.confirm"]


def test_it_is_said_once_in_a_call() -> None:
    talk = Conversation()
    talk.caller.says("", Hearing.REJECTED, loudness=Loudness.QUIET)
    talk.caller.says(ACCOUNT_SAID, Hearing.CONFIRM)
    talk.caller.says("", Hearing.REJECTED, loudness=Loudness.LOUD)
    assert talk.call.loudness_told
    assert not {"loudness.too_soft", "loudness.too_loud"} & set(talk.hears)


def test_a_voice_that_is_heard_no_more_is_not_advised() -> None:
    talk = Conversation()
    talk.caller.says("", Hearing.REJECTED)
    talk.caller.says("", Hearing.REJECTED, loudness=Loudness.QUIET)
    assert talk.call.authenticating.keypad_only
    assert "loudness.too_soft" not in talk.hears
