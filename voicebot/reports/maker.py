"""Who makes reports: for a page its first rows, for anything else a whole file. Here it is done in this very process."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from voicebot.reports.files import written
from voicebot.reports.library import LIBRARY
from voicebot.reports.making import Asked, House, Report, make

MOST_ROWS = 500  # on a page; files have all


@dataclass(frozen=True)
class Page:
    """A report's first rows, and how many it has."""

    report: Report
    many: int


class Maker(Protocol):
    """Makes reports of the library by name. Raises ReportRefused, ReportUnavailable and what the database raises."""

    def page(self, name: str, asked: Asked, now: datetime) -> Page:
        """As much as a page shows."""
        ...

    def file(self, name: str, asked: Asked, kind: str, now: datetime) -> bytes:
        """The content of a file; `kind` is one of `files.TYPES`."""
        ...


@dataclass(frozen=True)
class Here:
    """In this process, on the thread that asks: for commands, which do nothing else, and for the process that `Apart` starts."""

    house: House

    def page(self, name: str, asked: Asked, now: datetime) -> Page:
        """As much as a page shows."""
        report = make(self.house, LIBRARY[name], asked, now)
        return Page(replace(report, rows=report.rows[:MOST_ROWS]), len(report.rows))

    def file(self, name: str, asked: Asked, kind: str, now: datetime) -> bytes:
        """The content of a file."""
        return written(make(self.house, LIBRARY[name], asked, now), kind)
