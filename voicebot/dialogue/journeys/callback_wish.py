"""A caller would rather be called back: at which number, when, by which phrase, and a promise. The place is kept until then.

An agent who becomes free in between simply takes the call. `callback_time` and `callback_phrase` ask what follows the number.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import Action, Ask, DropPhrase, FindWishes, PlanCallback, Say, WithdrawFromFloor
from voicebot.dialogue.call import Call, Stage, Waiting
from voicebot.dialogue.collect import Took
from voicebot.dialogue.documents import EXTENSIONS, Step, ask_on, ended, hold, joined_steps, may_listen, say_first, too_late
from voicebot.dialogue.events import CallbackBooked, CallbackChanged, CallbackPlanned, EntryKeyed, NoInput, WishesFound
from voicebot.dialogue.journeys import callback_kept, callback_phrase, callback_time
from voicebot.dialogue.journeys.wish_steps import Answer, book, put, read, waiting_of, wish_of, with_wish
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.outbound import BookingResult, may_be_called
from voicebot.dialogue.phone import e164_of
from voicebot.dialogue.spoken import Digits
from voicebot.dialogue.values import AniStanding, Ending, Shape
from voicebot.dialogue.wishing import CallbackWish, WishStep

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
    """Whoever is promised a callback already hears of that first."""
    return with_wish(call, CallbackWish(step=WishStep.KEPT, confirmed=True)), [FindWishes()]


def came(call: Call, event: WishesFound | CallbackChanged | CallbackPlanned | CallbackBooked) -> Step:
    """What the switchboard answered, at once. What was not asked for is no news."""
    wish = waiting_of(call).wish
    if wish is None or not wish.confirmed:
        return too_late(call, event)
    match event:
        case WishesFound():
            return _found(call, event)
        case CallbackChanged():
            return callback_kept.changed(call, event, lambda call, told: _back(call, event.at, told))
        case CallbackPlanned():
            return _planned(call, event, wish)
    return _booked(call, event, wish)


def _found(call: Call, event: WishesFound) -> Step:
    """Those that they are promised, if there are any."""
    call = with_wish(call, CallbackWish(step=WishStep.KEPT, known=event.wishes, zone=event.zone))
    return callback_kept.begin(call) if event.wishes else _anew(call)


def _anew(call: Call) -> Step:
    """The number that the call comes from is offered, if it is one that we call."""
    ani = call.ani
    known = ani.number if ani is not None and ani.standing is AniStanding.USABLE and ani.number else ""
    return _confirm(call, known, 1) if _is_called(call, known) else _ask_number(call, 1)


def last_chance(call: Call, at: datetime) -> Step:
    """Closing time: nobody comes any more. Who may be called back is asked about that; everybody else hears when to call."""
    call = replace(call, waiting=replace(waiting_of(call), closed=True))
    if not call.queue.offer_callback:
        return _closed(call, at)
    if is_asked(call):
        return call, []  # just being asked
    return begin(say_first(call, Say("waiting.closed_but")))


def out_of_hours(call: Call, at: datetime) -> Step:
    """Nobody is there, and the line would call back: the same as at closing time, without anybody who could come meanwhile."""
    call = replace(call, stage=Stage.WAIT, waiting=Waiting(since=at, closed=True, in_line=False))
    return begin(say_first(call, Say("closed_but")))


def step(call: Call, event: Answer) -> Step:
    """One answer. Whoever gives no number, or presses 0, stays in line."""
    wish = wish_of(call)  # whoever is asked in line is asked about it
    if isinstance(event, NoInput) and event.speech_active and event.extension < EXTENSIONS:
        return ask_on(call, aloud=False, listen=may_listen(call))
    match wish.step:
        case WishStep.KEPT:
            return callback_kept.step(call, event, _anew, lambda call, told: _back(call, event.at, told))
        case WishStep.WHEN | WishStep.SLOT if wish.changing:
            return callback_time.step(call, event, callback_kept.move, lambda call: _stays(call, event.at))
        case WishStep.WHEN | WishStep.SLOT:
            return callback_time.step(call, event, _then_phrase, lambda call: _stays(call, event.at))
        case WishStep.PHRASE | WishStep.DIGITS | WishStep.AGREED:
            return callback_phrase.step(call, event, lambda call: _stays(call, event.at))
    return _number(call, event, wish)


def _planned(call: Call, event: CallbackPlanned, wish: CallbackWish) -> Step:
    """What may be chosen. Where nothing more would be promised, it is booked as it is, and that says so. One that was to be moved
    stays where no time is free.
    """
    call = with_wish(call, replace(wish, confirmed=False, slots=event.slots, zone=event.zone))
    if wish.changing:
        return callback_time.begin(call) if event.slots else _back(call, event.at, Say("callback.no_time"))
    if event.result is not BookingResult.PROMISED:
        return book(call)
    return callback_time.begin(call) if event.slots and call.line.callbacks.choose_time else _then_phrase(call)


def _booked(call: Call, event: CallbackBooked, wish: CallbackWish) -> Step:
    """What became of the wish. The place in line is given up for a promise only."""
    noted: Step = (call, [Note(Noted.CALLBACK_WISHED, (("queue", call.queue.name), ("result", event.result.value)))])
    match event.result:
        case BookingResult.LIMITED:
            return joined_steps(noted, _stays(call, event.at, "callback.limited"))
        case BookingResult.FULL:
            call = with_wish(say_first(call, Say("callback.slot_full")), replace(wish, window=None))
            return joined_steps(noted, (call, [PlanCallback(call.queue.name, wish.number)]))
    out: Step = (call, [WithdrawFromFloor()] if waiting_of(call).in_line else [])
    promised = ended(call, Ending.CALLBACK_PROMISED, event.at, _promise(call, event.result))
    return joined_steps(noted, joined_steps(out, promised))


def dropping(call: Call) -> list[Action]:
    """Nothing is booked after all."""
    wish = call.waiting.wish if call.waiting else None
    return [DropPhrase()] if wish is not None and wish.phrased else []


def time_is_up(call: Call, at: datetime) -> Step:
    """Out of hours nobody is kept beyond the machine's time."""
    if waiting_of(call).in_line:
        return call, []  # the caller waits for a person
    return _stays(call, at)


