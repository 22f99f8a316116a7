"""A twin that stands while a test asks it from another thread, as a command does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from voicebot.simulator.numbers import AccountNumber
from voicebot.simulator.settings import TwinSettings
from voicebot.simulator.twin import Twin


@contextmanager
def standing_twin(*numbers: str, **settings: Any) -> Iterator[Twin]:
    """A twin whose account has these numbers, just bought, and may call the US and Denmark."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    twin = asyncio.run_coroutine_threadsafe(_made(TwinSettings.made(**settings)), loop).result(10)
    twin.numbers.numbers += [AccountNumber(phone) for phone in numbers]
    twin.numbers.countries |= {"US": True, "DK": True}
    try:
        yield twin
    finally:
        asyncio.run_coroutine_threadsafe(twin.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _made(settings: TwinSettings) -> Twin:
    return await Twin(settings).__aenter__()
