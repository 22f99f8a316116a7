"""Callbacks that a caller is promised already, as the call learns of them and changes them, in its own transaction.

Whose number calls is a claim: the worst that a forged one can do is to move or cancel what is to be called at that number.
"""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import CancelCallback, MoveCallback, SettleWish
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import KEPT_FROM_CALLING, WishResult
from voicebot.dialogue.events import CallbackChanged, WishesFound
from voicebot.dialogue.outbound import ChangeResult
from voicebot.dialogue.values import Assurance
from voicebot.dialogue.verification import worth_looking_up
from voicebot.dialogue.wishing import KnownWish
from voicebot.ports.callback_wishes import BY_PHONE, CallbackWish
from voicebot.ports.store import Ledger


def found(ledger: Ledger, call: Call, zone: str, at: datetime) -> WishesFound:
    """A verified customer's own, and those for the number that calls."""
    known = tuple(KnownWish(one.call_id, one.queue, one.number, one.window) for one in _theirs(ledger, call))
    return WishesFound(at, known, zone)


def changed(ledger: Ledger, call: Call, wanted: MoveCallback | CancelCallback, at: datetime) -> CallbackChanged:
    """Only what is still theirs, and that nobody is at."""
    is_theirs = any(one.call_id == wanted.wish for one in _theirs(ledger, call))
    wish = ledger.wish(wanted.wish) if is_theirs else None  # which nobody begins from here on
    if wish is None or wish.dialled_in:
        return CallbackChanged(at, ChangeResult.REFUSED)
    if isinstance(wanted, CancelCallback):
        ledger.settle_wish(SettleWish(wish.call_id, WishResult.CALLED_OFF, wish.tries), at, "")
        return CallbackChanged(at, ChangeResult.CANCELLED)
    return CallbackChanged(at, ChangeResult.MOVED if _moved(ledger, call, wish, wanted, at) else ChangeResult.REFUSED)


def _moved(ledger: Ledger, call: Call, wish: CallbackWish, wanted: MoveCallback, at: datetime) -> bool:
    """Whoever calls just now is not called at once, however soon they want it."""
    window = wanted.window
    ledger.load_floor()  # locked, so that nobody else takes the last place of the slot meanwhile
    full = window is not None and ledger.wished_in(wish.queue, window.start, window.until) >= call.line.callbacks.a_slot
    if full and window != wish.window:
        return False
    soon = at + KEPT_FROM_CALLING
    return ledger.change_wish(
        replace(wish, window=window, since=window.start if window else at, due_at=window.start if window else soon), at
    )


def _theirs(ledger: Ledger, call: Call) -> list[CallbackWish]:
    ani = call.ani
    number = ani.number if ani is not None and ani.number and worth_looking_up(ani) else ""
    customer = call.customer.ref if call.customer is not None and call.assurance is Assurance.VERIFIED else ""
    return [one for one in ledger.wishes_of(customer, number) if one.number and one.medium == BY_PHONE]
