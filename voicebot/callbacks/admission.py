"""Who may use the API: a key that is in use, with a scope, not too often. Everything is counted before it is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from flask import Response, request

from voicebot.callbacks.problems import problem, too_many
from voicebot.config.booking import ApiPlan
from voicebot.pages.tries import browser_address
from voicebot.ports.accounts import TryLimit
from voicebot.ports.api_keys import ApiKey, ApiKeys, Scope

MINUTE, HOUR = 60, 3600  # seconds
ALIKE = 7  # last digits, which are the same with the country's code before them and without: some countries' numbers have no more

log = structlog.get_logger(__name__)


class Rates(Protocol):
    """Counts."""

    def take(self, limits: Sequence[TryLimit], at: datetime) -> int:
        """Count one under every key and give 0; where there is no room give the seconds until there is, and count nothing."""
        ...


class Blinds(Protocol):
    """A keyring, as far as this needs it."""

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash, the same for ever."""
        ...


@dataclass(frozen=True)
class Admission:
    """`proxies` are believed about whom they bring; `now` is real time."""

    plan: ApiPlan
    keys: ApiKeys
    rates: Rates
    blinds: Blinds
    proxies: Sequence[str]
    now: Callable[[], datetime]

    def admit(self, scope: Scope) -> ApiKey | Response:
        """The key of this request, or why it is refused."""
        address = browser_address(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), self.proxies)
        if address and (wait := self._take("address", address, self.plan.an_address_a_minute, MINUTE)):
            return too_many(wait, "From this address.")
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        key = self.keys.of_bearer(shown.strip(), self.now()) if kind.lower() == "bearer" else None
        if key is None:
            log.warning("request refused", why="key", endpoint=request.endpoint)
            refused = problem(401, "no_key", "A key is needed that is in use")
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
        if wait := self._take("key", key.id, self.plan.a_key_a_minute, MINUTE):
            return too_many(wait, "With this key.")
        if scope not in key.scopes:
            log.warning("request refused", why="scope", endpoint=request.endpoint)
            return problem(403, "not_allowed", "This key may not do that", detail=f"It needs the scope {scope.value}.")
        return key

    def number_waits(self, number: str) -> int:
        """Seconds until something may be done for this number again; 0: now, and it is counted. `number` is as it was written."""
        digits = "".join(one for one in number if one.isascii() and one.isdigit())[-ALIKE:]
        return self._take("number", digits, self.plan.a_number_an_hour, HOUR) if digits else 0

    def _take(self, what: str, value: str, most: int, within: int) -> int:
        return self.rates.take([TryLimit(self.blinds.blind(f"api {what}", value), most, within)], self.now())
