"""A workbook is read as it is shown, digits as text; what a spreadsheet did to them is refused by cell."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.records.customer_plan import GOOD, KEPT, PLAN, Importer
from voicebot.errors import ImportRefused
from voicebot.records.customer_open import open_sheet
from voicebot.records.customer_xlsx import refuse_bomb
from voicebot.records.store import SqlStore

Change = Callable[[Worksheet], Any]


@pytest.fixture
def importing(store: SqlStore) -> Importer:
    return Importer(store)


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """A workbook of these rows, changed as wished before it is saved."""

    def make(*rows: dict[str, Any], change: Change = lambda _: None, title: str = "Customers") -> Path:
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.title = title
        sheet.append(list(GOOD))
        for row in rows:
            sheet.append(list(row.values()))
        change(sheet)
        path = tmp_path / "customers.xlsx"
        book.save(path)
        return path

    return make


def row(**cells: Any) -> dict[str, Any]:
    return {**GOOD, **cells}


def test_a_workbook_of_text_comes_in_like_a_text_file(importing: Importer, workbook: Callable[..., Path]) -> None:
    assert importing(workbook(GOOD)).added == 1
    found = importing.customers.get("C1")
    assert found is not None
    assert found.columns == KEPT
    assert found.secrets == {"pin": "hash of C1 32"}


def test_amounts_may_be_numbers_and_days_dates(importing: Importer, workbook: Callable[..., Path]) -> None:
    second = row(id="C2", account="0421", parcel="", balance=84, due=datetime.combine(date(2026, 4, 1), time()))
    importing(workbook(row(balance=12.5, due=date(2026, 3, 31)), second))
    rows = {one.customer_id: one.columns for one in importing.customers.everybody()}
    assert (rows["C1"]["balance"], rows["C1"]["due"]) == ("12.5", "2026-03-31")
    assert (rows["C2"]["balance"], rows["C2"]["due"]) == ("84", "2026-04-01")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"id": 17}, "cell A2, column id: is a number, so leading zeros are lost"),
        ({"name": 17}, "cell B2, column name: is a number: format the column as text"),
        ({"phone": 2015550123}, "cell C2, column phone: is a number, so leading zeros are lost"),
        ({"account": 420}, "cell D2, column account: is a number, so leading zeros are lost"),
        ({"pin": 493817}, "cell F2, column pin: is a number, so leading zeros are lost"),
        ({"pin": 493817.0}, "cell F2, column pin: is a number, so leading zeros are lost"),
        ({"pin": "=A1"}, "cell F2, column pin: is a formula: copy the column and paste it as values"),
        ({"balance": "=1+1"}, "cell G2, column balance: is a formula"),
        ({"balance": "#N/A"}, "cell G2, column balance: holds an error of the spreadsheet"),
        ({"balance": date(2026, 1, 1)}, "cell G2, column balance: is a date or a time"),
        ({"due": 46112}, "cell H2, column due: is a number: format the column as a date"),
        ({"due": datetime.combine(date(2026, 3, 31), time(9, 30))}, "cell H2, column due: has a time of day"),
        ({"status": True}, "cell I2, column status: is true or false"),
        ({"meter": 42}, "cell J2, column meter: is a number, so leading zeros are lost"),
        ({"account": "x"}, "cell D2, column account: only the digits 0 to 9"),
        ({"balance": 1e15}, "cell G2, column balance: must be an amount"),
    ],
)
def test_a_cell_that_a_spreadsheet_has_changed_is_named(
    importing: Importer, workbook: Callable[..., Path], cells: dict[str, Any], words: str
) -> None:
    said = importing.refusal(workbook(row(**cells)))
    assert said.startswith("customers.xlsx: 1 fault, nothing was imported\n  ")
    assert words in said


def test_a_value_that_stands_twice_names_both_cells(importing: Importer, workbook: Callable[..., Path]) -> None:
    said = importing.refusal(workbook(GOOD, row(id="C2", parcel="")))
    assert "cell D3, column account: the same value stands in cell D2, column account" in said


def test_formulas_in_columns_that_nobody_reads_do_not_matter(importing: Importer, workbook: Callable[..., Path]) -> None:
    def more(sheet: Worksheet) -> None:
        sheet["K1"], sheet["K2"], sheet["M2"] = "note", "=SUM(G2:G9)", "to the right of all"

    assert importing(workbook(GOOD, change=more)).warnings == ("column note is not used",)


def test_blank_rows_are_left_out_and_rows_counted_as_shown(importing: Importer, workbook: Callable[..., Path]) -> None:
    def gap(sheet: Worksheet) -> None:
        sheet.insert_rows(2, 3)

    assert "cell D5, column account" in importing.refusal(workbook(row(account="x"), change=gap))


def test_a_hidden_row_is_refused_since_nobody_saw_it(importing: Importer, workbook: Callable[..., Path]) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True

    file = workbook(GOOD, row(id="C2", account="0421", parcel=""), change=hide)
    assert "row 3: is hidden: show it, or delete it" in importing.refusal(file)


def test_merged_cells_are_refused_where_customers_stand(importing: Importer, workbook: Callable[..., Path]) -> None:
    second = row(id="C2", account="0421", parcel="")
    said = importing.refusal(workbook(GOOD, second, change=lambda sheet: sheet.merge_cells("B2:B3")))
    assert "the cells B2:B3 are merged" in said
    assert importing(workbook(GOOD, second, change=lambda sheet: sheet.merge_cells("N2:P9"))).added == 2


def test_of_several_sheets_the_first_is_read_and_said(importing: Importer, workbook: Callable[..., Path]) -> None:
    def another(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.create_sheet("Old").append(["id"])

    file = workbook(GOOD, change=another)
    assert importing(file).warnings == ("the sheet Customers was read, not Old",)
    assert importing(file, replace(PLAN, sheet="customers")).warnings == ()
    with pytest.raises(ImportRefused, match=r"row 1: no column name.*; the heading has id"):
        importing(file, replace(PLAN, sheet="Old"))
    with pytest.raises(ImportRefused, match="has no sheet New; there are Customers, Old"):
        importing(file, replace(PLAN, sheet="New"))


def test_a_sheet_that_is_hidden_is_not_read(importing: Importer, workbook: Callable[..., Path]) -> None:
    def hide(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        sheet.parent.create_sheet("Shown").append(list(GOOD))
        sheet.sheet_state = "hidden"

    file = workbook(GOOD, change=hide)
    assert "a heading but no customers" in importing.refusal(file)
    assert "has no sheet Customers; there are Shown" in importing.refusal(file, replace(PLAN, sheet="Customers"))


def test_only_a_workbook_has_sheets(importing: Importer, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("id\n")
    assert "only a workbook has sheets" in importing.refusal(file, replace(PLAN, sheet="Customers"))


@pytest.mark.parametrize("cut", [60, 2000, -400])
def test_a_workbook_that_is_cut_off_is_refused(importing: Importer, workbook: Callable[..., Path], cut: int) -> None:
    file = workbook(GOOD)
    file.write_bytes(file.read_bytes()[:cut])
    assert "customers.xlsx: this is not a workbook that can be read" in importing.refusal(file)


def test_an_old_or_locked_workbook_says_how_to_save_it(importing: Importer, tmp_path: Path) -> None:
    file = tmp_path / "customers.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    assert "save it as .xlsx without a password" in importing.refusal(file)


def test_another_archive_is_refused(importing: Importer, tmp_path: Path) -> None:
    file = tmp_path / "customers.ods"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "not an .xlsx workbook" in importing.refusal(file)


def _repacked(file: Path, part: str, text: Callable[[bytes], bytes]) -> None:
    """The same workbook with one part written anew."""
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text(old.read(name)) if name == part else old.read(name))


SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_that_unpacks_into_a_huge_one_is_refused_unread(workbook: Callable[..., Path]) -> None:
    file = workbook(GOOD)
    _repacked(file, SHEET, lambda text: text.replace(b"</worksheet>", b" " * (2 << 20) + b"</worksheet>"))
    content = file.read_bytes()
    assert len(content) < 50_000
    refuse_bomb(file.name, content)
    with pytest.raises(ImportRefused, match="unpacks into more than 1 MB"):
        refuse_bomb(file.name, content, 1 << 20)


def test_entities_are_not_expanded(importing: Importer, workbook: Callable[..., Path]) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    file = workbook(GOOD)
    _repacked(file, SHEET, lambda text: bomb + text)
    assert "not a workbook that can be read" in importing.refusal(file)


def test_the_sheets_own_word_about_its_size_is_not_believed(importing: Importer, workbook: Callable[..., Path]) -> None:
    file = workbook(GOOD)
    _repacked(file, SHEET, lambda text: text.replace(b'<dimension ref="A1:J2"', b'<dimension ref="A1:XFD1048576"'))
    assert importing(file).added == 1


def test_a_row_beyond_all_rows_is_refused(importing: Importer, workbook: Callable[..., Path]) -> None:
    file = workbook(GOOD, change=lambda sheet: sheet.cell(3, 1, "C2"))
    _repacked(file, SHEET, lambda text: text.replace(b'r="3"', b'r="9999999999"').replace(b'"A3"', b'"A9999999999"'))
    assert "has more than 1,000,000 rows" in importing.refusal(file)


def test_what_was_read_first_is_read_again(workbook: Callable[..., Path]) -> None:
    file = workbook(GOOD)
    sheet = open_sheet(file, PLAN)
    file.unlink()
    assert list(sheet.lines()) == list(sheet.lines())
    assert len(list(sheet.lines())) == 1
