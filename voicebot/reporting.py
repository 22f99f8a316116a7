"""Composes the making of reports in a process of its own: plain rows of the database, no keys, no line. Decides nothing."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from voicebot.facts.sums import Targets
from voicebot.facts.tally import Assumed
from voicebot.logs import set_up_logging
from voicebot.records.facts import SqlFacts
from voicebot.records.read_only import ReadOnly
from voicebot.reports.apart import LIMIT, Apart
from voicebot.reports.maker import Here
from voicebot.reports.making import House

if TYPE_CHECKING:  # the other process needs none of it
    from voicebot.config.settings import Settings


@dataclass(frozen=True)
class Source:
    """What another process must know to make reports. The database's URL may hold its password, so it is not shown."""

    database_url: str = field(repr=False)
    company: str
    zone: str
    targets: Targets
    assumed: Assumed
    log_level: str
    limit: timedelta


def open_maker(source: Source) -> Here:
    """In the other process."""
    set_up_logging(source.log_level)
    facts = SqlFacts(ReadOnly(source.database_url, source.limit.total_seconds()), source.zone)
    return Here(House(source.company, source.zone, facts, source.targets, source.assumed))


def reports_apart(settings: "Settings", limit: timedelta = LIMIT) -> Apart:
    """Nothing is started before somebody wants a report."""
    company, deployment = settings.company, settings.deployment
    desk = company.desk
    source = Source(
        deployment.database_url, company.name, company.time_zone, desk.targets, desk.assumed, deployment.log_level, limit
    )
    return Apart(partial(open_maker, source), limit)
