"""Transactions and what runs after them: errands and effects, on bounded pools, never inside.

Whoever takes an errand's outcome does so once, whether a request still waits for it or not.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from secrets import token_urlsafe
from typing import TypeVar

import structlog

from voicebot.dialogue.call import Call
from voicebot.dialogue.events import CallerIdentified, ErrandLost, ExistingFound, SecretChecked
from voicebot.dialogue.journeys.again import query_again
from voicebot.dialogue.values import IdentifyResult
from voicebot.errors import ImpossibleEvent, VersionConflict
from voicebot.ports.store import Effect, KeptCall, Ledger, LegRole
from voicebot.ports.watch import Work as Watched
from voicebot.switchboard.carry_out import Desk, ErrandOut, Work
from voicebot.switchboard.effects import EffectRunner, Told
from voicebot.switchboard.errand_desk import ErrandDesk, Pending
from voicebot.switchboard.errands import Outcome
from voicebot.switchboard.guard import Alarm
from voicebot.switchboard.plan import SwitchboardPlan

AT_ONCE = 16  # effects in flight
MOST_CONFLICTS = 8

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Transactions:
    """Runs work in transactions and starts what it leaves to be done. Methods may be called from any thread."""

    def __init__(self, plan: SwitchboardPlan, told: Told) -> None:
        self.plan = plan
        self.owner = token_urlsafe(9)  # of this process, for leases and claims
        self.effects = EffectRunner(plan, self.owner, told)
        self.errands = ErrandDesk(plan.crm, plan.clock, self._take_outcome, plan.watch)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="effect")
        self._started: set[int] = set()  # effects that a thread of ours runs, or is to run next
        self._changed = threading.Condition()

    def close(self) -> None:
        """Let what runs come to its end; begin nothing new. Effects that did not begin stay in the outbox."""
        self.errands.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def transact(self, take: Callable[[Ledger, Desk], Work], *, answering: bool) -> Work:
        """Run `take` in one transaction, again if somebody else wrote first, then start what it left to be done.

        `answering`: the caller's leg waits for the document itself, so nothing is pushed to it.
        """
        expected: list[tuple[str, Pending]] = []

        def once(ledger: Ledger, desk: Desk) -> Work:
            work = take(ledger, desk)
            call_id = work.kept.call.id
            if work.new_document and not answering:
                leg = next((leg for leg in ledger.legs(call_id) if leg.role is LegRole.CALLER), None)
                work.effects += [desk.push(work.kept, leg.id)] if leg else []
            if work.errand is not None:
                expected.append((call_id, self.errands.expect(call_id, work.errand.errand.errand)))
            return work

        sent: Pending | None = None
        try:
            work = self._without_conflict(once)
            sent = expected[-1][1] if work.errand is not None else None
        finally:
            for call_id, pending in expected:
                if pending is not sent:  # of a try that was rolled back
                    self.errands.unexpect(call_id, pending)
        self.run_effects(work.effects)
        if work.errand is not None and sent is not None:
            self.errands.send(work.kept.call.id, work.errand, sent, answering)
        return work

    def read(self, look: Callable[[Ledger], T]) -> T:
        """Look something up, in the way of no writer."""
        with self.plan.store.reading() as ledger:
            return look(ledger)

    def on_floor(self, act: Callable[[Ledger, Desk], list[Effect]]) -> None:
        """Let the floor take an event that belongs to no single call."""
        self.run_effects(self._without_conflict(act))

    def _without_conflict(self, once: Callable[[Ledger, Desk], T]) -> T:
        for _ in range(MOST_CONFLICTS - 1):
            try:
                return self._one_transaction(once)
            except VersionConflict:
                continue
        return self._one_transaction(once)

    def _one_transaction(self, once: Callable[[Ledger, Desk], T]) -> T:
        with self.plan.watch.piece(Watched.TRANSACTION, "switchboard") as piece:
            try:
                with self.plan.store.transaction() as ledger:
                    desk = Desk(ledger, self.plan.keyring, self.plan.clock.now(), self.plan.offering, self.plan.phone)
                    done = once(ledger, desk)
            except VersionConflict:
                piece.result = "conflict"
                raise
        self.plan.watch.noted(desk.noted)
        if desk.touched:
            self.plan.changed(frozenset(desk.touched))
        return done

    # ---- effects -------------------------------------------------------------------------------------------------

    def run_effects(self, effects: Sequence[Effect]) -> None:
        """Run rows just written, in their order, without waiting for them; the ticker takes what is left."""
        self._start([effect.id for effect in effects])

    def run_due(self) -> int:
        """Start what is due in the outbox and not started yet, each on its own; gives how many."""
        now = self.plan.clock.now()
        due = self.read(lambda ledger: ledger.due_effects(now, 2 * AT_ONCE))
        return sum(self._start([effect_id]) for effect_id in due)

    def _start(self, ids: Sequence[int]) -> int:
        with self._changed:
            fresh = [effect_id for effect_id in ids if effect_id not in self._started]
            self._started.update(fresh)
        if fresh:
            try:
                self._pool.submit(copy_context().run, self._run_in_order, fresh)
            except RuntimeError:  # closing: the next process finds them in the outbox
                self._ended(fresh)
        return len(fresh)

    def _run_in_order(self, ids: Sequence[int]) -> None:
        for effect_id in ids:
            try:
                self.effects.run(effect_id)
            except Exception as trouble:  # noqa: BLE001 - the row is still there: the ticker tries again
                log.error("effect left", trouble=type(trouble).__name__)
            finally:
                self._ended([effect_id])

    def _ended(self, ids: Sequence[int]) -> None:
        with self._changed:
            self._started.difference_update(ids)
            self._changed.notify_all()

    def quiet(self, within: float) -> bool:
        """Wait until no effect is under way, for at most so many seconds; False if some still are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._started, within)

    # ---- errands -------------------------------------------------------------------------------------------------

    def ask_again(self, call: Call) -> bool:
        """Run a query that a process before us left open; whether it is out now. A check is not run without its entry."""
        query = query_again(call)
        return query is not None and self.errands.take_up(call.id, ErrandOut(query))

    def lose_errand(self, call_id: str, errand: int) -> None:
        """Nobody runs it any more, or it takes too long: the caller is asked again, at no cost."""
        self.errands.give_up(call_id, errand)
        lost = ErrandLost(self.plan.clock.now(), errand)
        self.transact(lambda ledger, desk: desk.take(kept_call(ledger, call_id), lost), answering=True)

    def _take_outcome(self, call_id: str, out: ErrandOut, outcome: Outcome, answering: bool) -> None:
        alarms: list[Alarm | None] = []

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            told = outcome
            match outcome:
                case SecretChecked():
                    told, alarm = desk.settled(call_id, out, outcome)
                    alarms.append(alarm)
                case CallerIdentified():
                    _count_unknown(desk, kept, outcome)
                case ExistingFound(looked=True, values=()) if outcome.errand == kept.call.open_errand:
                    desk.count_unknown(kept.call.ani)  # whoever looked for several has tried, whether or not they go on
            return desk.take(kept, told)

        self.transact(take, answering=answering)
        if alarms and (alarm := alarms[-1]) is not None:  # of the try that was committed
            state = "attack begins" if alarm.begins else "attack is over"
            log.error(state, failing_accounts=alarm.failing, in_hour_before=alarm.hour_before)


def kept_call(ledger: Ledger, call_id: str) -> KeptCall:
    """The call, or ImpossibleEvent if nobody knows it."""
    kept = ledger.load_call(call_id)
    if kept is None:
        raise ImpossibleEvent("nobody knows this call")
    return kept


def _count_unknown(desk: Desk, kept: KeptCall, outcome: CallerIdentified) -> None:
    """An identifier that nobody has is counted across calls; a calling number that nobody has is nobody's mistake."""
    is_open = outcome.errand == kept.call.open_errand and not kept.call.authenticating.by_ani
    if is_open and outcome.result is IdentifyResult.NOT_FOUND:
        desk.count_unknown(kept.call.ani)
