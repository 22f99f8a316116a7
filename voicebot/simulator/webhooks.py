"""Asks the product, as the telephone company asks: signed posts, its time-outs and repeats, on this machine only.

Source: docs on webhooks, connection overrides, errors 11200, 11205, 11215, 11216. The budget is real time. It must not reach
any host but the product's.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx

from voicebot.simulator.settings import TwinSettings
from voicebot.simulator.signature import signature

Params: TypeAlias = tuple[tuple[str, str], ...]
MOST_REDIRECTS = 10
BUDGET = 15.0
AGENT = "TwilioProxy/1.1"


class WebhookFailed(Exception):
    """The product did not answer as it must. `code` is Twilio's error number."""

    def __init__(self, code: int, what: str, url: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.url = url


@dataclass(frozen=True)
class Request:
    """Something to ask the product: a public URL (its fragment may hold connection overrides), and the form's parameters.

    `token` tells repeats of one request apart from another request.
    """

    url: str
    method: str = "POST"
    params: Params = field(default=(), repr=False)
    token: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Answer:
    """What came back, from which URL after redirects, after how many attempts."""

    status: int
    body: bytes
    content_type: str
    url: str
    attempts: int
    cacheable: bool = False


@dataclass(frozen=True)
class Overrides:
    """Connection overrides. Seconds. Source: docs on webhook connection overrides."""

    connect: float = 5.0
    read: float = 15.0
    total: float = BUDGET
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> "Overrides":
        """What the URL's fragment says; the documented defaults for what it does not."""
        said = dict(parse_qsl(urlsplit(url).fragment))

        def number(name: str, otherwise: int, highest: int) -> int:
            text = said.get(name, "")
            return min(int(text), highest) if text.isdecimal() else otherwise

        return cls(
            connect=number("ct", 5000, 10000) / 1000,
            read=number("rt", 15000, 15000) / 1000,
            total=number("tt", 15000, 15000) / 1000,
            retries=number("rc", 1, 5),
            policy=frozenset(said.get("rp", "ct").split(",")),
        )

    def repeats(self, why: str) -> bool:
        """Whether a failure of this kind (ct, rt, 4xx, 5xx) is tried again."""
        return why in self.policy or "all" in self.policy


class Webhooks:
    """The wire to the product. `address` may change while it runs (the product is started after its twin)."""

    def __init__(self, settings: TwinSettings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self.product_url = settings.product_url
        self._kept: dict[str, Answer] = {}

    def address(self, url: str) -> str:
        """Where a public URL is answered on this machine. Raises WebhookFailed for any other host."""
        public = self._settings.public_url.rstrip("/")
        bare = url.partition("#")[0]
        if bare != public and not bare.startswith((public + "/", public + "?")):
            raise WebhookFailed(11200, f"{urlsplit(url).netloc or 'a relative URL'} is not the product's public address", bare)
        return self.product_url.rstrip("/") + bare[len(public) :]

    async def ask(self, request: Request, *, lose: int = 0, delay: float = 0.0) -> Answer:
        """Send one request until it is answered or the budget is spent; `lose` so many answers. Raises WebhookFailed."""
        overrides = Overrides.of(request.url)
        began, attempts, why = monotonic(), 0, ""
        if delay:
            await asyncio.sleep(delay)
        while attempts <= overrides.retries and (left := overrides.total - (monotonic() - began)) > 0:
            attempts += 1
            try:
                async with asyncio.timeout(left):
                    answer = await self._attempt(request, overrides)
            except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.RemoteProtocolError, httpx.ReadError):
                why = "rt"
            except (httpx.ConnectError, httpx.ConnectTimeout):
                why = "ct"
            else:
                if lose >= attempts:
                    why = "rt"
                elif answer.status < 400:
                    return Answer(answer.status, answer.body, answer.content_type, answer.url, attempts, answer.cacheable)
                else:
                    why = f"{answer.status // 100}xx"
                    if not overrides.repeats(why):
                        raise WebhookFailed(11200, f"HTTP status {answer.status}", answer.url)
            if not overrides.repeats(why):
                break
        code = 11205 if why in ("ct", "rt") else 11200
        what = f"no usable answer after {attempts} attempt{'s' if attempts != 1 else ''} ({why or 'budget'})"
        raise WebhookFailed(code, what, request.url.partition("#")[0])

    async def _attempt(self, request: Request, overrides: Overrides) -> Answer:
        url, method, params = request.url.partition("#")[0], request.method, request.params
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._send(url, method, params, overrides, request.token)
            if not answer.is_redirect:
                kind = answer.headers.get("content-type", "")
                kept = "max-age" in answer.headers.get("cache-control", "")
                return Answer(answer.status_code, answer.content, kind, url, 1, kept)
            if answer.status_code not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                raise WebhookFailed(11216, "an HTTP redirect that leads nowhere", url)
            url = urljoin(url, answer.headers["location"])
            method = method if answer.status_code in (307, 308) else "GET"
        raise WebhookFailed(11215, "too many HTTP redirects in a row", url)

    async def _send(self, url: str, method: str, params: Params, overrides: Overrides, token: str) -> httpx.Response:
        if method == "GET" and params:
            url += ("&" if "?" in url else "?") + urlencode(params)
            params = ()
        headers = {
            "X-Twilio-Signature": signature(self._settings.auth_token, url, params),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": AGENT,
            "Accept": "*/*",
            "Host": urlsplit(self._settings.public_url).netloc,
            "X-Forwarded-Proto": urlsplit(self._settings.public_url).scheme,
        }
        content = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            content = urlencode(params).encode()
        return await self._client.request(
            method,
            self.address(url),
            content=content,
            headers=headers,
            timeout=httpx.Timeout(overrides.read, connect=overrides.connect, pool=BUDGET),
        )

    async def fetch_audio(self, url: str) -> Answer:
        """A recording for <Play>, from the store of what may be kept, else from the product. Raises WebhookFailed."""
        if (kept := self._kept.get(url)) is not None:
            return kept
        answer = await self.ask(Request(url, "GET"))
        if answer.cacheable:
            self._kept[url] = answer
        return answer


def ordered(params: dict[str, str | None], *more: Sequence[tuple[str, str]]) -> Params:
    """Parameters that are there, in order, with `more` behind them."""
    present = [(name, value) for name, value in params.items() if value is not None]
    return (*present, *(pair for one in more for pair in one))
