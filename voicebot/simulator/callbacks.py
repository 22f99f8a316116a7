"""Status callbacks on their way to the product: in order for each source, unless faults lose, double, reorder or delay them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from voicebot.simulator.party import FINAL
from voicebot.simulator.record import CallbackSent, Failure, LegRecord
from voicebot.simulator.settings import Faults
from voicebot.simulator.webhooks import Request, WebhookFailed, Webhooks

HELD_BACK = 4.0  # seconds of call time


@dataclass(frozen=True)
class _Callback:
    request: Request
    note: CallbackSent
    faults: Faults
    record: LegRecord


class Callbacks:
    """All callbacks of one twin. A source is a leg, a room or a stream, by its SID."""

    def __init__(
        self, webhooks: Webhooks, background: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]], time_scale: float
    ) -> None:
        self._webhooks, self._background, self._scale = webhooks, background, time_scale
        self._held_back: dict[str, _Callback] = {}
        self._last: dict[str, asyncio.Task[None]] = {}
        self._overdue: dict[str, set[asyncio.Task[None]]] = {}

    def send(self, source: str, request: Request, note: CallbackSent, faults: Faults, record: LegRecord) -> None:
        """Send one, after the earlier ones of the same source."""
        callback = _Callback(request, note, faults, record)
        if faults.loses(note.event):
            record.callbacks.append(note)
        elif note.event in faults.late_callbacks:
            self._overdue.setdefault(source, set()).add(self._background(self._late(callback)))
        elif faults.reorder_callbacks and source not in self._held_back and note.event not in FINAL:
            self._held_back[source] = callback
            self._background(self._release_later(source, callback))
        else:
            self._post(source, callback)
            self.release(source)

    def release(self, source: str) -> None:
        """Send what was held back so that a later one could overtake it."""
        if (held := self._held_back.pop(source, None)) is not None:
            self._post(source, held)

    async def _release_later(self, source: str, callback: _Callback) -> None:
        """Nothing is held back for ever: perhaps no later one comes."""
        await asyncio.sleep(HELD_BACK / self._scale)
        if self._held_back.get(source) is callback:
            self.release(source)

    async def settle(self, sources: list[str]) -> None:
        """Wait until those of these sources have been sent."""
        for source in sources:
            while (last := self._last.get(source)) is not None and not last.done():
                await asyncio.wait({last})
            if overdue := self._overdue.pop(source, None):
                await asyncio.wait(overdue)

    def _post(self, source: str, callback: _Callback) -> None:
        earlier = self._last.get(source)

        async def after_the_earlier() -> None:
            if earlier is not None and not earlier.done():
                await asyncio.wait({earlier})
            await self._deliver(callback)

        self._last[source] = self._background(after_the_earlier())

    async def _late(self, callback: _Callback) -> None:
        await asyncio.sleep(callback.faults.late_by / self._scale)
        await self._deliver(callback)

    async def _deliver(self, callback: _Callback) -> None:
        note, faults = callback.note, callback.faults
        for _ in range(2 if faults.duplicate_callbacks or faults.duplicate_webhooks else 1):
            try:
                answer = (await self._webhooks.ask(callback.request, delay=faults.delay)).status
            except WebhookFailed as failed:
                answer = 0
                callback.record.warnings.append(Failure(note.at, 15003, f"a status callback failed: {failed.what}"))
            callback.record.callbacks.append(replace(note, answer=answer))
