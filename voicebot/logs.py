"""How this process logs: one event, one line of JSON, on standard error. Static words and keys; never a traceback's values.

Libraries only speak of trouble, whatever our own level: their lines hold addresses with tokens, headers and frames.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)


def set_up_logging(level: str) -> None:
    """For a server. `level`: DEBUG, INFO, WARNING or ERROR, of our own events."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, _STAMP],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_values, structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelNamesMapping()[level]), handlers=[lines])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _STAMP,
            without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def set_up_terminal() -> None:
    """For a command: what it prints on standard output is its result, so only trouble is logged, and elsewhere."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def without_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception by its type and the place where it was raised: its text, and a traceback's lines, may quote what was keyed."""
    failed = event.pop("exc_info", None)
    error = failed[1] if isinstance(failed, tuple) else failed if isinstance(failed, BaseException) else sys.exc_info()[1]
    if failed and error is not None:
        event["failure"] = type(error).__name__
        if frames := traceback.extract_tb(error.__traceback__):
            event["raised_at"] = f"{frames[-1].filename}:{frames[-1].lineno}"
    return event
