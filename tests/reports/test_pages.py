"""The page of a report: for supervisors, recorded, with filters, ways down to the interactions, and the same as files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Blueprint

from tests.pages.stage import AGENTS, PAYLOAD, Browser, Stage, open_stage
from tests.reports.made import BUSY, NOON, QUIET, Told
from voicebot.facts.periods import Period
from voicebot.facts.tally import Tally
from voicebot.pages.roles import Access
from voicebot.pages.room import PageRoom
from voicebot.ports.facts import By, Sum
from voicebot.reports.drawing import FOOT, drawn
from voicebot.reports.files import MOST_ON_PAPER
from voicebot.reports.library import Kind
from voicebot.reports.maker import MOST_ROWS, Here
from voicebot.reports.making import House, Plot
from voicebot.reports.pages import BAD_DAY, TOO_LONG, ReportsHouse
from voicebot.reports.room import create_reports

ZONE = "Europe/Copenhagen"
CHOICES = {By.QUEUE: {"billing": "billing"}, By.CODE: {"refund": "Refund"}}


@dataclass
class Reports:
    """The pages over facts that are what one says."""

    stage: Stage
    told: Told
    record: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def signed_in(self, agent: str = "vera") -> Browser:
        browser = self.stage.browser()
        browser.sign_in(agent)
        return browser


def found_there() -> PageRoom:
    """In place of the desk, to which the ways down lead."""
    room = Blueprint("desk", __name__)
    room.add_url_rule("/interactions", "find", lambda: "found", methods=["POST"])
    return PageRoom(room, {"find": Access.SUPERVISOR})


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    told = Told([Sum(None, ("billing",), BUSY), Sum(None, (PAYLOAD,), QUIET)])
    record: list[tuple[str, dict[str, str]]] = []
    house = ReportsHouse(
        Here(House("Larkfield Water", ZONE, told)), ZONE, CHOICES, lambda: NOON,
        lambda who, facts: record.append((who, dict(facts))),
    )  # fmt: skip
    stage = open_stage(tmp_path, [create_reports(house), found_there()])
    for agent in AGENTS:
        stage.set_password(agent.id)
    yield Reports(stage, told, record)
    stage.close()


@pytest.mark.parametrize("path", ["/reports", "/reports/queues", "/reports/queues/csv"])
def test_reports_are_for_supervisors(reports: Reports, path: str) -> None:
    assert [reports.signed_in(agent).get(path).status_code for agent in ("mira", "vera", "ada")] == [403, 200, 200]
    assert {who for who, _ in reports.record} <= {"vera", "ada"}


def test_a_report_shows_its_figures_and_that_is_recorded(reports: Reports) -> None:
    page = reports.signed_in().get("/reports/queues").text
    for expected in ("66.7 %", "0:02:05", "Larkfield Water, 2026-02-24 to 2026-03-02", "<title>billing: 10</title>"):
        assert expected in page
    assert PAYLOAD not in page
    assert reports.record == [("vera", {"report": "queues", "first": "2026-02-24", "last": "2026-03-02", "format": "page"})]


def test_filters_reach_the_facts_and_the_files(reports: Reports) -> None:
    reports.told.found = [Sum(NOON, ("billing",), BUSY)]
    page = reports.signed_in().get("/reports/queues?first=2026-03-01&last=2026-03-02&queue=billing&period=hour&code=refund").text
    wanted = reports.told.wanted
    assert wanted is not None
    assert (wanted.only, wanted.until - wanted.since) == ({By.QUEUE: "billing", By.CODE: "refund"}, timedelta(days=2))
    assert "/reports/queues/pdf?first=2026-03-01&amp;last=2026-03-02&amp;queue=billing&amp;code=refund&amp;period=hour" in page
    assert '<option value="refund" selected>' in page


def test_a_row_leads_to_its_interactions(reports: Reports) -> None:
    reports.told.found = [Sum(NOON, ("billing",), BUSY)]
    browser = reports.signed_in()
    page = browser.get(f"/reports/queues?first=2026-03-01&last=2026-03-31&code=refund&period={Period.DAY}").text
    for name, value in (("since", "2026-03-02"), ("until", "2026-03-02"), ("queue", "billing"), ("wrap_up", "refund")):
        assert f'name="{name}" value="{value}"' in page
    page = browser.get(f"/reports/queues?first=2026-03-01&last=2026-03-31&period={Period.WEEK}").text
    assert 'name="until" value="2026-03-31"' in page
    assert browser.post("/interactions", since="2026-03-02").text == "found"


def test_a_file_is_the_same_report(reports: Reports) -> None:
    answer = reports.signed_in().get("/reports/queues/csv?first=2026-03-02&last=2026-03-02")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="queues-2026-03-02-2026-03-02.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "billing,10,7,6,0.666667" in answer.text
    assert reports.record[-1][1]["format"] == "csv"


@pytest.mark.parametrize(
    ("query", "trouble"),
    [
        ("first=yesterday", BAD_DAY), ("first=2020-01-01&last=2026-01-01", TOO_LONG),
        ("first=2026-03-02&last=2026-03-01", "is before the first"), ("first=9999-12-31", "Days are from 1970 to 2999"),
    ],
)  # fmt: skip
def test_days_that_are_none_are_said_to_be(reports: Reports, query: str, trouble: str) -> None:
    browser = reports.signed_in()
    answer = browser.get(f"/reports/queues?{query}&queue=billing")
    assert answer.status_code == 200
    assert trouble in answer.text
    assert "2026-02-24 to 2026-03-02" in answer.text
    assert browser.get(f"/reports/queues/csv?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/reports/shoes", "/reports/shoes/csv", "/reports/queues/docx"])
def test_what_is_not_there_is_not_found(reports: Reports, path: str) -> None:
    assert reports.signed_in().get(path).status_code == 404


def test_a_page_shows_the_first_rows_and_says_so_and_paper_has_its_limit(reports: Reports) -> None:
    long = [Sum(None, (f"q{number:05}",), Tally(offered=1)) for number in range(MOST_ON_PAPER + 1)]
    reports.told.found = long[: MOST_ROWS + 1]
    browser = reports.signed_in()
    page = browser.get("/reports/queues").text
    assert f"The first {MOST_ROWS} of {MOST_ROWS + 1} rows" in page
    assert f"q{MOST_ROWS:05}</td>" not in page
    reports.told.found = long
    answer = browser.get("/reports/queues/pdf")
    assert answer.status_code == 409
    assert "fewer days" in answer.text


def test_the_highest_bar_has_the_room_and_one_of_nothing_none() -> None:
    drawing = drawn(Plot("Wait", Kind.LENGTH, ("a", "b", "c"), (timedelta(seconds=10), None, timedelta(seconds=20))))
    assert drawing.highest == "0:00:20"
    assert [bar.height for bar in drawing.bars] == [FOOT * 0.95 / 2, 0, FOOT * 0.95]
    assert [bar.words for bar in drawing.bars] == ["a: 0:00:10", "b: –", "c: 0:00:20"]
    assert len({bar.label for bar in drawn(Plot("Calls", Kind.COUNT, tuple(map(str, range(60))), (1,) * 60)).bars}) == 9
