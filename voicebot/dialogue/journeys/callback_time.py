"""When somebody is to be called back: as soon as possible, with the place that they have, or in a slot that they choose.

Whoever says nothing to it is called as soon as possible: the number is known, and that they want to be called.
"""

from collections.abc import Callable
from typing import TypeAlias

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.documents import Step
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.journeys.wish_steps import ONE_KEY, Answer, again, at_step, put, read, waiting_of, wish_of
from voicebot.dialogue.spoken import Count, Moment
from voicebot.dialogue.wishing import WishStep

SOON, CHOOSE = "1", "2"
AT_ONCE = 3  # slots are read out together
LATER = str(AT_ONCE + 1)

Then: TypeAlias = Callable[[Call], Step]


def begin(call: Call) -> Step:
    """As soon as possible, or later?"""
    return _ask_when(at_step(call, WishStep.WHEN))


def step(call: Call, event: Answer, then: Then, stays: Then) -> Step:
    """One answer. `then` goes on with the booking, `stays` gives it up."""
    key = "" if isinstance(event, NoInput) else read(call, event, ONE_KEY).digits
    if key == "0":
        return stays(call)
    if wish_of(call).step is WishStep.WHEN:
        return _when(call, key, then)
    return _slot(call, key, then)


def moment(call: Call) -> Moment | None:
    """When they are to be called, to be said; None: as soon as possible."""
    wish = wish_of(call)
    return Moment(wish.window.start, wish.zone) if wish.window is not None else None


def _when(call: Call, key: str, then: Then) -> Step:
    match key:
        case "1":
            return then(call)
        case "2":
            return _ask_slot(at_step(call, WishStep.SLOT, shown=0))
    once_more = again(call)
    return _ask_when(once_more) if once_more is not None else then(call)


def _slot(call: Call, key: str, then: Then) -> Step:
    wish = wish_of(call)
    shown = wish.slots[wish.shown : wish.shown + AT_ONCE]
    if key and int(key) <= len(shown):
        return then(at_step(call, WishStep.SLOT, window=shown[int(key) - 1]))
    if key == LATER:
        following = wish.shown + AT_ONCE
        return _ask_slot(at_step(call, WishStep.SLOT, shown=following if following < len(wish.slots) else 0))
    once_more = again(call)
    return _ask_slot(once_more) if once_more is not None else then(call)


def _ask_when(call: Call) -> Step:
    prompt = "callback.when_closed" if waiting_of(call).closed else "callback.when"
    return put(call, [Say(prompt)], ONE_KEY)


def _ask_slot(call: Call) -> Step:
    wish = wish_of(call)
    shown = wish.slots[wish.shown : wish.shown + AT_ONCE]
    says = [
        Say("callback.slot", args=(("when", Moment(window.start, wish.zone)), ("key", Count(number))))
        for number, window in enumerate(shown, 1)
    ]
    if len(wish.slots) > AT_ONCE:
        says.append(Say("callback.slot_other", args=(("key", Count(int(LATER))),)))
    return put(call, says, ONE_KEY)
