"""Through which door a question is put, and what follows when a two-way stream fails."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import ACCOUNT, ACCOUNT_SAID, BILLING, NOON, PIN_KEYED, SELF_SERVICE, Conversation
from voicebot.dialogue.actions import StopListening
from voicebot.dialogue.events import DoorFailed, NoInput
from voicebot.dialogue.forms import Door, LinePlan
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.values import Hearing
from voicebot.errors import ImpossibleEvent

STREAMED = replace(BILLING, door=Door.STREAM, secrets_door=Door.STREAM)
SECRETS_KEYED = replace(BILLING, door=Door.STREAM)
RECORDED = replace(BILLING, door=Door.RECORD)
SECRETS_STREAMED = replace(BILLING, secrets_door=Door.STREAM)


def fails(talk: Conversation) -> None:
    talk.happens(DoorFailed(talk.passes(3.0), talk.call.turn))


def stops(talk: Conversation) -> list[int]:
    return [verb.phase for verb in talk.call.verbs if isinstance(verb, StopListening)]


@pytest.mark.parametrize(
    ("line", "number", "secret"),
    [
        (BILLING, Door.GATHER, Door.GATHER),
        (STREAMED, Door.STREAM, Door.STREAM),
        (SECRETS_KEYED, Door.STREAM, Door.GATHER),
        (SECRETS_STREAMED, Door.GATHER, Door.STREAM),
    ],
)
def test_the_line_says_through_which_door_numbers_and_secrets_are_asked(line: LinePlan, number: Door, secret: Door) -> None:
    talk = Conversation(line)
    assert talk.ask.door is number
    talk.is_identified()
    assert talk.ask.door is secret


def test_one_stream_hears_a_whole_dialogue_and_nothing_is_stopped_when_it_is_left() -> None:
    talk = Conversation(STREAMED)
    assert talk.ask.opens_stream
    talk.caller.says(ACCOUNT_SAID)
    talk.back_end.finds()
    assert not talk.ask.opens_stream
    assert talk.ask.phase == 1
    talk.caller.keys(PIN_KEYED)
    talk.back_end.matches()
    assert stops(talk) == []  # the document leaves the stream by itself


def test_another_door_opens_another_phase_and_a_forked_stream_is_stopped() -> None:
    there = Conversation(SECRETS_KEYED).is_identified()
    assert (there.ask.opens_stream, there.ask.phase) == (True, 2)
    assert stops(there) == []
    back = Conversation(SECRETS_STREAMED).is_identified()
    assert (back.ask.opens_stream, back.ask.phase) == (True, 2)
    assert stops(back) == [1]


def test_when_the_stream_fails_the_same_question_is_put_aloud_by_the_carrier_which_stays() -> None:
    talk = Conversation(STREAMED)
    turn, said = talk.call.turn, talk.hears
    fails(talk)
    assert (talk.ask.door, talk.call.turn, talk.hears) == (Door.GATHER, turn, said)
    assert talk.ask.opens_stream
    assert talk.count(Noted.DOOR_FAILED) == 1
    assert talk.call.authenticating.tally.speech_failures == 0  # the ear has not failed
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds()
    assert talk.ask.door is Door.GATHER


def test_behind_the_failed_stream_keys_alone_are_left_when_the_fork_fails_too() -> None:
    talk = Conversation(STREAMED)
    fails(talk)
    talk.loses_speech()
    talk.caller.is_silent()
    talk.loses_speech()
    talk.caller.is_silent()
    assert not talk.ask.listen
    assert talk.hears == ["account_number.keypad_only"]


def test_a_stream_that_fails_while_an_answer_is_checked_asks_nothing_again() -> None:
    talk = Conversation(STREAMED)
    talk.caller.keys(ACCOUNT)
    fails(talk)
    assert talk.call.open_errand is not None
    talk.back_end.finds()
    assert talk.ask.field == "pin"
    assert talk.ask.door is Door.GATHER


def test_a_stream_that_was_left_cannot_fail() -> None:
    talk = Conversation(SECRETS_KEYED).is_identified()
    fails(talk)
    assert talk.count(Noted.TOO_LATE) == 1
    assert not talk.call.door_failed
    talk.waits()
    fails(talk)
    assert talk.count(Noted.TOO_LATE) == 2


def test_the_failure_of_an_earlier_question_is_late_and_of_a_later_one_impossible() -> None:
    talk = Conversation(STREAMED).is_identified()
    talk.happens(DoorFailed(NOON, 1))
    assert talk.count(Noted.TOO_LATE) == 1
    with pytest.raises(ImpossibleEvent):
        talk.happens(DoorFailed(NOON, talk.call.turn + 1))


def test_lost_speech_leaves_the_stream_and_listens_anew_at_the_next_question() -> None:
    talk = Conversation(STREAMED)
    talk.loses_speech()
    assert talk.ask.door is Door.STREAM
    talk.caller.is_silent()
    assert (talk.ask.door, talk.ask.phase, talk.ask.opens_stream) == (Door.STREAM, 2, True)
    assert stops(talk) == []


# ---- recordings ----------------------------------------------------------------------------------------------------


def test_numbers_are_spoken_into_recordings_and_secrets_are_keyed() -> None:
    talk = Conversation(RECORDED)
    assert (talk.ask.door, talk.ask.listen, talk.ask.opens_stream) == (Door.RECORD, True, True)
    assert talk.hears[-1] == "account_number.ask"
    talk.caller.says(ACCOUNT_SAID)
    talk.back_end.finds()
    assert (talk.ask.door, talk.ask.listen, talk.hears[-1]) == (Door.GATHER, False, "pin.ask_keys")
    assert stops(talk) == []


def test_each_recording_is_a_phase_of_its_own_and_none_begins_while_one_is_heard() -> None:
    talk = Conversation(RECORDED)
    first = talk.ask.phase
    talk.happens(NoInput(talk.passes(1.0), talk.call.turn, 0, speech_active=True))
    assert (talk.ask.extension, talk.ask.phase, talk.ask.opens_stream) == (1, first, False)
    talk.happens(NoInput(talk.passes(3.0), talk.call.turn, 1, speech_active=False))
    assert (talk.hears, talk.ask.phase, talk.ask.opens_stream) == (["account_number.no_input"], first + 1, True)


def test_a_number_that_is_read_back_is_confirmed_by_key() -> None:
    talk = Conversation(RECORDED)
    talk.caller.says(ACCOUNT_SAID, hearing=Hearing.CONFIRM)
    assert (talk.ask.door, talk.ask.listen, talk.hears[-1]) == (Door.GATHER, False, "account_number.confirm_keys")


@pytest.mark.parametrize(("by_caller", "failed"), [(False, 1), (True, 0)])
def test_a_recording_that_cannot_be_heard_or_a_key_instead_leads_to_the_keypad(*, by_caller: bool, failed: int) -> None:
    talk = Conversation(RECORDED)
    asks = talk.call.authenticating.tally.asks
    talk.happens(DoorFailed(talk.passes(2.0), talk.call.turn, by_caller))
    assert (talk.ask.door, talk.ask.listen, talk.hears) == (Door.GATHER, False, ["account_number.keypad_only"])
    assert (talk.count(Noted.DOOR_FAILED), talk.count(Noted.KEYPAD_ONLY)) == (failed, 1)
    assert talk.call.authenticating.tally.asks == asks
    assert stops(talk) == []


def test_a_number_that_was_begun_by_keys_goes_on_by_keys() -> None:
    talk = Conversation(RECORDED)
    talk.caller.keys("4071#")
    assert (talk.ask.door, talk.ask.listen, talk.hears) == (Door.GATHER, False, ["account_number.more"])
    talk.caller.keys("9238")
    talk.back_end.finds()
    assert talk.ask.field == "pin"


def test_a_recording_that_fails_while_its_answer_is_checked_asks_nothing_again() -> None:
    talk = Conversation(RECORDED)
    talk.caller.says(ACCOUNT_SAID)
    talk.happens(DoorFailed(talk.passes(1.0), talk.call.turn))
    assert talk.count(Noted.TOO_LATE) == 1
    talk.back_end.finds()
    assert talk.ask.field == "pin"


def test_where_forked_streams_are_lost_too_often_recordings_take_their_place() -> None:
    talk = Conversation(replace(BILLING, record_when_lost=True))
    for _ in range(2):
        assert talk.ask.door is Door.GATHER
        talk.loses_speech()
        talk.caller.is_silent()
    assert (talk.ask.door, talk.ask.listen, talk.ask.opens_stream) == (Door.RECORD, True, True)
    assert talk.count(Noted.ANSWERS_RECORDED) == 1
    assert talk.count(Noted.KEYPAD_ONLY) == 0
    talk.loses_speech()  # the ear's own fault: it counts anew
    assert talk.call.authenticating.tally.speech_failures == 1
    assert talk.count(Noted.ANSWERS_RECORDED) == 1


def test_speech_that_is_lost_over_a_two_way_stream_says_nothing_about_forked_ones() -> None:
    talk = Conversation(replace(STREAMED, record_when_lost=True))
    for _ in range(2):
        talk.loses_speech()
        talk.caller.is_silent()
    assert talk.call.lost_streams == 0
    assert not talk.ask.listen


def test_a_line_that_records_asks_by_key_wherever_it_does_not_ask_for_a_number() -> None:
    talk = Conversation(replace(SELF_SERVICE, door=Door.RECORD)).is_verified()
    talk.back_end.tells(("balance", "12.00"))
    assert (talk.ask.door, talk.ask.listen) == (Door.GATHER, False)


def test_self_service_goes_on_over_the_stream() -> None:
    talk = Conversation(replace(SELF_SERVICE, door=Door.STREAM, secrets_door=Door.STREAM)).is_verified()
    talk.back_end.tells(("balance", "12.00"))
    assert talk.ask.door is Door.STREAM
