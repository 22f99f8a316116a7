"""A caller in line would rather be called back: at which number, and a promise. The place is kept until the promise is made.

An agent who becomes free in between simply takes the call.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import Action, Ask, KeepCallbackWish, Note, Noted, Say, WithdrawFromFloor
from voicebot.dialogue.call import Call, CallbackWish, Waiting
from voicebot.dialogue.collect import Took, key_plan, read_keys
from voicebot.dialogue.documents import Step, ended, hold, joined_steps, question, say_first
from voicebot.dialogue.events import EntryKeyed, NoInput
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
    """The number that the call comes from is offered, if it is one."""
    ani = call.ani
    known = ani.number if ani is not None and ani.standing is AniStanding.USABLE and ani.number else ""
    return _confirm(call, known, 1) if known else _ask_number(call, 1)


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
                return _promise(call, wish, event)
            case Took.NO:
                return _ask_number(call, 1)
        return _stays(call, event.at)
    keyed = read_keys(keys, PHONE)
    number = e164_of(keyed.digits, call.line.region) if keyed.took is Took.COMPLETE else None
    if number is not None:
        return _confirm(call, number, wish.asked)
    return _ask_number(call, wish.asked + 1) if wish.asked < ASKED_AT_MOST else _stays(call, event.at)


def _confirm(call: Call, number: str, asked: int) -> Step:
    call = _with(call, CallbackWish(number, asked))
    prompt = "callback.confirm_closed" if _waiting(call).closed else "callback.confirm"
    says = [Say(prompt, args=(("value", Digits(number.removeprefix("+"))),))]
    return question(call, says, YES_NO, key_plan(YES_NO), listen=False)


def _ask_number(call: Call, asked: int) -> Step:
    call = _with(call, CallbackWish(asked=asked))
    return question(call, [Say("callback.number", asked)], PHONE, key_plan(PHONE), listen=False)


def _stays(call: Call, at: datetime) -> Step:
    call = _with(call, None)
    return _closed(call, at) if _waiting(call).closed else hold(call, Say("callback.stays"))


def _closed(call: Call, at: datetime) -> Step:
    return joined_steps((call, [WithdrawFromFloor()]), ended(call, Ending.CLOSED_MEANWHILE, at, Say("waiting.closed")))


def _promise(call: Call, wish: CallbackWish, event: EntryKeyed) -> Step:
    queue = call.queue.name
    note = Note(Noted.CALLBACK_WISHED, (("queue", queue),))
    kept: list[Action] = [WithdrawFromFloor(), KeepCallbackWish(queue, wish.number), note]
    return joined_steps((call, kept), ended(call, Ending.CALLBACK_PROMISED, event.at, Say("callback.promised")))


def _with(call: Call, wish: CallbackWish | None) -> Call:
    return replace(call, waiting=replace(_waiting(call), wish=wish))


def _waiting(call: Call) -> Waiting:
    assert call.waiting is not None  # set when the caller got in line  # noqa: S101
    return call.waiting
