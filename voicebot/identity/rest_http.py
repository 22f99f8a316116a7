"""One POST to a back end: sent once, cut off in time and size, and always told apart: answered, certainly not run, unknown.

Must not log or raise anything that was sent or received. Must not follow a redirect.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import httpx

from voicebot.identity.rest_transport import BoundedTransport, Deadline

LARGEST_BODY = 256 * 1024  # bytes of an answer
_QUIET = ("httpx", "httpcore")  # their lines hold addresses


class Why(StrEnum):
    """Why there is no answer."""

    RESTING = "the circuit breaker is open"
    NO_SLOT = "too many requests are out"
    NO_TOKEN = "no access token"
    NO_CONNECTION = "no connection"
    NO_ANSWER = "no answer in time"
    CUT_OFF = "the connection broke"
    TOO_LARGE = "the answer is too large"
    PACKED = "the answer is compressed"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whatever its status. `headers` have lower-case names."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def says_later(self) -> bool:
        """The back end has refused before doing anything, because it is busy or down, and says when to come back."""
        return self.status in (429, 503) and "retry-after" in self.headers


@dataclass(frozen=True)
class NotRun:
    """The request certainly did not reach the back end."""

    why: Why


@dataclass(frozen=True)
class Unknown:
    """The request went out; whether anything was done with it is not known."""

    why: Why


Outcome: TypeAlias = Answer | NotRun | Unknown


@dataclass(frozen=True)
class Time:
    """Where time comes from: seconds that only grow, seconds since 1970, waiting, and chance from 0 to 1."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = lambda: 0.5


class Http:
    """The client. Seconds. `transport` stands for the network in tests."""

    def __init__(
        self, when: Time, connect: float, read: float, connections: int, ca_file: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        self.when = when
        self._deadline = Deadline(when.monotonic)
        if transport is None:
            trust = httpx.create_ssl_context(trust_env=False)
            if ca_file:
                trust.load_verify_locations(ca_file)
            transport = BoundedTransport(self._deadline, trust, connections)
        limits = httpx.Timeout(read, connect=connect, pool=connect)
        self._client = httpx.Client(transport=transport, timeout=limits, follow_redirects=False, trust_env=False)

    def exchange(self, url: str, body: bytes, headers: Mapping[str, str], until: float, method: str = "POST") -> Outcome:
        """Send once, and be back by `until` (monotonic seconds)."""
        own = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "voicebot", **headers}
        try:
            with self._deadline.at(until), self._client.stream(method, url, content=body, headers=own) as response:
                return self._read(response, until)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return NotRun(Why.NO_CONNECTION)
        except httpx.TimeoutException:
            return Unknown(Why.NO_ANSWER)
        except httpx.HTTPError:
            return Unknown(Why.CUT_OFF)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _read(self, response: httpx.Response, until: float) -> Outcome:
        if response.headers.get("content-encoding", "identity") != "identity":
            return Unknown(Why.PACKED)  # never unpacked: a small answer could become a large one
        body = bytearray()
        for part in response.iter_raw():
            body += part
            if len(body) > LARGEST_BODY:
                return Unknown(Why.TOO_LARGE)
            if self.when.monotonic() > until:
                return Unknown(Why.NO_ANSWER)
        return Answer(response.status_code, bytes(body), dict(response.headers))
