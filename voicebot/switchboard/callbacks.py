"""Wishes to be called back become calls of their own when they are due; and are called off.

A wish, the call that is at it and its place on the floor are written in one transaction, so that a crash loses and doubles none.
"""

from datetime import datetime, timedelta
from secrets import token_urlsafe

import structlog

from voicebot.dialogue.actions import SettleWish
from voicebot.dialogue.call import Call
from voicebot.dialogue.calling_back import CalledOff, WishResult, called_leg
from voicebot.dialogue.events import CallbackCalledOff, CallbackDue
from voicebot.errors import ImpossibleEvent, StoreError
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.store import Ledger, Leg, LegRole
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.plan import SwitchboardPlan
from voicebot.switchboard.transactions import Transactions, kept_call

CLOSED_FOR = timedelta(minutes=5)  # then it is looked again whether anybody is there

log = structlog.get_logger(__name__)


class Callbacks:
    """Methods may be called from any thread."""

    def __init__(self, plan: SwitchboardPlan, work: Transactions) -> None:
        self._plan, self._work = plan, work

    def begin_due(self, now: datetime) -> int:
        """Put in line what is due; gives how many wishes it took. One that fails keeps none of the others waiting."""
        due = self._work.read(lambda ledger: ledger.due_wishes(now))
        for wish in due:
            try:
                self._begin(wish, now)
            except StoreError:
                log.warning("callback not begun yet")  # it stays due
            except Exception as trouble:  # noqa: BLE001 - the next look tries again, later
                log.error("callback not begun", trouble=type(trouble).__name__)
                self._put_off(wish, now)
        return len(due)

    def call_off(self, wish: str, why: CalledOff) -> bool:
        """Give a callback up that has not reached anybody; gives whether it is. `wish`: the call of the wish."""
        under_way = self._work.read(lambda ledger: ledger.dialled_in(wish))
        if not under_way:
            return False
        off = CallbackCalledOff(self._plan.clock.now(), why)
        try:
            work = self._work.transact(lambda ledger, desk: desk.take(kept_call(ledger, under_way), off), answering=False)
        except ImpossibleEvent:
            return False  # erased meanwhile
        calling = work.kept.call.callback
        return calling is not None and calling.called_off is not None  # else they have been reached meanwhile

    def learn_leg(self, call_id: str, leg_id: str) -> None:
        """This is the customer's leg of this call. Raises ImpossibleEvent for a call that nobody is called back in."""
        if self._work.read(lambda ledger: kept_call(ledger, call_id)).call.callback is None:
            raise ImpossibleEvent("nobody is called back in this call")
        with self._plan.store.transaction() as ledger:
            if ledger.leg(leg_id) is None:
                ledger.add_leg(Leg(leg_id, call_id, LegRole.CALLER, called_leg(call_id)))

    def _begin(self, wish_id: str, now: datetime) -> None:
        fresh = token_urlsafe(16)

        def begin(ledger: Ledger, desk: Desk) -> Work:
            wish, wished = ledger.wish(wish_id), kept_call(ledger, wish_id)
            line, is_open = self._plan.line_for(wished.call.line.dnis, now)
            if wish is None or not wish.number:
                return Work(wished)
            if wish.window is not None and now >= wish.window.until:
                ledger.settle_wish(SettleWish(wish_id, WishResult.NOT_REACHED, wish.tries), now, "")
                return Work(wished)
            if not is_open:
                ledger.put_off_wish(wish_id, now + CLOSED_FOR)
                return Work(wished)
            if not ledger.begin_wish(wish_id, fresh):
                return Work(wished)  # somebody was faster
            ledger.open_call(Call(fresh, line), None, self._plan.prompts_version(), now)
            phrase = ledger.phrase_state(wish_id, now)
            due = CallbackDue(
                now, line, wished.call.queue, wish_id, wish.number, wish.since, wish.tries, wished.call.customer,
                self._until(line.dnis, wish, now), wish.subject, phrase is not None and phrase.is_set,
            )  # fmt: skip
            return desk.take(kept_call(ledger, fresh), due)

        self._work.transact(begin, answering=True)

    def _until(self, dnis: str, wish: CallbackWish, now: datetime) -> datetime | None:
        """Nobody is called after closing time, nor after their window."""
        ends = [end for end in (self._plan.closes_at(dnis, now), wish.window.until if wish.window else None) if end is not None]
        return min(ends, default=None)

    def _put_off(self, wish_id: str, now: datetime) -> None:
        with self._plan.store.transaction() as ledger:
            ledger.put_off_wish(wish_id, now + CLOSED_FOR)
