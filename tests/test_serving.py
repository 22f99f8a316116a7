"""One port for everything, and a reload that drops nothing."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.serving_stage import served
from voicebot.bodies import LONGEST_UPLOAD, UPLOADS_AT_ONCE
from voicebot.errors import ConfigError
from voicebot.serving import Hooks, ServingPlan, asgi_house, serve, server_config

Environ = dict[str, Any]


def say(text: str) -> Callable[[Environ, Any], Iterable[bytes]]:
    def app(_environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [text.encode()]

    return app


async def listen(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": "heard"})


def test_webhooks_and_sockets_share_a_port() -> None:
    with served(asgi_house(say("hello"), {"/socket": listen})) as server:
        assert httpx.post(f"http://127.0.0.1:{server.port}/any").text == "hello"
        with connect(f"ws://127.0.0.1:{server.port}/socket") as line:
            line.send("x")
            assert line.recv(timeout=5) == "heard"


def test_files_may_be_sent_where_they_are_wanted_and_nowhere_else() -> None:
    def length(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]

    with served(asgi_house(length, {}, uploads="/files/")) as server:
        place = f"http://127.0.0.1:{server.port}"
        assert httpx.post(f"{place}/files/a", content=b"x" * 1_000_000).text == "1000000"
        assert httpx.post(f"{place}/files/a", content=b"x" * (LONGEST_UPLOAD + 1)).status_code == 413
        assert httpx.post(f"{place}/other", content=b"x" * 1_000_000).status_code == 413
        assert httpx.put(f"{place}/files/a", content=b"x" * 1_000_000).status_code == 413


def test_a_few_files_may_be_on_their_way_at_once() -> None:
    def begun(port: int) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", port), 10)
        line.sendall(b"POST /files/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        return line

    with served(asgi_house(say("taken"), {}, uploads="/files/")) as server:
        lines = [begun(server.port) for _ in range(UPLOADS_AT_ONCE)]
        until = time.monotonic() + 20
        while (status := httpx.post(f"http://127.0.0.1:{server.port}/files/b", content=b"x").status_code) != 503:
            assert (status, time.monotonic() < until) == (200, True)  # the others may not have been seen yet
        for line in lines:
            line.sendall(b"cde")
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
            line.close()
        assert httpx.post(f"http://127.0.0.1:{server.port}/files/b", content=b"x").text == "taken"


def test_sixty_webhooks_may_wait_at_once() -> None:
    together = Barrier(60, timeout=10)

    def meet(_environ: Environ, start_response: Any) -> Iterable[bytes]:
        together.wait()
        start_response("200 OK", [])
        return [b"met"]

    with served(asgi_house(meet, {})) as server:
        answers: list[str] = []

        def call() -> None:
            answers.append(httpx.get(f"http://127.0.0.1:{server.port}/", timeout=15).text)

        callers = [Thread(target=call) for _ in range(60)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(20)
    assert answers == ["met"] * 60


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    with (
        served(asgi_house(say(""), {"/socket": listen})) as server,
        connect(f"ws://127.0.0.1:{server.port}/socket", max_size=None) as line,
    ):
        line.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_hooks_run_before_the_first_and_after_the_last() -> None:
    order: list[str] = []

    def work(_environ: Environ, start_response: Any) -> Iterable[bytes]:
        order.append("work")
        start_response("200 OK", [])
        return [b""]

    house = asgi_house(work, {}, hooks=Hooks(start=lambda: order.append("start"), stop=lambda: order.append("stop")))
    with served(house) as server:
        httpx.get(f"http://127.0.0.1:{server.port}/")
    assert order == ["start", "work", "stop"]


def test_on_the_way_out_requests_are_finished_and_sockets_closed() -> None:
    inside, go_on = Event(), Event()

    def slow(_environ: Environ, start_response: Any) -> Iterable[bytes]:
        inside.set()
        assert go_on.wait(10)
        start_response("200 OK", [])
        return [b"finished"]

    answers: list[str] = []
    with served(asgi_house(slow, {"/socket": listen})) as server, connect(f"ws://127.0.0.1:{server.port}/socket") as line:
        caller = Thread(target=lambda: answers.append(httpx.get(f"http://127.0.0.1:{server.port}/", timeout=15).text))
        caller.start()
        assert inside.wait(5)
        server.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=5)
        go_on.set()
        caller.join(10)
    assert answers == ["finished"]
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


@pytest.mark.parametrize(
    ("failure", "said"), [(ConfigError("voicebot.toml: lines"), "voicebot.toml: lines"), (KeyError("493817"), "KeyError")]
)
def test_a_house_that_cannot_start_says_why_and_no_more(failure: Exception, said: str) -> None:
    def fail() -> None:
        raise failure

    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asgi_house(say(""), {}, hooks=Hooks(start=fail))({"type": "lifespan"}, receive, send))
    assert sent == [{"type": "lifespan.startup.failed", "message": said}]


def test_addresses_are_never_logged_and_headers_never_believed() -> None:
    config = server_config(ServingPlan("voicebot.app:create"))
    assert config.access_log is False
    assert config.proxy_headers is False
    assert config.workers == 1


# ---- reload ------------------------------------------------------------------------------------------------------

APP = """
import os
import asyncio
from voicebot.serving import Hooks, ServingPlan, asgi_house, end_with_supervisor, serve, serve_here

