"""A report at the company's own address: signed, and never to an address within."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpcore
import pytest

from voicebot.errors import DeliveryFailed
from voicebot.webhooks.posting import Webhook, is_public, signature

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PUBLIC = "93.184.215.14"
URL, NAME = "https://reports.example.com/in", "queues-2026-03-01-2026-03-01.csv"


@dataclass
class Net(httpcore.NetworkBackend):
    """Remembers who was connected to and what was written; answers what one says."""

    answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    connected: list[str] = field(default_factory=list)
    written: bytearray = field(default_factory=bytearray)
    unreached: list[str] = field(default_factory=list)

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        assert timeout is not None
        assert (local_address, socket_options) == (None, None)
        self.connected.append(f"{host}:{port}")
        if host in self.unreached:
            raise httpcore.ConnectError
        return Stream([self.answer], self.written)


class Stream(httpcore.MockStream):
    def __init__(self, buffer: list[bytes], written: bytearray) -> None:
        super().__init__(buffer)
        self._told = written

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        assert timeout is not None
        self._told += buffer


def send(net: Net, *addresses: str) -> None:
    Webhook("a secret of ours", lambda *_: addresses, net).send(URL, NAME, "text/csv", b"Queue,Offered", NOON)


def test_a_report_is_sent_signed_to_the_address_that_was_judged() -> None:
    net = Net()
    send(net, PUBLIC)
    head, _, body = bytes(net.written).partition(b"\r\n\r\n")
    assert (net.connected, body) == ([f"{PUBLIC}:443"], b"Queue,Offered")
    told = {line.partition(b": ")[0].lower(): line.partition(b": ")[2].decode() for line in head.split(b"\r\n")[1:]}
    assert head.startswith(b"POST /in HTTP/1.1")
    assert (told[b"host"], told[b"voicebot-report"], told[b"idempotency-key"]) == ("reports.example.com", NAME, NAME)
    mac = hmac.new(b"a secret of ours", f"{int(NOON.timestamp())}.{NAME}.Queue,Offered".encode(), hashlib.sha256).hexdigest()
    assert told[b"voicebot-signature"] == f"t={int(NOON.timestamp())},v1={mac}"


def test_a_signature_is_of_time_name_and_content() -> None:
    usual = signature("s", NOON, "a", b"b")
    others = {signature("t", NOON, "a", b"b"), signature("s", NOON.replace(hour=13), "a", b"b"), signature("s", NOON, "ab", b"")}
    assert len(others | {usual}) == 4


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
        "2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "fec0::1", "5f00::1",
        "64:ff9b:1::a00:1", "::10.0.0.1", "::ffff:0:10.0.0.1",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_within(address: str) -> None:
    net = Net()
    assert not is_public(address)
    with pytest.raises(DeliveryFailed, match="not on the public internet"):
        send(net, PUBLIC, address)  # one of several is enough
    assert (net.connected, bytes(net.written)) == ([], b"")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_one_of_its_addresses_that_is_not_reached_from_here_keeps_nothing_from_the_others() -> None:
    net = Net(unreached=["2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
    send(net, net.unreached[0], PUBLIC)
    assert net.connected == [f"{net.unreached[0]}:443", f"{PUBLIC}:443"]
    with pytest.raises(DeliveryFailed, match="cannot be reached") as refused:
        send(net, net.unreached[0])
    assert not refused.value.unknown


@pytest.mark.parametrize("status", ["301 Moved\r\nlocation: https://10.0.0.1/", "404 Not Found", "500 Oh"])
def test_any_other_answer_is_trouble_and_no_redirect_is_followed(status: str) -> None:
    net = Net(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
    with pytest.raises(DeliveryFailed, match=f"answered {status[:3]}"):
        send(net, PUBLIC)
    assert len(net.connected) == 1


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n"])
def test_no_answer_is_trouble_too_and_is_told_without_the_address(answer: bytes) -> None:
    with pytest.raises(DeliveryFailed, match="cannot be reached") as refused:
        send(Net(answer), PUBLIC)
    assert "example.com" not in str(refused.value)


def test_a_host_that_nobody_knows_is_said_to_be_unknown() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError(host, port)

    with pytest.raises(DeliveryFailed, match="not known"):
        Webhook("s", unknown, Net()).send(URL, NAME, "text/csv", b"", NOON)
    with pytest.raises(DeliveryFailed, match="not on the public internet"):
        send(Net())
