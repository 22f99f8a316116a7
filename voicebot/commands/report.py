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

class Day(click.DateTime):
    """As people write it: what is wrong is said in their words."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day, at midnight."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day; write it like 2026-03-01", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  click's names
        """In the list of options."""
        return "DAY"


DAY = Day()
NAMES = REPORTS
FORMATS = ("csv", "xlsx", "pdf")
PERIODS = ("15min", "30min", "hour", "day", "week", "month")


@click.command("report", epilog=f"NAME is one of {', '.join(NAMES)}.")
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
    """Write a report as a file. docs/reports.md says what each shows.

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
    path = write or Path(_named(name, asked.first, asked.last, kind))
    if not path.parent.is_dir():
        raise click.UsageError(f"{path}: there is no folder {path.parent}; make it, or write elsewhere with --write")
    with office(config, Task.REPORTS) as at:
        company = at.settings.company
        facts = SqlFacts(at.store, company.time_zone)
        _count_the_rest(FactMaking(at.store))
        house = ReportHouse(company.name, company.time_zone, facts, company.desk.targets, company.desk.assumed)
        report = make(house, LIBRARY[name], asked, now())
        _put(path, written(report, kind))
        told = {"report": name, "first": str(asked.first), "last": str(asked.last), "format": kind}
        at.audit.write(at.who, Deed.REPORTED, now(), facts=told)
    click.echo(f"{path}: {len(report.rows)} rows, {asked.first} to {asked.last}")
    if report.missing:
        click.echo(f"{report.missing} interactions could not be counted: their journals cannot be read", err=True)


def _put(path: Path, content: bytes) -> None:
    from voicebot.reports.batches import put

    try:
        put(path.parent, path.name, content)
    except OSError as error:
        raise click.ClickException(f"{path} could not be written ({error.strerror}); what was there is as it was") from None


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
