"""In line for an agent: the place is kept whatever happens, keys work, and the wait has an honest end."""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.dialogue.actions import Action, OfferToFloor, Say, WithdrawFromFloor
from voicebot.dialogue.call import Call, Stage, Waiting
from voicebot.dialogue.documents import Step, ended, hold, joined_steps, say_first, too_late
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentTurnedDown,
    CallbackBooked,
    CallbackChanged,
    CallbackPlanned,
    EntryKeyed,
    EntrySpoken,
    Event,
    NoInput,
    TimeCame,
    WishesFound,
)
from voicebot.dialogue.journeys import approval, callback_wish, conversation, transfer
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.patience import ends_of_waiting, served_until
from voicebot.dialogue.spoken import Count, InLine
from voicebot.dialogue.timers import BOT_TIME_IS_UP, CLOSED_MEANWHILE, WAITED_TOO_LONG
from voicebot.dialogue.values import Assurance, Ending, Reason

REASSURED_EVERY = 5  # pieces of hold music, of about eight seconds each


def enter(call: Call, at: datetime, reason: Reason | None) -> Step:
    """Get in line, whatever was open before. `reason` says why the line did not come to its own end; None if it did."""
    queue = call.queue
    notes: list[Action] = []
    if reason is not None:
        if call.assurance is not Assurance.VERIFIED:
            facts = (("reason", reason.value), ("assurance", call.assurance.value))
            notes.append(Note(Noted.UNAUTHENTICATED, facts))
        call = say_first(replace(call, reason=reason), Say(f"unauthenticated.{reason.value}"))
    call = replace(call, stage=Stage.WAIT, waiting=Waiting(since=at), open_errand=None)
    wishes: list[Action] = [
        *notes,
        Note(Noted.QUEUED, (("queue", queue.name), ("assurance", call.assurance.value))),
        OfferToFloor(queue.name, queue.skills),
        *ends_of_waiting(call, at + timedelta(seconds=queue.max_wait), at),
    ]
    return joined_steps((call, wishes), hold(call, Say("waiting.first"), *_approval_offer(call)))


def _reassurance(call: Call, place: InLine | None, at: datetime) -> tuple[Say, ...]:
    """Now and then a word, so that nobody thinks the line is dead: the place and the wait, where the queue tells them."""
    if reminder := approval.reminder(call):
        return reminder
    segment = call.waiting.segment if call.waiting else 0
    if segment % REASSURED_EVERY:
        return ()
    offer = (Say("waiting.callback_offer"),) if call.queue.offer_callback else ()
    return (*(_told(call, place, at) or (Say("waiting.on"),)), *offer, *_approval_offer(call))


def _approval_offer(call: Call) -> tuple[Say, ...]:
    return (Say("waiting.approval_offer"),) if approval.offered(call) else ()


def _expecting(call: Call, place: InLine | None) -> Call:
    """How long it may still take is known now, or not any more."""
    minutes = place.minutes if place is not None else None
    waiting = call.waiting
    return call if waiting is None or waiting.minutes == minutes else replace(call, waiting=replace(waiting, minutes=minutes))


def _told(call: Call, place: InLine | None, at: datetime) -> tuple[Say, ...]:
    """The first wording of each is for one: the next in line, about a minute. No wait is told that closing time would cut off."""
    queue = call.queue
    says: list[Say] = []
    if place is not None and queue.tell_position:
        says.append(Say("waiting.position", min(place.position, 2), (("position", Count(place.position)),)))
    if place is not None and queue.tell_wait and place.minutes is not None and _comes_in_time(call, place.minutes, at):
        says.append(Say("waiting.expected", min(place.minutes, 2), (("minutes", Count(place.minutes)),)))
    return tuple(says)


def _comes_in_time(call: Call, minutes: int, at: datetime) -> bool:
    last = served_until(call)
    return last is None or at + timedelta(minutes=minutes) <= last


def step(call: Call, event: Event) -> Step:
    """One event in line."""
    match event:
        case AgentAccepted() if call.waiting is None or call.waiting.in_line:
            return transfer.enter(call, event)
        case AgentTurnedDown():
            return call, [conversation.asked_in_vain(event)]
        case NoInput() | EntryKeyed() | EntrySpoken() if callback_wish.is_asked(call):
            return callback_wish.step(call, event)
        case EntryKeyed() if (coded := approval.keyed(call, event)) is not None:
            return coded
        case EntryKeyed() if call.queue.offer_callback and callback_wish.is_wanted(event):
            return callback_wish.begin(call)
        case WishesFound() | CallbackChanged() | CallbackPlanned() | CallbackBooked():
            return callback_wish.came(call, event)
        case NoInput(place=place):
            return hold(_expecting(call, place), *_reassurance(call, place, event.at))
        case EntryKeyed():
            return hold(call, *_reassurance(call, None, event.at))
        case TimeCame(name=name) if name == CLOSED_MEANWHILE:
            return callback_wish.last_chance(call, event.at)
        case TimeCame(name=name) if name == WAITED_TOO_LONG and not (call.waiting and call.waiting.closed):
            apology = ended(call, Ending.WAITED_TOO_LONG, event.at, Say(WAITED_TOO_LONG))
            return joined_steps((call, [WithdrawFromFloor()]), apology)
        case TimeCame(name=name) if name == BOT_TIME_IS_UP:
            return callback_wish.time_is_up(call, event.at)
        case TimeCame():
            return call, []
    return too_late(call, event)

