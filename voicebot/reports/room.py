"""Puts the pages of reports together: the house goes in, pages for the shell come out."""

from pathlib import Path

from flask import Blueprint

from voicebot.pages.room import Entry, PageRoom
from voicebot.reports.pages import ReportPages, ReportsHouse

HERE = Path(__file__).parent


def create_reports(house: ReportsHouse) -> PageRoom:
    """The room."""
    blueprint = Blueprint("reports", __name__, template_folder="templates")
    access = ReportPages(house).register(blueprint)
    return PageRoom(blueprint, access, (Entry("Reports", "reports.library"),), files=HERE / "assets")
