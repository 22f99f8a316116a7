"""By which phrase we prove who is calling: digits of the caller's own, two words of ours, or none.

It is read back, since no agent has heard it yet and the customer must know it again. Its value is never in the call's state: it
lies where it is sealed (`KeepPhrase`), and stands in a question as `KeptPhrase`. Whoever says nothing goes without one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from voicebot.dialogue.actions import DropPhrase, KeepPhrase, MakePhrase, Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.collect import Took
from voicebot.dialogue.documents import Step, joined_steps
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.journeys.wish_steps import ONE_KEY, Answer, Entry, again, at_step, book, put, read, wish_of, with_wish
from voicebot.dialogue.phrase import CallbackPhrase
from voicebot.dialogue.spoken import Count, KeptPhrase
from voicebot.dialogue.values import Shape, ShapeKind
from voicebot.dialogue.wishing import WishStep

OWN, MADE, NONE = "1", "2", "3"
YES_NO = Shape.parse("yesno")
MOST_DIGITS = 12
PHRASES_AT_MOST = 3

Stays: TypeAlias = Callable[[Call], Step]


def begin(call: Call) -> Step:
    """Which one?"""
    return _offer(at_step(call, WishStep.PHRASE, phrased=True))


def step(call: Call, event: Answer, stays: Stays) -> Step:
    """One answer. `stays` gives the booking up."""
    match wish_of(call).step:
        case WishStep.PHRASE:
            return _chosen(call, event, stays)
        case WishStep.DIGITS:
            return _once_more_for_digits(call) if isinstance(event, NoInput) else _digits(call, event)
    return _agreed(call, event)


def _chosen(call: Call, event: Answer, stays: Stays) -> Step:
    key = "" if isinstance(event, NoInput) else read(call, event, ONE_KEY).digits
    match key:
        case "1":
            return _ask_digits(at_step(call, WishStep.DIGITS, made=False))
        case "2":
            return _made(at_step(call, WishStep.AGREED, made=True))
        case "3":
            return book(call)
        case "0":
            return stays(call)
    once_more = again(call)
    return _offer(once_more) if once_more is not None else book(call)


def _digits(call: Call, entry: Entry) -> Step:
    keyed = read(call, entry, _shape(call))
    if keyed.took is not Took.COMPLETE:
        return _once_more_for_digits(call)
    kept: Step = (at_step(call, WishStep.AGREED), [KeepPhrase(CallbackPhrase(keyed.digits))])
    return joined_steps(kept, _read_back(kept[0]))


def _agreed(call: Call, event: Answer) -> Step:
    """A yes, or silence after it was read back twice, takes it as it is."""
    took = None if isinstance(event, NoInput) else read(call, event, YES_NO).took
    if took is Took.NO:
        return _another(call)
    once_more = again(call)
    return _read_back(once_more) if once_more is not None and took is not Took.YES else book(call)


def _another(call: Call) -> Step:
    """As long as there is patience; then none."""
    wish = wish_of(call)
    call = with_wish(call, replace(wish, unwanted=wish.unwanted + 1))
    if wish.unwanted + 1 >= PHRASES_AT_MOST:
        return joined_steps((call, [DropPhrase()]), book(call))
    return _made(at_step(call, WishStep.AGREED)) if wish.made else _ask_digits(at_step(call, WishStep.DIGITS))


def _once_more_for_digits(call: Call) -> Step:
    once_more = again(call)
    return _ask_digits(once_more) if once_more is not None else _made(at_step(call, WishStep.AGREED, made=True))


def _made(call: Call) -> Step:
    return joined_steps((call, [MakePhrase()]), _read_back(call))


def _offer(call: Call) -> Step:
    return put(call, [Say("callback.phrase_offer", wish_of(call).asked)], ONE_KEY)


def _ask_digits(call: Call) -> Step:
    fewest = call.line.callbacks.phrase_digits
    says = [Say("callback.phrase_digits", wish_of(call).asked, (("digits", Count(fewest)),))]
    return put(call, says, _shape(call), secret=True)


def _read_back(call: Call) -> Step:
    return put(call, [Say("callback.phrase_is", args=(("phrase", KeptPhrase()),))], YES_NO)


def _shape(call: Call) -> Shape:
    return Shape(ShapeKind.DIGITS, call.line.callbacks.phrase_digits, MOST_DIGITS)
