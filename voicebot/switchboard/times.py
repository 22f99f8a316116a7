"""What happens because time has passed: due rows are delivered, the outbox is looked into, lost conversations are found.

Runs on the one ticker, so it waits for nobody but the database: whatever speaks to the outside world has threads of its own.
"""

import threading
from datetime import datetime, timedelta

import structlog

from voicebot.dialogue.events import Event, TimeCame, TroubleMet
from voicebot.errors import ImpossibleEvent, StoreError
from voicebot.floor.events import TimePassed
from voicebot.ports.store import DueRow, Effect, Ledger
from voicebot.switchboard.callbacks import Callbacks
from voicebot.switchboard.carry_out import Desk, Work
from voicebot.switchboard.plan import SwitchboardPlan
from voicebot.switchboard.sweep import Sweeper
from voicebot.switchboard.transactions import Transactions, kept_call

LEASE_LASTS = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class Times:
    """Delivers times. One thread calls `tick`."""

    def __init__(self, plan: SwitchboardPlan, work: Transactions, sweeper: Sweeper, callbacks: Callbacks) -> None:
        self._plan, self._work, self._sweeper, self._callbacks = plan, work, sweeper, callbacks
        self._sweeping: threading.Thread | None = None

    def tick(self, now: datetime) -> int:
        """Deliver what is due and start what is left in the outbox; gives how many rows it took."""
        rows = self._lease(now)
        for row in rows:
            self._deliver(row, now)
        self._sweep(now)
        return len(rows) + self._callbacks.begin_due(now) + self._work.run_due()

    def _lease(self, now: datetime) -> list[DueRow]:
        if not self._work.read(lambda ledger: ledger.has_due(now)):  # most often not, and then no writer is kept waiting
            return []
        with self._plan.store.transaction() as ledger:
            return ledger.lease_due(self._work.owner, now, now + LEASE_LASTS * self._plan.time_scale)

    def _deliver(self, row: DueRow, now: datetime) -> None:
        """One row that fails keeps none of the others waiting."""
        try:
            if row.call_id:
                self._to_call(row, TimeCame(now, row.name))
            else:
                self._to_floor(row, now)
        except StoreError:
            log.warning("time not delivered yet")  # its lease runs out, then again
        except ImpossibleEvent:
            log.warning("event not taken", event="TimeCame")
            self._forget(row)
        except Exception as trouble:  # noqa: BLE001 - a failure ends at an agent, never in a dead line
            log.error("time not taken", trouble=type(trouble).__name__)
            self._trouble(row, now)

    def _to_call(self, row: DueRow, event: Event) -> None:
        """The event and the end of its row are one transaction, so it is delivered once."""

        def take(ledger: Ledger, desk: Desk) -> Work:
            kept = kept_call(ledger, row.call_id)
            ledger.finish_due(row.id)
            return desk.take(kept, event)

        self._work.transact(take, answering=False)

    def _to_floor(self, row: DueRow, now: datetime) -> None:
        def take(ledger: Ledger, desk: Desk) -> list[Effect]:
            ledger.finish_due(row.id)
            return desk.floor(TimePassed(now))[1]

        self._work.on_floor(take)

    def _trouble(self, row: DueRow, now: datetime) -> None:
        try:
            if row.call_id:
                self._to_call(row, TroubleMet(now, "time"))
            else:
                self._forget(row)
        except Exception as trouble:  # noqa: BLE001 - the next tick goes on with the others
            log.error("trouble not taken", trouble=type(trouble).__name__)

    def _forget(self, row: DueRow) -> None:
        with self._plan.store.transaction() as ledger:
            ledger.finish_due(row.id)

    def _sweep(self, now: datetime) -> None:
        """On a thread of its own: it asks the carrier. One at a time."""
        if (self._sweeping is not None and self._sweeping.is_alive()) or not self._sweeper.is_time(now):
            return
        self._sweeping = threading.Thread(target=self._look, args=(now,), name="sweeper", daemon=True)
        self._sweeping.start()

    def _look(self, now: datetime) -> None:
        try:
            self._sweeper.look(now)
        except Exception as trouble:  # noqa: BLE001 - the next look tries again
            log.error("sweep failed", trouble=type(trouble).__name__)
