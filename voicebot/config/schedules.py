"""`[schedules.NAME]`: which reports are made by themselves, of which days, when, and where they go."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from voicebot.config.mail import LIKE_ADDRESS, MailServer, is_address
from voicebot.config.tables import Table
from voicebot.ports.facts import By

# As the library of reports has them; a test compares the two.
REPORTS = (
    "agents", "queues", "interactions", "verification", "funnel", "unproven", "security", "payments", "abandonment", "callbacks",
    "outbound", "unreached", "satisfaction", "scores", "evaluations", "marks", "codes", "intervals",
)  # fmt: skip
TIME = r"([01]\d|2[0-3]):[0-5]\d"
WEBHOOK = r"https://[^\s/@?#]+(/[^\s#]*)?"
MOST_RECIPIENTS = 20
FILTER = re.compile(rf"({'|'.join(By)})=(.{{1,100}})")


class Covers(StrEnum):
    """The last whole one of these is what a run is about."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


class FileKind(StrEnum):
    """What is written."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True)
class Schedule:
    """`at` is in the company's time zone: each day, each Monday, or each first of a month. `folder` is within the data directory
    unless it is absolute.
    """

    name: str
    reports: tuple[str, ...]
    covers: Covers
    at: time
    kind: FileKind
    folder: Path
    only: Mapping[By, str] = field(default_factory=dict)
    webhook: str = ""
    mail: tuple[str, ...] = field(default=(), repr=False)

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first time after this moment, both aware. At an hour that comes twice it runs at the first; one that is left out is
        taken as the hour after.
        """
        day = moment.astimezone(zone).date()
        while True:
            when = datetime.combine(day, self.at, zone)
            if self._is_a_day(day) and when > moment:
                return when
            day += timedelta(days=1)

    def days(self, moment: datetime, zone: ZoneInfo) -> tuple[date, date]:
        """(first, last) of the last whole day, week or month before the moment."""
        today = moment.astimezone(zone).date()
        match self.covers:
            case Covers.DAY:
                first = last = today - timedelta(days=1)
            case Covers.WEEK:
                last = today - timedelta(days=today.weekday() + 1)
                first = last - timedelta(days=6)
            case Covers.MONTH:
                last = today.replace(day=1) - timedelta(days=1)
                first = last.replace(day=1)
        return first, last

    def _is_a_day(self, day: date) -> bool:
        return {Covers.DAY: True, Covers.WEEK: day.weekday() == 0, Covers.MONTH: day.day == 1}[self.covers]


def read_schedules(file: Table) -> tuple[Schedule, ...]:
    """All of them. What is wrong is complained about."""
    return tuple(_schedule(name, table) for name, table in file.tables("schedules"))


def missing_reports_secret(schedules: Sequence[Schedule], secret: str) -> list[str]:
    """What the environment lacks, as complaints; empty if nothing."""
    wanting = [one.name for one in schedules if one.webhook and not secret]
    why = "is needed for schedules.{}.webhook: what is sent there is signed with it"
    return [f".env or environment: VOICEBOT_REPORTS_SECRET: {why.format(name)}" for name in wanting[:1]]


def missing_mail_server(schedules: Sequence[Schedule], server: MailServer | None) -> list[str]:
    """The same for schedules that send letters."""
    wanting = [one.name for one in schedules if one.mail and server is None]
    why = "is needed for schedules.{}.mail: the mail server that takes its letters"
    return [f".env or environment: VOICEBOT_SMTP_HOST: {why.format(name)}" for name in wanting[:1]]


def _schedule(name: str, table: Table) -> Schedule:
    schedule = Schedule(
        name,
        table.some_of("reports", REPORTS),
        table.choice("covers", Covers.DAY),
        time.fromisoformat(table.text("at", "06:00", like=TIME, what='a time like "06:00"') or "06:00"),
        table.choice("format", FileKind.PDF),
        Path(table.text("folder", "reports")),
        dict(_filters(table)),
        table.text("webhook", "", like=WEBHOOK, what="an https:// address without a name or password in it"),
        _recipients(table),
    )
    table.close()
    return schedule


def _recipients(table: Table) -> tuple[str, ...]:
    named = table.texts("mail", ())
    for at, text in enumerate(named, 1):
        if not is_address(text):
            table.wrong("mail", f"holds {LIKE_ADDRESS}; number {at} is none")
    if len(named) > MOST_RECIPIENTS:
        table.wrong("mail", f"holds at most {MOST_RECIPIENTS}: use an address of the mail server that passes it on")
    return tuple(filter(is_address, named))


def _filters(table: Table) -> Iterator[tuple[By, str]]:
    for text in table.texts("only", ()):
        if (found := FILTER.fullmatch(text)) is None:
            table.wrong("only", f'holds filters like "queue=billing" by one of {", ".join(By)}, not {text!r}')
        else:
            yield By(found[1]), found[2]
