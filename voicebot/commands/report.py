"""`report`: one report of the library as a file. Decides nothing: the room `reports` makes it."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voicebot.commands.customer_office import now, office
from voicebot.config.operators import Task
from voicebot.config.schedules import REPORTS

if TYPE_CHECKING:
    from voicebot.ports.facts import By
    from voicebot.records.fact_making import FactMaking

DAY = click.DateTime(["%Y-%m-%d"])
NAMES = REPORTS
FORMATS = ("csv", "xlsx", "pdf")
PERIODS = ("15min", "30min", "hour", "day", "week", "month")


@click.command("report")
@click.argument("name", metavar="NAME", type=click.Choice(NAMES))
@click.option("--from", "first", type=DAY, required=True, help="The first day, like 2026-03-01, in the company's time zone.")
@click.option("--to", "last", type=DAY, required=True, help="The last day, included.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="csv", show_default=True, help="What kind of file.")
@click.option("--by", "period", type=click.Choice(PERIODS), help="Tell time apart: 15min, 30min, hour, day, week, month.")
@click.option("--only", multiple=True, metavar="WHAT=VALUE", help="Only this queue, agent, line…: docs/reports.md.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="The file. [default: NAME-FROM-TO.FORMAT]")
@click.pass_obj
def command(
    config: Path, name: str, first: datetime, last: datetime, kind: str, period: str | None, only: tuple[str, ...],
    write: Path | None,
) -> None:  # fmt: skip
    """Write a report: agents, queues, interactions, verification, funnel, unproven, security, payments, abandonment,
    callbacks, satisfaction, codes or intervals.

    Interactions that are over and not counted yet are counted first. That a report was made is recorded (customers audit).
    """
    from voicebot.facts.periods import Period
    from voicebot.records.audit import Deed
    from voicebot.records.fact_making import FactMaking
    from voicebot.records.facts import SqlFacts
    from voicebot.reports.files import written
    from voicebot.reports.library import LIBRARY
    from voicebot.reports.making import Asked, make
    from voicebot.reports.making import House as ReportHouse

    filters = _filters(only)
    try:
        asked = Asked(first.date(), last.date(), filters, Period(period) if period else None)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    with office(config, Task.REPORTS) as at:
        company = at.settings.company
        facts = SqlFacts(at.store, company.time_zone)
        _count_the_rest(FactMaking(at.store))
        house = ReportHouse(company.name, company.time_zone, facts, company.desk.targets, company.desk.assumed)
        report = make(house, LIBRARY[name], asked, now())
        content = written(report, kind)
        told = {"report": name, "first": str(asked.first), "last": str(asked.last), "format": kind}
        at.audit.write(at.who, Deed.REPORTED, now(), facts=told)
    path = write or Path(_named(name, asked.first, asked.last, kind))
    path.write_bytes(content)
    click.echo(f"{path}: {len(report.rows)} rows, {asked.first} to {asked.last}")
    if report.missing:
        click.echo(f"{report.missing} interactions could not be counted: their journals cannot be read", err=True)


def _named(name: str, first: date, last: date, kind: str) -> str:
    return f"{name}-{first}-{last}.{kind}"


def _filters(only: tuple[str, ...]) -> dict["By", str]:
    from voicebot.ports.facts import By

    found = {}
    for one in only:
        what, equals, value = one.partition("=")
        if what not in set(By) or not equals:
            raise click.UsageError(f"--only {one}: it is WHAT=VALUE, and WHAT is one of {', '.join(By)}")
        found[By(what)] = value
    return found


def _count_the_rest(facts: "FactMaking") -> None:
    """With a bar on a terminal."""
    missing = facts.missing()
    if not missing:
        return
    bar: Any
    with click.progressbar(length=missing, label="Counting interactions", file=sys.stderr) as bar:
        for made in facts.make_all():
            bar.update(made)
