"""Media streams: the caller's sound on its way to the product, as 20 ms mu-law frames over a signed WebSocket.

Only what the caller says is in it, never what the leg hears; what the product sends back on a two-way stream is `talk`'s.
Source: docs voice/media-streams (WebSocket messages) and the 319xx errors. It must not decide when somebody speaks.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from voicebot.simulator.settings import Faults, StreamFault, new_sid
from voicebot.simulator.signature import signature
from voicebot.simulator.sound_flaws import Piece, Shape

SEND_LIMIT = 10.0  # real seconds that one frame may wait for a product that does not read
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
    """One socket. `tell(stream, event, error)` hears of stream-started, stream-stopped and stream-error, once each at most."""

    def __init__(self, order: StreamOrder, faults: Faults, tell: Callable[["MediaStream", str, str], None]) -> None:
        self.order = order
        self.sid = new_sid("MZ")
        self.open = False
        self.frames = 0
        self._faults = faults
        self._tell = tell
        self._struck_after = 0 if faults.stream is StreamFault.MUTE else faults.stream_after
        self._shape = Shape(faults.stream, faults.stream_after)
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
            if self._faults.stream is not StreamFault.MUTE:
                await self._socket.send(self._start_message())
        except InvalidHandshake as wrong:
            return self._end("stream-error", f"31920 handshake: {type(wrong).__name__}")
        except TimeoutError:
            return self._end("stream-error", "31901 connection timed out")
        except (OSError, ConnectionClosed):
            return self._end("stream-error", "31902 connection refused")
        self.open = True
        self._tell(self, "stream-started", "")
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

    async def watch(self, take: Callable[[str | bytes], None] = lambda _: None) -> None:
        """Read, as a carrier must, until the socket closes. Nothing is expected on a one-way stream."""
        if self._socket is None or not self.open:
            return
        try:
            async for message in self._socket:
                take(message)
        except ConnectionClosed:
            self._end("stream-error", "31921 the connection was closed")
        self._end("stream-stopped", "")

    async def send(self, payload: str, sent: Callable[[], None] = lambda: None) -> None:
        """Send one frame. `sent` is told when it goes out, not when the socket has taken it, which may be late."""
        if not self.open or self._socket is None:
            return
        if self._faults.stream is not None and self.frames >= self._struck_after and await self._strike(self._socket):
            return
        pieces = self._shape.pieces(self.frames, payload)
        self.frames += 1
        sent()
        try:
            async with asyncio.timeout(SEND_LIMIT):
                for piece in pieces:
                    await self._socket.send(self._media_message(piece))
        except (ConnectionClosed, TimeoutError):
            self.open = False

    async def key(self, digit: str) -> None:
        """Tell of a key. Source: docs voice/media-streams, `dtmf`: two-way streams only."""
        await self._tell_of("dtmf", {"track": "inbound_track", "digit": digit})

    async def mark(self, name: str) -> None:
        """Give a mark back: all that was sent before it has been played, or was cleared."""
        if self._faults.stream is not StreamFault.MARKLESS:
            await self._tell_of("mark", {"name": name})

    async def _tell_of(self, event: str, what: Mapping[str, str]) -> None:
        struck = self._faults.stream in (StreamFault.STALLED, StreamFault.MUTE) and self.frames >= self._struck_after
        if not self.open or self._socket is None or struck:
            return
        self._sequence += 1
        told = {"event": event, "streamSid": self.sid, "sequenceNumber": str(self._sequence), event: what}
        try:
            async with asyncio.timeout(SEND_LIMIT):
                await self._socket.send(json.dumps(told))
        except (ConnectionClosed, TimeoutError):
            self.open = False

    def _media_message(self, piece: Piece) -> str:
        self._sequence += 1
        return (
            f'{{"event":"media","sequenceNumber":"{self._sequence}","media":{{"track":"inbound","chunk":"{piece.chunk}",'
            f'"timestamp":"{piece.timestamp}","payload":"{piece.payload}"}},"streamSid":"{self.sid}"}}'
        )

    async def _strike(self, socket: ClientConnection) -> bool:
        """Let the fault happen; true if this frame is not to be sent."""
        match self._faults.stream:
            case StreamFault.DROPPED:
                socket.transport.abort()
                self._end("stream-error", "31921 the connection broke")
                return True
            case StreamFault.STOPPED:
                await self.stop()
                return True
            case StreamFault.GARBAGE if self.frames == self._faults.stream_after:
                await socket.send(_GARBAGE)
                await socket.send(b"\x00\xff" * 50)
        return self._faults.stream in (StreamFault.STALLED, StreamFault.MUTE)

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
            self._tell(self, event, error)
