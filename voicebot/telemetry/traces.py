"""Traces, sent to an OpenTelemetry collector over HTTP (OTLP). A collector that is slow or gone costs spans, never a call.

Nobody's trace is taken up: a `traceparent` of a request is not looked at, since anybody could send one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

PATH = "/v1/traces"
EXPORT_WITHIN = 5.0  # seconds
MOST_WAITING = 4096  # spans; more are dropped


@dataclass(frozen=True)
class Collector:
    """Where traces go: the address without a path, and headers that let us in."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Traces:
    """Spans of one process. `processor` is where they go: a collector's in service."""

    def __init__(self, version: str, processor: SpanProcessor) -> None:
        about = Resource.create({SERVICE_NAME: "voicebot", SERVICE_VERSION: version})
        # No room for what a span of ours never has: an exception that left one would be an event with its text.
        self._provider = TracerProvider(resource=about, span_limits=SpanLimits(max_events=0, max_links=0), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)

    @property
    def tracer(self) -> Tracer:
        """Makes spans."""
        return self._provider.get_tracer("voicebot")

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self._provider.shutdown()


def to_collector(collector: Collector) -> SpanProcessor:
    """Sends in the background, many at a time."""
    # Loaded where somebody wants traces: it takes a twentieth of a second and its buffers' library.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    exporter = OTLPSpanExporter(endpoint=collector.url + PATH, headers=dict(collector.headers), timeout=EXPORT_WITHIN)
    return BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING, export_timeout_millis=EXPORT_WITHIN * 1000)
