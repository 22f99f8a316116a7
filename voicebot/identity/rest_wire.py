"""The way to the back end: so many requests at once and no more, none while the breaker is open, each with proof of who we are.

Must not know what the requests are about.
"""

import threading
from urllib.parse import urlsplit

from voicebot.identity.breaker import Breaker
from voicebot.identity.rest_http import Answer, Http, NotRun, Outcome, Why
from voicebot.identity.signing import Access, Outgoing, TokenUnavailable

WAIT_FOR_SLOT = 1.0  # seconds


class Wire:
    """`url` is the back end's address without a slash at its end."""

    def __init__(self, http: Http, url: str, access: Access, breaker: Breaker, in_flight: int) -> None:
        self._http, self._url, self._access, self._breaker = http, url, access, breaker
        self._slots = threading.BoundedSemaphore(in_flight)

    def post(self, endpoint: str, body: bytes, until: float, key: str = "") -> Outcome:
        """Send one request; back by `until` (monotonic seconds). `key` is its idempotency key."""
        clock = self._http.when.monotonic
        if self._breaker.is_shut(clock()):
            return NotRun(Why.RESTING)
        if not self._slots.acquire(timeout=max(0.0, min(WAIT_FOR_SLOT, until - clock()))):
            return NotRun(Why.NO_SLOT)
        try:
            admission = self._breaker.admit(clock())
            if admission is None:
                return NotRun(Why.RESTING)
            well = False
            try:
                outcome = self._with_access(endpoint, body, until, key)
                well = isinstance(outcome, Answer) and outcome.status < 500 and outcome.status != 429
            finally:
                self._breaker.settle(admission, clock(), well=well)
            return outcome
        finally:
            self._slots.release()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _with_access(self, endpoint: str, body: bytes, until: float, key: str) -> Outcome:
        outcome = self._once(endpoint, body, until, key)
        if isinstance(outcome, Answer) and outcome.status == 401 and self._access.refused():
            outcome = self._once(endpoint, body, until, key)  # a 401 was refused before anything was done with it
        return outcome

    def _once(self, endpoint: str, body: bytes, until: float, key: str) -> Outcome:
        url = f"{self._url}/{endpoint}"
        request = Outgoing("POST", urlsplit(url).path, body, key)
        try:
            proof = self._access.headers(request, until)
        except TokenUnavailable:
            return NotRun(Why.NO_TOKEN)
        about = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        return self._http.exchange(url, body, {**about, **proof}, until)
