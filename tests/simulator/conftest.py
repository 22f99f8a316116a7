"""A small product for the twin to call: it answers paths with TwiML, checks every signature, and keeps what it was sent."""

import asyncio
import base64
import hashlib
import hmac
import inspect
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import httpx
import pytest
import uvicorn

from voicebot.simulator.record import CallRecord, Happening
from voicebot.simulator.script import Script
from voicebot.simulator.settings import Faults, TwinSettings
from voicebot.simulator.twin import Twin

PUBLIC = "https://voicebot.test"
T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer that is not plain TwiML."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/xml"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Came:
    """A request that came."""

    path: str
    form: Mapping[str, str]
    headers: Mapping[str, str]
    method: str


Answer: TypeAlias = "str | Reply | Callable[[Came], str | Reply | Awaitable[str | Reply]]"


@dataclass
class Product:
    """Answers by path; a path that is not there gets an empty <Response/>."""

    answers: Mapping[str, Answer]
    token: str = ""
    account: str = ""
    api: str = ""
    came: list[Came] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    raw: list[object] = field(default_factory=list)
    upgrades: list[Mapping[str, str]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    on_message: "Callable[[dict[str, Any]], Awaitable[str | list[Any] | None]] | None" = None  # "close", or what it sends back
    refuse_stream: bool = False
    client: httpx.AsyncClient | None = None

    def paths(self, *, prefix: str = "") -> list[str]:
        """The paths asked for, in order."""
        return [one.path for one in self.came if one.path.startswith(prefix)]

    def forms(self, path: str) -> list[Mapping[str, str]]:
        """The forms that came to a path."""
        return [one.form for one in self.came if one.path == path]

    async def rest(self, method: str, path: str, data: Any = None) -> httpx.Response:
        """Use the twin's REST API."""
        assert self.client is not None
        url = f"{self.api}/2010-04-01/Accounts/{self.account}{path}"
        kind = "params" if method == "GET" else "data"
        return await self.client.request(method, url, auth=(self.account, self.token), **{kind: data or {}})

    def _signed(self, url: str, params: list[tuple[str, str]], header: str) -> None:
        text = url + "".join(name + value for name, value in sorted(params))
        right = base64.b64encode(hmac.new(self.token.encode(), text.encode(), hashlib.sha1).digest()).decode()
        if right != header:
            self.forged.append(url)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope.get("headers", [])}
        if scope["type"] == "websocket":
            await self._stream(scope, receive, send, headers)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = scope["query_string"].decode()
        form = parse_qsl(body.decode(), keep_blank_values=True)
        url = PUBLIC + scope["path"] + (f"?{query}" if query else "")
        self._signed(url, form, headers.get("x-twilio-signature", ""))
        came = Came(scope["path"], dict(form or parse_qsl(query, keep_blank_values=True)), headers, scope["method"])
        self.came.append(came)
        answer: Any = self.answers.get(scope["path"], "")
        if callable(answer):
            answer = answer(came)
        if inspect.isawaitable(answer):
            answer = await answer
        reply = answer if isinstance(answer, Reply) else Reply(f"<Response>{answer}</Response>".encode())
        found = [(b"content-type", reply.content_type.encode()), *((a.encode(), b.encode()) for a, b in reply.headers)]
        await send({"type": "http.response.start", "status": reply.status, "headers": found})
        await send({"type": "http.response.body", "body": reply.body})

    async def _stream(self, scope: Any, receive: Any, send: Any, headers: Mapping[str, str]) -> None:
        self._signed("wss://voicebot.test" + scope["path"], [], headers.get("x-twilio-signature", ""))
        self.upgrades.append(headers)
        await receive()
        if self.refuse_stream:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.closed.append(message.get("code", 0))
                return
            self.raw.append(message.get("text") if message.get("text") is not None else message.get("bytes"))
            try:
                heard = json.loads(message.get("text") or "")
            except ValueError:
                continue
            self.messages.append(heard)
            answer = await self.on_message(heard) if self.on_message is not None else None
            for one in [answer] if isinstance(answer, str) else answer or []:
                if one == "close":
                    await send({"type": "websocket.close", "code": 1000})
                    return
                await send({"type": "websocket.send", "text": one if isinstance(one, str) else json.dumps(one)})


class QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Stand:
    """One listening server for all tests of this folder; whose turn it is answers."""

    def __init__(self) -> None:
        self.product = Product({})
        self.url = ""
        self.client = httpx.AsyncClient(trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.product(scope, receive, send)

    def serve(self, product: Product) -> str:
        """From now on this product answers, at this address."""
        self.product = product
        product.client = self.client
        return self.url


@asynccontextmanager
async def open_stand() -> AsyncIterator[Stand]:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    stand = Stand()
    stand.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = QuietServer(uvicorn.Config(stand, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with stand.client:
            yield stand
    finally:
        server.should_exit = True
        await serving


@dataclass
class Outcome:
    """What came of it."""

    record: CallRecord
    product: Product
    twin: Twin
    happened: list[Happening]

    @property
    def heard(self) -> list[str]:
        return [one.what for one in self.record.caller.heard]

    @property
    def codes(self) -> list[int]:
        return [one.code for one in self.record.failures]


class Kit:
    """What the tests of this folder use: one event loop, one stand, and calls between a product and a twin."""

    Product = Product
    Reply = Reply

    def __init__(self, runner: asyncio.Runner, stand: Stand) -> None:
        self._runner = runner
        self.stand = stand

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the event loop."""
        return self._runner.run(work)

    def call(self, answers: Mapping[str, Answer], script: Script | None = None, **rest: Any) -> Outcome:
        """Place one call to a product that answers like this. Call time runs two hundred times as fast unless told otherwise."""
        return self.call_product(Product(answers), script, **rest)

    def call_product(
        self, product: Product, script: Script | None = None, *, faults: Faults | None = None, **settings: Any
    ) -> Outcome:
        """Place one call to this product; every request must have been signed."""

        async def place() -> Outcome:
            happened: list[Happening] = []
            async with self.twin(product, faults=faults, observer=happened.append, **settings) as twin:
                record = await twin.place_call(script or Script.of("+15550100", "+15550199"))
                return Outcome(record, product, twin, happened)

        outcome = self.run(place())
        assert product.forged == []
        return outcome

    @asynccontextmanager
    async def twin(self, product: Product, *, faults: Any = None, observer: Any = None, **settings: Any) -> AsyncIterator[Twin]:
        """A twin that calls this product."""
        chosen = TwinSettings.made(self.stand.serve(product), **{"time_scale": 200.0, **settings})
        async with Twin(chosen, faults, observer) as twin:
            product.token, product.account, product.api = chosen.auth_token, chosen.account_sid, twin.api_url
            yield twin


@pytest.fixture(scope="session")
def kit() -> Iterator[Kit]:
    with asyncio.Runner() as runner:
        stand = open_stand()
        kit = Kit(runner, runner.run(stand.__aenter__()))
        yield kit
        runner.run(stand.__aexit__(None, None, None))
