"""A cell for people (page, PDF) and for programs (CSV)."""

from datetime import datetime, timedelta

from voicebot.reports.library import Kind
from voicebot.reports.making import Cell

RUNS = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes text for a formula


def shown(value: Cell, kind: Kind) -> str:
    """For people: `1:02:03`, `71.4 %`, `2026-03-31 14:00`; a dash where a figure is over nothing."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M%z")[:-2] + ":" + value.strftime("%z")[-2:]
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if kind is Kind.SHARE:
        return f"{value:.1%}".replace("%", " %")
    if kind is Kind.MEAN:
        return f"{value:.1f}"
    return str(value)


def plain(value: Cell, kind: Kind) -> str:
    """For programs: seconds and shares as decimal numbers, times in ISO 8601; empty where a figure is over nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.3f}"
    if kind in (Kind.SHARE, Kind.MEAN):
        return f"{value:.6f}"
    text = str(value)
    return f"'{text}" if kind is Kind.WORDS and text.startswith(RUNS) else text
