"""The port `Watch`: figures, and spans where traces are wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer

from voicebot.dialogue.notes import Note
from voicebot.ports.watch import FAILED, Piece, Work
from voicebot.telemetry.meters import Meters

KINDS = {Work.REQUEST: SpanKind.SERVER, Work.ERRAND: SpanKind.CLIENT, Work.EFFECT: SpanKind.CLIENT}


class Watching:
    """Either may be absent."""

    def __init__(self, meters: Meters | None = None, tracer: Tracer | None = None) -> None:
        self._meters, self._tracer = meters, tracer

    @contextmanager
    def piece(self, work: Work, name: str) -> Iterator[Piece]:
        """Times it; a span of it belongs to that of the work around it."""
        piece, began = Piece(), perf_counter()
        try:
            if self._tracer is None:
                yield piece
            else:
                with self._span(self._tracer, work, name, piece):
                    yield piece
        except BaseException:
            piece.result = FAILED
            raise
        finally:
            if self._meters is not None:
                self._meters.worked(work, name, piece.result, perf_counter() - began)

    def noted(self, notes: Sequence[Note]) -> None:
        """Counts them."""
        if self._meters is not None:
            self._meters.noted(notes)

    @contextmanager
    def _span(self, tracer: Tracer, work: Work, name: str, piece: Piece) -> Iterator[None]:
        """Its attributes are these three, ever. An exception is told by that it was one: its text may quote what was keyed."""
        about = {"voicebot.work": work.value, "voicebot.name": name}
        span = tracer.start_as_current_span(
            f"{work.value} {name}", kind=KINDS.get(work, SpanKind.INTERNAL), attributes=about,
            record_exception=False, set_status_on_exception=False,
        )  # fmt: skip
        with span as begun:
            try:
                yield
            except BaseException:
                piece.result = FAILED
                begun.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                begun.set_attribute("voicebot.result", piece.result)
