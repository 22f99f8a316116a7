"""Asks a back end on behalf of the rules, and keeps what every answer was like.

Must not print; must not keep a secret in what it records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from statistics import quantiles
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from voicebot.dialogue.values import Secret
from voicebot.identity import answers
from voicebot.identity.conformance.known import Known
from voicebot.identity.rest_http import Answer, Http, Why
from voicebot.identity.signing import Access, HmacAccess, Outgoing, TokenUnavailable

Read = TypeVar("Read", bound=msgspec.Struct)

PATIENCE = 10.0  # seconds; a slow answer is measured, not cut off


class Broken(Exception):
    """The back end does not keep a promise. The text says what was due and what came."""


class NotTestable(Exception):
    """A promise that could not be tried. The text says why."""


@dataclass(frozen=True)
class Signing:
    """The shared secret, where requests are signed."""

    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Exchange:
    """What one answer was like. `trouble` where there was none."""

    endpoint: str
    status: int = 0
    media_type: str = ""
    size: int = 0
    seconds: float = 0.0
    is_problem: bool = False
    trouble: Why | None = None


@dataclass
class Probe:
    """`url` has no slash at its end; `signing` is None where access is by token; `limit` is how long an answer may take."""

    http: Http
    url: str
    access: Access
    known: Known
    signing: Signing | None = None
    limit: float = 1.5
    seen: list[Exchange] = field(default_factory=list)
    echoes: int = 0

    def ask(self, endpoint: str, body: dict[str, Any], key: str = "") -> Answer:
        """A request as the contract has it."""
        return self.send(endpoint, msgspec.json.encode(body), key)

    def send(self, endpoint: str, body: bytes, key: str = "", method: str = "POST") -> Answer:
        """The same, of a body and method that may not be."""
        return self.send_as(endpoint, body, self.headers(endpoint, body, key, method), key, method)

    def headers(
        self, endpoint: str, body: bytes, key: str = "", method: str = "POST", by: Access | None = None
    ) -> dict[str, str]:
        """Proof of who asks, `by` other means than usual where that is the point."""
        request = Outgoing(method, urlsplit(f"{self.url}/{endpoint}").path, body, key)
        try:
            return (by or self.access).headers(request, self.http.when.monotonic() + PATIENCE)
        except TokenUnavailable:
            raise Broken("no access token could be had") from None

    def send_as(self, endpoint: str, body: bytes, proof: dict[str, str], key: str = "", method: str = "POST") -> Answer:
        """A request with this proof. Raises Broken where there is no answer."""
        about = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        began = self.http.when.monotonic()
        outcome = self.http.exchange(f"{self.url}/{endpoint}", body, {**about, **proof}, began + PATIENCE, method)
        seconds = self.http.when.monotonic() - began
        if not isinstance(outcome, Answer):
            self.seen.append(Exchange(endpoint, seconds=seconds, trouble=outcome.why))
            raise Broken(f"there was no answer: {outcome.why}")
        media_type = outcome.headers.get("content-type", "").partition(";")[0].strip().lower()
        exchange = Exchange(endpoint, outcome.status, media_type, len(outcome.body), seconds, _is_problem(outcome))
        self.seen.append(exchange)
        self.echoes += any(secret.reveal().encode() in outcome.body for secret in self._secrets(body))
        return outcome

    def refused(self, answer: Answer, *statuses: int) -> None:
        """The answer must be one of these statuses."""
        if answer.status not in statuses:
            due = " or ".join(str(status) for status in statuses)
            raise Broken(f"answered with status {answer.status} where {due} was due")

    def identify(self, by: str, value: str, within: dict[str, str] | None = None, **more: str) -> answers.IdentifyAnswer:
        """The answer to a question that must be answered."""
        body = {"field": by, "value": value, **({"within": within} if within else {}), **more}
        return self._read("identify", self.ask("identify", body), answers.read_identified)

    def validate(self, claim: dict[str, str], secret: Secret, key: str = "") -> str:
        """The verdict, with an idempotency key of its own where none is given."""
        body = {"claim": claim, "field": self.known.secret_field, "secret": secret.reveal()}
        return self._read("validate", self.ask("validate", body, key or new_key()), answers.read_verdict).result

    def details(self, ref: str, names: list[str], assurance: str) -> answers.DetailsAnswer:
        """What is told."""
        body = {"ref": ref, "names": names, "assurance": assurance}
        return self._read("details", self.ask("details", body), answers.read_details)

    def customer(self) -> answers.KnownCustomer:
        """The known customer, or Broken."""
        match self.identify(self.known.identifier_field, self.known.known):
            case answers.Found(customer=customer):
                return customer
        raise Broken("the known customer was not found")

    def secrets(self) -> tuple[Secret, Secret]:
        """The right secret and a wrong one, or NotTestable."""
        right, wrong = self.known.secret, self.known.wrong
        if right is None or wrong is None or not self.known.secret_field:
            raise NotTestable("needs secret_field and the known customer's secret (VOICEBOT_BACKEND_TEST_SECRET)")
        return right, wrong

    def signed_by(self, *, key_id: str = "", secret: str = "", later: float = 0.0) -> HmacAccess:
        """A signature that differs from ours in one thing; NotTestable where requests are not signed."""
        if self.signing is None:
            raise NotTestable("access is by token, requests are not signed")
        wall = self.http.when.wall
        return HmacAccess(key_id or self.signing.key_id, secret or self.signing.secret, lambda: wall() + later)

    def p95(self) -> dict[str, float]:
        """Endpoint -> seconds that nineteen of twenty answers took at most."""
        times: dict[str, list[float]] = {}
        for one in self.seen:
            times.setdefault(one.endpoint, []).append(one.seconds)
        return {name: quantiles(some, n=20, method="inclusive")[18] for name, some in times.items() if len(some) > 1}

    def _read(self, endpoint: str, answer: Answer, read: Callable[[bytes], Read]) -> Read:
        self.refused(answer, 200)
        try:
            found = read(answer.body)
        except answers.MalformedAnswer:
            raise Broken(f"not in the contract: {answers.explain(endpoint, answer.body)}") from None
        if beyond := answers.unknown_keys(answer.body, found):
            raise Broken(f"has keys that the contract does not know: {', '.join(beyond)}")
        return found

    def _secrets(self, body: bytes) -> list[Secret]:
        """The secrets that this request carried."""
        return [one for one in (self.known.secret, self.known.wrong) if one is not None and _stands_in(one, body)]


def new_key() -> str:
    """An idempotency key that was never used, of the shape that Voicebot's have."""
    return token_urlsafe(32)


def _stands_in(secret: Secret, body: bytes) -> bool:
    return f'"{secret.reveal()}"'.encode() in body


def _is_problem(answer: Answer) -> bool:
    try:
        problem = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(problem, dict) and problem.get("status") == answer.status and isinstance(problem.get("type"), str)
