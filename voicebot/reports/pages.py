"""Reports on a page: filters, plots, the table, ways down to the interactions, and the same report as a file.

Filters stand in the address, so that a report can be kept as a bookmark: none of them tells who a customer is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.datastructures import MultiDict

from voicebot.errors import ReportRefused, ReportUnavailable
from voicebot.facts.periods import Period
from voicebot.pages.gate import signed_in
from voicebot.pages.roles import Access
from voicebot.ports.facts import By
from voicebot.reports.cells import shown
from voicebot.reports.drawing import drawn
from voicebot.reports.files import TYPES
from voicebot.reports.library import LIBRARY, Definition
from voicebot.reports.maker import Maker
from voicebot.reports.making import WORDS, Asked, Cell, Report

USUAL = timedelta(days=6)  # before today
LONGEST = timedelta(days=1100)
BAD_DAY = "A date is written like 2026-03-31."
TOO_LONG = "A report is of three years at most."
# Where the page of interactions calls something by another name.
THERE = {By.CODE: "wrap_up"}
# Interactions cannot be found by these.
NOT_THERE = (By.STEP, By.ATTEMPT, By.MODALITY, By.REASON, By.EVENT, By.WAY, By.KIND, By.SCORE)


@dataclass(frozen=True)
class ReportsHouse:
    """`zone`: the company's time zone. `choices`: what can be filtered by, value -> words. `interactions`: the address that finds
    interactions.

    `scheduled`: there is a page of schedules. `recorded(who, facts)` writes down that somebody saw a report, before they see it.
    """

    maker: Maker
    zone: str
    choices: Mapping[By, Mapping[str, str]]
    now: Callable[[], datetime]
    recorded: Callable[[str, Mapping[str, str]], None]
    interactions: str = "desk.find"
    scheduled: bool = False


class ReportPages:
    """The views."""

    def __init__(self, house: ReportsHouse) -> None:
        self._house = house

    def register(self, room: Blueprint) -> dict[str, Access]:
        """Add the addresses; gives who may open them."""
        room.add_url_rule("/reports", "library", self.library)
        room.add_url_rule("/reports/<name>", "report", self.report)
        room.add_url_rule("/reports/<name>/<kind>", "file", self.file)
        return dict.fromkeys(("library", "report", "file"), Access.SUPERVISOR)

    def library(self) -> str:
        """What there is."""
        return render_template("reports/library.html", library=LIBRARY.values(), scheduled=self._house.scheduled)

    def report(self, name: str) -> str | tuple[str, int]:
        """One of them. What cannot be made is said in words, here and with files."""
        definition = _defined(name)
        asked, trouble = self._asked(request.args)
        self._record(name, asked, "page")
        try:
            page = self._house.maker.page(name, asked, self._house.now())
        except (ReportRefused, ReportUnavailable) as refused:
            return _not_made(refused)
        report = page.report
        rows = [self._row(definition, report, row) for row in report.rows]
        return render_template(
            "reports/report.html", report=report, rows=rows, many=page.many, trouble=trouble, words=WORDS, kinds=list(TYPES),
            choices=self._house.choices, periods=list(Period), interactions=self._house.interactions, address=_address(asked),
            plots=[drawn(plot) for plot in report.plots], usual=definition.period,
            total=[shown(value, head.kind) for value, head in zip(report.total, report.heads, strict=True)],
        )  # fmt: skip

    def file(self, name: str, kind: str) -> Response | tuple[str, int]:
        """The same as a file."""
        _defined(name)
        if kind not in TYPES:
            abort(404)
        asked, trouble = self._asked(request.args)
        if trouble:
            abort(400)
        self._record(name, asked, kind)
        try:
            content = self._house.maker.file(name, asked, kind, self._house.now())
        except (ReportRefused, ReportUnavailable) as refused:
            return _not_made(refused)
        named = f'attachment; filename="{name}-{asked.first}-{asked.last}.{kind}"'
        return Response(content, content_type=TYPES[kind], headers={"Content-Disposition": named})

    def _record(self, name: str, asked: Asked, kind: str) -> None:
        told = {"report": name, "first": str(asked.first), "last": str(asked.last), "format": kind}
        self._house.recorded(signed_in().person.id, told)

    def _asked(self, args: "MultiDict[str, str]") -> tuple[Asked, str]:
        """What the address asks for, and what is wrong with it; then it is the last week, with the other filters."""
        today = self._house.now().astimezone(ZoneInfo(self._house.zone)).date()
        only = {one: value for one in By if (value := args.get(one, ""))}
        period = Period(word) if (word := args.get("period", "")) in set(Period) else None
        usual = Asked(today - USUAL, today, only, period)
        try:
            first = date.fromisoformat(text) if (text := args.get("first", "")) else usual.first
            last = date.fromisoformat(text) if (text := args.get("last", "")) else max(usual.last, first)
        except ValueError:
            return usual, BAD_DAY
        if last - first > LONGEST:
            return usual, TOO_LONG
        try:
            return Asked(first, last, only, period), ""
        except ValueError as wrong:
            return usual, f"{wrong}.".capitalize()

    def _row(self, definition: Definition, report: Report, row: tuple[Cell, ...]) -> dict[str, Any]:
        """The cells in words, and what finds the interactions behind them."""
        words = [shown(value, head.kind) for value, head in zip(row, report.heads, strict=True)]
        first, last = report.asked.first, report.asked.last
        timed = isinstance(row[0], datetime)
        if isinstance(row[0], datetime) and (report.asked.period or definition.period) not in (Period.WEEK, Period.MONTH):
            first = last = row[0].date()
        by = dict(zip(definition.by, (str(value) for value in row[1 if timed else 0 :]), strict=False))
        told = {one: value for one, value in {**report.asked.only, **by}.items() if value and one not in NOT_THERE}
        only = {THERE.get(one, one.value): value for one, value in told.items()}
        return {"cells": words, "finds": {"since": str(first), "until": str(last), "which": "past", **only}}


def _not_made(refused: ReportRefused | ReportUnavailable) -> tuple[str, int]:
    return render_template("reports/refused.html", why=str(refused)), 409 if isinstance(refused, ReportRefused) else 503


def _defined(name: str) -> Definition:
    if name not in LIBRARY:
        abort(404)
    return LIBRARY[name]


def _address(asked: Asked) -> dict[str, str]:
    period = {"period": asked.period.value} if asked.period else {}
    only = {one.value: value for one, value in asked.only.items()}
    return {"first": str(asked.first), "last": str(asked.last), **only, **period}
