"""The server process: one port for webhooks, pages and sockets, reloaded without a dropped request. Knows no business.

Two parts: `asgi_house` makes one ASGI app of a WSGI app and socket apps; `serve` runs such an app under a supervisor that brings
a new process into service before the old one drains (SIGHUP), and ends both in order (SIGTERM). See docs/adr/0001-serving.md.
"""

import asyncio
import errno
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from types import FrameType, MappingProxyType
from typing import Any, TypeAlias, cast

import structlog
import uvicorn
from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors.multiprocess import Multiprocess

from voicebot.bodies import (
    BODY_WITHIN,
    LONGEST_BODY,
    LONGEST_UPLOAD,
    UPLOAD_WITHIN,
    UPLOADS_AT_ONCE,
    Bodies,
    Receive,
    Scope,
    Send,
    at_once,
    refuse,
)
from voicebot.errors import ConfigError, VoicebotError

AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]
Hook: TypeAlias = Callable[[], None]

WSGI_THREADS = 64  # webhooks wait up to 2.5 s for a back end; the bridge's own default of 10 would let callers queue
LONGEST_SOCKET_MESSAGE = 64 * 1024
FIRST_WORD_WITHIN = 0.5  # seconds, of a connection that was made just before the end
DRAIN_WITHIN = 20  # seconds; the carrier itself gives a request no more than 15

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ServingPlan:
    """Where and how to serve. `app` is an import string of an ASGI app or, with `factory`, of a function that makes one.

    Port 0 takes any free one; `drain_within` and `start_within` are seconds.
    """

    app: str
    host: str = "127.0.0.1"
    port: int = 8000
    factory: bool = True
    drain_within: int = DRAIN_WITHIN
    start_within: int = 60
    log_level: str = "warning"


@dataclass(frozen=True)
class Hooks:
    """`start` runs before the first request, `stop` after the last one; both on a thread, so that they may wait.

    `drain` runs when this process is told to end, before it waits for open answers: those that last must be ended by it.
    """

    start: Hook | None = None
    stop: Hook | None = None
    drain: Hook | None = None


