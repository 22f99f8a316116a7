"""Bytes that are no request, or half a one: answered or cut off, and whoever sends them keeps nobody else waiting."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.hostile.stage import Besieged, corpus, events, logged
from tests.serving_stage import Served, served
from tests.telephony.stage import BASE, TOKEN, sign
from voicebot.bodies import LONGEST_BODY
from voicebot.serving import asgi_house

THREADS = 3
BODY_WITHIN = 1.0


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    opened = Besieged(tmp_path_factory.mktemp("wire"))
    opened.rings()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(besieged: Besieged) -> Iterator[Served]:
    with served(asgi_house(besieged.app, {}, threads=THREADS, body_within=BODY_WITHIN)) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_written(besieged: Besieged) -> Iterator[None]:
    before = besieged.written()
    yield
    assert besieged.written() == before


def told(server: Served, raw: bytes) -> bytes:
    """What comes back first for these bytes; nothing if the other side hangs up, or waits for more of them."""
    with socket.create_connection(("127.0.0.1", server.port), 2 * BODY_WITHIN) as line:
        try:
            line.sendall(raw)
            return line.recv(65536)
        except (TimeoutError, ConnectionError):
            return b""


def is_well(server: Served, besieged: Besieged) -> None:
    """Somebody else's webhook is answered at once, and rightly."""
    target, form = f"/voice/check/{'0' * 32}/a", besieged.said()
    headers = {"X-Twilio-Signature": sign(TOKEN, BASE + target, form), "Content-Type": "application/x-www-form-urlencoded"}
    answer = httpx.post(f"http://127.0.0.1:{server.port}{target}", content=urlencode(form), headers=headers, timeout=3)
    assert answer.status_code == 200


@pytest.mark.parametrize("case", corpus("wire"), ids=lambda case: str(case["what"]))
def test_what_is_no_request_is_refused_and_the_next_one_is_answered(
    server: Served, besieged: Besieged, case: dict[str, Any]
) -> None:
    raw = (case.get("before", "") + case["raw"] * case.get("times", 1) + case.get("then", "")).encode("latin-1")
    with logged() as text:
        heard = told(server, raw)
    status = heard.split(b" ", 2)[1].decode() if heard else ""
    assert status in case["status"]
    assert b"Traceback" not in heard
    for event in events(text):
        assert set(event) <= {"event", "level", "timestamp", "why", "status"}
    is_well(server, besieged)


def post(length: int, sent: bytes = b"") -> bytes:
    return (
        b"POST /voice/incoming HTTP/1.1\r\nHost: voice.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % length + sent
    )


def test_bodies_that_never_come_hold_no_thread(server: Served, besieged: Besieged) -> None:
    """More of them than there are threads; a webhook that comes after them is answered before any of them has run out."""
    with ExitStack() as opened:
        slow = [opened.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(4 * THREADS)]
        for line in slow:
            line.sendall(post(1000, b"CallSid="))
        began = time.monotonic()
        is_well(server, besieged)
        assert time.monotonic() - began < BODY_WITHIN  # none of the others can have been answered by then
        for line in slow:
            assert line.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_drips_is_cut_off_in_time(server: Served, besieged: Besieged) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(post(1000))
        line.settimeout(0.1)
        heard = b""
        for _ in range(100):
            try:
                line.sendall(b"x")
                heard += line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            break
        assert heard.startswith(b"HTTP/1.1 408 ")
    is_well(server, besieged)


def test_a_body_that_says_it_is_too_long_is_not_waited_for(server: Served, besieged: Besieged) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(post(LONGEST_BODY + 1))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
    is_well(server, besieged)


def test_somebody_who_hangs_up_in_mid_body_is_nobodys_trouble(server: Served, besieged: Besieged) -> None:
    with logged() as text:
        for _ in range(2 * THREADS):
            with socket.create_connection(("127.0.0.1", server.port), 10) as line:
                line.sendall(post(1000, b"CallSid="))
        is_well(server, besieged)
    assert events(text) == []
