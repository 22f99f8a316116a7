"""Media streams: the caller's sound on its way to the product, as 20 ms mu-law frames over a signed WebSocket.

Only what the caller says is in it, never what the leg hears. Source: docs voice/media-streams (WebSocket messages) and the
319xx errors. It must not decide when somebody speaks.
"""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from voicebot.simulator.clock import CallClock
from voicebot.simulator.recording import SILENCE
from voicebot.simulator.robot import Speech
from voicebot.simulator.settings import Faults, StreamFault, new_sid
from voicebot.simulator.signature import signature

FRAME_SECONDS = 0.02
FRAME_BYTES = 160
CUSHION = 5  # frames of live sound that wait before the first goes out, since a browser sends in bursts
MOST_LIVE = 100  # older sound is dropped
SEND_LIMIT = 10.0  # real seconds that one frame may wait for a product that does not read
TAIL = 150  # frames of silence that follow speech at once under `fast`: three seconds, enough for any end of an utterance
_GARBAGE = '{"event":"media","media":{"payload":"\\u0000'


@dataclass(frozen=True)
class StreamOrder:
    """What a <Stream> asks for. `address` is where `url` (as written in the document) is answered on this machine."""

    name: str
    url: str
    address: str
    parameters: Mapping[str, str]
    call_sid: str
    account_sid: str
    auth_token: str


class MediaStream:
    """One socket. `tell(event, error)` hears of stream-started, stream-stopped and stream-error, once each at most."""

    def __init__(self, order: StreamOrder, faults: Faults, tell: Callable[[str, str], None]) -> None:
        self.order = order
        self.sid = new_sid("MZ")
        self.open = False
        self.frames = 0
        self._faults = faults
        self._tell = tell
        self._sequence = 1
        self._socket: ClientConnection | None = None
        self._told_end = False
        self._not_wanted = False

    async def start(self) -> None:
        """Open the socket and say what comes. A failure is told, not raised."""
        if self._faults.stream is StreamFault.REFUSED:
            return self._end("stream-error", "31902 connection refused")
        signed = {"x-twilio-signature": signature(self.order.auth_token, self.order.url)}
        try:
            self._socket = await connect(
                self.order.address,
                additional_headers=signed,
                user_agent_header="Twilio.TmeWs/1.0",
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=5,
                close_timeout=2,
            )
            await self._socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await self._socket.send(self._start_message())
        except InvalidHandshake as wrong:
            return self._end("stream-error", f"31920 handshake: {type(wrong).__name__}")
        except TimeoutError:
            return self._end("stream-error", "31901 connection timed out")
        except (OSError, ConnectionClosed):
            return self._end("stream-error", "31902 connection refused")
        self.open = True
        self._tell("stream-started", "")
        return await self.stop() if self._not_wanted else None

    def _start_message(self) -> str:
        start = {
            "accountSid": self.order.account_sid,
            "streamSid": self.sid,
            "callSid": self.order.call_sid,
            "tracks": ["inbound"],
            "customParameters": dict(self.order.parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
        return json.dumps({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": self.sid})

    async def watch(self) -> None:
        """Read, as a carrier must, until the socket closes. Nothing is expected on a one-way stream."""
        if self._socket is None or not self.open:
            return
        try:
            async for _ in self._socket:
                pass
        except ConnectionClosed:
            self._end("stream-error", "31921 the connection was closed")
        self._end("stream-stopped", "")

    async def send(self, payload: str) -> None:
        """Send one frame."""
        if not self.open or self._socket is None:
            return
        if self._faults.stream is not None and self.frames >= self._faults.stream_after and await self._strike(self._socket):
            return
        self._sequence += 1
        message = (
            f'{{"event":"media","sequenceNumber":"{self._sequence}","media":{{"track":"inbound","chunk":"{self.frames + 1}",'
            f'"timestamp":"{self.frames * 20 + 5}","payload":"{payload}"}},"streamSid":"{self.sid}"}}'
        )
        self.frames += 1
        try:
            async with asyncio.timeout(SEND_LIMIT):
                await self._socket.send(message)
        except (ConnectionClosed, TimeoutError):
            self.open = False

    async def _strike(self, socket: ClientConnection) -> bool:
        """Let the fault happen; true if this frame is not to be sent."""
        match self._faults.stream:
            case StreamFault.DROPPED:
                socket.transport.abort()
                self._end("stream-error", "31921 the connection broke")
                return True
            case StreamFault.GARBAGE if self.frames == self._faults.stream_after:
                await socket.send(_GARBAGE)
                await socket.send(b"\x00\xff" * 50)
        return self._faults.stream is StreamFault.STALLED

    async def stop(self) -> None:
        """Say that it is over and close; a stream that is still opening is closed when it has opened."""
        self._not_wanted = True
        if not self.open or self._socket is None or self._told_end:
            return
        self.open = False
        stop = {"accountSid": self.order.account_sid, "callSid": self.order.call_sid}
        message = {"event": "stop", "sequenceNumber": str(self._sequence + 1), "stop": stop, "streamSid": self.sid}
        try:
            async with asyncio.timeout(SEND_LIMIT):
                if self._faults.stream is not StreamFault.STALLED:
                    await self._socket.send(json.dumps(message))
                await self._socket.close()
        except (ConnectionClosed, TimeoutError):
            self._socket.transport.abort()
        self._end("stream-stopped", "")

    def abort(self) -> None:
        """Break the connection without a word."""
        if self._socket is not None and self.open:
            self.open = False
            self._socket.transport.abort()

    def _end(self, event: str, error: str) -> None:
        self.open = False
        if not self._told_end:
            self._told_end = True
            self._tell(event, error)


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
        self._streams: list[MediaStream] = []
        self._frames: deque[str] = deque()
        self._ended: Callable[[], None] | None = None
        self._live: deque[str] = deque()
        self._flows = False  # live sound goes out as it comes, once enough has come to bridge its gaps
        self._tail = 0
        self._heeded = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""
        return bool(self._frames)

    def add(self, stream: MediaStream) -> None:
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

    def answered(self) -> None:
        """The product has acted on what it heard: call time goes on."""
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
                before = stream.frames
                await stream.send(payload)
                if stream.frames > before:
                    self._sent()
