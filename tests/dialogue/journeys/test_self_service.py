"""What the line says by itself, and to whom."""

from dataclasses import replace

import pytest

from tests.dialogue.conversation import (
    ACCOUNT,
    BALANCE,
    KNOWN_NUMBER,
    OFFICE,
    PIN_KEYED,
    PIN_SAID,
    SELF_SERVICE,
    Conversation,
)
from voicebot.dialogue.actions import FetchDetails, Hangup, OfferToFloor, Say
from voicebot.dialogue.call import Stage
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.spoken import Amount, Words
from voicebot.dialogue.values import Assurance, Ending, Hearing, Reason
from voicebot.errors import ImpossibleEvent

PUBLIC = replace(SELF_SERVICE, secrets=(), details=(BALANCE, OFFICE))
TOLD = (("balance", "12.50"), ("office", "Elm Street"))
SAID = ["self_service.balance", "self_service.office", "self_service.more"]


def told(line=SELF_SERVICE) -> Conversation:  # type: ignore[no-untyped-def]  # noqa: ANN001
    talk = Conversation(line).is_verified()
    talk.back_end.tells(*TOLD)
    return talk


def test_a_verified_caller_hears_everything_that_the_line_can_say() -> None:
    talk = Conversation(SELF_SERVICE).is_verified()
    assert talk.errand == FetchDetails(3, "ref-1", ("balance", "office"))
    talk.back_end.tells(*TOLD)
    assert talk.hears == ["verified", *SAID]
    assert talk.says[1] == Say("self_service.balance", args=(("value", Amount("12.50", "EUR")),))
    assert talk.says[2] == Say("self_service.office", args=(("value", Words("Elm Street")),))
    assert talk.facts(Noted.DETAILS) == {"names": "balance, office", "assurance": "verified"}


def test_an_identified_caller_is_asked_for_nothing_private_and_hears_nothing_private() -> None:
    talk = Conversation(PUBLIC, KNOWN_NUMBER)
    talk.back_end.finds()
    assert talk.errand == FetchDetails(2, "ref-1", ("office",))
    talk.back_end.tells(*TOLD)  # even if the back end says more than it was asked
    assert talk.hears == ["greeting", "self_service.office", "self_service.more"]


def test_where_all_is_private_an_identified_caller_goes_to_an_agent() -> None:
    talk = Conversation(replace(PUBLIC, details=(BALANCE,)), KNOWN_NUMBER)
    talk.back_end.finds()
    assert (talk.stage, talk.call.reason) == (Stage.WAIT, None)
    assert not talk.does(FetchDetails)


def test_a_caller_whose_secret_is_wrong_hears_nothing_private() -> None:
    talk = Conversation(SELF_SERVICE).is_identified()
    talk.caller.says("i don't have it")
    assert talk.stage is Stage.WAIT
    assert not talk.does(FetchDetails)


def test_a_detail_that_the_back_end_does_not_know_is_left_out() -> None:
    talk = Conversation(SELF_SERVICE).is_verified()
    talk.back_end.tells(("office", "Elm Street"))
    assert talk.hears == ["verified", "self_service.office", "self_service.more"]


@pytest.mark.parametrize("how", ["nothing known", "down", "lost"])
def test_where_nothing_can_be_said_an_agent_helps_a_caller_who_stays_verified(how: str) -> None:
    talk = Conversation(SELF_SERVICE).is_verified()
    match how:
        case "nothing known":
            talk.back_end.tells()
        case "down":
            talk.back_end.cannot_tell()
        case "lost":
            talk.back_end.is_lost()
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, Reason.BACK_END_DOWN, Assurance.VERIFIED)
    assert talk.hears[:2] == ["verified", "self_service.unavailable"]
    assert talk.count(Noted.UNAUTHENTICATED) == 0


@pytest.mark.parametrize(("deed", "value"), [("keys", "0"), ("says", "agent")])
def test_who_wants_an_agent_afterwards_gets_one_and_is_still_verified(deed: str, value: str) -> None:
    talk = told()
    getattr(talk.caller, deed)(value)
    assert (talk.stage, talk.call.reason, talk.call.assurance) == (Stage.WAIT, None, Assurance.VERIFIED)
    assert talk.does(OfferToFloor)


@pytest.mark.parametrize(
    ("deed", "value"), [("keys", "1"), ("keys", "*"), ("says", "repeat"), ("says", "yes"), ("says", "start again")]
)
def test_who_wants_to_hear_it_again_hears_it_again(deed: str, value: str) -> None:
    talk = told()
    getattr(talk.caller, deed)(value)
    talk.back_end.tells(*TOLD)
    assert talk.hears == SAID


@pytest.mark.parametrize(("deed", "value"), [("keys", "2"), ("says", "no")])
def test_who_wants_no_more_is_said_goodbye_to(deed: str, value: str) -> None:
    talk = told()
    getattr(talk.caller, deed)(value)
    assert talk.call.verbs[-2:] == (Say("goodbye"), Hangup())
    assert talk.call.ending is Ending.CONTAINED


