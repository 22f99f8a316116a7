"""What a leg says into its streams: speech when there is some, else silence, in 20 ms frames at the pace of the call's clock.

It must not decide when somebody speaks.
"""

import asyncio
import base64
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from voicebot.simulator.clock import CallClock
from voicebot.simulator.recording import SILENCE
from voicebot.simulator.robot import Speech

FRAME_SECONDS = 0.02
FRAME_BYTES = 160
CUSHION = 5  # frames of live sound that wait before the first goes out, since a browser sends in bursts
MOST_LIVE = 100  # older sound is dropped
TAIL = 150  # frames of silence that follow speech at once under `fast`: three seconds, enough for any end of an utterance


class Listener(Protocol):
    """Somebody who takes 20 ms of mu-law after the other, base64, while `open`."""

    @property
    def open(self) -> bool:
        """Whether it still takes any."""
        ...

    async def send(self, payload: str, sent: Callable[[], None]) -> None:
        """The next; `sent` is called when it has gone out."""
        ...


class Mouth:
    """The microphone of a leg: speech when there is some, else silence, sent to every open stream at the same pace.

    Under `fast` speech goes out as quickly as it is read. Where call time does not run at real pace, speech stops the leg's clock
    until `answered` is called (the product pushed a document) or `limit` real seconds after the speech.
    """

    def __init__(self, clock: CallClock, *, fast: bool, limit: float, sent: Callable[[], None]) -> None:
        self._clock = clock
        self._fast = fast
        self._limit = limit
        self._sent = sent
        self._streams: list[Listener] = []
        self._frames: deque[str] = deque()
        self._ended: Callable[[], None] | None = None
        self._live: deque[str] = deque()
        self._flows = False  # live sound goes out as it comes, once enough has come to bridge its gaps
        self._tail = 0
        self._heeded = False
        self._awaits_push = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""
        return bool(self._frames)

    def add(self, stream: Listener) -> None:
        """Send to this stream too."""
        self._streams.append(stream)
        self._begin()

    def say(self, speech: Speech, ended: Callable[[], None]) -> None:
        """Say this, after whatever is being said; `ended` is called at its end."""
        self._frames.extend(speech.frames)
        self._ended = ended
        self._heeded = False
        if self._fast or self._clock.scale != 1.0:
            self._still(None)
        self._begin()

    def live(self, mulaw: bytes) -> None:
        """What a real microphone hears, in pieces of any length; without a stream nobody hears it."""
        if not self._streams:
            self._live.clear()
            return
        self._live.extend(
            base64.b64encode(mulaw[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\xff")).decode()
            for at in range(0, len(mulaw), FRAME_BYTES)
        )
        while len(self._live) > MOST_LIVE:
            self._live.popleft()
        self._flows = self._flows or len(self._live) >= CUSHION

    def recorded(self) -> None:
        """What was said lies on a tape, and the product fetches it: call time that is no real time stands still until then."""
        if self._fast or self._clock.scale != 1.0:
            self._awaits_push = True
            self._still(self._limit)

    def answered(self, *, pushed: bool = False) -> None:
        """The product has acted on what it heard: call time goes on. Of a tape only what it pushes tells that."""
        if self._awaits_push and not pushed:
            return
        self._tail = 0
        self._heeded = True
        self._let_go()

    def close(self) -> None:
        """Say no more."""
        self._frames.clear()
        self._streams.clear()
        self._let_go()
        if self._task is not None:
            self._task.cancel()

    def _still(self, limit: float | None) -> None:
        self._clock.hold()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if limit is None else asyncio.get_running_loop().call_later(limit, self._let_go)

    def _let_go(self) -> None:
        self._awaits_push = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._clock.held and not self._frames:
            self._clock.release()

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        due = monotonic()
        while True:
            self._streams = [stream for stream in self._streams if stream.open]
            if not self._streams and not self._frames:
                return
            batch = self._batch()
            for payload in batch:
                await self._frame(payload)
            due = max(due + FRAME_SECONDS * len(batch), monotonic() - 1.0)  # never catch up more than a second
            if self._fast and (self._frames or self._tail):
                due = monotonic()
            await asyncio.sleep(max(0.0, due - monotonic()))

    def _batch(self) -> list[str]:
        """The frames of the next tick: one at real pace; under `fast` a fifth of a second of speech, a tenth of silence."""
        if self._flows:
            frame = self._live.popleft()
            self._flows = bool(self._live)
            return [frame]
        if not self._frames:
            count = (10 if self._tail else 5) if self._fast else 1
            self._tail = max(0, self._tail - count)
            return [SILENCE] * count
        batch = [self._frames.popleft() for _ in range(min(len(self._frames), 10 if self._fast else 1))]
        if not self._frames:
            self._finished()
        return batch

    def _finished(self) -> None:
        waited_for = bool(self._streams) and not self._heeded
        self._tail = TAIL if self._fast and waited_for else 0
        if self._clock.held:
            self._still(self._limit if waited_for else 0.0)
        if self._ended is not None:
            ended, self._ended = self._ended, None
            ended()

    async def _frame(self, payload: str) -> None:
        for stream in self._streams:
            if stream.open:
                await stream.send(payload, self._sent)