def work(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

async def listen(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass

class Lasting:
    loop = None

    async def __call__(self, scope, receive, send):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"began", "more_body": True})
        await self.over.wait()
        await send({"type": "http.response.body", "body": b" and ended"})

    def drain(self):
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.over.set)

def make():
    if os.path.exists("broken"):
        raise SystemExit(1)
    end_with_supervisor()
    lasting = Lasting()
    return asgi_house(work, {"/socket": listen}, streams={"/lasting": lasting}, hooks=Hooks(drain=lasting.drain))

if __name__ == "__main__":
    import sys
    run = serve_here if sys.argv[2:] == ["here"] else serve
    run(ServingPlan("tiny_app:make", port=int(sys.argv[1]), drain_within=5, start_within=20))
"""


@pytest.fixture
def tiny_server(tmp_path: Path, project: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    (tmp_path / "tiny_app.py").write_text(APP)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = os.environ | {"PYTHONPATH": f"{project}{os.pathsep}{tmp_path}"}
    server = subprocess.Popen([sys.executable, "tiny_app.py", str(port)], cwd=tmp_path, env=here, stderr=subprocess.PIPE)
    try:
        yield server, f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=15)


def until_answered(address: str, wanted: Callable[[str], bool], tries: int = 4000) -> tuple[str, int]:
    """Ask until the answer is the wanted one; gives it, and how many requests failed after the first answer."""
    failed, answered = 0, False
    for _ in range(tries):
        try:
            text = httpx.get(f"http://{address}/", timeout=10).text
        except httpx.TransportError:
            failed += answered
            Event().wait(0.0 if answered else 0.05)
            continue
        answered = True
        if wanted(text):
            return text, failed
    raise AssertionError("never the wanted answer")


def test_a_reload_brings_a_new_process_in_without_a_failed_request(
    tiny_server: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    server, address = tiny_server
    first, _ = until_answered(address, bool)
    with connect(f"ws://{address}/socket") as line:
        server.send_signal(signal.SIGHUP)
        second, failed = until_answered(address, lambda pid: pid != first)
        assert failed == 0
        with pytest.raises(ConnectionClosed) as closed, contextlib.suppress(TimeoutError):
            line.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    (tmp_path / "broken").touch()
    server.send_signal(signal.SIGHUP)
    assert server.stderr is not None
    assert any(b"keeping worker" in line for line in server.stderr)  # ends with that line, or with the server
    assert until_answered(address, bool)[0] == second
    server.terminate()
    assert server.wait(15) == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_an_answer_that_lasts_is_ended_by_its_own_app_when_its_process_goes(
    tiny_server: tuple[subprocess.Popen[bytes], str], number: signal.Signals
) -> None:
    server, address = tiny_server
    until_answered(address, bool)
    with httpx.stream("GET", f"http://{address}/lasting", timeout=15) as answer:
        pieces = answer.iter_text()
        said = next(pieces)
        server.send_signal(number)
        assert said + "".join(pieces) == "began and ended"


# ---- beginnings and ends ---------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is taken"):
            serve(ServingPlan("no_such_module:app", port=port))


@pytest.mark.parametrize("host", ["999.9.9.9", "203.0.113.7", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_is_said(host: str) -> None:
    with pytest.raises(ConfigError, match="is no address of this machine"):
        serve(ServingPlan("no_such_module:app", host=host, port=0))


def test_a_server_whose_supervisor_was_killed_ends_and_frees_the_port(
    tiny_server: tuple[subprocess.Popen[bytes], str],
) -> None:
    server, address = tiny_server
    until_answered(address, bool)
    server.kill()
    server.wait(10)
    host, port = address.split(":")
    for _ in range(400):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
            return
        Event().wait(0.05)
    raise AssertionError("the port is still taken")


def test_a_server_of_a_rehearsal_ends_with_whoever_started_it(tmp_path: Path, project: Path) -> None:
    (tmp_path / "tiny_app.py").write_text(APP)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = os.environ | {"PYTHONPATH": f"{project}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "tiny_app.py", str(port), "here"]
    server = subprocess.Popen(command, cwd=tmp_path, env=here, stdin=subprocess.PIPE)
    until_answered(f"127.0.0.1:{port}", bool)
    assert server.stdin is not None
    server.stdin.close()  # as it is when the other end was killed
    assert server.wait(15) in (0, -signal.SIGTERM)


def test_a_crash_of_the_server_leaves_no_copy_of_its_memory(tmp_path: Path, project: Path) -> None:
    """Set before anything else, so that it holds even for a server that cannot start."""
    program = """
import resource
from voicebot.app import application
try:
    application()
except SystemExit:
    print(resource.getrlimit(resource.RLIMIT_CORE))
"""
    here = os.environ | {"PYTHONPATH": str(project), "VOICEBOT_CONFIG": str(tmp_path / "none.toml")}
    done = subprocess.run([sys.executable, "-c", program], env=here, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "(0, 0)"


def test_a_killed_worker_is_replaced_and_requests_wait_for_the_next_one(tiny_server: tuple[subprocess.Popen[bytes], str]) -> None:
    _, address = tiny_server
    first, _ = until_answered(address, bool)
    os.kill(int(first), signal.SIGKILL)
    second, failed = until_answered(address, lambda pid: pid != first)
    assert (second != first, failed) == (True, 0)
