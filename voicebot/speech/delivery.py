"""Hands on what was heard, from threads of its own: whoever takes it may take their time. Only what comes at the end is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from voicebot.dialogue.events import Event

THREADS = 16

log = structlog.get_logger(__name__)

OnEvent = Callable[[str, Event], None]


class Delivery:
    """To one taker, who is told a call and what was heard in it."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ear")

    def hand_on(self, call_id: str, event: Event) -> "Future[None] | None":
        """At once; None after the end, when nobody waits for it."""
        try:
            return self._threads.submit(self._deliver, call_id, event)
        except RuntimeError:
            log.info("heard after the end")
            return None

    def close(self) -> None:
        """Wait for what is being taken; the rest is dropped."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, call_id: str, event: Event) -> None:
        try:
            self._on_event(call_id, event)
        except Exception as error:  # noqa: BLE001 - the conversation's trouble is told there; the ear goes on
            log.error("what was heard could not be delivered", error=type(error).__name__)
