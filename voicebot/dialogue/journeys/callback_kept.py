"""Callbacks that a caller is promised already: which, and whether they are to stay, come at another time, or not at all.

Only a verified customer's own are told, and those for the very number that calls; nothing of what they are about.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from voicebot.dialogue.actions import CancelCallback, MoveCallback, PlanCallback, Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.documents import Step, joined_steps
from voicebot.dialogue.events import CallbackChanged, NoInput
from voicebot.dialogue.journeys import callback_time
from voicebot.dialogue.journeys.wish_steps import ONE_KEY, Answer, again, at_step, put, read, wish_of, with_wish
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.outbound import ChangeResult
from voicebot.dialogue.spoken import Count, Digits, Moment
from voicebot.dialogue.wishing import KnownWish, WishStep

NEXT = "5"

Stays: TypeAlias = Callable[[Call, Say], Step]


def begin(call: Call) -> Step:
    """The first of them."""
    return _ask(at_step(call, WishStep.KEPT))


def step(call: Call, event: Answer, anew: Callable[[Call], Step], stays: Stays) -> Step:
    """One answer. `anew` books another one; `stays` goes back into line, or says goodbye, with a word."""
    wish = wish_of(call)
    known = wish.known[wish.shown]
    key = "" if isinstance(event, NoInput) else read(call, event, ONE_KEY).digits
    match key:
        case "1" | "0":
            return stays(call, Say("callback.kept_on"))
        case "2":
            call = with_wish(call, replace(wish, number=known.number, changing=known.id, confirmed=True))
            return call, [PlanCallback(known.queue, known.number)]
        case "3":
            return with_wish(call, replace(wish, changing=known.id, confirmed=True)), [CancelCallback(known.id)]
        case "4":
            return anew(call)
        case "5" if len(wish.known) > 1:
            return _ask(at_step(call, WishStep.KEPT, shown=(wish.shown + 1) % len(wish.known)))
    once_more = again(call)
    return _ask(once_more) if once_more is not None else stays(call, Say("callback.kept_on"))


def move(call: Call) -> Step:
    """To the time that was chosen."""
    wish = wish_of(call)
    return with_wish(call, replace(wish, confirmed=True)), [MoveCallback(wish.changing, wish.window)]


def changed(call: Call, event: CallbackChanged, stays: Stays) -> Step:
    """What became of it."""
    wish = wish_of(call)
    noted = Note(Noted.CALLBACK_CHANGED, (("what", event.result.value), ("by", "call")))
    match event.result:
        case ChangeResult.MOVED:
            when = callback_time.moment(call)
            told = Say("callback.moved_at", args=(("when", when),)) if when is not None else Say("callback.moved")
        case ChangeResult.CANCELLED:
            told = Say("callback.cancelled")
        case _:
            told = Say("callback.not_changed")
    return joined_steps((with_wish(call, replace(wish, confirmed=False)), [noted]), stays(call, told))


def _ask(call: Call) -> Step:
    wish = wish_of(call)
    known = wish.known[wish.shown]
    more = [Say("callback.kept_next", args=(("key", Count(int(NEXT))),))] if len(wish.known) > 1 else []
    return put(call, [_told(known, wish.zone), Say("callback.kept_choice"), *more], ONE_KEY)


def _told(known: KnownWish, zone: str) -> Say:
    value = ("value", Digits(known.number.removeprefix("+")))
    if known.window is None:
        return Say("callback.kept", args=(value,))
    return Say("callback.kept_at", args=(value, ("when", Moment(known.window.start, zone))))
