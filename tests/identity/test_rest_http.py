"""The client under everything that asks a back end: bounded in time and size, led nowhere, told nothing by this machine."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from tests.identity.backends import Moved
from tests.identity.test_rest_transport import BACK, a_server, answers, asks_over_tls, over_tls
from tests.telephony.test_address_check import made_certificate
from voicebot.dialogue.values import IdentifyResult
from voicebot.identity.rest_http import LARGEST_BODY, Answer, Http, Outcome, Unknown, Why
from voicebot.identity.rest_transport import BoundedTransport

URL = "https://crm.example.com/identify"


class Parts(httpx.SyncByteStream):
    """A body that comes in these parts, each after so many seconds."""

    def __init__(self, when: Moved, *parts: bytes, each: float = 0.0) -> None:
        self._when, self._parts, self._each = when, parts, each

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._when.seconds += self._each
            yield part


def exchanged(when: Moved, stream: Parts, until: float = 2000.0, **headers: str) -> Outcome:
    line = httpx.MockTransport(lambda _request: httpx.Response(200, headers=headers, stream=stream))
    return Http(when.time(), 0.5, 1.5, 4, transport=line).exchange(URL, b"{}", {}, until)


def test_a_body_that_comes_in_parts_is_one_body() -> None:
    when = Moved()
    found = exchanged(when, Parts(when, b'{"result"', b": ", b'"matched"}'))
    assert isinstance(found, Answer)
    assert found.body == b'{"result": "matched"}'


def test_the_largest_body_is_taken_and_one_byte_more_is_not() -> None:
    when = Moved()
    fits = exchanged(when, Parts(when, b"x" * (LARGEST_BODY - 1), b"y"))
    assert isinstance(fits, Answer)
    assert len(fits.body) == LARGEST_BODY
    assert exchanged(when, Parts(when, b"x" * LARGEST_BODY, b"y")) == Unknown(Why.TOO_LARGE)


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "x-new"])
def test_what_is_packed_is_not_read_even_if_it_could_be(coding: str) -> None:
    when = Moved()
    packed = {"content-encoding": coding}
    assert exchanged(when, Parts(when, b'{"result": "matched"}'), **packed) == Unknown(Why.PACKED)
    plain = {"content-encoding": "identity"}
    assert isinstance(exchanged(when, Parts(when, b"{}"), **plain), Answer)


@pytest.mark.parametrize(("each", "in_time"), [(1.0, True), (1.1, False)])
def test_a_part_that_comes_at_the_very_end_is_in_time(each: float, in_time: bool) -> None:
    when = Moved()
    found = exchanged(when, Parts(when, b"{", b"}", each=each), until=when.seconds + 2.0)
    assert isinstance(found, Answer) if in_time else found == Unknown(Why.NO_ANSWER)


def test_what_is_asked_for_is_plain_json_and_who_asks_is_said() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    http = Http(Moved().time(), 0.5, 1.5, 4, transport=httpx.MockTransport(answer))
    http.exchange(URL, b"{}", {"X-More": "1"}, 2000.0)
    said = asked[0].headers
    assert (said["accept"], said["accept-encoding"], said["user-agent"], said["x-more"]) == (
        "application/json", "identity", "voicebot", "1",
    )  # fmt: skip


def test_limits_are_those_of_the_settings_and_nothing_of_this_machine_leads_elsewhere() -> None:
    http = Http(Moved().time(), 0.5, 1.5, 7)
    client = http._client
    assert client.timeout == httpx.Timeout(connect=0.5, read=1.5, write=1.5, pool=0.5)
    assert client.follow_redirects is False
    assert client.trust_env is False
    assert isinstance(client._transport, BoundedTransport)
    pool = client._transport._pool
    assert isinstance(pool, httpcore.ConnectionPool)
    assert pool._max_connections == 7
    http.close()


@pytest.mark.parametrize("name", ["httpx", "httpcore"])
def test_its_libraries_speak_of_trouble_only(name: str) -> None:
    """Their lines hold addresses and headers."""
    logging.getLogger(name).setLevel(logging.DEBUG)
    root = logging.getLogger().level
    Http(Moved().time(), 0.5, 1.5, 4)
    assert logging.getLogger(name).level == logging.WARNING
    assert logging.getLogger().level == root


def test_a_certificate_that_only_this_machine_trusts_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, _ = made_certificate(tmp_path, until=datetime.now(UTC) + timedelta(days=30))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with a_server(over_tls(answers, server)) as url:
        assert asks_over_tls(url, BACK)[0] is IdentifyResult.UNAVAILABLE


def test_a_redirect_is_an_answer_and_not_an_invitation() -> None:
    asked: list[str] = []

    def lead(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "http://169.254.169.254/"}, stream=httpx.ByteStream(b""))

    http = Http(Moved().time(), 0.5, 1.5, 4, transport=httpx.MockTransport(lead))
    found: Any = http.exchange(URL, b"{}", {}, 2000.0)
    assert (found.status, asked) == (307, [URL])
