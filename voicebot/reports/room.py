"""Puts the pages of reports together: the house goes in, pages for the shell come out."""

from collections.abc import Sequence
from pathlib import Path

from flask import Blueprint

from voicebot.config.schedules import Schedule
from voicebot.pages.room import Entry, PageRoom
from voicebot.ports.report_runs import ReportRuns
from voicebot.reports.pages import ReportPages, ReportsHouse
from voicebot.reports.schedule_pages import SchedulePages

HERE = Path(__file__).parent


def create_reports(house: ReportsHouse, schedules: Sequence[Schedule] = (), runs: ReportRuns | None = None) -> PageRoom:
    """The room; with a page of schedules where there is something that runs them."""
    blueprint = Blueprint("reports", __name__, template_folder="templates")
    access = ReportPages(house).register(blueprint)
    if runs is not None:
        access |= SchedulePages(house, schedules, runs).register(blueprint)
    return PageRoom(blueprint, access, (Entry("Reports", "reports.library"),), files=HERE / "assets")
