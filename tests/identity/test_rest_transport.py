"""Real sockets on this machine, with servers that do not behave: nothing goes on after the deadline of its request."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.identity.backends import BACK_END, KEYS
from tests.telephony.test_address_check import made_certificate
from voicebot.config.backend import BackEnd
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import IdentifyResult, Secret, SecretVerdict
from voicebot.identity.breaker import Breaker
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.rest import RestCrm, access_for, build_rest_crm
from voicebot.identity.rest_http import Http, NotRun, Time, Why
from voicebot.identity.rest_transport import BoundedTransport, Deadline
from voicebot.identity.rest_wire import Wire

STEP = 0.5  # seconds
PATIENT = 20.0  # nothing here may take so long
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n" + b'{"result": "not_found"}'

Serves = Callable[[socket.socket, threading.Event], None]


@contextmanager
def a_server(serves: Serves) -> Iterator[str]:
    """A server that does this with each connection, until the block ends. Gives its address."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def run_one(connection: socket.socket) -> None:
        with connection:
            try:
                serves(connection, over)
            except OSError:
                return  # the client has gone

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=run_one, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=run)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [accepting, *threads]:
            thread.join(PATIENT)
            assert not thread.is_alive()


def answers(connection: socket.socket, over: threading.Event) -> None:
    """Well, one request after the other."""
    while not over.is_set() and read_request(connection):
        connection.sendall(OK)


def read_request(connection: socket.socket) -> bytes:
    connection.settimeout(PATIENT)
    data = b""
    while b"\r\n\r\n" not in data:
        if not (part := connection.recv(4096)):
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")))
    while len(body) < length:
        body += connection.recv(4096)
    return head + body


def drips(text: bytes) -> Serves:
    """Sends byte after byte, each well within the limit of a single read."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        for byte in text:
            connection.sendall(bytes([byte]))
            if over.wait(0.05):
                return

    return serve


def hangs(connection: socket.socket, over: threading.Event) -> None:
    read_request(connection)
    over.wait(PATIENT)


def hangs_up(connection: socket.socket, over: threading.Event) -> None:
    del over
    read_request(connection)


def talks_nonsense(connection: socket.socket, over: threading.Event) -> None:
    del over
    read_request(connection)
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


BACK = replace(BACK_END, connect=0.3, read=0.3, step=STEP)


@contextmanager
def a_crm(url: str, back_end: BackEnd = BACK) -> Iterator[RestCrm]:
    http = Http(Time(), back_end.connect, back_end.read, back_end.in_flight)
    crm = RestCrm(Wire(http, url, access_for(back_end, KEYS, http), Breaker(), back_end.in_flight), Time(), back_end.step, ())
    try:
        yield crm
    finally:
        crm.close()


def check(crm: RestCrm) -> SecretVerdict:
    return crm.check_secret(Claim(ref="C-1"), "pin", Secret("493817"), new_key())


def test_a_good_server_is_asked_over_one_connection() -> None:
    connections = []

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connections.append(1)
        answers(connection, over)

    with a_server(serve) as url, a_crm(url) as crm:
        assert [crm.identify("account_number", "40719238").result for _ in range(5)] == [IdentifyResult.NOT_FOUND] * 5
    assert len(connections) == 1


@pytest.mark.parametrize(
    "serve",
    [
        hangs,
        drips(OK),
        drips(b"HTTP/1.1 200 OK\r\n" + b"X-More: x\r\n" * 400),
        drips(OK[:-23] + b" " * 400),
        hangs_up,
        talks_nonsense,
    ],
    ids=["hangs", "drips", "drips headers", "drips a body", "hangs up", "talks nonsense"],
)
def test_a_server_that_does_not_behave_takes_no_longer_than_a_step(serve: Serves) -> None:
    with a_server(serve) as url, a_crm(url) as crm:
        began = time.monotonic()
        assert crm.identify("account_number", "40719238").result is IdentifyResult.UNAVAILABLE
        middle = time.monotonic()
        assert check(crm) is SecretVerdict.TIMED_OUT
        end = time.monotonic()
    # The limit itself is tested below, by hand-moved time; a busy machine has room here, and without a limit it would be more.
    assert middle - began < 4
    assert end - middle < 4


def test_where_nobody_listens_nothing_has_been_checked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with a_crm(url) as crm:
        assert check(crm) is SecretVerdict.UNAVAILABLE


def test_a_server_without_a_certificate_that_we_trust_is_not_asked() -> None:
    """What it speaks is no TLS at all; the point is that nothing of the request has left."""
    received: list[bytes] = []

    def serve(connection: socket.socket, over: threading.Event) -> None:
        del over
        connection.settimeout(PATIENT)
        received.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with a_server(serve) as url, a_crm(url.replace("http:", "https:")) as crm:
        assert check(crm) is SecretVerdict.UNAVAILABLE
    assert received
    assert not any(b"493817" in one for one in received)


def over_tls(serves: Serves, trust: ssl.SSLContext) -> Serves:
    """The same behind a handshake."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.settimeout(PATIENT)
        with trust.wrap_socket(connection, server_side=True) as secured:
            serves(secured, over)

    return serve


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Not even a handshake comes of it."""
    del connection
    over.wait(PATIENT)


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, BackEnd]:
    """A server's certificate, and a back end whose settings trust it."""
    server, _ = made_certificate(tmp_path, until=datetime.now(UTC) + timedelta(days=30))
    return server, replace(BACK, ca_file=str(tmp_path / "cert.pem"))


