"""The page of scheduled reports: what runs when, what became of the last run, and once more at the push of a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from voicebot.config.schedules import Schedule
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.ports.report_runs import ReportRuns, Run
from voicebot.reports.pages import ReportsHouse


@dataclass(frozen=True)
class SchedulePages:
    """The views."""

    house: ReportsHouse
    schedules: Sequence[Schedule]
    runs: ReportRuns

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Supervisors look; what goes where is an admin's to start."""
        room.add_url_rule("/reports/schedules", "schedules", self.show)
        room.add_url_rule("/reports/schedules/<name>/run", "run", self.run, methods=["POST"])
        return {"schedules": Access.SUPERVISOR, "run": Access.ADMIN}

    def show(self) -> str:
        """All of them."""
        runs = {run.schedule: run for run in self.runs.all()}
        told = [self._told(one, runs.get(one.name)) for one in self.schedules]
        return render_template("reports/schedules.html", schedules=told)

    def run(self, name: str) -> Response:
        """Within seconds, by whichever process looks first."""
        if name not in {one.name for one in self.schedules}:
            abort(404)
        self.house.recorded(signed_in().person.id, {"schedule": name, "asked": "run now"})
        self.runs.again(name, self.house.now())
        return redirect(url_for("reports.schedules"))

    def _told(self, schedule: Schedule, run: Run | None) -> dict[str, Any]:
        ran = run is not None and run.ran_at is not None
        outcome = (run.trouble or "done") if run is not None and ran else "has not run yet"
        return {
            "plan": schedule,
            "ran": self._time(run.ran_at) if run is not None else "",
            "days": f"{run.first} to {run.last}" if run is not None and ran else "",
            "outcome": outcome,
            "next": self._time(run.due_at) if run is not None else "when the server starts",
        }

    def _time(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(ZoneInfo(self.house.zone)):%Y-%m-%d %H:%M}"
