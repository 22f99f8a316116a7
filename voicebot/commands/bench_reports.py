"""`bench reports`: how long every standard report takes over a month and a year, and what files take of time and memory.

Decides nothing about reports. The interactions are made up (`bench_reports_filled`).
"""

import multiprocessing
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from voicebot.reports.making import House

ZONE = "Europe/Copenhagen"
A_MONTH, A_YEAR = timedelta(days=29), timedelta(days=359)  # to the last day
ROWS_OF_A_CALL = 20  # of a journal, about
PAPER = 10_000  # rows of the PDF, and of the other files
MIB = 1024 * 1024


@dataclass(frozen=True)
class Took:
    """What so many `rows` took: seconds by the clock, and of a processor, for others may have had it meanwhile.

    `memory`: what the process had at most, where it had one of its own.
    """

    what: str
    rows: int
    seconds: float
    busy: float
    memory: int | None = None


@click.command("reports")
@click.option("--calls", default=50_000, show_default=True, help="Interactions of each month.")
@click.option("--months", default=12, show_default=True, type=click.IntRange(1, 12), help="Months there are; a year needs all.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
def reports(calls: int, months: int, write: Path | None) -> None:
    """How long reports take: each over a month and a year on SQLite, and files of 10,000 rows."""
    from voicebot.commands.bench_reports_filled import again, beside, fill
    from voicebot.keyring import Keyring
    from voicebot.records.store import open_store

    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as place:
        url, began = f"sqlite:///{place}/voicebot.db", time.monotonic()
        store = open_store(url, Keyring.open(Path(place) / "keys"))
        try:
            fill(store, calls)
            if months > 1:
                again(store, months)
            beside(store)
            store.checkpoint()
            filled = f"filled in {time.monotonic() - began:.0f} s, {(Path(place) / 'voicebot.db').stat().st_size / MIB:,.0f} MiB"
            rows = [*_measured(_house(url), months), *_files(url, months)]
        finally:
            store.close()
    table = _table(calls, months, filled, rows)
    click.echo(table)
    if write is not None:
        write.write_text(table + "\n", encoding="utf-8")


def _house(url: str) -> "House":
    from voicebot.records.facts import SqlFacts
    from voicebot.records.read_only import ReadOnly
    from voicebot.reports.making import House

    return House("Bench", ZONE, SqlFacts(ReadOnly(url, 600), ZONE))


def _measured(house: "House", months: int) -> Iterator[Took]:
    """Every report, and queues by day."""
    from voicebot.commands.bench_reports_filled import FIRST
    from voicebot.facts.periods import Period
    from voicebot.reports.library import LIBRARY
    from voicebot.reports.making import Asked, make

    lengths = [("a month", A_MONTH), ("a year", A_YEAR)]
    for words, length in lengths if months == 12 else lengths[:1]:
        for name, period in (*((name, None) for name in LIBRARY), ("queues", Period.DAY)):
            asked = Asked(FIRST, FIRST + length, period=period)
            made, seconds, busy = _timed(partial(make, house, LIBRARY[name], asked, datetime.now(UTC)))
            yield Took(f"{name}{f' by {period}' if period else ''}, {words}", len(made.rows), seconds, busy)


def _files(url: str, months: int) -> Iterator[Took]:
    """Each in a process of its own, so that it is known how much memory that had."""
    for kind in ("csv", "xlsx", "pdf"):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
            yield other.submit(_file, url, months, kind).result()


def _file(url: str, months: int, kind: str) -> Took:
    from voicebot.child import most_memory
    from voicebot.commands.bench_reports_filled import FIRST
    from voicebot.reports.files import written
    from voicebot.reports.library import LIBRARY
    from voicebot.reports.making import Asked, make

    enough = min(A_YEAR, timedelta(days=72)) if months > 1 else A_MONTH  # for so many rows
    made = make(_house(url), LIBRARY["intervals"], Asked(FIRST, FIRST + enough), datetime.now(UTC))
    cut = replace(made, rows=made.rows[:PAPER])
    _, seconds, busy = _timed(partial(written, cut, kind))
    return Took(f"{kind.upper()} of the intervals", len(cut.rows), seconds, busy, most_memory())


def _timed(do: Callable[[], Any]) -> tuple[Any, float, float]:
    began, busy = time.monotonic(), time.process_time()
    return do(), time.monotonic() - began, time.process_time() - busy


def _table(calls: int, months: int, filled: str, rows: list[Took]) -> str:
    of_journal = f"about {calls * ROWS_OF_A_CALL:,} rows of journal"
    machine = f"SQLite, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    about = f"Months: {months}, interactions of each: {calls:,} ({of_journal}), {filled}; {machine}"
    lines = [f"| {one.what} | {one.rows:,} | {one.seconds:.2f} | {one.busy:.2f} | {_memory(one)} |" for one in rows]
    return "\n".join([about, "", "| Report | rows | seconds | of a processor | memory at most, MiB |", "|-|-|-|-|-|", *lines])


def _memory(one: Took) -> str:
    return "" if one.memory is None else f"{one.memory / MIB:,.0f}"
