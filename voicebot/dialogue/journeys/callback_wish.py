"""A caller in line would rather be called back: at which number, and a promise. The place is kept until the promise is made.

An agent who becomes free in between simply takes the call.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import Ask, BookCallback, Say, WithdrawFromFloor
from voicebot.dialogue.call import Call, CallbackWish, Waiting
from voicebot.dialogue.collect import Took, key_plan, read_keys
from voicebot.dialogue.documents import Step, ended, hold, joined_steps, question, say_first, too_late
from voicebot.dialogue.events import CallbackBooked, EntryKeyed, NoInput
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.outbound import BookingResult, may_be_called
from voicebot.dialogue.phone import e164_of
from voicebot.dialogue.spoken import Digits
from voicebot.dialogue.values import AniStanding, Ending, Shape

WANTED = "1"
YES_NO = Shape.parse("yesno")
PHONE = Shape.parse("phone")
ASKED_AT_MOST = 3


def is_wanted(event: EntryKeyed) -> bool:
    """Whether this key in line asks for it."""
    return event.keys.reveal() == WANTED


def is_asked(call: Call) -> bool:
    """Whether the caller is being asked about it just now."""
    return any(isinstance(verb, Ask) for verb in call.verbs)


def begin(call: Call) -> Step:
    """The number that the call comes from is offered, if it is one that we call."""
    ani = call.ani
    known = ani.number if ani is not None and ani.standing is AniStanding.USABLE and ani.number else ""
    return _confirm(call, known, 1) if _is_called(call, known) else _ask_number(call, 1)


def last_chance(call: Call, at: datetime) -> Step:
    """Closing time: nobody comes any more. Who may be called back is asked about that; everybody else hears when to call."""
    call = replace(call, waiting=replace(_waiting(call), closed=True))
    if not call.queue.offer_callback:
        return _closed(call, at)
    if is_asked(call):
        return call, []  # just being asked
    return begin(say_first(call, Say("waiting.closed_but")))


def step(call: Call, event: NoInput | EntryKeyed) -> Step:
    """One answer. Whoever says nothing, or something else, stays in line."""
    wish = call.waiting.wish if call.waiting else None
    if isinstance(event, NoInput) or wish is None:
        return _stays(call, event.at)
    keys = event.keys.reveal()
    if wish.number:
        match read_keys(keys, YES_NO).took:
            case Took.YES:
                return _with(call, replace(wish, confirmed=True)), [BookCallback(call.queue.name, wish.number)]
            case Took.NO:
                return _ask_number(call, 1)
        return _stays(call, event.at)
    keyed = read_keys(keys, PHONE)
    number = e164_of(keyed.digits, call.line.region) if keyed.took is Took.COMPLETE else None
    if number is not None and _is_called(call, number):
        return _confirm(call, number, wish.asked)
    return _ask_number(call, wish.asked + 1) if wish.asked < ASKED_AT_MOST else _stays(call, event.at)


def booked(call: Call, event: CallbackBooked) -> Step:
    """What became of the wish. The place in line is given up for a promise only."""
    wish = call.waiting.wish if call.waiting else None
    if wish is None or not wish.confirmed:
        return too_late(call, event)
    noted: Step = (call, [Note(Noted.CALLBACK_WISHED, (("queue", call.queue.name), ("result", event.result.value)))])
    if event.result is BookingResult.LIMITED:
        return joined_steps(noted, _stays(call, event.at, "callback.limited"))
    out: Step = (call, [WithdrawFromFloor()])
    promised = ended(call, Ending.CALLBACK_PROMISED, event.at, Say("callback.promised"))
    return joined_steps(noted, joined_steps(out, promised))


def _is_called(call: Call, number: str) -> bool:
    return may_be_called(number, call.line.callbacks, call.line.region)


def _confirm(call: Call, number: str, asked: int) -> Step:
    call = _with(call, CallbackWish(number, asked))
    prompt = "callback.confirm_closed" if _waiting(call).closed else "callback.confirm"
    says = [Say(prompt, args=(("value", Digits(number.removeprefix("+"))),))]
    return question(call, says, YES_NO, key_plan(YES_NO), listen=False)


def _ask_number(call: Call, asked: int) -> Step:
    call = _with(call, CallbackWish(asked=asked))
    return question(call, [Say("callback.number", asked)], PHONE, key_plan(PHONE), listen=False)


def _stays(call: Call, at: datetime, told: str = "callback.stays") -> Step:
    call = _with(call, None)
    return _closed(call, at) if _waiting(call).closed else hold(call, Say(told))


def _closed(call: Call, at: datetime) -> Step:
    return joined_steps((call, [WithdrawFromFloor()]), ended(call, Ending.CLOSED_MEANWHILE, at, Say("waiting.closed")))


def _with(call: Call, wish: CallbackWish | None) -> Call:
    return replace(call, waiting=replace(_waiting(call), wish=wish))


def _waiting(call: Call) -> Waiting:
    assert call.waiting is not None  # set when the caller got in line  # noqa: S101
    return call.waiting
