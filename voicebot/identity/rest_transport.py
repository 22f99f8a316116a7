"""Sockets that end in time: no look-up, connection, handshake or read goes on after the deadline of the request it serves.

The HTTP library limits single reads only, so that a back end that sends one byte a second would be waited for without end.
"""

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

Addresses = list[str]
LookUp = Callable[[str, int], Addresses]


class Deadline(threading.local):
    """Until when the request of this thread may take; seconds of `monotonic`. Without one, nothing is cut short."""

    until: float | None = None

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic

    @contextmanager
    def at(self, until: float) -> Iterator[None]:
        """What is done within ends by then."""
        self.until = until
        try:
            yield
        finally:
            self.until = None

    def left(self, wanted: float | None) -> float | None:
        """Seconds that something may take that would like to take `wanted`; 0 or less: it is too late."""
        if self.until is None:
            return wanted
        left = self.until - self._monotonic()
        return left if wanted is None else min(left, wanted)


class BoundedTransport(httpx.HTTPTransport):
    """HTTP/1.1 over such sockets, to one back end, `connections` at once. Reads no proxy settings."""

    def __init__(
        self, deadline: Deadline, trust: ssl.SSLContext, connections: int, look_up: LookUp | None = None, keep: float = 4.0
    ) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=keep,
            network_backend=_Network(deadline, look_up or _system_look_up),
        )


class _Network(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline, look_up: LookUp) -> None:
        self._deadline, self._look_up = deadline, look_up
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        trouble: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port, timeout):
            left = _still(self._deadline, timeout, httpcore.ConnectTimeout)
            try:
                return _Stream(self._plain.connect_tcp(address, port, left, local_address, socket_options), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                trouble = failed
        raise trouble

    def _addresses(self, host: str, port: int, timeout: float | None) -> Addresses:
        """The system's look-up knows no time limit, so it runs beside us and is left behind when it is late."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        found: queue.SimpleQueue[Addresses | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found.put(self._look_up(host, port))
            except OSError as failed:
                found.put(failed)

        left = _still(self._deadline, timeout, httpcore.ConnectTimeout)
        threading.Thread(target=ask, name="look-up", daemon=True).start()
        try:
            answer = found.get(timeout=left)
        except queue.Empty:
            raise httpcore.ConnectTimeout("the name was not looked up in time") from None
        if isinstance(answer, OSError):
            raise httpcore.ConnectError("the name is not known") from None
        return answer


class _Stream(httpcore.NetworkStream):
    def __init__(self, plain: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._plain, self._deadline = plain, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _still(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, _still(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _still(self._deadline, timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


def _still(deadline: Deadline, wanted: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    left = deadline.left(wanted)
    if left is not None and left <= 0:
        raise late("no time is left")
    return left


def _system_look_up(host: str, port: int) -> Addresses:
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