def asgi_house(
    wsgi_app: Callable[..., Iterable[bytes]],
    sockets: Mapping[str, AsgiApp],
    *,
    streams: Mapping[str, AsgiApp] = MappingProxyType({}),
    hooks: Hooks = Hooks(),
    threads: int = WSGI_THREADS,
    body_within: float = BODY_WITHIN,
    uploads: str = "",
) -> AsgiApp:
    """One app: HTTP goes to the WSGI app on threads, but for `streams`, whose answers last; a WebSocket goes to the app of its
    path, and any other path is refused.

    A request gets a thread when all of its body is there, so that whoever sends slowly holds none: 408 after `body_within`
    seconds, 413 where it is too long. Below the path `uploads` files may be sent, a few at once: 503 where there are too many.
    """
    bridge = WSGIMiddleware(cast("WSGIApp", wsgi_app), workers=threads)
    usual, files = Bodies(LONGEST_BODY, body_within), Bodies(LONGEST_UPLOAD, UPLOAD_WITHIN, UPLOADS_AT_ONCE)

    async def house(scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http" if scope["path"] in streams:
                await streams[scope["path"]](scope, receive, send)
            case "http":
                of_files = bool(uploads) and scope["method"] == "POST" and scope["path"].startswith(uploads)
                body = await (files if of_files else usual).taken(scope, receive)
                if isinstance(body, bytes):
                    await bridge(cast("Any", scope), cast("Any", at_once(body, receive)), cast("Any", send))
                elif body is not None:
                    await refuse(send, body)
            case "websocket":
                await sockets.get(scope["path"], _no_such_socket)(scope, receive, send)
            case "lifespan":
                await _live(receive, send, hooks)
                bridge.executor.shutdown(wait=False)

    return house


def serve(plan: ServingPlan) -> None:
    """Serve until SIGTERM or SIGINT. SIGHUP starts the app anew in a second process and then drains the first."""
    config = server_config(plan)
    listener = _listener(plan)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or a kept connection waits 40 ms for each answer
    supervisor = Multiprocess(config, sockets=[listener])
    try:
        supervisor.run()
    finally:
        listener.close()


def _listener(plan: ServingPlan) -> socket.socket:
    """Bound, so that a port that is taken is known before anything starts. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or a quick second start would have to wait for the first
    try:
        listener.bind((plan.host, plan.port))
    except OSError as error:
        listener.close()
        why = {
            errno.EADDRINUSE: f"port {plan.port} is taken; is another server running? PORT names another",
            errno.EACCES: f"port {plan.port} may not be opened by this user; PORT names another",
        }.get(error.errno or 0, f"{plan.host} is no address of this machine ({error.strerror or error})")
        raise ConfigError(f"cannot listen on {plan.host}:{plan.port}: {why}") from None
    listener.set_inheritable(True)
    return listener


def end_with_supervisor() -> None:
    """End this process in order when the supervisor that started it has died: nobody else would, and it holds the port."""
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return

    def wait() -> None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor-watch", daemon=True).start()


def leave_no_core() -> None:
    """A crash of this process leaves no copy of its memory on a disk: PINs pass through it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def server_config(plan: ServingPlan, app: AsgiApp | None = None) -> uvicorn.Config:
    """The server's settings, for `serve` and for a server inside another program (`app` itself instead of its import string)."""
    return uvicorn.Config(
        cast("Any", app if app is not None else plan.app),
        http=_Unhurried,
        factory=plan.factory and app is None,
        host=plan.host,
        port=plan.port,
        workers=1,  # one process: a call's socket and its webhooks share the ear
        log_config=None,
        log_level=plan.log_level,
        access_log=False,  # addresses hold tokens
        proxy_headers=False,  # a request's address is never taken from headers
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=LONGEST_SOCKET_MESSAGE,
        ws_ping_interval=None,  # silence on a media socket is watched where audio is expected
        ws_per_message_deflate=False,  # audio does not shrink; unpacking would be work for whoever asks
        timeout_keep_alive=75,
        timeout_graceful_shutdown=plan.drain_within,
        timeout_worker_healthcheck=plan.start_within,
    )


class _Unhurried(H11Protocol):
    """A connection on which nothing was asked yet when this process is told to end: its first request may be on its way."""

    def shutdown(self) -> None:
        """Close, a moment later where nobody has been answered yet. The server waits for connections to close."""
        asked: Any = self.cycle  # None before the first request, whatever its type says
        if asked is None:
            self.loop.call_later(FIRST_WORD_WITHIN, self._close)
        else:
            super().shutdown()

    def _close(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()


async def _live(receive: Receive, send: Send, hooks: Hooks) -> None:
    await receive()
    try:
        if hooks.start is not None:
            await asyncio.to_thread(hooks.start)
    except Exception as failure:  # noqa: BLE001  # the server says it and stops; a supervisor keeps the old process
        why = str(failure) if isinstance(failure, VoicebotError) else type(failure).__name__
        await send({"type": "lifespan.startup.failed", "message": why})
        return
    if hooks.drain is not None:
        _before_the_end(hooks.drain)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    try:
        if hooks.stop is not None:
            await asyncio.to_thread(hooks.stop)
    finally:
        await send({"type": "lifespan.shutdown.complete"})


def _before_the_end(drain: Hook) -> None:
    """Have `drain` run when a signal ends this process, ahead of the server's own handler, which then waits for open answers.

    A server inside another program's thread is told of no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        servers_own = signal.getsignal(number)

        def end(number: int, frame: FrameType | None, servers_own: Any = servers_own) -> None:
            drain()
            if callable(servers_own):
                servers_own(number, frame)

        signal.signal(number, end)


async def _no_such_socket(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def serve_here(plan: ServingPlan) -> None:
    """Serve in this very process, without a supervisor, until SIGTERM or SIGINT, or until whoever started it is gone.

    For a rehearsal, which holds the other end of our standard input and never writes to it.
    """

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="rehearsal-watch", daemon=True).start()
    uvicorn.Server(server_config(plan)).run()
