"""A supervisor reads reports of a robots' day in a real browser: figures, filters, files, and the interactions behind a row."""

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, Page, complaints
from tests.browser.test_desk import PATIENCE, Links, links
from tests.reports.book import Book, differences
from tests.reports.day import DAY, a_day
from voicebot.keyring import Keyring
from voicebot.records.store import open_store
from voicebot.reports.cells import shown
from voicebot.reports.making import Report

__all__ = ["links"]
pytestmark = pytest.mark.slow
CALLS = 60


@pytest.fixture
def lived(tmp_path: Path) -> tuple[Book, dict[str, Report]]:
    """Before the server is there: its database has that day."""
    data = tmp_path / "data"
    data.mkdir()
    store = open_store(f"sqlite:///{data}/voicebot.db", Keyring.open(data / "keys"))
    try:
        book, reports = a_day(store, CALLS, 3)
    finally:
        store.close()
    return book, {one.name: one for one in reports}


def table(page: Page) -> list[list[str]]:
    """The rows as they stand there, without the way down."""
    rows = page.locator("tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("td").all()][:-1] for row in rows]


def test_reports_are_read_filtered_taken_away_and_followed(
    lived: tuple[Book, dict[str, Report]], links: Links, chrome: Chrome, pictures: Path
) -> None:
    book, reports = lived
    queues = reports["queues"]
    assert differences(book, queues) == []
    with chrome() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 960}, accept_downloads=True).new_page()
        wrong = complaints(page)
        page.goto(links.of(next(name for name in links.ways_in if "Jonas" not in name and "Mira" not in name)))
        page.get_by_role("button", name=re.compile("^Sign in as")).click()
        page.get_by_role("link", name="Reports").click(timeout=PATIENCE)
        page.get_by_role("link", name="Queues").first.click(timeout=PATIENCE)
        page.fill("#first", str(DAY - timedelta(days=1)))  # the company's day is another one
        page.fill("#last", str(DAY + timedelta(days=1)))
        page.get_by_role("button", name="Show").click()
        page.locator("tfoot").wait_for(timeout=PATIENCE)
        cells = [[shown(value, one.kind) for value, one in zip(row, queues.heads, strict=True)] for row in queues.rows]
        assert table(page) == cells
        assert page.locator("tbody tr").first.bounding_box()["height"] < 60  # no name is broken letter by letter
        page.screenshot(path=pictures / "reports.png", full_page=True)

        with page.expect_download() as coming:
            page.get_by_role("link", name="CSV").click()
        taken = list(csv.reader(Path(coming.value.path()).read_text("utf-8-sig").splitlines()))
        assert [row[:2] for row in taken[1:]] == [row[:2] for row in cells]

        page.select_option("#queue", "billing")
        page.get_by_role("button", name="Show").click()
        page.locator(".take", has_text="Queue: billing").wait_for(timeout=PATIENCE)
        assert table(page) == [row for row in cells if row[0] == "billing"]

        page.select_option("#period", "hour")
        page.get_by_role("button", name="Show").click()
        page.locator("thead th", has_text="Began").wait_for(timeout=PATIENCE)
        hourly = table(page)
        offered = next(row[1] for row in cells if row[0] == "billing")
        assert len(hourly) > 3
        assert sum(int(row[2]) for row in hourly) == int(offered)

        page.locator("tbody tr").first.get_by_role("button", name="Interactions").click()
        page.locator("tbody tr", has_text="billing").first.wait_for(timeout=PATIENCE)
        assert wrong == []
