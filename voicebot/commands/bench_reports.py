"""`bench reports`: how long reports take over a month and a year of made-up interactions. Decides nothing about reports.

The facts are made up, not folded from journals: what is measured is the adding up, and the writing of files. Of a year the first
month is made up, and the others are the same again, moved.
"""

import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from voicebot.facts.interaction import Facts
    from voicebot.records.store import SqlStore
    from voicebot.reports.making import House

FIRST = date(2025, 1, 1)
A_MONTH, A_YEAR = timedelta(days=30), timedelta(days=364)
DAYS = 30  # of each month
ROWS_OF_A_CALL = 20  # of a journal, about
AT_ONCE = 2_000
PAPER = 10_000  # rows of the PDF


@click.command("reports")
@click.option("--calls", default=50_000, show_default=True, help="Interactions of each month.")
@click.option("--months", default=12, show_default=True, type=click.IntRange(1, 12), help="Months there are; a year needs all.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
def reports(calls: int, months: int, write: Path | None) -> None:
    """How long reports take: a month and a year on SQLite, and a PDF of 10,000 rows."""
    from voicebot.keyring import Keyring
    from voicebot.records.facts import SqlFacts
    from voicebot.records.store import open_store
    from voicebot.reports.making import House

    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as place:
        store = open_store(f"sqlite:///{place}/voicebot.db", Keyring.open(Path(place) / "keys"))
        try:
            house = House("Bench", "Europe/Copenhagen", SqlFacts(store, "Europe/Copenhagen"))
            fill(store, calls)
            for month in range(1, months):
                _again(store, month)
            table = _table(calls, months, list(_measured(house, months)))
        finally:
            store.close()
    click.echo(table)
    if write is not None:
        write.write_text(table + "\n", encoding="utf-8")


def fill(store: "SqlStore", calls: int) -> None:
    """So many interactions of a month."""
    from voicebot.records.fact_rows import keep

    begin = datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC)
    rng = Random(7)  # noqa: S311 - the same interactions each time; chance guards nothing here
    with click.progressbar(length=calls, label="Making interactions up") as bar:
        for done in range(0, calls, AT_ONCE):
            numbers = range(done, min(done + AT_ONCE, calls))
            with store.writing() as books:
                made_up = (_interaction(rng, f"call-{one}", begin + timedelta(days=rng.randrange(DAYS))) for one in numbers)
                keep(books, *made_up)
            bar.update(len(numbers))


def _again(store: "SqlStore", month: int) -> None:
    """What the first month adds to sums, so many months later."""
    from voicebot.records.schema import fact_counts

    moved = {"quarter": f"quarter + {month * DAYS * 86_400}", "call_id": f"call_id || '-{month}'"}
    names = fact_counts.c.keys()
    end = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp()) + DAYS * 86_400
    with store.writing() as books:
        books.connection.exec_driver_sql(
            f"INSERT INTO fact_counts ({', '.join(names)}) "  # noqa: S608 - all names are ours
            f"SELECT {', '.join(moved.get(name, name) for name in names)} FROM fact_counts "
            f"WHERE quarter < {end} ORDER BY part, quarter"
        )


def _interaction(rng: Random, call_id: str, day: datetime) -> "Facts":
    from voicebot.facts.interaction import Facts, Outcome, Spell, Stay

    at = day + timedelta(seconds=rng.randrange(12 * 3600))
    queue, agent = f"queue-{rng.randrange(6)}", f"agent-{rng.randrange(40)}"
    joined = at + timedelta(seconds=rng.randrange(20, 60))
    met = joined + timedelta(seconds=rng.randrange(120))
    over = met + timedelta(seconds=rng.randrange(30, 600))
    served = rng.random() < 0.9
    stay = Stay(queue, joined, met, Outcome.ANSWERED if served else Outcome.ABANDONED)
    spells = (Spell(agent, queue, met, over, wrap_up=timedelta(seconds=rng.randrange(60))),) if served else ()
    ending, code = ("served", f"code-{rng.randrange(8)}") if served else ("abandoned", "")
    line, language = f"line-{rng.randrange(3)}", rng.choice(("en", "fr", "da", "ko"))
    return Facts(call_id, at, over, line, language, ending, "verified", code, (stay,), spells, verified_at=joined)


def _measured(house: "House", months: int) -> Iterator[tuple[str, int, float]]:
    """(what, rows, seconds) of each."""
    from voicebot.facts.periods import Period
    from voicebot.reports.files import written
    from voicebot.reports.library import LIBRARY
    from voicebot.reports.making import Asked, Report, make

    def report(name: str, length: timedelta, period: Period | None = None) -> tuple[Report, float]:
        asked = Asked(FIRST, FIRST + length, period=period)
        return _timed(lambda: make(house, LIBRARY[name], asked, datetime.now(UTC)))

    asked_for = (("queues", None), ("agents", None), ("interactions", None), ("queues", Period.DAY), ("intervals", None))
    lengths = [("a month", A_MONTH), ("a year", A_YEAR)]
    for words, length in lengths if months == 12 else lengths[:1]:
        for name, period in asked_for:
            made, took = report(name, length, period)
            yield f"{name}{f' by {period}' if period else ''}, {words}", len(made.rows), took
    made, _ = report("intervals", A_YEAR)
    paper = made.rows[:PAPER]
    for kind in ("csv", "xlsx", "pdf"):
        _, took = _timed(partial(written, replace(made, rows=paper), kind))
        yield f"{kind.upper()} of the intervals", len(paper), took


def _timed(do: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return do(), time.monotonic() - began


def _table(calls: int, months: int, rows: list[tuple[str, int, float]]) -> str:
    lines = [f"| {what} | {many:,} | {took:.2f} |" for what, many, took in rows]
    of_journal = f"about {calls * ROWS_OF_A_CALL:,} rows of journal"
    machine = f"SQLite, Python {platform.python_version()}, {os.cpu_count()} cores"
    about = f"Months: {months}, interactions of each: {calls:,} ({of_journal}), {machine}"
    return "\n".join([about, "", "| Report | rows | seconds |", "|-|-|-|", *lines])
