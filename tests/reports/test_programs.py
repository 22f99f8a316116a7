"""What other programs make of the files: LibreOffice opens a workbook as it is, and every file has the same figures."""

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from tests.reports.made import NOON, house, queues
from tests.reports.test_reports import needs
from voicebot.facts.tally import Tally
from voicebot.ports.facts import Part, Sum
from voicebot.reports.as_pdf import KOREAN, LATIN
from voicebot.reports.cells import shown
from voicebot.reports.files import written
from voicebot.reports.library import LIBRARY, Kind
from voicebot.reports.making import Asked, Report, make

NAMES = ("facturation – été", "Kø øst", "요금", "=1+1")


@pytest.fixture(scope="module")
def report() -> Report:
    return queues(*NAMES)


@pytest.fixture(scope="module")
def soffice() -> str:
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("needs LibreOffice (Debian: apt-get install libreoffice-calc)")
    return found


def for_people(report: Report) -> list[list[str]]:
    """Each row as pages and PDF show it, and the sum."""
    cells = [[shown(value, one.kind) for value, one in zip(row, report.heads, strict=True)] for row in report.rows]
    total = [shown(value, one.kind) for value, one in zip(report.total, report.heads, strict=True)]
    return [*cells, ["All", *total[1:]]]


@pytest.mark.slow
def test_libreoffice_shows_what_the_page_shows(report: Report, soffice: str, tmp_path: Path) -> None:
    (tmp_path / "queues.xlsx").write_bytes(written(report, "xlsx"))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = [soffice, home, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path)]
    done = subprocess.run([*command, str(tmp_path / "queues.xlsx")], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO((tmp_path / "queues.csv").read_text("utf-8"))))
    heads = [one.title for one in report.heads]
    under = [row for row in rows[rows.index(heads) + 1 :] if any(row)]
    wanted = [["" if cell == "–" else cell.replace(" %", "%") for cell in row] for row in for_people(report)]
    assert under == wanted


def test_openpyxl_finds_typed_cells_frozen_heads_filters_and_charts(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(report, "xlsx")))
    sheet, plots = book["Figures"], book["Plots"]
    top = 2 + len(report.cover) + 1
    assert sheet.freeze_panes == f"A{top + 1}"
    assert sheet.auto_filter.ref.startswith(f"A{top}:")
    assert len(plots._charts) == len(report.plots)
    for head, cell in zip(report.heads, sheet[top + 1], strict=True):
        assert (cell.data_type == "s") is (head.kind is Kind.WORDS), head.title
    assert (sheet.page_setup.orientation, plots.page_setup.orientation) == ("landscape", "landscape")


def test_a_pdf_has_every_cell_of_every_row_in_three_scripts(report: Report) -> None:
    needs(LATIN, KOREAN)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(written(report, "pdf"))).pages)
    for row in for_people(report):
        for cell in row:
            assert cell in text, cell


@pytest.mark.parametrize("name", LIBRARY)
def test_no_head_is_broken_within_a_word_and_no_figure_is_cut(name: str) -> None:
    """The widest figures that a year of a large company has, beside long names."""
    needs(LATIN)
    definition = LIBRARY[name]
    large: dict[str, Any] = {"outreach" if part is Part.CALLBACKS else part.value: 123_456 for part in definition.parts}
    by = tuple("a name that is rather long for its column" for _ in definition.by)
    began = NOON if definition.period else None
    made = make(house(Sum(began, by, Tally(**large))), definition, Asked(NOON.date(), NOON.date()), NOON)
    pdf = PdfReader(io.BytesIO(written(replace(made, plots=()), "pdf")))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    for head in made.heads:
        for word in head.title.split():
            assert word in text, head.title
    for value, head in list(zip(made.total, made.heads, strict=True))[-len(definition.figures) :]:
        assert shown(value, head.kind) in text, head.title