def _number(call: Call, event: Answer, wish: CallbackWish) -> Step:
    """Which number; and once it is known, whether it is right."""
    if isinstance(event, NoInput):
        return _stays(call, event.at)
    if wish.number:
        match read(call, event, YES_NO).took:
            case Took.YES:
                return _plan(call)
            case Took.NO:
                return _ask_number(call, 1)
        return _stays(call, event.at)
    entry = read(call, event, PHONE)
    number = e164_of(entry.digits, call.line.region) if entry.took is Took.COMPLETE else None
    if number is not None and _is_called(call, number):
        return _confirm(call, number, wish.asked)
    return _ask_number(call, wish.asked + 1) if wish.asked < ASKED_AT_MOST else _stays(call, event.at)


def _plan(call: Call) -> Step:
    wish, rules = wish_of(call), call.line.callbacks
    if not rules.choose_time and not rules.phrase:
        return book(call)
    return with_wish(call, replace(wish, confirmed=True)), [PlanCallback(call.queue.name, wish.number)]


def _then_phrase(call: Call) -> Step:
    return callback_phrase.begin(call) if call.line.callbacks.phrase and not wish_of(call).phrased else book(call)


def _promise(call: Call, result: BookingResult) -> Say:
    when = callback_time.moment(call)
    if when is None or result is BookingResult.MERGED:
        return Say("callback.promised")
    return Say("callback.promised_at", args=(("when", when),))


def _is_called(call: Call, number: str) -> bool:
    return may_be_called(number, call.line.callbacks, call.line.region)


def _confirm(call: Call, number: str, asked: int) -> Step:
    call = with_wish(call, CallbackWish(number, asked))
    prompt = "callback.confirm_closed" if waiting_of(call).closed else "callback.confirm"
    return put(call, [Say(prompt, args=(("value", Digits(number.removeprefix("+"))),))], YES_NO)


def _ask_number(call: Call, asked: int) -> Step:
    return put(with_wish(call, CallbackWish(asked=asked)), [Say("callback.number", asked)], PHONE)


def _stays(call: Call, at: datetime, told: str = "callback.stays") -> Step:
    if waiting_of(call).closed:
        return _closed(call, at)
    dropped: Step = (call, dropping(call))
    return joined_steps(dropped, hold(with_wish(call, None), Say(told)))


def _back(call: Call, at: datetime, told: Say) -> Step:
    """After something was done about an earlier one: in line as before, or goodbye."""
    if not waiting_of(call).closed:
        return hold(with_wish(call, None), told)
    call = say_first(call, told)
    return _closed(call, at)


def _closed(call: Call, at: datetime) -> Step:
    if not waiting_of(call).in_line:
        return ended(call, Ending.CLOSED, at, Say("closed"))
    return joined_steps((call, [WithdrawFromFloor()]), ended(call, Ending.CLOSED_MEANWHILE, at, Say("waiting.closed")))
