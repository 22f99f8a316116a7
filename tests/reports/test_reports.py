"""Reports hold the figures of the sums, and every kind of file holds those of the report."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

from tests.reports.made import BUSY, MARCH, NOON, QUIET, Told, house, intervals, queues
from voicebot.errors import ReportRefused
from voicebot.facts.tally import FROM_ROWS, Assumed, Tally
from voicebot.ports.facts import By, Part, Sum
from voicebot.records.facts import DERIVED, LENGTHS, SUMS_OF
from voicebot.records.schema import SUMS
from voicebot.reports.as_pdf import FONTS, KOREAN, LATIN, as_pdf
from voicebot.reports.cells import plain, shown
from voicebot.reports.files import TYPES, written
from voicebot.reports.library import LIBRARY, Kind
from voicebot.reports.making import Asked, Cell, Report, make


def needs(*fonts: str) -> None:
    for font in fonts:
        if not (FONTS / font).is_file():
            pytest.skip(f"{font} is not installed on this machine")


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


# ---- what stands in a report -----------------------------------------------------------------------------------------


def test_figures_are_those_of_the_sums_and_rows_of_nothing_are_left_out() -> None:
    report = queues("billing")
    told = {head.title: value for head, value in zip(report.heads, report.rows[0], strict=True)}
    assert [row[0] for row in report.rows] == ["billing", "night"]
    assert (told["Offered"], told["Service level"], told["Average wait"]) == (10, 6 / 9, timedelta(seconds=13))
    whole = dict(zip((head.title for head in report.heads), report.total, strict=True))
    assert (whole["Offered"], whole["Service level"], whole["Longest wait"]) == (11, 6 / 9, BUSY.longest_wait)


def test_days_are_whole_days_of_the_company() -> None:
    told = Told(())
    make(replace(house(), facts=told), LIBRARY["queues"], Asked(date(2026, 3, 28), date(2026, 3, 29), {By.LINE: "a"}), NOON)
    assert told.wanted is not None
    assert told.wanted.since == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert told.wanted.until == datetime(2026, 3, 29, 22, tzinfo=UTC)  # summer time has begun
    assert told.wanted.only == {By.LINE: "a"}


def test_days_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="before the first"):
        Asked(date(2026, 3, 2), date(2026, 3, 1))


def test_the_cover_says_whose_when_filtered_how_and_what_is_missing() -> None:
    asked = replace(MARCH, only={By.QUEUE: "billing"})
    report = make(house(left=3), LIBRARY["agents"], asked, NOON)
    cover = " ".join(report.cover)
    for expected in ("Larkfield Water", "2026-03-02", "Europe/Copenhagen", "Queue: billing", "13:00", "3 interactions"):
        assert expected in cover


def test_an_estimate_says_what_it_assumes() -> None:
    found = replace(house(Sum(None, ("billing", "en"), Tally(calls=9, picked_up=4, picked_up_verified=3))))
    report = make(replace(found, assumed=Assumed(timedelta(seconds=60))), LIBRARY["verification"], MARCH, NOON)
    told = dict(zip((head.title for head in report.heads), report.rows[0], strict=True))
    assert told["Agents' time saved"] == timedelta(minutes=3)
    assert "assumed to take 60 s" in " ".join(report.cover)
    assert "assumed" not in " ".join(queues().cover)


def test_plots_are_by_day_where_there_are_too_many_quarters() -> None:
    assert [len(plot.labels) for plot in intervals(60).plots] == [60]
    many = intervals(61).plots[0]
    assert many.labels == ("2026-03-02", "2026-03-03")
    assert sum(value for value in many.values if isinstance(value, int)) == 610


@pytest.mark.parametrize("name", LIBRARY)
def test_every_report_of_the_library_can_be_made_and_written(name: str) -> None:
    definition = LIBRARY[name]
    assert set(definition.plots) <= {figure.title for figure in definition.figures}
    group = tuple("é" for _ in definition.by)
    busy = replace(
        BUSY, calls=4, verified=2, callbacks_promised=1, picked_up=3, scored=2, scores=17, promoters=1, questions=4, unproven=1,
        security_events=2, payments=3, charged=2, outreach=3, unreached=1, evaluations=2, evaluated=1, points=85, marks=2,
    )  # fmt: skip
    report = make(house(Sum(NOON if definition.period else None, group, busy)), definition, MARCH, NOON)
    assert len(report.rows) == 1
    assert all(written(report, kind) for kind in ("csv", "xlsx"))


FROM = {
    Part.SCORES: ("scored", "scores", "promoters", "detractors"), Part.CALLBACKS: FROM_ROWS[:8], Part.OUTREACH: FROM_ROWS[:8],
    Part.EVALUATIONS: FROM_ROWS[8:13], Part.MARKS: FROM_ROWS[13:],
}  # fmt: skip


@pytest.mark.parametrize("name", LIBRARY)
def test_every_figure_is_of_the_parts_that_are_asked_for(name: str) -> None:
    definition, names = LIBRARY[name], [*SUMS, "in_time", "abandoned_early", *FROM_ROWS]
    numbers = {one: number for number, one in enumerate(names, 2)}
    kept = {one for part in definition.parts for one in (*(SUMS_OF | FROM)[part], *DERIVED.get(part, ()))}

    def told(some: set[str]) -> Tally:
        return Tally(**{one: timedelta(seconds=numbers[one]) if one in LENGTHS else numbers[one] for one in some})

    for figure in definition.figures:
        assert figure.of(told(kept), Assumed()) == figure.of(told(set(names)), Assumed()) is not None, figure.title


# ---- the same figures in each kind of file ---------------------------------------------------------------------------


def test_csv_holds_the_figures() -> None:
    report = queues("billing")
    heads, *rows = csv.reader(io.StringIO(written(report, "csv").decode("utf-8-sig")))
    assert heads[7:9] == ["Average wait (s)", "Longest wait (s)"]
    expected = [[plain(value, head.kind) for value, head in zip(row, report.heads, strict=True)] for row in report.rows]
    assert rows == expected
    assert rows[0][1:5] == ["10", "7", "6", "0.666667"]


def test_xlsx_holds_the_figures_with_their_types_and_charts() -> None:
    report = queues("billing", "=HYPERLINK(1)")
    book = openpyxl.load_workbook(io.BytesIO(written(report, "xlsx")))
    sheet = book["Figures"]
    top = next(row for row in range(1, 10) if sheet.cell(row, 2).value == "Offered")
    assert sheet.freeze_panes == f"A{top + 1}"
    assert sheet.auto_filter.ref is not None
    for number, row in enumerate(report.rows):
        for column, (value, head) in enumerate(zip(row, report.heads, strict=True)):
            assert same(sheet.cell(top + 1 + number, column + 1).value, value), (head, value)
    assert sheet.cell(top + 2, 1).data_type == "s"  # text that looks like a formula is text
    total = [sheet.cell(top + 2 + len(report.rows), column).value for column in range(2, len(report.heads) + 1)]
    assert all(same(found, value) for found, value in zip(total, report.total[1:], strict=True))


def test_pdf_holds_the_figures_as_they_are_shown() -> None:
    needs(LATIN)
    report = queues("billing")
    text = text_of(written(report, "pdf"))
    for line in report.cover:
        assert line in text
    for row in (*report.rows, report.total):
        words = [shown(value, head.kind) for value, head in zip(row, report.heads, strict=True) if value]
        assert re.search(r"\s+(.*\s)?".join(map(re.escape, words)), text), words


def same(found: object, value: Cell) -> bool:
    if isinstance(value, timedelta):
        days = found.total_seconds() / 86400 if isinstance(found, timedelta) else found
        return isinstance(days, int | float) and abs(days - value / timedelta(days=1)) < 1e-6
    return found is None if value is None else found == pytest.approx(value) if isinstance(value, float) else found == value


# ---- PDF on paper ----------------------------------------------------------------------------------------------------


def test_a_long_table_repeats_its_heads_and_loses_no_row() -> None:
    needs(LATIN)
    report = intervals(400)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(written(report, "pdf"))).pages]
    tables = [page for page in pages if "billing" in page]
    assert len(tables) > 5
    assert all("Offered" in page and "Handling" in page for page in tables)
    assert sum(page.count("billing") for page in pages) == 400
    assert "All" in pages[-1]
    assert "billing" in pages[-1]


def test_korean_french_and_danish_are_right() -> None:
    needs(LATIN, KOREAN)
    text = text_of(written(queues("요금", "Été à Noël", "Rødgrød"), "pdf"))
    assert all(word in text for word in ("요금", "Été à Noël", "Rødgrød"))


def test_a_missing_font_is_named_with_its_package(tmp_path: Path) -> None:
    with pytest.raises(ReportRefused, match="fonts-dejavu-core"):
        as_pdf(queues("billing"), tmp_path)


def test_a_missing_korean_font_is_only_missed_where_there_is_korean(tmp_path: Path) -> None:
    needs(LATIN)
    (tmp_path / "dejavu").symlink_to(FONTS / "dejavu")
    assert as_pdf(queues("billing"), tmp_path)
    with pytest.raises(ReportRefused, match="fonts-nanum"):
        as_pdf(queues("요금"), tmp_path)


def test_an_empty_report_is_a_file_all_the_same() -> None:
    needs(LATIN)
    report = make(house(), LIBRARY["queues"], MARCH, NOON)
    assert report.plots == ()
    assert all(written(report, kind) for kind in TYPES)


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(ReportRefused, match="docx"):
        written(queues(), "docx")


# ---- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "words", "told"),
    [
        (None, Kind.SHARE, "–", ""),
        (0.5, Kind.SHARE, "50.0 %", "0.500000"),
        (timedelta(hours=30, seconds=61.25), Kind.LENGTH, "30:01:01", "108061.250"),
        (NOON, Kind.TIME, "2026-03-02 12:00+00:00", "2026-03-02T12:00+00:00"),
        ("=1+1", Kind.WORDS, "=1+1", "'=1+1"),
        (-1, Kind.COUNT, "-1", "-1"),
    ],
)
def test_a_cell_is_told_to_people_and_to_programs(value: Cell, kind: Kind, words: str, told: str) -> None:
    assert (shown(value, kind), plain(value, kind)) == (words, told)


def test_what_a_quiet_queue_has_none_of_is_no_zero() -> None:
    report: Report = queues()
    told = {head.title: value for head, value in zip(report.heads, report.rows[0], strict=True)}
    assert (told["Service level"], told["Average wait"], told["Offered"]) == (None, None, QUIET.offered)
