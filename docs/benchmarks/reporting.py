# ruff: noqa: INP001, T201  # a script that prints what it found
"""Do reports slow calls down? Keypad calls over the real server, first alone, then while supervisors make reports all the time.

    python docs/benchmarks/reporting.py --interactions 50000 --callers 10 --readers 2 --pause 1

The server has a month of interactions; each reader opens one report page after the other (queues, agents, interactions,
intervals) with `--pause` seconds between them. All share the machine.
"""

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Self

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from voicebot.commands.bench import Measured, many_customers, measure, table_of
from voicebot.commands.bench_reports import A_MONTH
from voicebot.commands.bench_reports_filled import FIRST, fill
from voicebot.keyring import Keyring
from voicebot.records.store import open_store
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal

PROJECT = Path(__file__).resolve().parents[2]
READ = ("queues", "agents", "interactions", "intervals")
SCALE = 25.0


class Readers:
    """Supervisors who do nothing but open reports, until `close`. `took`: seconds of each page, by report."""

    def __init__(self, link: str, many: int, pause: float) -> None:
        self.took: dict[str, list[float]] = {name: [] for name in READ}
        self._over, self._pause = threading.Event(), pause
        pages, cookies = _signed_in(link)
        self._threads = [threading.Thread(target=self._read, args=(pages, cookies, number)) for number in range(many)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def close(self) -> None:
        """No more pages after those that are open."""
        self._over.set()

    def __exit__(self, *_: object) -> None:
        self.close()
        for thread in self._threads:
            thread.join()

    def _read(self, pages: str, cookies: httpx.Cookies, turn: int) -> None:
        with httpx.Client(base_url=pages, cookies=cookies, timeout=60) as client:
            while not self._over.wait(self._pause):
                name, turn = READ[turn % len(READ)], turn + 1
                began = time.monotonic()
                answer = client.get(f"/reports/{name}", params={"first": str(FIRST), "last": str(FIRST + A_MONTH)})
                answer.raise_for_status()
                self.took[name].append(time.monotonic() - began)


def _signed_in(link: str) -> tuple[str, httpx.Cookies]:
    pages = link.partition("/sign-in/")[0]
    with httpx.Client(follow_redirects=True, headers={"Origin": pages}) as client:
        form = client.get(link)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
        client.post(link, data=fields).raise_for_status()
        return pages, client.cookies


async def run(wanted: argparse.Namespace) -> None:
    """Fill the database, then measure twice."""
    with tempfile.TemporaryDirectory(prefix="voicebot-reporting-") as place:
        data = Path(place) / "data"
        data.mkdir()
        store = open_store(f"sqlite:///{data}/voicebot.db", Keyring.open(data / "keys"))
        try:
            fill(store, wanted.interactions)
        finally:
            store.close()
        customers = many_customers(Path(place), wanted.callers)
        plan = RehearsalPlan(PROJECT / "voicebot.toml", customers, data=data, fast=True, time_scale=SCALE)
        async with rehearsal(plan) as open_now:
            rows, took = await _both(open_now, wanted)
    print(table_of(rows, SCALE))
    for name, seconds in took.items():
        if seconds:
            print(f"{name}: {len(seconds)} pages, median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s")


async def _both(open_now: Rehearsal, wanted: argparse.Namespace) -> tuple[list[Measured], dict[str, list[float]]]:
    await measure(open_now, "keypad", 1)
    alone = await measure(open_now, "keypad", wanted.callers)
    link = next(link for who, link in open_now.sign_in_links().items() if "supervisor" in who)
    readers = await asyncio.to_thread(Readers, link, wanted.readers, wanted.pause)
    with readers:
        meanwhile = await measure(open_now, "keypad", wanted.callers)
        readers.close()
    return [alone, replace(meanwhile, kind="keypad, while reporting")], readers.took


def main() -> None:
    """Ask for the numbers and run."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--interactions", type=int, default=50_000)
    asked.add_argument("--callers", type=int, default=10)
    asked.add_argument("--readers", type=int, default=2)
    asked.add_argument("--pause", type=float, default=1.0, help="seconds of a reader between two pages")
    asyncio.run(run(asked.parse_args()))


if __name__ == "__main__":
    main()
