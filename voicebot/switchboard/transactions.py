"""Transactions and what runs after them: errands and effects, on bounded pools, never inside.

Whoever takes an errand's outcome does so once, whether a request still waits for it or not.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import TypeVar

import structlog

from voicebot.dialogue.events import CallerIdentified, ErrandLost, SecretChecked
from voicebot.dialogue.values import IdentifyResult
from voicebot.errors import ImpossibleEvent, VersionConflict
from voicebot.ports.store import Effect, KeptCall, Ledger, LegRole
from voicebot.switchboard.carry_out import Desk, ErrandOut, Work
from voicebot.switchboard.effects import EffectRunner, Told
from voicebot.switchboard.errands import ErrandRunner, Outcome
from voicebot.switchboard.plan import SwitchboardPlan

AT_ONCE = 16  # errands in flight, and effects
MOST_CONFLICTS = 8

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass
class Pending:
    """An errand that is out, and how many fillers its caller has heard."""

    errand: int
    done: threading.Event = field(default_factory=threading.Event)
    fillers: int = 0


class Transactions:
    """Runs work in transactions and starts what it leaves to be done. Methods may be called from any thread."""

    def __init__(self, plan: SwitchboardPlan, told: Told) -> None:
        self.plan = plan
        self.owner = token_urlsafe(9)  # of this process, for leases and claims
        self.effects = EffectRunner(plan.store, plan.carrier, plan.clock, self.owner, told, plan.time_scale)
        self._errands = ErrandRunner(plan.crm, plan.clock)
        self._errand_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errand")
        self._effect_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="effect")
        self._pending: dict[str, Pending] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let what runs come to its end; begin nothing new."""
        self._errand_pool.shutdown(wait=True, cancel_futures=True)
        self._effect_pool.shutdown(wait=True, cancel_futures=True)

    def transact(self, take: Callable[[Ledger, Desk], Work], *, answering: bool) -> Work:
        """Run `take` in one transaction, again if somebody else wrote first, then start what it left to be done.

        `answering`: the caller's leg waits for the document itself, so nothing is pushed to it.
        """

        def once(ledger: Ledger, desk: Desk) -> Work:
            work = take(ledger, desk)
            if work.new_document and not answering:
                leg = next((leg for leg in ledger.legs(work.kept.call.id) if leg.role is LegRole.CALLER), None)
                work.effects += [desk.push(work.kept, leg.id)] if leg else []
            return work

        work = self._without_conflict(once)
        self.run_effects(work.effects)
        if work.errand is not None:
            self._send_out(work.kept.call.id, work.errand, answering)
        return work

    def read(self, look: Callable[[Ledger], T]) -> T:
        """Look something up, in the way of no writer."""
        with self.plan.store.reading() as ledger:
            return look(ledger)

    def on_floor(self, act: Callable[[Desk], list[Effect]]) -> None:
        """Let the floor take an event that belongs to no single call."""
        self.run_effects(self._without_conflict(lambda _, desk: act(desk)))

    def run_effects(self, effects: list[Effect]) -> None:
        """Run rows just written, without waiting for them; the ticker takes what is left."""
        if effects:
            self._effect_pool.submit(self.effects.run, [effect.id for effect in effects])

    def _without_conflict(self, once: Callable[[Ledger, Desk], T]) -> T:
        for _ in range(MOST_CONFLICTS - 1):
            try:
                return self._one_transaction(once)
            except VersionConflict:
                continue
        return self._one_transaction(once)

    def _one_transaction(self, once: Callable[[Ledger, Desk], T]) -> T:
        with self.plan.store.transaction() as ledger:
            return once(ledger, Desk(ledger, self.plan.keyring, self.plan.clock.now()))

    # ---- errands -------------------------------------------------------------------------------------------------

    def errand_out(self, call_id: str) -> Pending | None:
        """The errand of a call that this process is running."""
        with self._lock:
            return self._pending.get(call_id)

    def lose_errand(self, call_id: str, errand: int) -> None:
        """Nobody runs it any more, or it takes too long: the caller is asked again, at no cost."""
        lost = ErrandLost(self.plan.clock.now(), errand)
        self.transact(lambda ledger, desk: desk.take(kept_call(ledger, call_id), lost), answering=True)

    def _send_out(self, call_id: str, out: ErrandOut, answering: bool) -> None:
        pending = Pending(out.errand.errand)
        with self._lock:
            self._pending[call_id] = pending
        self._errand_pool.submit(self._run_errand, call_id, out, pending, answering)

    def _run_errand(self, call_id: str, out: ErrandOut, pending: Pending, answering: bool) -> None:
        outcome = self._errands.outcome(out.errand)

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, call_id)
            _count(desk, kept, out, outcome)
            return desk.take(kept, outcome)

        try:
            self.transact(take, answering=answering)
        except Exception as trouble:  # noqa: BLE001 - a failure ends at an agent, never in a dead line
            # The next document request of this call finds the errand lost and asks again.
            log.error("outcome not taken", outcome=type(outcome).__name__, trouble=type(trouble).__name__)
        finally:
            with self._lock:
                if self._pending.get(call_id) is pending:
                    del self._pending[call_id]
            pending.done.set()


def kept_call(ledger: Ledger, call_id: str) -> KeptCall:
    """The call, or ImpossibleEvent if nobody knows it."""
    kept = ledger.load_call(call_id)
    if kept is None:
        raise ImpossibleEvent("nobody knows this call")
    return kept


def _count(desk: Desk, kept: KeptCall, out: ErrandOut, outcome: Outcome) -> None:
    """What an outcome does to the counters that outlive the call."""
    match outcome:
        case SecretChecked(verdict=verdict):
            desk.settle(out, verdict)
        case CallerIdentified(result=IdentifyResult.NOT_FOUND, errand=errand):
            if errand == kept.call.open_errand and not kept.call.authenticating.by_ani:
                desk.count_unknown(kept.call.ani)
