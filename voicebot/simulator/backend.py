"""A back end that keeps the contract of docs/backend-openapi.yaml, for developers and tests: an ASGI application.

Must not share code with the product's client of that contract, and must not log what it is sent.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NoReturn, TypeAlias

from voicebot.simulator.backend_book import ASSURANCES, Book, Columns, Kept, hash_once
from voicebot.simulator.backend_flaws import Flaw, Flaws
from voicebot.simulator.backend_signature import SignatureGate
from voicebot.simulator.backend_token import TokenDesk

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Json: TypeAlias = dict[str, Any]

LARGEST_REQUEST = 16 * 1024
HUGE = 300 * 1024
MORE = {307: {"location": "/elsewhere"}, 405: {"allow": "POST"}, 503: {"retry-after": "5"}}  # headers by status
TITLES = {
    "busy": "Not now",
    "malformed": "The request is not in the contract",
    "no_key": "An Idempotency-Key is needed",
    "no_such_path": "There is nothing here",
    "post_only": "POST only",
    "replayed": "This request was sent before",
    "stale": "The time of this request is not ours",
    "too_large": "The request is too large",
    "unknown_field": "No such field",
    "unknown_name": "No such detail",
    "unsigned": "The request is not signed",
    "unknown_token": "The access token is not good",
    "wrong_signature": "The signature does not fit",
}


class Problem(Exception):
    """A refusal: HTTP status and its code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True)
