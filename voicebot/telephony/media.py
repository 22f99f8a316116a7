"""The media socket: the caller's audio in, to the ear. An ASGI app of its own; it never speaks, and never raises upwards.

A socket is heard only if the carrier signed its upgrade and its `start` brings our token for this call, phase and leg, once.
Whatever goes wrong here costs speech for a while, never the call: keys do not come this way.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import structlog

from voicebot.ports.ear import Ear, HearingLine
from voicebot.telephony.addresses import STREAM_PATH, Addresses
from voicebot.telephony.frames import (
    NOT_ALLOWED,
    PROTOCOL_ERROR,
    Audio,
    Frame,
    FrameRefused,
    InOrder,
    StreamStarted,
    StreamStopped,
    TalkStarted,
    read_frame,
)
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.signature import SignatureCheck
from voicebot.telephony.streams import OpenStream, Streams

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

DONE = 1000
BROKEN = 1011

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """Real seconds: until `start` comes, between frames, and from the end of listening to the end of the socket.

    `mark`: that the end of a prompt may be told late, on a two-way stream.
    """

    start: float = 5.0
    frame: float = 5.0
    wind_down: float = 2.0
    mark: float = 5.0


@dataclass
class _Heard:
    """What one socket has come to."""

    stream: OpenStream | None = None
    line: HearingLine | None = None
    stopped: bool = False
    order: InOrder = field(default_factory=InOrder)


class MediaSocket:
    """ASGI app for the stream's path. `lost(call_id, phase)` is told, on a thread, of a rightful stream that the ear refused."""

    def __init__(
        self, settings: TelephonySettings, addresses: Addresses, ear: Ear, streams: Streams,
        now: Callable[[], float], lost: Callable[[str, int], None], patience: Patience,
    ) -> None:
        self._accounts = settings.accounts
        self._addresses = addresses
        self._signatures = SignatureCheck(settings)
        self._ear = ear
        self._streams = streams
        self._now = now
        self._lost = lost
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, from upgrade to close."""
        await receive()  # websocket.connect
        if not is_signed(scope, STREAM_PATH, self._signatures):
            log.warning("stream refused", why="signature")
            await send({"type": "websocket.close", "code": NOT_ALLOWED})  # before the upgrade: the server answers 403
            return
        await send({"type": "websocket.accept"})
        code = await self._hear(receive)
        if code is not None:
            await close_socket(send, code)

    async def _hear(self, receive: Receive) -> int | None:
        """Listen to the end. Gives the code to close with, or None if the other side is gone."""
        heard = _Heard()
        code: int | None = BROKEN
        try:
            async with asyncio.timeout(self._patience.start) as deadline:
                code = await self._frames(receive, heard, deadline)
        except TimeoutError:
            code = self._out_of_time(heard)
        except FrameRefused as refused:
            log.warning("stream refused", why="frame", code=refused.code)
            code = refused.code
        except Exception as failure:  # noqa: BLE001  # nothing that a socket does may reach the server
            log.error("stream failed", failure=type(failure).__name__)
        finally:
            self._let_go(heard)
        return code

    async def _frames(self, receive: Receive, heard: _Heard, deadline: asyncio.Timeout) -> int | None:
        clock = asyncio.get_running_loop().time
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return None
            frame = read_frame(message.get("text"))
            if isinstance(frame, StreamStopped):
                heard.stopped = True
                return DONE
            if isinstance(frame, TalkStarted):
                raise FrameRefused(NOT_ALLOWED)  # that goes to another address
            if isinstance(frame, StreamStarted):
                await self._start(frame, heard, deadline)
            elif heard.line is not None:
                self._take(frame, heard, heard.line)
            elif isinstance(frame, Audio):
                raise FrameRefused(PROTOCOL_ERROR)  # audio of nobody
            if heard.stream is not None and not heard.stream.ignored:
                self._postpone(deadline, clock() + self._patience.frame)

    def _postpone(self, deadline: asyncio.Timeout, until: float) -> None:
        """Not with each of fifty frames a second, for that is work: a tenth of the patience sooner is as good."""
        before = deadline.when()
        if before is None or until - before > self._patience.frame / 10:
            deadline.reschedule(until)

    async def _start(self, start: StreamStarted, heard: _Heard, deadline: asyncio.Timeout) -> None:
        if heard.stream is not None:
            raise FrameRefused(PROTOCOL_ERROR)
        fits = self._addresses.stream_token_fits(start.token, start.call_id, start.phase, start.leg, self._now())
        if not fits or start.account not in self._accounts or not self._streams.claim(start.call_id, start.phase):
            raise FrameRefused(NOT_ALLOWED)
        deadline.reschedule(None)  # a line that was opened must be closed: do not give up in between
        line = await asyncio.to_thread(self._ear.open_line, start.call_id, start.phase)
        if line is None:
            log.warning("stream refused", why="ear")
            await asyncio.to_thread(self._lost, start.call_id, start.phase)
            raise FrameRefused(NOT_ALLOWED)
        heard.line = line
        heard.stream = OpenStream(start.call_id, start.phase, deadline)
        self._streams.add(heard.stream)

    def _take(self, frame: Frame, heard: _Heard, line: HearingLine) -> None:
        if not isinstance(frame, Audio) or (heard.stream is not None and heard.stream.ignored):
            return
        if heard.order.fits(frame.chunk) and frame.mulaw:
            line.hear(frame.mulaw)

    def _out_of_time(self, heard: _Heard) -> int:
        if heard.stream is None:
            log.warning("stream refused", why="no start")
            return NOT_ALLOWED
        if heard.stream.ignored:
            return DONE
        log.warning("stream stalled")
        return BROKEN

    def _let_go(self, heard: _Heard) -> None:
        if heard.stream is None or heard.line is None:
            return
        self._streams.remove(heard.stream, stopped=heard.stopped and not heard.stream.ignored)
        heard.line.close(lost=not (heard.stopped or heard.stream.ignored))


def is_signed(scope: Scope, path: str, signatures: SignatureCheck) -> bool:
    """Whether the carrier asks for the socket of this path."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    target = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    if scope.get("query_string") or not target.rstrip("/").endswith(path):
        return False
    return signatures.fits_socket(target, headers.get(b"x-twilio-signature", b"").decode("latin-1"))


async def close_socket(send: Send, code: int) -> None:
    """Close it, if it is still there."""
    try:
        await send({"type": "websocket.close", "code": code})
    except Exception as failure:  # noqa: BLE001  # it may be gone already, and each server says so differently
        log.info("stream was gone", failure=type(failure).__name__)
