"""Traces tell kinds and results, never a text; and a collector that is gone is nobody's trouble."""

import socket
from contextvars import copy_context
from threading import Thread

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from voicebot.ports.watch import Watch, Work
from voicebot.telemetry.traces import Collector, Traces, to_collector
from voicebot.telemetry.watching import Watching

PIN = "40719238"


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def watch(kept: InMemorySpanExporter) -> Watch:
    return Watching(tracer=Traces("9.9", SimpleSpanProcessor(kept)).tracer)


def by_name(kept: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in kept.get_finished_spans()}


def test_a_span_has_its_kind_its_name_and_its_result(watch: Watch, kept: InMemorySpanExporter) -> None:
    with watch.piece(Work.ERRAND, "CheckSecret") as piece:
        piece.result = "matched"
    span = by_name(kept)["errand CheckSecret"]
    assert span.attributes == {"voicebot.work": "errand", "voicebot.name": "CheckSecret", "voicebot.result": "matched"}
    assert span.resource.attributes["service.name"] == "voicebot"
    assert span.resource.attributes["service.version"] == "9.9"


def test_work_within_work_belongs_to_it_in_another_thread_too(watch: Watch, kept: InMemorySpanExporter) -> None:
    def errand() -> None:
        with watch.piece(Work.ERRAND, "IdentifyCaller"):
            pass

    with watch.piece(Work.REQUEST, "telephony.entry"):
        thread = Thread(target=copy_context().run, args=(errand,))
        thread.start()
        thread.join()
    spans = by_name(kept)
    parent, request = spans["errand IdentifyCaller"].parent, spans["request telephony.entry"].context
    assert parent is not None
    assert request is not None
    assert parent.span_id == request.span_id


def test_a_failure_is_told_without_its_text(watch: Watch, kept: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=PIN), watch.piece(Work.TRANSACTION, "switchboard"):
        raise ValueError(PIN)
    (span,) = kept.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes is not None
    assert span.attributes["voicebot.result"] == "failed"
    assert span.events == ()
    assert PIN not in span.to_json()


@pytest.fixture
def nobodys_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_collector_that_is_gone_costs_spans_and_nothing_else(nobodys_port: int) -> None:
    traces = Traces("9.9", to_collector(Collector(f"http://127.0.0.1:{nobodys_port}", {"x-key": "k"})))
    watch = Watching(tracer=traces.tracer)
    for _ in range(10_000):  # more than can wait
        with watch.piece(Work.EFFECT, "push"):
            pass
    traces.close()


def test_headers_that_let_us_in_are_in_no_repr() -> None:
    assert "canary" not in repr(Collector("https://traces.example.com", {"x-key": "canary"}))


