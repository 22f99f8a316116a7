"""Composes who watches the house (docs/operations.md). Decides nothing; `app` composes the rest."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from voicebot import VERSION
from voicebot.config.company import Company
from voicebot.config.telemetry import TelemetryKeys
from voicebot.floor.values import Floor, WorkKind
from voicebot.ports.clock import Clock
from voicebot.ports.pressure import InLine, Pressure
from voicebot.ports.watch import Unwatched, Watch
from voicebot.records.pressure import kept_now
from voicebot.records.store import SqlStore
from voicebot.speech.ear import VoskEar
from voicebot.telemetry.door import create_metrics, watch_requests
from voicebot.telemetry.meters import Meters
from voicebot.telemetry.traces import Collector, Traces, to_collector
from voicebot.telemetry.watching import Watching


@dataclass(frozen=True)
class Telemetry:
    """What there is of it: nothing, where nobody wants any."""

    token: str = ""
    meters: Meters | None = None
    traces: Traces | None = None

    @property
    def watch(self) -> Watch:
        """Looks on at everything that is done, or nobody does."""
        if self.meters is None and self.traces is None:
            return Unwatched()
        return Watching(self.meters, self.traces.tracer if self.traces is not None else None)

    def open_to(self, flask: Flask, watch: Watch) -> None:
        """Let requests be watched, and the figures be fetched."""
        if not isinstance(watch, Unwatched):
            watch_requests(flask, watch)
        if self.meters is not None:
            flask.register_blueprint(create_metrics(self.meters, self.token))

    def close(self) -> None:
        """Send what is still to be sent."""
        if self.traces is not None:
            self.traces.close()


def company_telemetry(keys: TelemetryKeys, look: Callable[[], Pressure]) -> Telemetry:
    """As far as this installation has asked for it. `look` tells how full the house is."""
    collector = Collector(keys.traces_url, dict(keys.traces_headers)) if keys.traces_url else None
    return Telemetry(
        token=keys.metrics_token,
        meters=Meters(VERSION, look) if keys.metrics_token else None,
        traces=Traces(VERSION, to_collector(collector)) if collector is not None else None,
    )


def pressure(company: Company, store: SqlStore, ear: VoskEar, clock: Clock) -> Pressure:
    """How full the house is now. Raises StoreError where the database does not answer."""
    now = clock.now()
    with store.reading() as ledger:
        floor, _ = ledger.load_floor()
    return Pressure(
        kept=kept_now(store, now),
        queues={name: _in_line(floor, name, now) for name in company.queues},
        agents=Counter(agent.state.value for agent in floor.agents),
        streams=ear.pressure,
    )


def _in_line(floor: Floor, queue: str, now: datetime) -> InLine:
    since = [item.since for item in floor.items if item.queue == queue and item.kind is WorkKind.CALL]
    served = sum(held.accepted for held in floor.reservations if held.queue == queue)
    return InLine(len(since), served, max(((now - at).total_seconds() for at in since), default=0.0))
