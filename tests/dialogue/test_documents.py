"""What a document begins and ends with, and when it listens."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ACCOUNT, ACCOUNT_SAID, BILLING, NOON, Conversation
from voicebot.dialogue.actions import Ask, Hangup, Join, Say, StopListening, Wait
from voicebot.dialogue.call import Call, Stage, Waiting
from voicebot.dialogue.collect import key_plan
from voicebot.dialogue.documents import ask_on, document, ended, extension_of, hold, question, say_first
from voicebot.dialogue.values import Ending, Shape

FRESH = Call("call-1", BILLING, started_at=NOON)
YES_NO = Shape.parse("yesno")


def asked(call: Call, *, listen: bool) -> Call:
    return question(call, [Say("a")], YES_NO, key_plan(YES_NO), listen=listen)[0]


def test_what_was_left_to_be_said_comes_first_and_once() -> None:
    call, _ = document(say_first(FRESH, Say("x"), Say("y")), [Join("r")])
    assert call.verbs == (Say("x"), Say("y"), Join("r"))
    assert call.prelude == ()


@pytest.mark.parametrize("verb", [Wait(1, 0, (Say("a"),)), Conversation().ask])
def test_it_is_said_inside_a_question_so_that_a_key_can_cut_it_off(verb: Wait | Ask) -> None:
    call, _ = document(say_first(FRESH, Say("x")), [verb])
    assert call.verbs == (replace(verb, say=(Say("x"), *verb.say)),)


def test_the_first_question_that_listens_opens_a_stream_and_the_next_goes_on_with_it() -> None:
    talk = Conversation()
    assert (talk.ask.phase, talk.ask.opens_stream, talk.ask.listen) == (1, True, True)
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds()
    assert (talk.ask.phase, talk.ask.opens_stream, talk.ask.listen) == (1, False, True)


def test_a_question_whose_stream_is_gone_opens_a_new_phase() -> None:
    talk = Conversation()
    talk.loses_speech()
    talk.caller.is_silent()
    assert (talk.ask.phase, talk.ask.opens_stream) == (2, True)


def test_a_question_for_keys_alone_names_no_stream() -> None:
    call = asked(FRESH, listen=False)
    assert isinstance(call.verbs[0], Ask)
    assert (call.verbs[0].phase, call.verbs[0].opens_stream, call.phase, call.stream_open) == (0, False, 0, False)


def test_listening_ends_with_the_first_document_that_does_not_listen_and_only_there() -> None:
    talk = Conversation()
    talk.caller.keys("0")
    assert talk.call.verbs[0] == StopListening(1)
    talk.caller.is_silent()
    assert not any(isinstance(verb, StopListening) for verb in talk.call.verbs)


def test_a_stream_that_was_lost_is_stopped_by_the_next_document_whatever_that_is() -> None:
    talk = Conversation()
    talk.loses_speech()
    talk.caller.keys("123#")
    assert talk.call.verbs[0] == StopListening(1)
    assert (talk.ask.phase, talk.ask.opens_stream) == (2, True)
    talk.loses_speech()
    talk.caller.keys("0")
    assert [verb for verb in talk.call.verbs if isinstance(verb, StopListening)] == [StopListening(2)]
    talk.caller.is_silent()
    assert not any(isinstance(verb, StopListening) for verb in talk.call.verbs)


def test_a_question_for_keys_alone_ends_listening() -> None:
    call = asked(asked(FRESH, listen=True), listen=False)
    assert call.verbs[0] == StopListening(1)
    assert not call.stream_open


def test_a_question_held_open_is_the_same_turn_without_a_word() -> None:
    call = asked(FRESH, listen=True)
    longer = ask_on(call, aloud=False, listen=True)[0]
    assert isinstance(longer.verbs[0], Ask)
    assert (longer.turn, longer.verbs[0].turn, longer.verbs[0].say, extension_of(longer)) == (1, 1, (), 1)
    assert not longer.verbs[0].opens_stream


def test_a_question_that_was_cut_off_is_the_same_turn_with_all_its_words() -> None:
    call = asked(say_first(FRESH, Say("x")), listen=True)
    again = ask_on(call, aloud=True, listen=True)[0]
    assert isinstance(again.verbs[0], Ask)
    assert again.verbs[0].say == (Say("x"), Say("a"))


def test_a_question_held_open_whose_stream_is_gone_opens_a_new_phase() -> None:
    call = replace(asked(FRESH, listen=True), stream_open=False)
    longer = ask_on(call, aloud=False, listen=True)[0]
    assert isinstance(longer.verbs[0], Ask)
    assert (longer.verbs[0].phase, longer.verbs[0].opens_stream, longer.phase, longer.stream_open) == (2, True, 2, True)


def test_a_question_held_open_does_not_listen_where_it_may_not_any_more() -> None:
    call = replace(asked(FRESH, listen=True), stream_open=False)
    longer = ask_on(call, aloud=False, listen=False)[0]
    assert isinstance(longer.verbs[0], Ask)
    assert (longer.verbs[0].listen, longer.stream_open, longer.phase) == (False, False, 1)


def test_no_question_has_no_extension() -> None:
    assert extension_of(FRESH) == 0


def test_music_goes_on_where_it_was() -> None:
    call = replace(FRESH, waiting=Waiting(NOON))
    segments = []
    for _ in range(3):
        call, actions = hold(call)
        segments += [action.segment for action in actions if isinstance(action, Wait)]
    assert segments == [0, 1, 2]


def test_an_end_with_words_says_them_and_hangs_up() -> None:
    call, _ = ended(FRESH, Ending.CLOSED, NOON, Say("closed"))
    assert call.verbs == (Say("closed"), Hangup())


def test_an_end_without_words_asks_nothing_of_a_leg_that_is_gone() -> None:
    call, actions = ended(replace(FRESH, prelude=(Say("x"),), stream_open=True), Ending.ABANDONED, NOON)
    assert (call.stage, call.prelude, call.stream_open, call.open_errand) == (Stage.ENDED, (), False, None)
    assert [type(action).__name__ for action in actions] == ["Note"]


def test_a_call_that_never_began_has_no_length() -> None:
    _, actions = ended(Call("call-1", BILLING), Ending.ABANDONED, NOON)
    assert ("seconds", 0.0) in actions[-1].facts  # type: ignore[union-attr]


def test_while_an_errand_is_out_the_line_stays_as_it_is() -> None:
    talk = Conversation()
    before = talk.call.verbs
    talk.caller.says(ACCOUNT_SAID)
    assert talk.call.verbs == before
    assert talk.call.open_errand == 1
