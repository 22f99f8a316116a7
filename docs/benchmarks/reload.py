# ruff: noqa: D103, INP001, T201  # a script that prints what it measured
"""Measures a reload under load: dropped requests, what becomes of an open socket, latency. Not part of the product or its tests.

    python docs/benchmarks/reload.py uvicorn|gunicorn

Run from the root of the project. Starts the server itself on a free port, with a WSGI app that takes about 5 ms a request.
"""

import asyncio
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import websockets

sys.path.insert(0, str(Path(__file__).parents[2]))

from voicebot.serving import AsgiApp, ServingPlan, asgi_house, serve

SECONDS = 12
RATE = 100  # requests a second while reloading
CONCURRENT = 50


def work(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """About what a webhook costs: some waiting for the database."""
    time.sleep(0.005)
    start_response("200 OK", [("Content-Type", "text/xml")])
    return [b"<Response/>"]


async def listen(_scope: Any, receive: Any, send: Any) -> None:
    """A socket that hears until it is told to go."""
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def make() -> AsgiApp:
    """The app, as a server's factory."""
    return asgi_house(work, {"/socket": listen})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(kind: str, port: int) -> subprocess.Popen[bytes]:
    if kind == "uvicorn":
        return subprocess.Popen([sys.executable, __file__, "serve", str(port)])
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-w", "1", "-k", "uvicorn_worker.UvicornWorker", "--graceful-timeout", "20",
         "--keep-alive", "75", "--bind", f"127.0.0.1:{port}", "--log-level", "error", "--chdir", str(Path(__file__).parent),
         "reload:make()"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


async def until_up(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                await client.get(url)
                return
            await asyncio.sleep(0.1)


async def steady(url: str, *, keep: bool, server: int) -> None:
    took: list[float] = []
    failed: dict[str, int] = {}
    limits = httpx.Limits(max_keepalive_connections=100 if keep else 0)
    async with httpx.AsyncClient(limits=limits, timeout=20) as client:
        async def one() -> None:
            begun = time.perf_counter()
            try:
                (await client.post(url, data={"CallSid": "CA1"})).raise_for_status()
                took.append(time.perf_counter() - begun)
            except httpx.HTTPError as failure:
                failed[type(failure).__name__] = failed.get(type(failure).__name__, 0) + 1

        tasks = []
        begun = time.perf_counter()
        for number in range(RATE * SECONDS):
            if number in (RATE * 3, RATE * 7):
                os.kill(server, signal.SIGHUP)
            tasks.append(asyncio.create_task(one()))
            await asyncio.sleep(max(0.0, begun + (number + 1) / RATE - time.perf_counter()))
        await asyncio.gather(*tasks)
    show(f"steady {RATE}/s, {'kept' if keep else 'new'} connections, two reloads", took, failed)


async def open_socket(url: str) -> None:
    async with websockets.connect(url) as line:
        begun = time.perf_counter()
        with contextlib.suppress(websockets.ConnectionClosed):
            while time.perf_counter() - begun < SECONDS:
                await line.send("frame")
                await asyncio.sleep(0.02)
        print(f"  socket: closed with {line.close_code} after {time.perf_counter() - begun:.1f} s (reload at 3 s)")


async def crowd(port: int) -> None:
    """Bare connections: a client library would be slower than the server and would measure itself."""
    kind = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11"
    request = b"POST / HTTP/1.1\r\nHost: x\r\n" + kind + b"\r\n\r\nCallSid=CA1"
    took: list[float] = []
    end = time.perf_counter() + 6

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if b"chunked" in head:
                await reader.readuntil(b"0\r\n\r\n")
            took.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONCURRENT)))
    show(f"{CONCURRENT} at once, 6 s, {len(took) / 6:.0f}/s", took, {})


def show(what: str, took: list[float], failed: dict[str, int]) -> None:
    parts = statistics.quantiles(took, n=100)
    print(f"  {what}: {len(took)} answered, failed {failed or 'none'}, p50 {parts[49] * 1000:.0f} ms,"
          f" p95 {parts[94] * 1000:.0f} ms, p99 {parts[98] * 1000:.0f} ms, longest {max(took) * 1000:.0f} ms")


async def measure(kind: str) -> None:
    port = free_port()
    server = start(kind, port)
    try:
        url = f"http://127.0.0.1:{port}/"
        await until_up(url)
        print(kind)
        await crowd(port)
        for keep in (False, True):
            await asyncio.gather(steady(url, keep=keep, server=server.pid), open_socket(f"ws://127.0.0.1:{port}/socket"))
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(ServingPlan("reload:make", port=int(sys.argv[2]), drain_within=20))
    else:
        asyncio.run(measure(sys.argv[1]))