class MockPlan:
    """What the mock is. With `secret` it wants signatures, with `client_id` bearer tokens. `slow`: seconds before each answer;
    `fail`: share of requests that are put off. The rest stands for the world in tests.
    """

    customers: Path
    columns: Columns
    key_id: str = "voicebot-1"
    secret: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    slow: float = 0.0
    fail: float = 0.0
    flaws: Flaws = frozenset()
    wall: Callable[[], float] = time.time
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    work: Callable[[], None] = hash_once


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class MockBackEnd:
    """The application. `base` is the path before /identify, /validate and /details."""

    def __init__(self, plan: MockPlan, base: str = "") -> None:
        self._plan, self._base = plan, base
        self.book = Book.of_file(plan.customers, plan.columns, plan.flaws, plan.work)
        self._gate = SignatureGate({plan.key_id: plan.secret}, plan.flaws)
        self._tokens = TokenDesk(plan.client_id, plan.client_secret, token_urlsafe)
        self._endpoints = {"identify": self._identify, "validate": self._validate, "details": self._details}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        if self._plan.slow:
            await self._plan.pause(self._plan.slow)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            asked = Asked(scope["method"], scope["path"], headers, await _body(receive))
            status, answer = 200, self._answer(asked)
        except Problem as problem:
            status, answer = problem.status, _as_answer(problem)
        await self._send(send, 307 if Flaw.REDIRECTS in self._plan.flaws else status, answer)

    def _answer(self, asked: Asked) -> Json:
        name = asked.path.removeprefix(f"{self._base}/")
        if name == "token" and self._plan.client_id:
            granted = self._tokens.grant(asked.headers, asked.body, self._plan.wall())
            return granted if granted is not None else _refuse(401, "unknown_token")
        if name not in self._endpoints:
            _refuse(404, "no_such_path")
        if asked.method != "POST":
            if Flaw.GET_ANSWERED in self._plan.flaws:
                return {"result": "not_found"}
            _refuse(405, "post_only")
        self._admit(asked)
        if self._plan.chance() < self._plan.fail:
            _refuse(503, "busy")
        try:
            body = json.loads(asked.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            if Flaw.TAKES_ANY_BODY in self._plan.flaws:
                return {"result": "not_found"}
            _refuse(400, "malformed")
        return self._endpoints[name](body, asked)

    def _admit(self, asked: Asked) -> None:
        """Proof of who asks, before anything is looked at."""
        now = self._plan.wall()
        if self._plan.secret:
            code = self._gate.trouble(asked.method, asked.path, asked.headers, asked.body, now)
        elif self._plan.client_id:
            good = self._tokens.knows(asked.headers.get("authorization", ""), now) or Flaw.UNSIGNED_TAKEN in self._plan.flaws
            code = "" if good else "unknown_token"
        else:
            code = ""
        if code:
            _refuse(401, code)

    # ---- the three questions -------------------------------------------------------------------------------------

    def _identify(self, body: Json, _asked: Asked) -> Json:
        by, value = _text(body, "field"), _text(body, "value")
        _only(
            body,
            ("field", "value", "within")
            if Flaw.STRICT_KEYS in self._plan.flaws
            else ("field", "value", "within", "line", "call"),
        )
        self._known_field(by)
        found = self.book.find(by, value)
        if "within" in body:
            found = self._within(found, body["within"])
        if not found:
            if Flaw.NOT_FOUND_404 in self._plan.flaws:
                _refuse(404, "no_such_path")
            return {"result": "not_found"}
        if len(found) > 1 and Flaw.SEVERAL_AS_FIRST not in self._plan.flaws:
            return {"result": "several", "count": len(found), "differ": self.book.differ(found)}
        word = "hit" if Flaw.WRONG_WORDS in self._plan.flaws else "found"
        return {"result": word, "customer": self._customer(found[0], by, value)}

    def _validate(self, body: Json, asked: Asked) -> Json:
        _only(body, ("claim", "field", "secret"))
        name, secret, claim = _text(body, "field"), _text(body, "secret"), body.get("claim")
        key = asked.headers.get("idempotency-key", "")
        if not key and Flaw.KEY_OPTIONAL not in self._plan.flaws:
            _refuse(400, "no_key")
        if name not in self._plan.columns.secrets:
            _refuse(422, "unknown_field")
        customer = self._claimed(claim if isinstance(claim, dict) else _refuse(400, "malformed"))
        verdict = self.book.check(customer, name, secret, key, self._plan.wall())
        return {"result": verdict} | ({"given": secret} if Flaw.ECHOES in self._plan.flaws else {})

    def _details(self, body: Json, _asked: Asked) -> Json:
        _only(body, ("ref", "names", "assurance"))
        ref, names, assurance = _text(body, "ref"), body.get("names"), _text(body, "assurance")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or assurance not in ASSURANCES:
            _refuse(400, "malformed")
        known = self._plan.columns.details
        if any(name not in known for name in names) and Flaw.UNKNOWN_DETAIL_IGNORED not in self._plan.flaws:
            _refuse(422, "unknown_name")
        customer = self.book.by_ref(ref)
        if customer is None:
            return {"result": "answered", "values": {}} if Flaw.DETAILS_OF_NOBODY in self._plan.flaws else {"result": "not_found"}
        private = [name for name in names if known.get(name) and assurance != "verified"]
        private = [] if Flaw.DETAILS_TO_ANYBODY in self._plan.flaws else private
        told = {name: customer.columns[name] for name in names if name not in private and name in customer.columns}
        refused = [{"name": name, "needs": "verified"} for name in private]
        return {"result": "answered", "values": told} | (
            {} if Flaw.REFUSED_SILENTLY in self._plan.flaws else {"refused": refused}
        )

    # ---- parts ---------------------------------------------------------------------------------------------------

    def _within(self, found: list[Kept], among: Any) -> list[Kept]:
        if not isinstance(among, dict) or set(among) != {"field", "value"}:
            _refuse(400, "malformed")
        self._known_field(_text(among, "field"))
        if Flaw.WITHIN_IGNORED in self._plan.flaws:
            return found
        meant = self.book.find(_text(among, "field"), _text(among, "value"))
        return [one for one in found if one in meant]

    def _known_field(self, name: str) -> None:
        if name != "ani" and name not in self._plan.columns.identifiers and Flaw.UNKNOWN_FIELD_IGNORED not in self._plan.flaws:
            _refuse(422, "unknown_field")

    def _claimed(self, claim: Json) -> Kept | None:
        if set(claim) == {"ref"}:
            return self.book.by_ref(_text(claim, "ref"))
        if set(claim) != {"field", "value"} or Flaw.CLAIM_BY_REF_ONLY in self._plan.flaws:
            _refuse(400, "malformed")
        self._known_field(_text(claim, "field"))
        found = self.book.find(_text(claim, "field"), _text(claim, "value"))
        return found[0] if len(found) == 1 else None

    def _customer(self, kept: Kept, by: str, value: str) -> Json:
        identifier = value if by in self._plan.columns.identifiers else kept.identifier
        shown: Json = {"ref": kept.ref, "identifier": identifier}
        if name := kept.columns.get(self._plan.columns.name):
            shown["name"] = name
        if Flaw.EXTRA_KEYS in self._plan.flaws:
            shown["favourite_colour"] = "green"
        if Flaw.NUMBERS_AS_NUMBERS in self._plan.flaws:
            shown["identifier"] = int(identifier)
        return shown

    async def _send(self, send: Send, status: int, answer: Json) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        content = json.dumps(answer).encode()
        if status >= 400 and Flaw.ERRORS_AS_TEXT in self._plan.flaws:
            kind, content = "text/plain", b"No."
        if Flaw.HTML in self._plan.flaws:
            kind = "text/html"
        if Flaw.HUGE in self._plan.flaws:
            content += b" " * HUGE
        headers = {"content-type": kind, "content-length": str(len(content)), "cache-control": "no-store", **MORE.get(status, {})}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
        if len(body) > LARGEST_REQUEST:
            _refuse(413, "too_large")
    return body


def _refuse(status: int, code: str) -> NoReturn:
    raise Problem(status, code)


def _as_answer(problem: Problem) -> Json:
    """A refusal as RFC 9457 has it. It never repeats what was sent."""
    return {"type": f"urn:voicebot:problem:{problem.code}", "title": TITLES[problem.code], "status": problem.status}


def _text(body: Json, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        _refuse(400, "malformed")
    return value


def _only(body: Json, known: tuple[str, ...]) -> None:
    if not set(body) <= set(known):
        _refuse(400, "malformed")
