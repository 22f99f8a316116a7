"""One browser's telephone: its messages to the handset, the handset's to it. Knows nothing of pages."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, TypeAlias

from voicebot.simulator.handset import Handset

Read: TypeAlias = Callable[[], Awaitable[dict[str, Any] | bytes | None]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_SOUND = 8000  # bytes of mu-law in one message: a second
MOST_WAITING = 500  # messages that a browser may be behind before its telephone is dead to us


class Exchange(Protocol):
    """What a telephone is connected to."""

    def connect(self, handset: Handset) -> None:
        """This handset rings from now on when its number is called."""
        ...

    def disconnect(self, handset: Handset) -> None:
        """It rings no more."""
        ...

    def call(self, handset: Handset, line: str, from_: str) -> None:
        """Call this number from that one. Raises ValueError with what is wrong."""
        ...


class PhoneLine:
    """A telephone while its browser is there. `number` is empty for a caller's, which only calls."""

    def __init__(self, exchange: Exchange, number: str) -> None:
        self._exchange = exchange
        self._out: asyncio.Queue[dict[str, Any] | bytes] = asyncio.Queue(MOST_WAITING)
        self.handset = Handset(number, self._tell)
        if number:
            exchange.connect(self.handset)

    async def live(self, read: Read, send: Send) -> None:
        """Carry messages until the browser goes."""
        writing = asyncio.get_running_loop().create_task(self._write(send))
        try:
            while (message := await read()) is not None:
                self._take(message)
        finally:
            writing.cancel()

    def close(self) -> None:
        """The browser is gone, so the telephone is put down."""
        self.handset.hang_up()
        self._exchange.disconnect(self.handset)

    def _tell(self, message: dict[str, Any] | bytes) -> None:
        if self._out.full():
            return  # a browser that does not read misses sound rather than holding a call up
        self._out.put_nowait(message)

    async def _write(self, send: Send) -> None:
        while True:
            message = await self._out.get()
            body = {"bytes": message} if isinstance(message, bytes) else {"text": json.dumps(message)}
            await send({"type": "websocket.send", **body})

    def _take(self, message: dict[str, Any] | bytes) -> None:
        if isinstance(message, bytes):
            self.handset.speak(message[:LONGEST_SOUND])
            return
        match message:
            case {"kind": "call", "line": str(line), "from": str(from_)} if not self.handset.number:
                self._call(line, from_)
            case {"kind": "key", "key": str(key)}:
                self.handset.press(key)
            case {"kind": "done", "id": int(prompt)}:
                self.handset.finished(prompt)
            case {"kind": "answer"}:
                self.handset.pick_up()
            case {"kind": "hangup"}:
                self.handset.hang_up()

    def _call(self, line: str, from_: str) -> None:
        try:
            self._exchange.call(self.handset, line, from_)
        except ValueError as wrong:
            self._tell({"kind": "refused", "why": str(wrong)})
