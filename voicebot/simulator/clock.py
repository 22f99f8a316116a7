"""Call time: how long a telephone has rung, how long a caller has been silent. It must not measure the product's answers.

Call time runs `scale` times as fast as real time, one to one while the product is being asked (its budget is real), and
not at all while the caller has spoken faster than anybody can and waits to be understood.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


class CallClock:
    """The clock of one leg, in seconds since it began. `waits` counts how often somebody let time pass."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.waits = 0
        self._rate = scale
        self._held = False
        self._real_paces = 0
        self._call = 0.0
        self._real = monotonic()
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Seconds of call time since the leg began."""
        return self._call + (monotonic() - self._real) * self._rate

    @property
    def held(self) -> bool:
        """Whether the clock stands still."""
        return self._held

    def hold(self) -> None:
        """Stand still until `release`."""
        self._held = True
        self._set_rate()

    def release(self) -> None:
        """Go on."""
        self._held = False
        self._set_rate()

    @contextmanager
    def real_pace(self) -> Iterator[None]:
        """Inside, a second of call time is a second: somebody outside the call is being waited for."""
        self._real_paces += 1
        self._set_rate()
        try:
            yield
        finally:
            self._real_paces -= 1
            self._set_rate()

    def _set_rate(self) -> None:
        self._call = self.now()
        self._real = monotonic()
        self._rate = 0.0 if self._held else 1.0 if self._real_paces else self.scale
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Let this much call time pass."""
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, due: float) -> None:
        """Return when call time has reached `due`."""
        self.waits += due > self.now()
        while (left := due - self.now()) > 1e-9:
            changed = self._changed
            if self._rate == 0.0:
                await changed.wait()
                continue
            try:
                async with asyncio.timeout(left / self._rate):
                    await changed.wait()
            except TimeoutError:
                continue
