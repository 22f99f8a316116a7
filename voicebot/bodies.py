"""The bodies of requests: all of one is there, and not too much, before anybody is kept busy with it. Knows no address."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import structlog

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONGEST_BODY = 64 * 1024  # of a request, but where files are sent
BODY_WITHIN = 5.0  # seconds until all of it is there
LONGEST_UPLOAD = 8 * 1024 * 1024
UPLOAD_WITHIN = 60.0
UPLOADS_AT_ONCE = 4  # of all who send files, signed in or not: what they hold of our memory has an end

log = structlog.get_logger(__name__)


class Bodies:
    """Takes in the bodies of requests: none that is too long or too slow, and, where `at_once` says so, so many together."""

    def __init__(self, longest: int, within: float, at_once: int = 0) -> None:
        self._longest, self._within, self._at_once, self._now = longest, within, at_once, 0

    async def taken(self, scope: Scope, receive: Receive) -> bytes | int | None:
        """A request's whole body, the status to refuse it with, or None if whoever asked is gone."""
        said = dict(scope["headers"]).get(b"content-length", b"")
        if said.isdigit() and int(said[:20]) > self._longest:
            return 413
        if self._at_once and self._now >= self._at_once:
            return 503
        self._now += 1
        try:
            async with asyncio.timeout(self._within):
                return await self._all_of_it(receive)
        except TimeoutError:
            return 408
        finally:
            self._now -= 1

    async def _all_of_it(self, receive: Receive) -> bytes | int | None:
        body = bytearray()
        while len(body) <= self._longest:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        return bytes(body) if len(body) <= self._longest else 413


def at_once(body: bytes, receive: Receive) -> Receive:
    """A `receive` that has the body already."""
    waiting = [body]

    async def give() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": waiting.pop(), "more_body": False} if waiting else await receive()

    return give


async def refuse(send: Send, status: int) -> None:
    """An answer of a status alone, and the end of the connection: what is still to come of the request is not read."""
    log.warning("request refused", why={413: "size", 408: "slow"}.get(status, "many"), status=status)
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
