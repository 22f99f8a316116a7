"""When scheduled reports are due, which days they cover, and what is wrong with a schedule."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from voicebot.config.mail import MailServer, Security
from voicebot.config.schedules import (
    REPORTS,
    Covers,
    FileKind,
    Schedule,
    missing_mail_server,
    missing_reports_secret,
    read_schedules,
)
from voicebot.config.tables import Complaints, Table
from voicebot.ports.facts import By
from voicebot.reports.files import TYPES
from voicebot.reports.library import LIBRARY

ZONE = ZoneInfo("Europe/Copenhagen")


def schedule(covers: Covers = Covers.DAY, at: str = "06:00") -> Schedule:
    return Schedule("one", ("queues",), covers, time.fromisoformat(at), FileKind.CSV, Path("reports"))


def read(**keys: Any) -> tuple[tuple[Schedule, ...], list[str]]:
    complaints = Complaints("t")
    found = read_schedules(Table({"schedules": {"one": keys}}, "", complaints))
    return found, complaints.found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("covers", "after", "due", "first", "last"),
    [
        (Covers.DAY, "2026-03-04 05:59", "2026-03-04 06:00", "2026-03-03", "2026-03-03"),
        (Covers.DAY, "2026-03-04 06:00", "2026-03-05 06:00", "2026-03-04", "2026-03-04"),
        (Covers.WEEK, "2026-03-04 12:00", "2026-03-09 06:00", "2026-03-02", "2026-03-08"),
        (Covers.MONTH, "2026-01-15 12:00", "2026-02-01 06:00", "2026-01-01", "2026-01-31"),
        (Covers.MONTH, "2028-02-15 12:00", "2028-03-01 06:00", "2028-02-01", "2028-02-29"),
    ],
)
def test_a_schedule_is_due_and_covers_what_was_whole_by_then(covers: Covers, after: str, due: str, first: str, last: str) -> None:
    at = schedule(covers).next_after(moment(after), ZONE)
    assert at == moment(due)
    assert schedule(covers).days(at, ZONE) == (date.fromisoformat(first), date.fromisoformat(last))


def test_days_are_those_of_the_company() -> None:
    late = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)  # half past midnight there
    assert schedule().days(late, ZONE) == (date(2026, 3, 4), date(2026, 3, 4))


def test_summer_time_leaves_no_run_out_and_makes_none_twice() -> None:
    night = schedule(at="02:30")
    spring = night.next_after(moment("2026-03-28 12:00"), ZONE)  # there is no half past two
    assert spring.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert night.next_after(spring, ZONE).date() == date(2026, 3, 30)
    autumn = night.next_after(moment("2026-10-24 12:00"), ZONE)
    assert autumn.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert night.next_after(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ZONE).date() == date(2026, 10, 26)


def test_a_schedule_is_read_with_its_defaults() -> None:
    found, wrong = read(reports=["queues", "funnel"], only=["queue=billing"])
    expected = Schedule(
        "one", ("queues", "funnel"), Covers.DAY, time(6), FileKind.PDF, Path("reports"), {By.QUEUE: "billing"},
    )  # fmt: skip
    assert (found, wrong) == ((expected,), [])


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("reports", ["shoes"], "reports"), ("covers", "year", "covers"), ("at", "6 am", "at"), ("at", "24:00", "at"),
        ("format", "docx", "format"), ("only", ["shoe=9"], "only"), ("only", ["queue="], "only"), ("when", "now", "when"),
        ("webhook", "http://example.com", "webhook"), ("webhook", "https://a:b@example.com/", "webhook"),
        ("mail", ["ada@example.com", "ben"], "mail"), ("mail", [f"a{n}@example.com" for n in range(21)], "mail"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(key: str, value: object, complaint: str) -> None:
    _, wrong = read(**{"reports": ["queues"], key: value})
    assert len(wrong) == 1
    assert f"schedules.one.{complaint}" in wrong[0]


def test_a_webhook_needs_a_secret() -> None:
    found, wrong = read(reports=["queues"], webhook="https://example.com/in?to=us")
    assert (found[0].webhook, wrong) == ("https://example.com/in?to=us", [])
    assert "schedules.one.webhook" in missing_reports_secret(found, "")[0]
    assert missing_reports_secret(found, "a secret of ours") == missing_reports_secret([schedule()], "") == []


def test_letters_need_a_mail_server() -> None:
    found, wrong = read(reports=["queues"], mail=["ada@example.com"])
    assert (found[0].mail, wrong) == (("ada@example.com",), [])
    assert "schedules.one.mail" in missing_mail_server(found, None)[0]
    server = MailServer("localhost", 25, Security.NONE, "a@example.com")
    assert missing_mail_server(found, server) == missing_mail_server([schedule()], None) == []


def test_schedules_know_the_library_and_its_files() -> None:
    assert (tuple(LIBRARY), tuple(TYPES)) == (REPORTS, tuple(FileKind))
