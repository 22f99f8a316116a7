"""Booking a callback within a call: what may be chosen, and the phrase, in the transaction of the call itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from voicebot.dialogue.actions import (
    AssignWish,
    BookCallback,
    CancelCallback,
    DropPhrase,
    FindWishes,
    KeepPhrase,
    MakePhrase,
    MoveCallback,
    PlanCallback,
    SettleWish,
)
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import Window
from voicebot.dialogue.events import CallbackPlanned, Event
from voicebot.keyring import Keyring
from voicebot.ports.store import Ledger
from voicebot.switchboard.booking import book, foreseen
from voicebot.switchboard.kept_wishes import changed, found
from voicebot.switchboard.phrases import of_phrase
from voicebot.switchboard.slots import slots

SLOTS_TOLD = 9  # nobody listens to more
OfWish: TypeAlias = (
    FindWishes | MoveCallback | CancelCallback | PlanCallback | KeepPhrase | MakePhrase | DropPhrase | BookCallback | AssignWish
    | SettleWish
)


@dataclass(frozen=True)
class ByPhone:
    """`is_open(dnis, at)`: whether the agents of a dialled number are there; `zone`: the company's time zone; `words(language)`:
    what phrases are made of.
    """

    is_open: Callable[[str, datetime], bool] = lambda _dnis, _at: True
    zone: str = "UTC"
    words: Callable[[str], Sequence[str]] = lambda _language: ()


def of_wish(ledger: Ledger, keyring: Keyring, phone: ByPhone, call: Call, action: OfWish, at: datetime) -> list[Event]:
    """What a call does about a wish, its own or the one that it is made for; the events that follow at once."""
    match action:
        case FindWishes():
            return [found(ledger, call, phone.zone, at)]
        case MoveCallback() | CancelCallback():
            return [changed(ledger, call, action, at)]
        case PlanCallback():
            return [_planned(ledger, keyring, phone, call, action, at)]
        case KeepPhrase() | MakePhrase() | DropPhrase():
            of_phrase(ledger, call, action, at, phone.words)
        case BookCallback():
            return [book(ledger, keyring, call, action, at)]
        case AssignWish(wish=wish, agent=agent):
            ledger.assign_wish(wish, agent, at)
        case SettleWish():
            ledger.settle_wish(action, at, call.serving.agent if call.serving else "")
    return []


def _planned(
    ledger: Ledger, keyring: Keyring, phone: ByPhone, call: Call, wanted: PlanCallback, at: datetime
) -> CallbackPlanned:
    rules = call.line.callbacks
    result = foreseen(ledger, keyring, call, wanted, at)
    offered = slots(rules, phone.zone, lambda when: phone.is_open(call.line.dnis, when), at) if rules.choose_time else iter(())
    with_room = (one for one in offered if ledger.wished_in(wanted.queue, one.start, one.until) < rules.a_slot)
    found: tuple[Window, ...] = tuple(islice(with_room, SLOTS_TOLD))
    return CallbackPlanned(at, result, found, phone.zone)
