"""Callers hear which callbacks they are promised already, and leave, move or cancel them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue.conversation import BILLING, KNOWN_NUMBER, NOON, Conversation
from voicebot.dialogue.actions import CancelCallback, FindWishes, MoveCallback, Say, WithdrawFromFloor
from voicebot.dialogue.call import Stage
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.events import CallbackChanged, WishesFound
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.notes import Noted
from voicebot.dialogue.outbound import ChangeResult
from voicebot.dialogue.spoken import Digits, Moment
from voicebot.dialogue.values import Ending
from voicebot.dialogue.wishing import KnownWish

OFFERS = replace(BILLING, queue=QueuePlan("billing", offer_callback=True))
ZONE = "Europe/Copenhagen"
NUMBER = "12025550123"
SLOTS = tuple(Window(NOON + timedelta(hours=hour), NOON + timedelta(hours=hour + 1)) for hour in (1, 2))
SOON = KnownWish("wish-1", "billing", f"+{NUMBER}")
LATER = KnownWish("wish-2", "billing", f"+{NUMBER}", SLOTS[0])


def promised(*wishes: KnownWish, closed: bool = False) -> Conversation:
    """In line, and has asked for a callback."""
    talk = Conversation(OFFERS, KNOWN_NUMBER, closed=closed)
    if closed:
        return talk
    talk.back_end.finds_nobody()
    talk.waits()
    talk.promised, talk.slots = wishes, SLOTS
    talk.caller.keys("1")
    return talk


def in_line(talk: Conversation, told: str) -> bool:
    return (talk.stage, talk.hears) == (Stage.WAIT, [told]) and not talk.does(WithdrawFromFloor)


def test_what_they_are_promised_is_told_first() -> None:
    talk = promised(SOON)
    assert talk.does(FindWishes)
    assert talk.says == [Say("callback.kept", args=(("value", Digits(NUMBER)),)), Say("callback.kept_choice")]
    assert promised(LATER).says[0] == Say(
        "callback.kept_at", args=(("value", Digits(NUMBER)), ("when", Moment(SLOTS[0].start, ZONE)))
    )


def test_who_is_promised_nothing_is_asked_for_the_number_at_once() -> None:
    assert promised().hears == ["callback.confirm"]


@pytest.mark.parametrize("keys", ["1", "0", ""])
def test_it_stays_as_it_is(keys: str) -> None:
    talk = promised(SOON)
    if keys:
        talk.caller.keys(keys)
    else:
        talk.caller.is_silent()
        assert talk.hears[0] == "callback.kept"
        talk.caller.is_silent()
    assert in_line(talk, "callback.kept_on")


def test_it_is_cancelled_and_the_caller_stays_in_line() -> None:
    talk = promised(SOON, LATER)
    assert talk.hears[-1] == "callback.kept_next"
    talk.caller.keys("5")
    assert talk.hears[0] == "callback.kept_at"
    talk.caller.keys("3")
    assert CancelCallback("wish-2") in talk.actions
    assert in_line(talk, "callback.cancelled")
    assert talk.facts(Noted.CALLBACK_CHANGED) == {"what": "cancelled", "by": "call"}


def test_the_next_one_is_asked_for_only_where_there_is_one() -> None:
    talk = promised(SOON)
    talk.caller.keys("5")
    assert talk.hears[0] == "callback.kept"


@pytest.mark.parametrize(
    ("keys", "window", "told"), [(("2", "2"), SLOTS[1], "callback.moved_at"), (("1",), None, "callback.moved")]
)
def test_it_is_moved(keys: tuple[str, ...], window: Window | None, told: str) -> None:
    talk = promised(LATER)
    talk.caller.keys("2")
    assert talk.hears == ["callback.when"]
    for key in keys:
        talk.caller.keys(key)
    assert MoveCallback("wish-2", window) in talk.actions
    assert in_line(talk, told)


@pytest.mark.parametrize("wish", [SOON, LATER])
def test_without_free_times_it_stays_as_it_is_and_that_is_told(wish: KnownWish) -> None:
    talk = promised(wish)
    talk.slots = ()
    talk.caller.keys("2")
    assert in_line(talk, "callback.no_time")
    assert not talk.does(MoveCallback)


def test_moving_it_may_be_given_up() -> None:
    talk = promised(LATER)
    talk.caller.keys("2")
    talk.caller.keys("0")
    assert in_line(talk, "callback.stays")
    assert not talk.does(MoveCallback)


def test_what_cannot_be_changed_just_now_is_told() -> None:
    talk = promised(SOON)
    talk.taken = 1
    talk.caller.keys("3")
    assert in_line(talk, "callback.not_changed")


def test_another_one_may_be_booked() -> None:
    talk = promised(SOON)
    talk.caller.keys("4")
    assert talk.hears == ["callback.confirm"]


def test_out_of_hours_the_line_says_goodbye_afterwards() -> None:
    talk = Conversation(OFFERS, KNOWN_NUMBER, closed=True)
    assert talk.hears == ["closed_but", "callback.confirm_closed"]
    talk = promised(SOON)
    talk.time_comes("closed_meanwhile")
    talk.caller.keys("3")
    assert talk.hears == ["callback.cancelled", "waiting.closed"]
    assert talk.call.ending is Ending.CLOSED_MEANWHILE


def test_what_was_not_asked_for_is_no_news() -> None:
    talk = promised(SOON)
    for event in (WishesFound(talk.now, (SOON,)), CallbackChanged(talk.now, ChangeResult.MOVED)):
        talk.happens(event)
    assert talk.count(Noted.TOO_LATE) == 2
