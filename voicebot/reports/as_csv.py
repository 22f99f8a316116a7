"""A report as CSV: heads and rows, no sum, so that a program can read it. Lengths are in seconds."""

import csv
import io

from voicebot.reports.cells import plain
from voicebot.reports.library import Kind
from voicebot.reports.making import Report


def as_csv(report: Report) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(f"{one.title} (s)" if one.kind is Kind.LENGTH else one.title for one in report.heads)
    for row in report.rows:
        writer.writerow(plain(value, head.kind) for value, head in zip(row, report.heads, strict=True))
    return out.getvalue().encode("utf-8-sig")
