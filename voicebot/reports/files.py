"""A report as a file of some kind. The libraries are loaded when somebody wants one."""

from voicebot.errors import ReportRefused
from voicebot.reports.making import Report

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}

MOST_ON_PAPER = 20_000  # rows of a PDF: several hundred pages, and some seconds of a processor


def written(report: Report, kind: str) -> bytes:
    """The file's content; `kind` is one of TYPES. Raises ReportRefused."""
    match kind:
        case "csv":
            from voicebot.reports.as_csv import as_csv

            return as_csv(report)
        case "xlsx":
            from voicebot.reports.as_xlsx import as_xlsx

            return as_xlsx(report)
        case "pdf":
            if len(report.rows) > MOST_ON_PAPER:
                told = f"{len(report.rows):,} rows, and a PDF holds {MOST_ON_PAPER:,}"
                raise ReportRefused(f"{told}: ask for fewer days or longer periods, or take XLSX or CSV")
            from voicebot.reports.as_pdf import as_pdf

            return as_pdf(report)
        case _:
            raise ReportRefused(f"a report is written as {', '.join(TYPES)}, not as {kind}")
