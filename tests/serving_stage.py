"""A real server inside a test, on a free port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import uvicorn

from voicebot.serving import AsgiApp, ServingPlan, server_config


@dataclass
class Served:
    """A server that runs. `stop` ends it as SIGTERM would."""

    port: int
    server: uvicorn.Server
    thread: Thread

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(15)
        assert not self.thread.is_alive()


class _TellingServer(uvicorn.Server):
    """Tells when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        try:
            await super().startup(sockets)  # type: ignore[arg-type]
        finally:
            self.up.set()


@contextmanager
def served(app: AsgiApp, port: int = 0) -> Iterator[Served]:
    """Serve an app with the product's own settings while the block runs."""
    server = _TellingServer(server_config(ServingPlan("", port=port, drain_within=5), app))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    assert server.up.wait(10)
    running = Served(server.servers[0].sockets[0].getsockname()[1], server, thread)
    try:
        yield running
    finally:
        running.stop()
