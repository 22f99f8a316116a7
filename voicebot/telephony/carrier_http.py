"""How the carrier's client speaks HTTP: with time limits, never repeating, and telling "did not happen" from "unknown"."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response

from voicebot.errors import CarrierError, CarrierUnavailable, LegGone

CONNECT_WITHIN = 2.0
ANSWER_WITHIN = 4.0

NOT_IN_PROGRESS = 21220  # the leg has ended, or is not there yet: the carrier does not tell them apart
NOT_FOUND = 20404
NOT_THERE = 404

_QUIET = ("twilio", "twilio.http_client", "httpx", "httpcore")  # their lines hold numbers and our tokens


class PatientHttp(HttpClient):  # type: ignore[misc]  # the client's library has no types
    """The transport that `twilio.rest.Client` is given. Raises CarrierUnavailable."""

    def __init__(self, connect: float = CONNECT_WITHIN, answer: float = ANSWER_WITHIN) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), False, None)
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = httpx.Client(timeout=httpx.Timeout(answer, connect=connect, pool=connect), follow_redirects=False)

    def request(  # noqa: PLR0913, PLR0917  # the library's signature
        self, method: str, url: str, params: dict[str, Any] | None = None, data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None, auth: tuple[str, str] | None = None, timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request, one try."""
        del timeout, allow_redirects  # ours are set once, for every request
        try:
            answer = self._client.request(method, url, params=params, data=data, headers=headers, auth=auth)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise CarrierUnavailable("the carrier could not be reached", refused=True) from None
        except httpx.HTTPError:
            raise CarrierUnavailable("the carrier did not answer") from None
        return Response(answer.status_code, answer.text, dict(answer.headers))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def as_ours(refusal: TwilioRestException) -> CarrierError:
    """The carrier's refusal as one of our exceptions. It repeats the carrier's code, never its text, which may hold a number."""
    code = refusal.code or 0
    if code == NOT_IN_PROGRESS:
        return LegGone("the leg is not in progress", perhaps_not_yet=True)
    if code == NOT_FOUND or refusal.status == 404:
        return LegGone("the leg is not known")
    if refusal.status == 429:
        return CarrierUnavailable("the carrier is busy", refused=True)
    if refusal.status >= 500:
        return CarrierUnavailable("the carrier failed")
    text = f"the carrier refused with status {refusal.status}, code {code}"
    return CarrierUnavailable(text, refused=True, for_good=True, code=code)


@contextmanager
def ours() -> Iterator[None]:
    """Whatever the client's library raises, as one of our exceptions, without its text."""
    try:
        yield
    except TwilioRestException as refusal:
        raise as_ours(refusal) from None
    except TwilioException as failure:
        if _status(failure) == NOT_THERE:
            raise LegGone("the carrier knows no such thing") from None
        raise CarrierUnavailable("the carrier's answer could not be read") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CarrierUnavailable("the carrier's answer could not be read") from None


def _status(failure: TwilioException) -> int:
    """The HTTP status behind a list that could not be had: the library tells it in no other way."""
    return next((about.status_code for about in failure.args if hasattr(about, "status_code")), 0)
