"""The softphone's small web: three pages, their files, and one socket for each telephone. Serves nobody without the token.

Pages hold no inline script or style and load nothing from elsewhere.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from voicebot.simulator.softphone.line import PhoneLine

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FILES = Path(__file__).parent / "files"
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; media-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "microphone=(self)",
}


@dataclass(frozen=True)
class Telephones:
    """What the pages offer: `lines` number -> name, to be called; `agents` number -> name, to be rung."""

    lines: Mapping[str, str]
    agents: Mapping[str, str]


class SoftphoneWeb:
    """An ASGI app. `open_line(number)` gives the telephone behind a socket; an empty number is a caller's."""

    def __init__(self, telephones: Telephones, open_line: Callable[[str], PhoneLine]) -> None:
        self._telephones, self._open_line = telephones, open_line
        self.token = secrets.token_urlsafe(16)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one socket."""
        path = self._path(scope)
        if scope["type"] == "websocket":
            await self._socket(path, scope, receive, send)
        elif scope["type"] == "http":
            await self._page(path, send)

    def _path(self, scope: Scope) -> str | None:
        """What stands behind the token; None for whoever does not know it, or who came by another name than this machine's."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        token, _, path = scope["path"].removeprefix("/").partition("/")
        ours = headers.get("host", "").partition(":")[0] in ("127.0.0.1", "localhost")
        return path if ours and secrets.compare_digest(token.encode(), self.token.encode()) else None

    # ---- pages ---------------------------------------------------------------------------------------------------

    async def _page(self, path: str | None, send: Send) -> None:
        name, agent = (path or "").partition("?")[0], ""
        if name.startswith("agent/"):
            name, agent = "agent", name.partition("/")[2]
        pages = {"": "index.html", "caller": "caller.html", "agent": "agent.html"}
        file = FILES / pages.get(name, name)
        if path is None or file not in set(FILES.iterdir()) or (agent and agent not in self._telephones.agents):
            await _answer(send, 404, b"There is no telephone here. Use the links that serve --simulator printed.", "text/plain")
            return
        body = file.read_text("utf-8")
        for place, words in self._places(agent).items():
            body = body.replace(f"<!--{place}-->", words)
        await _answer(send, 200, body.encode(), KINDS[file.suffix])

    def _places(self, agent: str) -> dict[str, str]:
        base = f"/{self.token}"
        options = "".join(
            f'<option value="{escape(number)}">{escape(name)} · {escape(number)}</option>'
            for number, name in self._telephones.lines.items()
        )
        agents = "".join(
            f'<li><a href="{base}/agent/{escape(number)}">{escape(name)} · {escape(number)}</a></li>'
            for number, name in self._telephones.agents.items()
        )
        name = self._telephones.agents.get(agent, "")
        return {"base": base, "lines": options, "agents": agents, "agent": escape(agent), "name": escape(name)}

    # ---- sockets -------------------------------------------------------------------------------------------------

    async def _socket(self, path: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        same = headers.get(b"origin", b"").decode("latin-1") == "http://" + headers.get(b"host", b"").decode("latin-1")
        kind, _, number = (path or "").partition("/")
        await receive()
        if path is None or not same or kind != "line" or (number and number not in self._telephones.agents):
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        line = self._open_line(number)
        try:
            await line.live(_messages(receive), send)
        finally:
            line.close()


def _messages(receive: Receive) -> Callable[[], Awaitable[dict[str, Any] | bytes | None]]:
    """Reads one message: an object, sound, or None at the end. What is neither is an empty object."""

    async def read() -> dict[str, Any] | bytes | None:
        message = await receive()
        if message["type"] != "websocket.receive":
            return None
        if (sound := message.get("bytes")) is not None:
            return bytes(sound)
        try:
            told = json.loads(message.get("text") or "")
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    return read


async def _answer(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), *((name.encode(), value.encode()) for name, value in HEADERS.items())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
