"""The two-way socket: an ASGI app that lets a conversation have it. It never raises upwards.

Whatever goes wrong here, the socket closes, the carrier goes on to the next verb, and asks us there: `talked` in the webhooks.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from voicebot.telephony.addresses import TALK_PATH, Addresses
from voicebot.telephony.conversation import Conversation, TalkFailed, TalkParts
from voicebot.telephony.frames import (
    NOT_ALLOWED,
    PROTOCOL_ERROR,
    Audio,
    FrameRefused,
    StreamStarted,
    StreamStopped,
    TalkStarted,
    read_frame,
)
from voicebot.telephony.media import BROKEN, DONE, Patience, Receive, Scope, Send, close_socket, is_signed
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.signature import SignatureCheck
from voicebot.telephony.talks import Talks

log = structlog.get_logger(__name__)


class TalkSocket:
    """ASGI app for the two-way stream's path. `parts` is what every conversation needs."""

    def __init__(
        self, settings: TelephonySettings, addresses: Addresses, talks: Talks, parts: TalkParts,
        now: Callable[[], float], patience: Patience,
    ) -> None:
        self._accounts = settings.accounts
        self._addresses = addresses
        self._signatures = SignatureCheck(settings)
        self._talks = talks
        self._parts = replace(parts, mark_patience=patience.mark)
        self._now = now
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, from upgrade to close."""
        await receive()  # websocket.connect
        if not is_signed(scope, TALK_PATH, self._signatures):
            log.warning("talk refused", why="signature")
            await send({"type": "websocket.close", "code": NOT_ALLOWED})  # before the upgrade: the server answers 403
            return
        await send({"type": "websocket.accept"})
        code = await self._talk(receive, send)
        if code is not None:
            await close_socket(send, code)

    async def _talk(self, receive: Receive, send: Send) -> int | None:
        """The code to close with, or None if the other side is gone."""
        try:
            async with asyncio.timeout(self._patience.start):
                start = await self._started(receive)
        except TimeoutError:
            log.warning("talk refused", why="no start")
            return NOT_ALLOWED
        except FrameRefused as refused:
            log.warning("talk refused", why="frame", code=refused.code)
            return refused.code

        async def say(message: str) -> None:
            await send({"type": "websocket.send", "text": message})

        if start is None:
            return None
        return await self._hold(start, receive, Conversation(self._parts, start.call_id, start.sid, say))

    async def _started(self, receive: Receive) -> TalkStarted | None:
        """A stream that is ours, once; None if it went away before it said so."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return None
            match read_frame(message.get("text")):
                case TalkStarted() as start:
                    fits = self._addresses.talk_token_fits(start.token, start.call_id, start.seq, start.leg, self._now())
                    if not fits or start.account not in self._accounts or not self._talks.claim(start.call_id, start.seq):
                        raise FrameRefused(NOT_ALLOWED)
                    return start
                case StreamStarted() | Audio():
                    raise FrameRefused(PROTOCOL_ERROR)

    async def _hold(self, start: TalkStarted, receive: Receive, conversation: Conversation) -> int | None:
        self._talks.begin(start.call_id, conversation.news)
        reading = asyncio.create_task(self._read(receive, conversation))
        talking = asyncio.create_task(self._talked(conversation))
        code: int | None = BROKEN
        try:
            await asyncio.wait({reading, talking}, return_when=asyncio.FIRST_COMPLETED)
            code = _end_of(talking) if talking.done() else _end_of(reading)
        finally:
            well = talking.done() and code == DONE
            for task in (reading, talking):
                task.cancel()
            await asyncio.gather(reading, talking, return_exceptions=True)
            conversation.close(well=well)
            self._talks.end(start.call_id, start.seq, well=well)
        return code

    async def _talked(self, conversation: Conversation) -> int | None:
        await conversation.hold()
        return DONE

    async def _read(self, receive: Receive, conversation: Conversation) -> int | None:
        """Give the conversation what comes, until the carrier ends it, or nothing comes any more."""
        while True:
            async with asyncio.timeout(self._patience.frame):
                message = await receive()
            if message["type"] == "websocket.disconnect":
                return None
            frame = read_frame(message.get("text"))
            if isinstance(frame, StreamStopped):
                return DONE
            if isinstance(frame, StreamStarted | TalkStarted):
                raise FrameRefused(PROTOCOL_ERROR)
            conversation.take(frame)


def _end_of(task: "asyncio.Task[int | None]") -> int | None:
    """With which code the socket closes when this has ended; what went wrong is said."""
    match task.exception():
        case None:
            return task.result()
        case FrameRefused() as refused:
            log.warning("talk failed", why="frame", code=refused.code)
            return refused.code
        case TimeoutError():
            log.warning("talk failed", why="nothing comes any more")
        case TalkFailed() as failed:
            log.warning("talk failed", why=str(failed))
        case failure:
            log.error("talk failed", failure=type(failure).__name__)
    return BROKEN
