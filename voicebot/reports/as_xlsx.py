"""A report as a workbook: typed cells, frozen heads with filters, and Excel's own charts over their figures."""

import io
from datetime import datetime, timedelta
from typing import Any

import xlsxwriter

from voicebot.reports.library import Kind
from voicebot.reports.making import Cell, Plot, Report

FORMATS = {
    Kind.WORDS: {}, Kind.TIME: {"num_format": "yyyy-mm-dd hh:mm", "align": "left"}, Kind.COUNT: {"num_format": "#,##0"},
    Kind.LENGTH: {"num_format": "[h]:mm:ss"}, Kind.SHARE: {"num_format": "0.0%"},
    Kind.MEAN: {"num_format": "0.0"},
}  # fmt: skip
WIDTHS = {Kind.WORDS: 20, Kind.TIME: 18}
FIGURES, PLOTS = "Figures", "Plots"
HEAD_HEIGHT = 32  # points: two lines, which not every program makes room for by itself


def as_xlsx(report: Report) -> bytes:
    """The workbook."""
    out = io.BytesIO()
    # Text stays text, whatever it begins with.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": report.title, "company": report.company})
        formats = {kind: book.add_format(look) for kind, look in FORMATS.items()}
        bold = {kind: book.add_format({**look, "bold": True, "top": 1}) for kind, look in FORMATS.items()}
        _figures(book, report, formats, bold)
        if report.plots:
            _plots(book, report, formats)
    return out.getvalue()


def _figures(book: Any, report: Report, formats: dict[Kind, Any], bold: dict[Kind, Any]) -> None:
    sheet = book.add_worksheet(FIGURES)
    sheet.write_string(0, 0, report.title, book.add_format({"bold": True, "font_size": 14}))
    for number, line in enumerate(report.cover):
        sheet.write_string(1 + number, 0, line)
    top = 2 + len(report.cover)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.set_row(top, HEAD_HEIGHT)
    for column, one in enumerate(report.heads):
        sheet.write_string(top, column, one.title, head)
        sheet.set_column(column, column, WIDTHS.get(one.kind, 12))
    for number, row in enumerate(report.rows):
        for column, (value, one) in enumerate(zip(row, report.heads, strict=True)):
            _write(sheet, top + 1 + number, column, value, formats[one.kind])
    end = top + len(report.rows)
    sheet.autofilter(top, 0, max(end, top + 1), len(report.heads) - 1)
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)
    _on_paper(sheet)
    for column, (value, one) in enumerate(zip(report.total, report.heads, strict=True)):
        # A row apart, so that filters and sorting leave it where it is.
        _write(sheet, end + 2, column, "All" if column == 0 else value, bold[Kind.WORDS if column == 0 else one.kind])


def _plots(book: Any, report: Report, formats: dict[Kind, Any]) -> None:
    sheet = book.add_worksheet(PLOTS)
    sheet.set_column(0, 0, 20)
    _on_paper(sheet)
    labels = report.plots[0].labels
    for number, label in enumerate(labels):
        sheet.write_string(1 + number, 0, label)
    for number, plot in enumerate(report.plots):
        sheet.write_string(0, 1 + number, plot.title)
        for row, value in enumerate(plot.values):
            _write(sheet, 1 + row, 1 + number, value, formats[plot.kind])
        sheet.insert_chart(1 + 17 * number, 2 + len(report.plots), _chart(book, plot, number, len(labels)))


def _chart(book: Any, plot: Plot, number: int, rows: int) -> Any:
    chart = book.add_chart({"type": "column"})
    chart.add_series({
        "name": [PLOTS, 0, 1 + number], "categories": [PLOTS, 1, 0, rows, 0], "values": [PLOTS, 1, 1 + number, rows, 1 + number],
    })  # fmt: skip
    chart.set_title({"name": plot.title})
    chart.set_y_axis({"num_format": FORMATS[plot.kind]["num_format"]})
    chart.set_legend({"none": True})
    chart.set_size({"width": 720, "height": 320})
    return chart


def _on_paper(sheet: Any) -> None:
    """A4 across, one page wide."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write(sheet: Any, row: int, column: int, value: Cell, look: Any) -> None:
    """A figure over nothing is an empty cell. Excel's times know no zone: they are the company's."""
    match value:
        case None:
            sheet.write_blank(row, column, None, look)
        case datetime():
            sheet.write_datetime(row, column, value.replace(tzinfo=None), look)
        case timedelta():
            sheet.write_number(row, column, value / timedelta(days=1), look)
        case str():
            sheet.write_string(row, column, value, look)
        case _:
            sheet.write_number(row, column, value, look)