def asks_over_tls(url: str, back_end: BackEnd) -> tuple[IdentifyResult, float]:
    """What came of it, and in how many seconds."""
    crm = build_rest_crm(replace(back_end, url=url.replace("http:", "https:")), KEYS, (), Path("/"))
    began = time.monotonic()
    try:
        return crm.identify("account_number", "40719238").result, time.monotonic() - began
    finally:
        crm.close()


def test_a_server_with_a_certificate_that_we_trust_is_asked(certified: tuple[ssl.SSLContext, BackEnd]) -> None:
    server, back_end = certified
    with a_server(over_tls(answers, server)) as url:
        assert asks_over_tls(url, back_end)[0] is IdentifyResult.NOT_FOUND


@pytest.mark.parametrize("serve", [hangs, drips(OK)], ids=["hangs", "drips"])
def test_behind_a_handshake_nothing_takes_longer_than_a_step_either(
    certified: tuple[ssl.SSLContext, BackEnd], serve: Serves
) -> None:
    server, back_end = certified
    with a_server(over_tls(serve, server)) as url:
        result, seconds = asks_over_tls(url, back_end)
    assert result is IdentifyResult.UNAVAILABLE
    assert seconds < 4


def test_a_handshake_that_never_comes_is_not_waited_for(certified: tuple[ssl.SSLContext, BackEnd]) -> None:
    with a_server(silent) as url:
        result, seconds = asks_over_tls(url, certified[1])
    assert result is IdentifyResult.UNAVAILABLE
    assert seconds < 4


# ---- the deadline -----------------------------------------------------------------------------------------------------


def test_what_is_left_is_never_more_than_was_wanted_or_than_the_deadline_leaves() -> None:
    now = [10.0]
    deadline = Deadline(lambda: now[0])
    assert deadline.left(1.5) == 1.5
    assert deadline.left(None) is None
    with deadline.at(11.0):
        assert deadline.left(1.5) == 1.0
        assert deadline.left(0.2) == 0.2
        assert deadline.left(None) == 1.0
        now[0] = 11.5
        assert deadline.left(1.5) == -0.5
    assert deadline.left(1.5) == 1.5


def test_every_thread_has_a_deadline_of_its_own() -> None:
    deadline = Deadline(lambda: 10.0)
    seen = []
    with deadline.at(11.0):
        other = threading.Thread(target=lambda: seen.append(deadline.left(5.0)))
        other.start()
        other.join(PATIENT)
    assert seen == [5.0]


def open_with(look_up: Callable[[str, int], list[str]]) -> tuple[httpx.Client, Deadline]:
    deadline = Deadline(time.monotonic)
    transport = BoundedTransport(deadline, httpx.create_ssl_context(), 4, look_up)
    return httpx.Client(transport=transport, timeout=httpx.Timeout(0.5, connect=0.2), trust_env=False), deadline


def test_a_look_up_that_hangs_is_left_behind() -> None:
    over = threading.Event()

    def never(host: str, port: int) -> list[str]:
        del host, port
        over.wait(PATIENT)
        return ["127.0.0.1"]

    client, deadline = open_with(never)
    with client, deadline.at(time.monotonic() + 0.2), pytest.raises(httpx.ConnectTimeout):
        client.post("http://crm.example.com/identify")
    over.set()


def test_a_name_that_nobody_knows_is_no_connection() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(f"{host}:{port}")

    client, _ = open_with(unknown)
    with client, pytest.raises(httpx.ConnectError):
        client.post("http://crm.example.com/identify")


def test_a_second_address_is_tried_where_the_first_refuses() -> None:
    with a_server(answers) as url:
        client, _ = open_with(lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
        port = url.rpartition(":")[2]
        with client:
            assert client.post(f"http://crm.example.com:{port}/identify", content=b"{}").json() == {"result": "not_found"}


def test_a_name_without_addresses_is_no_connection() -> None:
    client, _ = open_with(lambda _host, _port: [])
    with client, pytest.raises(httpx.ConnectError):
        client.post("http://crm.example.com/identify")


def test_nothing_is_begun_when_no_time_is_left() -> None:
    came: list[int] = []

    def serve(connection: socket.socket, over: threading.Event) -> None:
        came.append(1)
        answers(connection, over)

    with a_server(serve) as url:
        http = Http(Time(), 0.3, 0.3, 4)
        assert http.exchange(url, b"{}", {}, until=time.monotonic() - 1) == NotRun(Why.NO_CONNECTION)
        http.close()
    assert came == []
