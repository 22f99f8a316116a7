"""Back ends for tests: the shipped mock without a network, scripted answers, and time that is moved by hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from voicebot.config.backend import AccessKind, BackEnd, BackEndKeys, BackEndKind
from voicebot.identity.breaker import Breaker
from voicebot.identity.rest import RestCrm, access_for
from voicebot.identity.rest_http import Http, Time
from voicebot.identity.rest_wire import Wire
from voicebot.simulator.backend import MockBackEnd, MockPlan
from voicebot.simulator.backend_book import Columns
from voicebot.simulator.backend_flaws import Flaw

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SECRET = "a-shared-secret-of-thirty-two-characters"
BASE = "/voicebot"
URL = f"https://crm.example.com{BASE}"
BACK_END = BackEnd(BackEndKind.REST, URL)
KEYS = BackEndKeys(secret=SECRET)
OAUTH = BackEnd(BackEndKind.REST, URL, AccessKind.OAUTH)
OAUTH_KEYS = BackEndKeys(
    client_id="voicebot", client_secret="a:client/secret+of twenty-eight".replace(" ", "%"), token_url=f"{URL}/token"
)
COLUMNS = Columns(
    customer_id="customer_id",
    name="name",
    phones=("phone",),
    identifiers=("account_number", "tracking_number"),
    secrets=("pin",),
    details={"balance": True, "due_date": True, "delivery_status": False},
    region="US",
)


@dataclass
class Moved:
    """Time, moved by hand. Both clocks move together; waiting moves them."""

    seconds: float = 1000.0
    waited: list[float] = field(default_factory=list)

    def time(self, chance: float = 0.5) -> Time:
        return Time(lambda: self.seconds, lambda: 1_772_445_600 + self.seconds, self.wait, lambda: chance)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.seconds += seconds

    def work(self) -> None:
        """What one check of a secret costs."""
        self.seconds += 0.02


class InProcess(httpx.BaseTransport):
    """An ASGI application in place of the network."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        self.requests.append(request)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(part: dict[str, Any]) -> None:
            sent.append(part)

        scope = {"type": "http", "method": request.method, "path": request.url.path, "headers": list(request.headers.raw)}
        run = self._app(scope, receive, send)
        try:
            run.send(None)
        except StopIteration:
            start, *parts = sent
            return httpx.Response(start["status"], headers=start["headers"], stream=_unread(b"".join(p["body"] for p in parts)))
        raise AssertionError("the application waits for something that never comes here")


def a_mock(when: Moved, *flaws: Flaw, signed: bool = True, slow: float = 0.0, fail: float = 0.0) -> MockBackEnd:
    """The shipped mock with the example company's customers."""

    async def pause(seconds: float) -> None:
        when.seconds += seconds

    plan = MockPlan(
        customers=EXAMPLES / "customers.csv",
        columns=COLUMNS,
        secret=SECRET if signed else "",
        client_id="" if signed else OAUTH_KEYS.client_id,
        client_secret="" if signed else OAUTH_KEYS.client_secret,
        slow=slow,
        fail=fail,
        flaws=frozenset(flaws),
        wall=when.time().wall,
        pause=pause,
        work=when.work,
    )
    return MockBackEnd(plan, BASE)


def a_crm(
    transport: httpx.BaseTransport,
    when: Moved | None = None,
    back_end: BackEnd = BACK_END,
    keys: BackEndKeys = KEYS,
    private: Iterable[str] = ("balance", "due_date"),
    breaker: Breaker | None = None,
) -> RestCrm:
    """A `RestCrm` over this transport, with time moved by hand."""
    time = (when or Moved()).time()
    http = Http(time, back_end.connect, back_end.read, back_end.in_flight, transport=transport)
    wire = Wire(http, back_end.url, access_for(back_end, keys, http), breaker or Breaker(), back_end.in_flight)
    return RestCrm(wire, time, back_end.step, private)


class Scripted(httpx.MockTransport):
    """Answers one after the other: a response, or an exception to raise. The last one stays."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        # A response can be read once, so each request gets one of its own.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=_unread(answer.content))


def _unread(content: bytes) -> httpx.ByteStream:
    return httpx.ByteStream(content)


def says(plain: Any, status: int = 200, **headers: str) -> httpx.Response:
    """An answer in JSON. Header names have _ for -."""
    return httpx.Response(status, json=plain, headers={name.replace("_", "-"): value for name, value in headers.items()})
