"""`bench slow-back-end`: does a back end that takes seconds delay callers who do not need it? Decides nothing about calls."""

import asyncio
import csv
import os
import platform
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import click

from voicebot.errors import VoicebotError
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Script

SLOW, OTHERS = 40, 10  # callers
ALONE_FOR = 10.0  # seconds of real time
LINE = "+12025550110"
PIN = "824193"
COMPANY = """
[company]
name = "Bench"
time_zone = "America/New_York"
default_line = "keypad"
[back_end]
kind = "rest"
url = "{url}"
read_ms = 2500
[customers]
customer_id = "customer_id"
name = "name"
phones = []
region = "US"
[fields.account_number]
shape = "digits:8"
[fields.pin]
shape = "digits:6"
secret = true
[queues.billing]
max_wait = 900
agent_language = "en"
hours = "always"
[agents.mira]
name = "Mira Holt"
phone = "+12025550171"
queues = ["billing"]
[lines.keypad]
dnis = "{line}"
language = "en"
region = "US"
listen = false
ani_identification = false
identifiers = ["account_number"]
secrets = ["pin"]
queue = "billing"
"""


class MockFailed(VoicebotError):
    """The mock back end did not come up."""


@dataclass(frozen=True)
class Answers:
    """Webhook answers to one group of callers, in milliseconds; `failed` calls are those of which the carrier would complain."""

    back_end: str
    who: str
    calls: int
    milliseconds: tuple[float, ...]
    failed: int


def at_share(ordered: Sequence[float], share: float) -> float:
    """The value below which this share (0 to 1) of ordered values lies; 0 where there is none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@click.command("slow-back-end")
@click.option("--seconds", default=3.0, show_default=True, help="What the back end takes for each answer.")
@click.option("--time-scale", default=10.0, show_default=True, help="Call time over real time; answers are always in real time.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
def slow_back_end(seconds: float, time_scale: float, write: Path | None) -> None:
    """40 callers whose back end takes seconds, beside 10 who press 0 for an agent and need none.

    The 10 call alone, beside 40 whose back end answers at once, and beside 40 whose back end takes its time: in one run, so that
    what many calls cost by themselves is told apart from what waiting costs.
    """
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as place:
        groups = asyncio.run(_measure(Path(place), 0.0, time_scale)) + asyncio.run(_measure(Path(place), seconds, time_scale))
    table = _table(groups, time_scale)
    click.echo(table)
    if write is not None:
        write.write_text(table + "\n", encoding="utf-8")


async def _measure(place: Path, seconds: float, time_scale: float) -> list[Answers]:
    secret = secrets.token_urlsafe(32)
    config, customers = place / "voicebot.toml", place / "customers.csv"
    _write_customers(customers)
    config.write_text(COMPANY.format(url="http://127.0.0.1:9", line=LINE), encoding="utf-8")
    async with _mock(config, customers, seconds, secret) as url:
        config.write_text(COMPANY.format(url=url, line=LINE), encoding="utf-8")
        plan = RehearsalPlan(config, fast=True, time_scale=time_scale, overlay={"VOICEBOT_BACKEND_SECRET": secret})
        async with rehearsal(plan) as open_now:
            await open_now.place(_other(0))  # the first call pays for what is loaded lazily
            alone = await _others(open_now, lambda began: monotonic() - began > ALONE_FOR)
            slow = asyncio.gather(*(open_now.place(_slow(number)) for number in range(SLOW)))
            beside = await _others(open_now, lambda _: slow.done())
            took = f"{seconds:g} s"
            return [
                _answers(took, "the 10, alone", alone),
                _answers(took, "the 10, beside the 40", beside),
                _answers(took, "the 40", await slow),
            ]


@asynccontextmanager
async def _mock(config: Path, customers: Path, seconds: float, secret: str) -> AsyncIterator[str]:
    """`backend mock` as a process of its own; gives its address."""
    arguments = ["-m", "voicebot.cli", "backend", "mock", "--port", "0", "--customers", str(customers), "--slow", str(seconds)]
    environment = os.environ | {"VOICEBOT_CONFIG": str(config), "VOICEBOT_BACKEND_SECRET": secret}
    mock = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert mock.stdout is not None  # it was asked for  # noqa: S101
        said = (await mock.stdout.readline()).decode()
        if "http://" not in said:
            raise MockFailed(f"the mock back end did not come up: {said.strip() or 'it said nothing'}")
        yield "http://" + said.partition("http://")[2].strip()
    finally:
        if mock.returncode is None:
            mock.terminate()
        await mock.wait()


async def _others(open_now: Rehearsal, enough: Callable[[float], bool]) -> list[CallRecord]:
    """The 10 call one call after the other until it is enough."""
    began = monotonic()

    async def caller(number: int) -> list[CallRecord]:
        records = [await open_now.place(_other(number))]
        while not enough(began):
            records.append(await open_now.place(_other(number)))
        return records

    return [record for some in await asyncio.gather(*(caller(number) for number in range(OTHERS))) for record in some]


def _slow(number: int) -> Script:
    return Script.of(LINE, f"+1202556{number:04d}", [f"keys:{_account(number)}", f"keys:{PIN}", "hangup"], ["none"])


def _other(number: int) -> Script:
    return Script.of(LINE, f"+1202557{number:04d}", ["keys:0#", "hangup@wait"], ["none"])


def _write_customers(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["customer_id", "name", "account_number", "pin"])
        rows.writerows([f"c{number}", f"Caller {number}", _account(number), PIN] for number in range(SLOW))


def _account(number: int) -> str:
    return f"{51_000_000 + number:08d}"


def _answers(back_end: str, who: str, records: Sequence[CallRecord]) -> Answers:
    took = sorted(document.seconds * 1000 for record in records for document in record.caller.documents)
    return Answers(back_end, who, len(records), tuple(took), sum(bool(record.failures) for record in records))


def _table(groups: Sequence[Answers], time_scale: float) -> str:
    lines = ["| back end takes | callers | calls | answers | p50 ms | p95 ms | longest ms | went wrong |", "|-|-|-|-|-|-|-|-|"]
    for group in groups:
        took = group.milliseconds
        figures = f"{at_share(took, 0.5):.0f} | {at_share(took, 0.95):.0f} | {at_share(took, 1.0):.0f}"
        lines.append(f"| {group.back_end} | {group.who} | {group.calls} | {len(took)} | {figures} | {group.failed} |")
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    where = f"{machine}; server, simulator and back end share them. Call time ×{time_scale:g}."
    return "\n".join([*lines, "", where])
