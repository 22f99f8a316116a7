"""What follows the number: when somebody is to be called back, and by which phrase we prove who is calling."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING, KNOWN_NUMBER, NOON, WITHHELD, Conversation
from voicebot.dialogue.actions import BookCallback, DropPhrase, KeepPhrase, MakePhrase, Say, WithdrawFromFloor
from voicebot.dialogue.call import Stage
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.events import CallbackBooked, CallbackPlanned
from voicebot.dialogue.forms import LinePlan, QueuePlan
from voicebot.dialogue.journeys.callback_phrase import PHRASES_AT_MOST
from voicebot.dialogue.journeys.callback_time import AT_ONCE
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.outbound import BookingResult, CallbackRules
from voicebot.dialogue.spoken import Count, KeptPhrase, Moment
from voicebot.dialogue.timers import BOT_TIME_IS_UP
from voicebot.dialogue.values import Ending, Hearing, Shape

OFFERS = replace(BILLING, queue=QueuePlan("billing", offer_callback=True))
ZONE = "Europe/Copenhagen"
NUMBER = KNOWN_NUMBER.number or ""
SLOTS = tuple(Window(NOON + timedelta(hours=hour), NOON + timedelta(hours=hour + 1)) for hour in range(1, 8))


def ruled(**rules: object) -> LinePlan:
    return replace(OFFERS, callbacks=CallbackRules(**rules))  # type: ignore[arg-type]


NO_PHRASE, NO_TIME = ruled(phrase=False), ruled(choose_time=False)


def numbered(line: LinePlan = OFFERS, slots: tuple[Window, ...] = SLOTS) -> Conversation:
    """In line, and the calling number is confirmed."""
    talk = Conversation(line, KNOWN_NUMBER)
    talk.back_end.finds_nobody()
    talk.waits()
    talk.slots = slots
    talk.caller.keys("1")
    talk.caller.keys("1")
    return talk


def booked(talk: Conversation, window: Window | None = None) -> bool:
    return BookCallback("billing", NUMBER, window) in talk.actions and talk.call.ending is Ending.CALLBACK_PROMISED


def keeps(talk: Conversation) -> list[str]:
    """Digits that the last step had sealed."""
    return [action.phrase.reveal() for action in talk.actions if isinstance(action, KeepPhrase)]


# ---- when --------------------------------------------------------------------------------------------------------


def test_as_soon_as_possible_or_a_time_is_asked_where_there_are_times() -> None:
    talk = numbered(NO_PHRASE)
    assert talk.hears == ["callback.when"]
    talk.caller.keys("1")
    assert booked(talk)
    assert talk.hears == ["callback.promised"]


def test_without_free_times_it_is_as_soon_as_possible() -> None:
    assert booked(numbered(NO_PHRASE, ()))


def test_three_times_are_read_out_and_more_come_after_them() -> None:
    talk = numbered(NO_PHRASE)
    talk.caller.keys("2")
    first = Say("callback.slot", args=(("when", Moment(SLOTS[0].start, ZONE)), ("key", Count(1))))
    assert talk.says[0] == first
    assert talk.hears == ["callback.slot"] * AT_ONCE + ["callback.slot_other"]
    talk.caller.keys("4")
    talk.caller.keys("4")
    assert talk.says[0] == Say("callback.slot", args=(("when", Moment(SLOTS[6].start, ZONE)), ("key", Count(1))))
    talk.caller.keys("4")
    assert talk.says[0] == first
    talk.caller.keys("2")
    assert booked(talk, SLOTS[1])
    assert talk.says == [Say("callback.promised_at", args=(("when", Moment(SLOTS[1].start, ZONE)),))]


def test_a_time_may_be_said() -> None:
    talk = numbered(NO_PHRASE)
    assert talk.ask.listen
    talk.caller.says("two")
    talk.caller.says("three", Hearing.CONFIRM)  # not sure which
    assert talk.hears[0] == "callback.slot"
    talk.caller.says("three")
    assert booked(talk, SLOTS[2])


def test_few_times_need_no_key_for_others_and_a_key_that_is_none_of_them_is_asked_about() -> None:
    talk = numbered(NO_PHRASE, SLOTS[:2])
    talk.caller.keys("2")
    assert talk.hears == ["callback.slot"] * 2
    talk.caller.keys("3")
    assert talk.hears == ["callback.slot"] * 2
    talk.caller.keys("3")
    assert booked(talk)


@pytest.mark.parametrize("first", ["", "9"])
def test_who_does_not_choose_is_called_as_soon_as_possible(first: str) -> None:
    talk = numbered(NO_PHRASE)
    talk.caller.keys(first) if first else talk.caller.is_silent()
    assert talk.hears == ["callback.when"]
    talk.caller.is_silent()
    assert booked(talk)


def test_a_time_that_was_taken_meanwhile_is_told_and_another_one_asked_for() -> None:
    talk = numbered()
    talk.caller.keys("2")
    talk.caller.keys("1")
    talk.caller.keys("2")
    talk.taken, talk.slots = 1, SLOTS[1:]
    talk.caller.keys("1")
    assert talk.hears == ["callback.slot_full", "callback.when"]
    talk.caller.keys("2")
    talk.caller.keys("1")
    assert booked(talk, SLOTS[1])  # and the phrase that was agreed before is not asked for again


def test_who_presses_nought_stays_in_line() -> None:
    for steps in (["0"], ["2", "0"]):
        talk = numbered(NO_PHRASE)
        for keys in steps:
            talk.caller.keys(keys)
        assert (talk.stage, talk.hears) == (Stage.WAIT, ["callback.stays"])
        assert not talk.does(WithdrawFromFloor)


def test_who_is_still_speaking_is_waited_for() -> None:
    talk = numbered(NO_PHRASE)
    turn = talk.call.turn
    talk.caller.is_silent(speaking=True)
    assert (talk.call.turn, talk.hears) == (turn, [])
    talk.caller.says("one")
    assert booked(talk)


# ---- by which phrase ---------------------------------------------------------------------------------------------


def phrased() -> Conversation:
    """Asked for a phrase."""
    talk = numbered(NO_TIME)
    assert talk.hears == ["callback.phrase_offer"]
    return talk


def test_digits_of_their_own_are_sealed_and_read_back_and_stand_nowhere_in_the_call() -> None:
    talk = phrased()
    talk.caller.keys("1")
    assert talk.says[-1] == Say("callback.phrase_digits", 1, (("digits", Count(5)),))
    assert talk.ask.secret
    assert talk.ask.shape == Shape.parse("digits:5-12")
    talk.caller.keys("860917#")
    assert keeps(talk) == ["860917"]
    assert talk.says == [Say("callback.phrase_is", args=(("phrase", KeptPhrase()),))]
    assert "860917" not in json.dumps(talk.call.to_dict())
    assert "860917" not in repr(talk.journal)
    talk.caller.keys("1")
    assert booked(talk)
    assert not talk.does(DropPhrase)


@pytest.mark.parametrize("hearing", [Hearing.ACCEPTED, Hearing.CONFIRM])
def test_digits_may_be_said_and_are_read_back_so_doubt_does_not_matter(hearing: Hearing) -> None:
    talk = phrased()
    talk.caller.says("one")
    talk.caller.says("eight six oh nine one", hearing)
    assert keeps(talk) == ["86091"]
    talk.caller.says("yes")
    assert booked(talk)


def test_four_digits_are_too_few_and_after_two_tries_we_make_a_phrase() -> None:
    talk = phrased()
    talk.caller.keys("1")
    talk.caller.keys("0420#")
    assert (talk.says[-1].prompt_id, talk.says[-1].attempt) == ("callback.phrase_digits", 2)
    assert keeps(talk) == []
    talk.caller.is_silent()
    assert talk.does(MakePhrase)
    assert talk.hears == ["callback.phrase_is"]


def test_a_company_may_allow_four() -> None:
    talk = numbered(ruled(choose_time=False, phrase_digits=4))
    talk.caller.keys("1")
    talk.caller.keys("0420#")
    assert keeps(talk) == ["0420"]


def test_words_of_ours_are_made_told_and_made_anew() -> None:
    talk = phrased()
    talk.caller.keys("2")
    assert talk.does(MakePhrase)
    assert talk.hears == ["callback.phrase_is"]
    talk.caller.keys("2")
    assert talk.does(MakePhrase)
    talk.caller.keys("1")
    assert booked(talk)


def test_whoever_wants_none_of_them_goes_without() -> None:
    talk = phrased()
    talk.caller.keys("2")
    for _ in range(PHRASES_AT_MOST - 1):
        talk.caller.keys("2")
        assert talk.does(MakePhrase)
    talk.caller.keys("2")
    assert talk.does(DropPhrase)
    assert booked(talk)


def test_a_no_to_own_digits_asks_for_others() -> None:
    talk = phrased()
    talk.caller.keys("1")
    talk.caller.keys("86091#")
    talk.caller.keys("2")
    assert talk.hears == ["callback.phrase_digits"]
    talk.caller.keys("86092#")
    assert keeps(talk) == ["86092"]


def test_silence_has_it_read_once_more_and_then_takes_it() -> None:
    talk = phrased()
    talk.caller.keys("2")
    talk.caller.is_silent()
    assert talk.hears == ["callback.phrase_is"]
    assert not talk.does(MakePhrase)
    talk.caller.is_silent()
    assert booked(talk)


@pytest.mark.parametrize("keys", ["3", "", "7"])
def test_a_phrase_is_nobodys_duty(keys: str) -> None:
    talk = phrased()
    if keys != "3":
        talk.caller.keys(keys) if keys else talk.caller.is_silent()
        assert (talk.says[-1].prompt_id, talk.says[-1].attempt) == ("callback.phrase_offer", 2)
        talk.caller.is_silent()
    else:
        talk.caller.keys(keys)
    assert booked(talk)
    assert not talk.does(KeepPhrase)
    assert not talk.does(MakePhrase)


def kept() -> Conversation:
    talk = phrased()
    talk.caller.keys("2")
    return talk


def test_a_phrase_of_a_callback_that_is_not_booked_is_dropped() -> None:
    with_agent, gone, limited, stays = kept(), kept(), kept(), phrased()
    with_agent.agent.accepts()
    assert with_agent.stage is Stage.TRANSFER
    gone.caller.hangs_up()
    limited.booking = BookingResult.LIMITED
    limited.caller.keys("1")
    assert limited.hears == ["callback.limited"]
    stays.caller.keys("0")
    assert stays.hears == ["callback.stays"]
    for talk in (with_agent, gone, limited, stays):
        assert talk.does(DropPhrase)


# ---- what the switchboard says -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "told"), [(BookingResult.MERGED, "callback.promised"), (BookingResult.LIMITED, "callback.limited")]
)
def test_where_nothing_more_would_be_promised_nothing_more_is_asked(result: BookingResult, told: str) -> None:
    talk = Conversation(OFFERS, KNOWN_NUMBER)
    talk.back_end.finds_nobody()
    talk.waits()
    talk.slots, talk.booking = SLOTS, result
    talk.caller.keys("1")
    talk.caller.keys("1")
    assert talk.hears == [told]


def test_what_was_not_asked_for_is_no_news() -> None:
    talk = Conversation(OFFERS, WITHHELD).waits()
    talk.happens(CallbackPlanned(talk.now, BookingResult.PROMISED))
    talk.happens(CallbackBooked(talk.now, BookingResult.PROMISED))
    assert talk.stage is Stage.WAIT
    assert talk.count(Noted.TOO_LATE) == 2


# ---- out of hours ------------------------------------------------------------------------------------------------


def closed(line: LinePlan = OFFERS) -> Conversation:
    talk = Conversation(line, KNOWN_NUMBER, closed=True)
    talk.slots = SLOTS
    return talk


def test_out_of_hours_a_callback_is_offered() -> None:
    talk = closed()
    assert talk.hears == ["closed_but", "callback.confirm_closed"]
    talk.caller.keys("1")
    assert talk.hears == ["callback.when_closed"]
    talk.caller.keys("2")
    talk.caller.keys("1")
    talk.caller.keys("3")
    assert booked(talk, SLOTS[0])
    assert not talk.does(WithdrawFromFloor)
    assert not talk.count(Noted.QUEUED)


def test_out_of_hours_who_wants_none_hears_when_to_call() -> None:
    talk = closed()
    talk.caller.is_silent()
    assert (talk.hears, talk.call.ending) == (["closed"], Ending.CLOSED)
    gone = closed()
    gone.caller.hangs_up()
    assert gone.call.ending is Ending.CLOSED
    assert closed(BILLING).hears == ["closed"]


def test_out_of_hours_nobody_is_kept_beyond_the_machines_time() -> None:
    talk = closed()
    talk.time_comes(BOT_TIME_IS_UP)
    assert talk.call.ending is Ending.CLOSED
    waits = numbered()
    assert waits.time_comes(BOT_TIME_IS_UP) == []
