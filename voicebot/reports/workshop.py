"""The process in which reports are made: `python -m voicebot.reports.workshop PIPE`, started and told what to do by `Apart`.

It decides nothing about reports: it calls what it was given, answers with what came or with what is wrong, and has its bounds.
"""

import resource
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import structlog

from voicebot.child import end_after, give_way, input_closed, most_memory
from voicebot.errors import ReportRefused, ReportUnavailable, VoicebotError
from voicebot.reports.apart import MIB, Bounds, Opening

log = structlog.get_logger(__name__)


def main() -> None:
    """Answer one order after the other, until nobody wants anything, or this process has grown."""
    give_way()
    end_after(input_closed)
    pipe = Connection(int(sys.argv[1]))
    with suppress(EOFError, OSError):  # whoever asks is gone
        opening, bounds = pipe.recv()
        _answer_all(pipe, opening, bounds)


def _answer_all(pipe: Connection, opening: Opening, bounds: Bounds) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (bounds.most, hard))
    maker = None
    while pipe.poll(bounds.idle):
        what, *told = pipe.recv()
        try:
            maker = maker or opening()
            answer = getattr(maker, what)(*told)
        except Exception as trouble:  # noqa: BLE001 - whoever asked is told, and this process goes on
            answer = _wrong(trouble, bounds)
        pipe.send(answer)
        if most_memory() > bounds.grown:
            return


def _wrong(trouble: Exception, bounds: Bounds) -> Any:
    """What is told of it. The texts of exceptions that are not ours may quote anything."""
    if isinstance(trouble, VoicebotError):
        return trouble
    if isinstance(trouble, MemoryError):
        return ReportRefused(f"It needs more than {bounds.most // MIB} MiB of memory: ask for fewer days or longer periods")
    log.error("a report was not made", trouble=type(trouble).__name__)
    return ReportUnavailable(f"trouble of ours ({type(trouble).__name__})")


if __name__ == "__main__":
    main()
