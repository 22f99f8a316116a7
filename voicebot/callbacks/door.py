"""Stands before the customers' pages: their own address, forms of our own only, not too many, and what browsers keep to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, Response, abort, redirect, request
from werkzeug.exceptions import MisdirectedRequest
from werkzeug.wrappers import Response as AnyResponse

from voicebot.bodies import LONGEST_BODY
from voicebot.callbacks.admission import HOUR, Blinds, Rates
from voicebot.callbacks.links import TokenKeys
from voicebot.pages.gate import SAFE, Site
from voicebot.pages.headers import secure
from voicebot.pages.tries import browser_address
from voicebot.ports.accounts import TryLimit

FORM = "callback form"
FORM_LASTS = 2 * 3600  # seconds from the page to its form
# Nothing runs here at all, not even our own scripts.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Door:
    """`now` is real time."""

    site: Site
    keys: TokenKeys
    blinds: Blinds
    rates: Rates
    an_hour: int
    now: Callable[[], datetime]

    def guard(self, blueprint: Blueprint) -> None:
        """Stand before all of a blueprint's views."""
        blueprint.before_request(self._admit)
        blueprint.after_request(self._see_out)

    def form_token(self) -> str:
        """What a form of ours brings along."""
        at = str(int(self.now().timestamp()))
        return f"{at}~{self.keys.token(FORM, at)}"

    def is_ours(self, token: str) -> bool:
        """Whether it is, and not too old."""
        at, _, signed = token.partition("~")
        if not (at.isascii() and at.isdigit() and len(at) < 13) or not self.keys.token_fits(signed, FORM, at):
            return False
        return 0 <= self.now().timestamp() - int(at) <= FORM_LASTS

    def address(self) -> str:
        """Whose forms count together; empty where nothing tells."""
        return browser_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), self.site.proxies)

    def waits(self) -> int:
        """Count a form of this address; seconds until there is room for one, 0: now."""
        address = self.address()
        limit = TryLimit(self.blinds.blind("callback form", address), self.an_hour, HOUR)
        return self.rates.take([limit], self.now()) if address else 0

    def _admit(self) -> AnyResponse | None:
        if request.host != self.site.host:
            if request.method in SAFE:
                return redirect(self.site.origin + request.full_path.rstrip("?"))
            raise MisdirectedRequest
        request.max_content_length = LONGEST_BODY
        if request.method not in SAFE and request.headers.get("Origin") != self.site.origin:
            log.warning("request refused", why="origin", endpoint=request.endpoint)
            abort(403)
        return None

    def _see_out(self, response: Response) -> Response:
        secure(response.headers, tls=self.site.tls)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Robots-Tag"] = "noindex"
        return response
