"""Customers who call us while we are to call them: not dialled while they are in line, and not any more once they were served.

Only a calling number that may be looked up counts; the worst that a forged one can do is to put a callback off, or have it
closed by an agent's having talked with somebody else.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.calling_back import KEPT_FROM_CALLING, CalledOff, WishResult
from voicebot.dialogue.events import CallbackCalledOff, Event
from voicebot.dialogue.values import Ending
from voicebot.dialogue.verification import worth_looking_up
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.store import Effect, KeptCall, Ledger

Take: TypeAlias = Callable[[KeptCall, Event], list[Effect]]


def in_line_meanwhile(ledger: Ledger, call: Call, at: datetime, take: Take) -> list[Effect]:
    """Somebody got in line whom this queue is to call back. `take` steps another call in the same transaction."""
    wish = _wish_of(ledger, call)
    if wish is None:
        return []
    under_way = _under_way(ledger, wish)
    if under_way is not None:
        return take(under_way, CallbackCalledOff(at, CalledOff.CALLING_US))
    if not wish.dialled_in and wish.due_at is not None:
        ledger.put_off_wish(wish.call_id, max(wish.due_at, at + KEPT_FROM_CALLING))
    return []


def served_meanwhile(ledger: Ledger, call: Call, at: datetime, take: Take) -> list[Effect]:
    """A call has ended. An agent who had the caller has done what they were to be called back for."""
    wish = _wish_of(ledger, call) if call.ending is Ending.SERVED else None
    if wish is None:
        return []
    under_way = _under_way(ledger, wish)
    if under_way is not None:
        return take(under_way, CallbackCalledOff(at, CalledOff.DONE))
    if not wish.dialled_in:
        agent = call.serving.agent if call.serving else ""
        ledger.settle_wish(SettleWish(wish.call_id, WishResult.SERVED_OTHERWISE, wish.tries), at, agent)
    return []


def _wish_of(ledger: Ledger, call: Call) -> CallbackWish | None:
    ani = call.ani if call.callback is None else None
    if ani is None or ani.number is None or not worth_looking_up(ani):
        return None
    return ledger.wish_for(call.queue.name, ani.number)


def _under_way(ledger: Ledger, wish: CallbackWish) -> KeptCall | None:
    """The call that is at it, while it has not reached anybody."""
    kept = ledger.load_call(wish.dialled_in) if wish.dialled_in else None
    return kept if kept is not None and kept.call.stage is Stage.CALLBACK else None
