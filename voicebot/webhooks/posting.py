"""Something sent to the company's own address: signed, over TLS, and only to addresses of the public internet.

A host is looked up once, every address is judged, and the connection goes to one of those that were judged, so that a name that
means something else a moment later (rebinding) reaches nobody within. No proxy is used, no redirect followed, and of the answer
only the status is read.
"""

import hashlib
import hmac
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpcore

from voicebot.errors import DeliveryFailed

SECONDS = 15.0  # for each of connecting, writing, waiting for an answer
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # of IPv6; what lies elsewhere is within, or hides an IPv4 address (NAT64)
DOCUMENTATION = ipaddress.ip_network("3fff::/20")  # RFC 9637, younger than what the standard library knows
TRIED = 4  # of a host's addresses: one kind (IPv6, say) may lead nowhere from here
SIGNED, REPORT, NOTICE = b"Voicebot-Signature", b"Voicebot-Report", b"Voicebot-Notice"
LookUp = Callable[[str, int], Sequence[str]]


def system_look_up(host: str, port: int) -> list[str]:
    """The host's addresses, as the system knows them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address lies on the public internet, and hides no other one that does not."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in GLOBAL_UNICAST or found in DOCUMENTATION or found.sixtofour is not None or found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast


def signature(secret: str, at: datetime, name: str, content: bytes) -> str:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.NAME.` and the content."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.{name}.'.encode() + content, hashlib.sha256).hexdigest()}"


@dataclass(frozen=True)
class Webhook:
    """Implements `ports.webhooks.Webhooks`. `header` carries the name; `plain` makes the connections, once an address has been
    judged.
    """

    secret: str = field(repr=False)
    look_up: LookUp = system_look_up
    plain: httpcore.NetworkBackend | None = None
    header: bytes = REPORT

    def send(self, url: str, name: str, content_type: str, content: bytes, at: datetime) -> None:
        """One thing. The same name again is the same. Raises DeliveryFailed with what went wrong, never with the address."""
        headers = [
            (b"Content-Type", content_type.encode()), (self.header, name.encode()), (b"Idempotency-Key", name.encode()),
            (SIGNED, signature(self.secret, at, name, content).encode()),
        ]  # fmt: skip
        limits = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
        guarded = _Guarded(self.look_up, self.plain or httpcore.SyncBackend())
        try:
            with (
                httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=guarded) as pool,
                pool.stream("POST", url, headers=headers, content=content, extensions={"timeout": limits}) as answer,
            ):
                status = answer.status
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as trouble:
            begun = not isinstance(trouble, httpcore.ConnectError | httpcore.ConnectTimeout | ssl.SSLError)
            raise DeliveryFailed(f"the webhook cannot be reached ({type(trouble).__name__})", unknown=begun) from None
        if not 200 <= status < 300:
            raise DeliveryFailed(f"the webhook answered {status} to {name}, which is not one of 200 to 299")


class _Guarded(httpcore.NetworkBackend):
    def __init__(self, look_up: LookUp, plain: httpcore.NetworkBackend) -> None:
        self._look_up, self._plain = look_up, plain

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        try:
            addresses = self._look_up(host, port)
        except OSError:
            raise DeliveryFailed("the webhook's host is not known to the system's look-up") from None
        if not addresses or not all(map(is_public, addresses)):
            raise DeliveryFailed("the webhook's host has an address that is not on the public internet, so nothing is sent there")
        *others, last = dict.fromkeys(addresses[:TRIED])
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
        return self._plain.connect_tcp(last, port, timeout, local_address, socket_options)
