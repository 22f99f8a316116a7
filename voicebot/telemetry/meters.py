"""The figures that Prometheus fetches (docs/operations.md). Every label has few values, all of them words of this program, of
`voicebot.toml`, or statuses.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from time import monotonic

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.process_collector import ProcessCollector

from voicebot.dialogue.notes import Note, Noted
from voicebot.errors import VoicebotError
from voicebot.ports.pressure import Pressure
from voicebot.ports.watch import Work

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
FRESH = 1.0  # seconds: two Prometheus servers that ask at once make one look at the database
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
# The facts of a journal row that say what kind of row it is. All are words of this program; never a value that somebody gave.
TELLING: Mapping[Noted, tuple[str, ...]] = {
    Noted.ENTERED: ("modality", "verdict"),
    Noted.COMMANDED: ("modality", "command"),
    Noted.IDENTIFY_RESULT: ("result",),
    Noted.SECRET_RESULT: ("verdict",),
    Noted.ASSURED: ("assurance",),
    Noted.STEP_UP: ("progress",),
    Noted.APPROVAL: ("progress",),
    Noted.PAYMENT: ("state",),
    Noted.ENDED: ("ending",),
}
_WORD = re.compile(r"[a-z]+(?:[ _-][a-z]+){0,5}")  # no digit: a number can never be a label

log = structlog.get_logger(__name__)


class Meters:
    """One process's figures. `look` tells how full the house is; None leaves these figures out."""

    def __init__(self, version: str, look: Callable[[], Pressure] | None = None) -> None:
        self._registry = CollectorRegistry()
        labels = ("work", "name", "result")
        self._work = Histogram(
            "voicebot_work_seconds", "Pieces of work: requests, transactions, errands, effects", labels,
            buckets=SECONDS, registry=self._registry,
        )  # fmt: skip
        self._journal = Counter(
            "voicebot_journal_rows", "What journals were told, by kind", ("what", "detail"), registry=self._registry
        )
        self._registry.register(_Constant(version))
        ProcessCollector(registry=self._registry)
        if look is not None:
            self._registry.register(_Gauges(look))

    def worked(self, work: Work, name: str, result: str, seconds: float) -> None:
        """A piece of work is over."""
        self._work.labels(work.value, name, result).observe(seconds)

    def noted(self, notes: Sequence[Note]) -> None:
        """Rows of journals."""
        for note in notes:
            self._journal.labels(note.what.value, detail(note)).inc()

    def exposition(self) -> bytes:
        """All of it in Prometheus's text format (`CONTENT_TYPE`)."""
        return generate_latest(self._registry)


def detail(note: Note) -> str:
    """What kind of row it is, beside `what`; empty for most. `other` in the place of what is no word of ours."""
    facts = dict(note.facts)
    words = [str(facts[name]) for name in TELLING.get(note.what, ()) if facts.get(name)]
    return " ".join(word if _WORD.fullmatch(word) else "other" for word in words)


class _Constant:
    """What runs here."""

    def __init__(self, version: str) -> None:
        self._version = version

    def collect(self) -> Iterator[Metric]:
        """One series that is always 1."""
        build = GaugeMetricFamily("voicebot_build_info", "The version that runs", labels=("version",))
        build.add_metric([self._version], 1)
        yield build


class _Gauges:
    """How full the house is, looked at when somebody asks."""

    def __init__(self, look: Callable[[], Pressure]) -> None:
        self._look, self._lock, self._failed = look, Lock(), 0
        self._seen: tuple[float, Pressure] | None = None

    def collect(self) -> Iterator[Metric]:
        """Without the figures of the database where it does not answer: a scrape must show that, not fail."""
        seen = self._pressure()
        yield CounterMetricFamily("voicebot_looks_failed", "Looks at the database that failed", value=self._failed)
        if seen is None:
            return
        kept, streams = seen.kept, seen.streams
        yield _by("voicebot_calls", "Calls that go on, by stage", "stage", kept.calls)
        yield _by("voicebot_queue_waiting", "Callers in line", "queue", {name: q.waiting for name, q in seen.queues.items()})
        yield _by("voicebot_queue_served", "Callers with an agent", "queue", {name: q.served for name, q in seen.queues.items()})
        yield _by(
            "voicebot_queue_longest_wait_seconds", "How long whoever came first has waited", "queue",
            {name: q.longest for name, q in seen.queues.items()},
        )  # fmt: skip
        yield _by("voicebot_agents", "Agents, by state", "state", seen.agents)
        yield GaugeMetricFamily("voicebot_callbacks_open", "Customers who are to be called back", value=kept.wishes)
        overdue = {"effects": kept.effects, "times": kept.times}
        yield _by("voicebot_overdue", "What is due and not done yet", "rows", {name: one.count for name, one in overdue.items()})
        yield _by(
            "voicebot_overdue_seconds", "By how much the oldest of it is overdue", "rows",
            {name: one.seconds for name, one in overdue.items()},
        )  # fmt: skip
        yield GaugeMetricFamily("voicebot_listening_streams", "Audio streams that are heard", value=streams.open)
        yield GaugeMetricFamily("voicebot_listening_most", "Audio streams that can be heard at once", value=streams.most)
        yield GaugeMetricFamily("voicebot_recognisers", "Recogniser processes", value=streams.workers)
        yield GaugeMetricFamily("voicebot_recogniser_lag_seconds", "How far the slowest one is behind", value=streams.behind)

    def _pressure(self) -> Pressure | None:
        with self._lock:
            if self._seen is None or monotonic() - self._seen[0] > FRESH:
                try:
                    self._seen = (monotonic(), self._look())
                except VoicebotError as trouble:
                    log.warning("figures not to be had", trouble=type(trouble).__name__)
                    self._failed, self._seen = self._failed + 1, None
            return self._seen[1] if self._seen is not None else None


def _by(name: str, what: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=(label,))
    for key, value in values.items():
        family.add_metric([key], value)
    return family
