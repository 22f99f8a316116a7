"""Call time: scaled, at real pace while the product is asked, and still after fast speech."""

import asyncio
from time import monotonic
from typing import Any

from voicebot.simulator.clock import CallClock


def test_call_time_runs_faster_than_real_time(kit: Any) -> None:
    async def run() -> float:
        clock, began = CallClock(1000.0), monotonic()
        await clock.sleep(60)
        assert clock.now() >= 60
        return monotonic() - began

    assert 0.05 < kit.run(run()) < 5


def test_while_the_product_is_asked_a_second_is_a_second(kit: Any) -> None:
    async def run() -> None:
        clock = CallClock(1_000_000.0)
        with clock.real_pace():
            before = clock.now()
            await asyncio.to_thread(lambda: None)
            assert clock.now() - before < 60
        assert clock.now() >= before

    kit.run(run())


def test_a_clock_that_is_held_stands_still_and_goes_on_from_there(kit: Any) -> None:
    async def run() -> None:
        clock = CallClock(1000.0)
        clock.hold()
        before = clock.now()
        sleeping = asyncio.create_task(clock.sleep(5))
        done, _ = await asyncio.wait({sleeping}, timeout=0.05)
        assert not done
        assert (clock.now(), clock.held) == (before, True)
        clock.release()
        await sleeping
        assert clock.now() - before >= 5

    kit.run(run())
