"""Pages stay live: server-sent events over one long answer for each page, hundreds of them without a thread each.

`GET /live?show=NAME&show=NAME:KEY`. Events: `shown` (`{"of", "now"}`), `gone` (`{"of"}`), `whole` (everything that there is has
been shown: whoever had lost the connection has caught up), `ended` (`{"why"}`, sign in again), `away` (this process makes way for
the next one), `alive` every ten seconds, so that a page notices a line that died without a word.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import uniform
from secrets import token_hex
from urllib.parse import parse_qs

import structlog

from voicebot.bodies import Receive, Scope, Send
from voicebot.pages.cookies import Cookies
from voicebot.pages.feed import Feed, Reader, Wish, as_json
from voicebot.pages.gate import Site
from voicebot.pages.sign_ins import Present, SignIns

PATH = "/live"
MOST_WISHES = 32
MOST_OF_ONE = 12  # pages of one sign-in
MOST_PAGES = 2_000
ALIVE = "event: alive\ndata: 1\n\n"
SLOWEST = 20.0  # seconds for a browser to take what is sent

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rhythm:
    """Seconds. `beat`: of silence before a sign of life; `looks`: between looks at who is signed in and at what is shown."""

    beat: float = 10.0
    looks: float = 10.0


class _Page(Reader):
    """One open answer."""

    def __init__(self, present: Present) -> None:
        super().__init__(present.person)
        self.sign_in = present.sign_in.id
        self.over: tuple[str, dict[str, str]] | None = None

    def end(self, event: str, **about: str) -> None:
        """The last event."""
        self.over = self.over or (event, about)
        self.fresh.set()


class Live:
    """An ASGI app for `PATH`. Its loop is the server's; `changed`, `look_again` and `drain` may be called from any thread."""

    def __init__(self, feed: Feed, sign_ins: SignIns, site: Site, cookies: Cookies, rhythm: Rhythm | None = None) -> None:
        self._feed, self._sign_ins, self._site, self._cookies = feed, sign_ins, site, cookies
        self._rhythm = rhythm or Rhythm()
        self._pages: set[_Page] = set()
        self._boot = token_hex(4)
        self._sent = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._look = asyncio.Event()
        self._draining = False

    @property
    def pages(self) -> int:
        """How many are open."""
        return len(self._pages)

    def changed(self, topics: frozenset[str]) -> None:
        """Something was committed about these."""
        self._feed.changed(topics)

    def look_again(self) -> None:
        """Somebody's sign-in may have ended."""
        self._from_elsewhere(self._look.set)

    def drain(self) -> None:
        """This process is to end: let every page go to its successor."""
        self._draining = True
        self._from_elsewhere(self._send_away)

    def _from_elsewhere(self, do: Callable[[], object]) -> None:
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(do)
            except RuntimeError:
                self._loop = None

    def _send_away(self) -> None:
        for page in self._pages:
            page.end("away")

    # ---- one page ----------------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one page until it goes, its sign-in ends, or this process does."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] != "GET":
            await _refuse(send, 405)
        elif not self._is_our_own(headers):
            log.warning("request refused", why="origin", endpoint="live")
            await _refuse(send, 403)
        elif self._draining or len(self._pages) >= MOST_PAGES:
            await _refuse(send, 503)
        else:
            await self._admit(scope, headers.get("cookie", ""), receive, send)

    def _is_our_own(self, headers: dict[str, str]) -> bool:
        """Browsers say where a request comes from; one of another site's page gets nothing."""
        fetched_by, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
        if headers.get("host") != self._site.host or (origin and origin != self._site.origin):
            return False
        return fetched_by == "same-origin" or (not fetched_by and bool(origin))

    async def _admit(self, scope: Scope, cookie: str, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        present = await asyncio.to_thread(self._sign_ins.present, self._cookies.sign_in.of(cookie))
        if present is None:
            await _refuse(send, 401)
            return
        wishes = self._wishes(parse_qs(scope["query_string"].decode("latin-1")).get("show", []))
        if not wishes:
            await _refuse(send, 404)
            return
        if Counter(page.sign_in for page in self._pages)[present.sign_in.id] >= MOST_OF_ONE:
            await _refuse(send, 429)
            return
        await self._serve(_Page(present), wishes, receive, send)

    def _wishes(self, names: Iterable[str]) -> list[Wish]:
        return [wish for name in dict.fromkeys(names) if (wish := self._feed.wish(name)) is not None][:MOST_WISHES]

    async def _serve(self, page: _Page, wishes: list[Wish], receive: Receive, send: Send) -> None:
        self._pages.add(page)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_after())
        self._feed.add(page, wishes)
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._write(page, gone, send)
        except (TimeoutError, OSError):
            log.info("page too slow")
        finally:
            gone.cancel()
            self._pages.discard(page)
            self._feed.remove(page)

    async def _write(self, page: _Page, gone: "asyncio.Task[None]", send: Send) -> None:
        """Send what is new as it comes; a sign of life when nothing does."""
        await _say(send, f"retry: {round(uniform(400, 1600))}\n\n")  # noqa: S311 - spreads those who come back together
        whole = False
        fresh: asyncio.Task[bool] | None = None
        while not gone.done():
            if page.over is not None:
                event, about = page.over
                await _say(send, self._event(event, as_json(about)), last=True)
                return
            said = [self._picture(name, picture) for name, picture in page.take().items()]
            if not whole and not page.waiting:
                whole = True
                said.append(self._event("whole", "{}"))
            if said:
                await _say(send, "".join(said))
                continue
            fresh = asyncio.create_task(page.fresh.wait())
            await asyncio.wait({fresh, gone}, timeout=self._rhythm.beat, return_when=asyncio.FIRST_COMPLETED)
            if not fresh.done():
                fresh.cancel()
                await _say(send, ALIVE)

    def _picture(self, name: str, picture: str | None) -> str:
        if picture is None:
            return self._event("gone", as_json({"of": name}))
        return self._event("shown", f'{{"of":{as_json(name)},"now":{picture}}}')

    def _event(self, event: str, content: str) -> str:
        self._sent += 1
        return f"id: {self._boot}.{self._sent}\nevent: {event}\ndata: {content}\n\n"

    # ---- all pages ---------------------------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        """While there are pages: end those whose sign-in has ended, and read everything anew now and then."""
        while self._pages:
            try:
                async with asyncio.timeout(self._rhythm.looks):
                    await self._look.wait()
                self._look.clear()
            except TimeoutError:
                self._feed.look_round()
            try:
                await self._end_signed_out()
            except Exception as trouble:  # noqa: BLE001 - the next look tries again
                log.error("sign-ins not looked at", trouble=type(trouble).__name__)

    async def _end_signed_out(self) -> None:
        pages = list(self._pages)
        there = await asyncio.to_thread(self._sign_ins.still_present, {page.sign_in for page in pages})
        for page in pages:
            found = there.get(page.sign_in)
            if found is None:
                page.end("ended", why="signed_out")
            elif found.person.roles != page.person.roles:
                page.end("ended", why="role")


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would collect what is meant for now
    (b"x-content-type-options", b"nosniff"),
]


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, text: str, *, last: bool = False) -> None:
    async with asyncio.timeout(SLOWEST):
        await send({"type": "http.response.body", "body": text.encode(), "more_body": not last})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
