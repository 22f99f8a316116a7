"""The other side of `bench live`: many open pages in one process, each noting when it first had each call. Decides nothing."""

import asyncio
import re
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

_CALL = re.compile(rb'"call":"([\w-]{22})"')
_VIEW = re.compile(rb'data: {"of":"(\w+)"')
FirstHad = dict[str, dict[str, dict[int, float]]]  # view -> call -> page -> monotonic seconds


def watch(pipe: Connection, port: int, cookies: Sequence[str], shown: Sequence[str]) -> None:
    """Open a page with each cookie, of what is `shown` to it (`place`, or several with `&show=`).

    Sends "whole" when all have caught up, and on any word back what each page had when.
    """
    asyncio.run(_watch_all(pipe, port, cookies, shown))


async def _watch_all(pipe: Connection, port: int, cookies: Sequence[str], shown: Sequence[str]) -> None:
    first: FirstHad = {}
    whole = [asyncio.Event() for _ in cookies]
    pages = [
        asyncio.create_task(_page(number, port, cookie, shown[number], first, whole[number]))
        for number, cookie in enumerate(cookies)
    ]
    for one in whole:
        await one.wait()
    pipe.send("whole")
    await asyncio.to_thread(pipe.recv)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    pipe.send(first)


async def _page(number: int, port: int, cookie: str, shown: str, first: FirstHad, whole: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * 1024 * 1024)
    asked = (
        f"GET /live?show={shown} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\nAccept: text/event-stream\r\n\r\n"
    )
    writer.write(asked.encode())
    try:
        while line := await reader.readline():
            now = time.monotonic()
            if line.startswith(b"event: whole"):
                whole.set()
            if found := _VIEW.match(line):
                had = first.setdefault(found[1].decode(), {})
                for call in _CALL.findall(line):
                    had.setdefault(call.decode(), {}).setdefault(number, now)
    finally:
        writer.close()
