"""`bench`: measure the line under load, over the real server and the simulator. Prints a table; no test depends on it."""

import asyncio
import csv
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import click

from voicebot.commands.bench_customers import customers
from voicebot.commands.bench_doors import doors
from voicebot.commands.bench_listening import listening
from voicebot.commands.bench_live import live
from voicebot.commands.bench_reports import reports
from voicebot.commands.bench_slow import at_share, slow_back_end
from voicebot.commands.bench_speech import speech
from voicebot.commands.bench_spoken import spoken
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Script, parse_turns

PROJECT = Path(__file__).resolve().parents[2]
BALANCE_LINE, PARCEL_LINE = "+12025550140", "+12025550130"
RECORDINGS = PROJECT / "tests" / "recordings"
CALLS_PER_CALLER = 4  # so that start-up does not decide the figure


@dataclass(frozen=True)
class Measured:
    """One row: latencies in milliseconds of all webhook answers, full calls a second, calls that did not end as they should."""

    callers: int
    kind: str
    calls: int
    p50: float
    p95: float
    p99: float
    calls_per_second: float
    failed: int


@click.group("bench", short_help="Measure the line under load.")
def command() -> None:
    """Measure."""


@command.command("calls")
@click.option("--callers", default="1,20,100", show_default=True, help="So many callers at once, one row each.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(["keypad", "spoken"]), help="[default: both]")
@click.option("--time-scale", default=25.0, show_default=True, help="Call time over real time; answers are always in real time.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
@click.pass_obj
def calls(config: Path, callers: str, kinds: tuple[str, ...], time_scale: float, write: Path | None) -> None:
    """Webhook latency and full calls a second.

    keypad: account number and PIN keyed, balance heard. spoken: tracking number spoken, confirmed by key, status heard.
    """
    counts = [int(count) for count in callers.split(",")]
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as place:
        customers = many_customers(Path(place), max(counts))
        rows = asyncio.run(_measure(RehearsalPlan(config, customers, fast=True, time_scale=time_scale), counts, kinds))
    table = table_of(rows, time_scale)
    click.echo(table)
    if write is not None:
        write.write_text(table + "\n", encoding="utf-8")


async def _measure(plan: RehearsalPlan, counts: Sequence[int], kinds: Sequence[str]) -> list[Measured]:
    rows = []
    async with rehearsal(plan) as open_now:
        for kind in kinds or ("keypad", "spoken"):
            await open_now.place(_script(kind, 0))  # the first call pays for what is loaded lazily
            for count in counts:
                rows.append(await measure(open_now, kind, count))
                click.echo(f"measured: {kind}, {count} at once", err=True)
    return rows


async def measure(open_now: Rehearsal, kind: str, count: int) -> Measured:
    """So many callers at once, each with some calls one after the other."""

    async def caller(number: int) -> list[CallRecord]:
        return [await open_now.place(_script(kind, number)) for _ in range(CALLS_PER_CALLER)]

    began = perf_counter()
    records = [record for some in await asyncio.gather(*(caller(number) for number in range(count))) for record in some]
    seconds = perf_counter() - began
    answers = sorted(document.seconds * 1000 for record in records for document in record.caller.documents)
    failed = sum(not _went_well(kind, record) for record in records)
    p50, p95, p99 = (at_share(answers, share) for share in (0.5, 0.95, 0.99))
    return Measured(count, kind, len(records), p50, p95, p99, len(records) / seconds, failed)


def _went_well(kind: str, record: CallRecord) -> bool:
    wanted = "balance" if kind == "keypad" else "on its way"
    return not record.failures and any(wanted in heard.what.lower() for heard in record.caller.heard)


def _script(kind: str, number: int) -> Script:
    from_ = f"+1202556{number:04d}"
    if kind == "keypad":
        return Script(BALANCE_LINE, from_, parse_turns([f"keys:{_account(number)}", "keys:824193"]), folder=PROJECT)
    spoken = next(RECORDINGS.glob("tracking-*.wav"))
    return Script(PARCEL_LINE, from_, parse_turns([f"audio:{spoken}", "keys:1"]), folder=PROJECT)


def many_customers(place: Path, count: int) -> Path:
    """A file of customers, one for each caller."""
    path = place / "customers.csv"
    tracking = next(RECORDINGS.glob("tracking-*.wav")).stem.partition("-")[2]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["customer_id", "account_number", "tracking_number", "name", "phone", "pin", "balance", "due_date", "delivery_status"]
        )
        for number in range(count):
            parcel = tracking if number == 0 else f"{number:010d}"
            about = ("12.50", "2026-12-01", "on its way")
            rows.writerow([f"c{number}", _account(number), parcel, f"Caller {number}", "", "824193", *about])
    return path


def _account(number: int) -> str:
    return f"{51_000_000 + number:08d}"


def table_of(rows: Sequence[Measured], time_scale: float) -> str:
    """The rows for people, and on what they were measured."""
    lines = [
        "| callers at once | kind | calls | answer p50 ms | p95 ms | p99 ms | full calls/s | went wrong |",
        "|-|-|-|-|-|-|-|-|",
        *(_line(row) for row in rows),
    ]
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    where = f"{machine}; server, simulator and recognisers share them. Call time ×{time_scale:g}."
    return "\n".join([*lines, "", where])


def _line(row: Measured) -> str:
    latencies = f"{row.p50:.1f} | {row.p95:.1f} | {row.p99:.1f}"
    return f"| {row.callers} | {row.kind} | {row.calls} | {latencies} | {row.calls_per_second:.1f} | {row.failed} |"


command.add_command(doors)
command.add_command(spoken)
command.add_command(speech)
command.add_command(listening)
command.add_command(customers)
command.add_command(live)
command.add_command(reports)
command.add_command(slow_back_end)
