"""A line at a public address of this machine, behind a proxy that does what it likes, and somebody who asks it from outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from tests.serving_stage import served
from tests.telephony.stage import ACCOUNT, KEYS, TOKEN, Line
from voicebot.serving import AsgiApp, asgi_house
from voicebot.telephony.selfcall import SelfCall

Proxy: TypeAlias = Callable[[AsgiApp], AsgiApp]
NAME = "TWILIO_AUTH_TOKEN"


class Front:
    """What listens at the public address: a proxy, and behind it a line that may have been started with other settings."""

    def __init__(self) -> None:
        self.app: AsgiApp | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert self.app is not None
        await self.app(scope, receive, send)


@contextmanager
def line_behind(
    proxy: Proxy = lambda app: app, *, path: str = "", token: str = TOKEN, base: str = "", account: str = ACCOUNT
) -> Iterator[SelfCall]:
    front = Front()
    with served(front) as server:
        public = f"http://127.0.0.1:{server.port}{path}"
        line = Line(public_base_url=base or public, auth_tokens=(token,), account_sid=account)
        front.app = proxy(asgi_house(line.app, dict.fromkeys(line.room.socket_paths, line.room.media), threads=4))
        yield SelfCall(public, ACCOUNT, {NAME: TOKEN}, KEYS, within=2.0)