def test_who_says_nothing_any_more_is_said_goodbye_to() -> None:
    talk = told()
    talk.caller.is_silent()
    assert (talk.stage, talk.call.ending, talk.hears) == (Stage.ENDED, Ending.CONTAINED, ["goodbye"])


def test_while_the_caller_speaks_nobody_says_goodbye() -> None:
    talk = told()
    for _ in range(3):
        talk.caller.is_silent(speaking=True)
        assert (talk.stage, talk.ask.say) == (Stage.SELF_SERVICE, ())
    talk.caller.is_silent(speaking=True)
    assert talk.stage is Stage.ENDED


@pytest.mark.parametrize(("deed", "value"), [("keys", "7"), ("says", "help"), ("says", "mumble")])
def test_what_is_no_command_here_is_asked_again_three_times_at_most(deed: str, value: str) -> None:
    talk = told()
    for attempt in (2, 3):
        getattr(talk.caller, deed)(value)
        assert talk.says == [Say("self_service.more", attempt)]
    getattr(talk.caller, deed)(value)
    assert talk.call.ending is Ending.CONTAINED


@pytest.mark.parametrize("doubt", [Hearing.CONFIRM, Hearing.REJECTED])
def test_a_command_that_the_ear_does_not_stand_for_is_not_obeyed(doubt: Hearing) -> None:
    talk = told()
    talk.caller.says("agent", doubt)
    assert talk.hears == ["self_service.more"]


def test_while_the_answer_is_fetched_whatever_the_caller_does_is_dropped() -> None:
    """The question of before may still run out while the secret is checked: that is no reason to hang up."""
    talk = Conversation(SELF_SERVICE).is_verified()
    before = talk.call
    talk.happens(NoInput(talk.now, talk.call.turn))
    talk.caller.keys("0")
    talk.caller.says("no")
    assert talk.call == before
    assert talk.count(Noted.DROPPED) == 3


def test_the_terminator_of_the_secret_does_not_cut_off_what_the_caller_wanted_to_hear() -> None:
    talk = told()
    talk.caller.keys("#", after=0.5)
    assert talk.hears == ["verified", *SAID]
    assert talk.stage is Stage.SELF_SERVICE
    talk.caller.keys("#", after=5)
    assert talk.hears == ["self_service.more"]


def test_keys_that_repeat_a_spoken_secret_do_not_cut_it_off_either() -> None:
    talk = Conversation(SELF_SERVICE).is_identified()
    talk.caller.says(PIN_SAID)
    talk.back_end.matches()
    talk.back_end.tells(*TOLD)
    for key in PIN_KEYED[-3:]:
        talk.caller.keys(key, after=0.4)
        assert talk.hears == ["verified", *SAID]
    assert talk.count(Noted.DROPPED) == 3
    assert talk.ask.turn == 3


def test_the_machines_time_ends_with_a_goodbye_for_who_was_told() -> None:
    talk = told()
    talk.time_comes("bot_time_is_up")
    assert (talk.stage, talk.call.ending, talk.hears) == (Stage.ENDED, Ending.CONTAINED, ["goodbye"])


def test_the_machines_time_ends_at_an_agent_for_who_was_told_nothing() -> None:
    talk = Conversation(SELF_SERVICE).is_verified()
    talk.time_comes("bot_time_is_up")
    assert (talk.stage, talk.call.open_errand) == (Stage.WAIT, None)


def test_an_agent_cannot_take_a_call_that_is_not_in_line() -> None:
    talk = told()
    with pytest.raises(ImpossibleEvent):
        talk.agent.accepts()
    assert talk.stage is Stage.SELF_SERVICE


def test_another_time_changes_nothing() -> None:
    talk = told()
    before = talk.call
    assert talk.time_comes("waited_too_long") == []
    assert talk.call == before


def test_speech_that_fails_twice_leaves_the_keys() -> None:
    talk = told()
    talk.loses_speech()
    talk.caller.keys("7")
    assert talk.ask.opens_stream
    talk.loses_speech()
    talk.caller.keys("7")
    assert not talk.ask.listen


def test_a_caller_by_keypad_is_not_listened_to() -> None:
    talk = Conversation(SELF_SERVICE, keypad=True).is_verified()
    talk.back_end.tells(*TOLD)
    assert not talk.ask.listen


def test_who_hangs_up_after_it_was_told_is_contained() -> None:
    talk = told()
    talk.caller.hangs_up()
    assert talk.call.ending is Ending.CONTAINED


def test_an_identifier_alone_says_nothing_private_however_it_came() -> None:
    talk = Conversation(PUBLIC)
    talk.caller.keys(ACCOUNT)
    talk.back_end.finds()
    talk.back_end.tells(*TOLD)
    assert "self_service.balance" not in talk.hears
