"""`facts`: what reports sum, made anew from the journals. Decides nothing: `records.fact_making` does it."""

import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from voicebot.commands.customer_office import now, office
from voicebot.commands.report import DAY
from voicebot.config.operators import Task

if TYPE_CHECKING:
    from voicebot.records.fact_making import FactMaking


@click.group("facts")
def command() -> None:
    """What reports sum: one row of facts for each interaction, kept since it ended."""


@command.command("remake")
@click.option("--from", "first", type=DAY, help="The first day, in the company's time zone. [default: of the first call]")
@click.option("--to", "last", type=DAY, help="The last day, included. [default: today]")
@click.pass_obj
def remake(config: Path, first: datetime | None, last: datetime | None) -> None:
    """Make the facts of interactions anew from their journals, day by day: after a release that counts something better.

    Calls go on meanwhile, and reports show the old figures until the new ones are there. It may be ended, and run again.
    """
    from voicebot.records.fact_making import FactMaking

    with office(config, Task.REPORTS) as at:
        zone, making = ZoneInfo(at.settings.company.time_zone), FactMaking(at.store)
        began = first or making.first()
        if began is None:
            click.echo("There are no interactions yet.")
            return
        begin = first.date() if first else began.astimezone(zone).date()
        end = last.date() if last else now().astimezone(zone).date()
        if end < begin:
            raise click.UsageError(f"the last day, {end}, is before the first, {begin}")
        many = _remade(making, begin, end, zone)
        left = making.missing()
    click.echo(f"{many} interactions, {begin} to {end}: their facts are made anew")
    if left:
        click.echo(f"{left} interactions could not be counted: their journals cannot be read", err=True)


def _remade(making: "FactMaking", begin: date, end: date, zone: ZoneInfo) -> int:
    """How many interactions there were. Only a day's are listed at a time, and only a few are in memory."""
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    many = 0
    with click.progressbar(days, label="Days", show_pos=True, file=sys.stderr) as bar:
        for day in bar:
            many += making.list_again(*(datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1))))
            began = monotonic()
            for _ in making.make_all():
                sleep(monotonic() - began)  # so long it has kept others from writing, and so long it lets them
                began = monotonic()
    return many
