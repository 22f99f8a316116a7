"""A web server on this machine for one app of the twin's: its REST API, or its softphones."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """The library's server without signal handling, which belongs to whoever runs the twin, and without its idle ticking."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leave = asyncio.Event()

    async def main_loop(self) -> None:
        await self.leave.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Door:
    """A server for one app, open from the beginning."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        # asyncio turns Nagle's delay off only for sockets that name their protocol; it would cost 40 ms an answer
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(256)
        self._server = _Server(_config(app))
        self._serving = asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._socket]))

    @property
    def url(self) -> str:
        """Where it is."""
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    async def close(self) -> None:
        """No more."""
        self._server.leave.set()
        await self._serving


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1, ws="websockets-sansio"
    )
