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

import httpcore
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
from voicebot.identity.rest_transport import BoundedTransport, Deadline, _Network, _Stream, _system_look_up
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


# ---- what each step is given of the time that is left ----------------------------------------------------------------


class Plain(httpcore.NetworkStream):
    """A connection that notes what it is asked and how long it may take."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.asked.append(("read", max_bytes, timeout))
        return b"heard"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.asked.append(("write", buffer, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.asked.append(("start_tls", ssl_context, server_hostname, timeout))
        return self

    def get_extra_info(self, info: str) -> str:
        return f"extra {info}"


class Ways(httpcore.NetworkBackend):
    """Connects to nothing: each address is noted, and those in `closed` refuse."""

    def __init__(self, *closed: str) -> None:
        self.closed, self.plain = closed, Plain()
        self.asked: list[tuple[object, ...]] = []

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: object = None
    ) -> httpcore.NetworkStream:
        self.asked.append((host, port, timeout, local_address, socket_options))
        if host in self.closed:
            raise httpcore.ConnectError(f"{host} is closed")
        return self.plain


def limited(seconds: float | None, ways: Ways, look_up: Callable[[str, int], list[str]]) -> _Network:
    """A network at ten o'clock; with `seconds` left, if there is a limit."""
    deadline = Deadline(lambda: 10.0)
    deadline.until = None if seconds is None else 10.0 + seconds
    network = _Network(deadline, look_up)
    network._plain = ways  # type: ignore[assignment]
    return network


def nobody(host: str, port: int) -> list[str]:
    raise AssertionError(f"nobody asked for {host}:{port}")


@pytest.mark.parametrize(("left", "wanted", "given"), [(0.3, 1.0, 0.3), (2.0, 1.0, 1.0), (0.3, None, 0.3), (None, 1.0, 1.0)])
def test_each_step_is_given_what_it_would_like_or_what_is_left_if_that_is_less(
    left: float | None, wanted: float | None, given: float
) -> None:
    ways, trust = Ways(), ssl.create_default_context()
    stream = limited(left, ways, nobody).connect_tcp("127.0.0.1", 443, wanted, "127.0.0.9", ["an option"])
    assert [asked[2] for asked in ways.asked] == pytest.approx([given])
    assert [(host, port, *rest) for host, port, _, *rest in ways.asked] == [("127.0.0.1", 443, "127.0.0.9", ["an option"])]
    secured = stream.start_tls(trust, "crm.example.com", wanted)
    for one in (stream, secured):  # what is behind the handshake is held to the same limit
        one.write(b"said", wanted)
        assert one.read(7, wanted) == b"heard"
        assert one.get_extra_info("socket") == "extra socket"
    said = [("start_tls", trust, "crm.example.com"), *[("write", b"said"), ("read", 7)] * 2]
    assert [asked[:-1] for asked in ways.plain.asked] == said
    assert [asked[-1] for asked in ways.plain.asked] == pytest.approx([given] * 5)


@pytest.mark.parametrize("left", [0.0, -0.1])
def test_when_no_time_is_left_nothing_is_asked_any_more(left: float) -> None:
    ways, deadline = Ways(), Deadline(lambda: 10.0)
    stream = _Stream(ways.plain, deadline)
    with deadline.at(10.0 + left):
        for late, ask in (
            (httpcore.ReadTimeout, lambda: stream.read(7, 1.0)),
            (httpcore.WriteTimeout, lambda: stream.write(b"x", 1.0)),
            (httpcore.ConnectTimeout, lambda: stream.start_tls(ssl.create_default_context(), "crm.example.com", 1.0)),
            (httpcore.ConnectTimeout, lambda: limited(left, ways, nobody).connect_tcp("127.0.0.1", 443, 1.0)),
            (httpcore.ConnectTimeout, lambda: limited(left, ways, nobody).connect_tcp("crm.example.com", 443, 1.0)),
        ):
            with pytest.raises(late, match=r"^no time is left$"):
                ask()
    assert ways.plain.asked == ways.asked == []


def test_a_name_is_looked_up_beside_us_and_its_addresses_tried_in_their_order() -> None:
    asked: list[tuple[object, ...]] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append((host, port, threading.current_thread().name, threading.current_thread().daemon))
        return ["10.0.0.1", "10.0.0.2", "10.0.0.3"]

    ways = Ways("10.0.0.1")
    limited(None, ways, look_up).connect_tcp("crm.example.com", 443, 1.0)
    assert asked == [("crm.example.com", 443, "look-up", True)]
    assert [address for address, *_ in ways.asked] == ["10.0.0.1", "10.0.0.2"]


def test_an_address_is_not_looked_up() -> None:
    ways = Ways()
    limited(None, ways, nobody).connect_tcp("2001:DB8::1", 443, 1.0)
    assert [address for address, *_ in ways.asked] == ["2001:db8::1"]


def test_of_several_addresses_that_refuse_the_last_refusal_counts() -> None:
    ways = Ways("10.0.0.1", "10.0.0.2")
    with pytest.raises(httpcore.ConnectError, match=r"^10\.0\.0\.2 is closed$"):
        limited(None, ways, lambda _host, _port: ["10.0.0.1", "10.0.0.2"]).connect_tcp("crm.example.com", 443, 1.0)


def test_why_there_is_no_connection_is_said() -> None:
    over = threading.Event()

    def never(host: str, port: int) -> list[str]:
        del host, port
        over.wait(PATIENT)
        return []

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(f"{host}:{port}")

    with pytest.raises(httpcore.ConnectError, match=r"^no address$"):
        limited(None, Ways(), lambda _host, _port: []).connect_tcp("crm.example.com", 443, 1.0)
    with pytest.raises(httpcore.ConnectError, match=r"^the name is not known$"):
        limited(None, Ways(), unknown).connect_tcp("crm.example.com", 443, 1.0)
    began = time.monotonic()
    with pytest.raises(httpcore.ConnectTimeout, match=r"^the name was not looked up in time$"):
        limited(None, Ways(), never).connect_tcp("crm.example.com", 443, 0.05)
    assert time.monotonic() - began < 4
    over.set()


def test_the_system_knows_this_machine_and_names_each_address_once() -> None:
    found = _system_look_up("localhost", 80)
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found)) > 0


def test_connections_are_as_many_and_kept_as_long_as_the_settings_say_and_trust_whom_they_say() -> None:
    trust = ssl.create_default_context()
    pool = BoundedTransport(Deadline(time.monotonic), trust, 7, keep=3.0)._pool
    assert isinstance(pool, httpcore.ConnectionPool)
    assert (pool._max_connections, pool._max_keepalive_connections, pool._keepalive_expiry) == (7, 7, 3.0)
    assert pool._ssl_context is trust
