"""Reads a customer file that is an Excel workbook: one sheet of it, as it is shown. Runs nothing, computes nothing.

A spreadsheet takes digits for numbers and drops their zeros, so digits must stand in cells of text.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from voicebot.errors import ImportRefused
from voicebot.records.customer_checks import Unfit
from voicebot.records.customer_file import MOST, Cells, Fault, Heading, ImportPlan, read_heading

UNPACKED = 512 * 1024 * 1024  # bytes; half a million customers
PARTS = 2000
WIDEST = 500  # columns that are looked at
_TAG = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OLD = b"\xd0\xcf\x11\xe0"
_IS_OLD = "this is an old workbook (.xls) or one with a password; save it as .xlsx without a password"
_NO_WORKBOOK = "this is not a workbook that can be read; save it as .xlsx again"


@dataclass(frozen=True)
class Oddities:
    """What a reader of cells alone would not notice: rows that nobody sees, cells that are one."""

    hidden: frozenset[int] = frozenset()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class XlsxSheet:
    """A `Sheet` of a workbook. Lines are its rows."""

    name: str
    content: bytes = field(repr=False)
    sheet: Any
    heading: Heading
    kinds: dict[str, str]
    odd: Oddities
    warnings: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The wanted columns that are there."""
        return tuple(self.heading.places)

    def place(self, line: int, column: str) -> str:
        """By cell, `B7`."""
        at = self.heading.places.get(column)
        return f"row {line}" if at is None else f"cell {get_column_letter(at + 1)}{line}, column {column}"

    def lines(self) -> Iterator[tuple[int, Cells | Fault]]:
        """Row by row. Cells to the right of the heading are nobody's."""
        for merged in self.odd.merged:
            yield 1, Fault(1, "", f"the cells {merged} are merged: separate them and fill each")
        for row, cells in _rows(self.name, self.sheet, self.heading.width):
            if row > MOST + 1:
                raise ImportRefused(f"{self.name}: has more than {MOST:,} rows; divide it into several files")
            if row == 1 or all(cell.value is None or cell.value == "" for cell in cells):
                continue
            if row in self.odd.hidden:
                yield row, Fault(row, "", "is hidden: show it, or delete it if it is not to be imported")
            else:
                yield row, {column: _cell(cells[at], self.kinds[column]) for column, at in self.heading.places.items()}


def open_xlsx(name: str, content: bytes, plan: ImportPlan) -> XlsxSheet:
    """The first sheet that is shown, or `plan.sheet`. Raises ImportRefused where it is none that can be read."""
    refuse_bomb(name, content)
    sheet, others = _choose(name, _opened(name, content), plan.sheet)
    notes = (f"the sheet {sheet.title} was read, not {', '.join(others)}",) if others and not plan.sheet else ()
    first = next(_rows(name, sheet, WIDEST), None)
    if first is None:
        raise ImportRefused(f"{name}: the sheet {sheet.title} is empty")
    cells = ["" if cell.value is None else str(cell.value) for cell in first[1]]
    while cells and not cells[-1].strip():
        cells.pop()
    heading = read_heading(name, "row 1", cells, plan)
    kinds = {column: plan.kind(column) for column in heading.places}
    odd = _oddities(name, content, sheet, heading.width)
    return XlsxSheet(name, content, sheet, heading, kinds, odd, (*notes, *heading.warnings))


def is_workbook(content: bytes) -> bool:
    """Whether this is to be read as a workbook at all."""
    return content.startswith((b"PK\x03\x04", _OLD))


def refuse_bomb(name: str, content: bytes, unpacked: int = UNPACKED) -> None:
    """A small file that unpacks into a huge one is refused before anything is unpacked."""
    if content.startswith(_OLD):
        raise ImportRefused(f"{name}: {_IS_OLD}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise ImportRefused(f"{name}: {_NO_WORKBOOK}") from None
    # A part that lies about its size ends there: zipfile reads no further, and its check sum is wrong then.
    if len(parts) > PARTS or sum(part.file_size for part in parts) > unpacked:
        raise ImportRefused(f"{name}: unpacks into more than {unpacked >> 20} MB; save the customers' sheet alone")
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise ImportRefused(f"{name}: this is an archive, but not an .xlsx workbook")


def _opened(name: str, content: bytes) -> Any:
    """openpyxl's workbook. Its warnings quote cells, so they are not passed on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 - whatever a broken workbook makes of the library, it is the file that is wrong
        raise ImportRefused(f"{name}: {_NO_WORKBOOK}") from None


def _choose(name: str, book: Any, wanted: str) -> tuple[Any, list[str]]:
    """(the sheet to read, names of the others that are shown)."""
    shown = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
    if wanted:
        found = [sheet for title, sheet in shown.items() if title.casefold() == wanted.strip().casefold()]
        if not found:
            raise ImportRefused(f"{name}: has no sheet {wanted}; there are {', '.join(shown)}")
        return found[0], []
    if not shown:
        raise ImportRefused(f"{name}: has no sheet that is shown")
    first, *others = shown
    return shown[first], others


def _rows(name: str, sheet: Any, width: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """(row number, its cells up to `width`). The sheet's own word about its size is not believed."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(max_col=width), start=1)
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = next(rows, None)
        except Exception:  # noqa: BLE001 - as above
            raise ImportRefused(f"{name}: {_NO_WORKBOOK}") from None
        if found is None:
            return
        yield found


def _oddities(name: str, content: bytes, sheet: Any, width: int) -> Oddities:
    """A look at the sheet's own text: openpyxl, reading row by row, passes over both."""
    part: str = sheet._worksheet_path.lstrip("/")  # noqa: SLF001 - the library knows the part's name and has no word for it
    hidden: set[int] = set()
    merged: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part) as text:
            for element in _elements(text):
                if element.tag == f"{_TAG}row" and element.get("hidden") in ("1", "true"):
                    hidden.add(int(element.get("r", "0")))
                elif element.tag == f"{_TAG}mergeCell" and (range_boundaries(element.get("ref", ""))[0] or 0) <= width:
                    merged.append(element.get("ref", ""))
    except Exception:  # noqa: BLE001 - as above
        raise ImportRefused(f"{name}: {_NO_WORKBOOK}") from None
    return Oddities(frozenset(hidden), tuple(merged))


def _elements(text: IO[bytes]) -> Iterator[Element]:
    """Every element when it is complete; emptied then, so that a large sheet stays small in memory."""
    parents: list[Element] = []
    for what, element in iterparse(text, events=("start", "end"), forbid_dtd=True):
        if what == "start":
            parents.append(element)
            continue
        parents.pop()
        yield element
        if parents and element.tag == f"{_TAG}row":
            parents[-1].remove(element)


def _cell(cell: Any, kind: str) -> str | Unfit:
    value, sort = cell.value, cell.data_type
    if value is None:
        return ""
    if sort == "f":
        return Unfit("is a formula: copy the column and paste it as values")
    if sort == "e":
        return Unfit("holds an error of the spreadsheet")
    match value:
        case str():
            return value.strip()
        case bool():
            return Unfit("is true or false, not a text")
        case int() | float():
            return _number(value, kind)
        case datetime() if value.time() == time() and kind == "day":
            return value.date().isoformat()
        case date() if not isinstance(value, datetime) and kind == "day":
            return value.isoformat()
    return Unfit("has a time of day: only the date may stand here" if kind == "day" else "is a date or a time, not a text")


def _number(value: float, kind: str) -> str | Unfit:
    match kind:
        case "amount":
            return format(Decimal(str(value)), "f")
        case "digits":
            return Unfit("is a number, so leading zeros are lost: format the column as text and enter the digits again")
        case "day":
            return Unfit("is a number: format the column as a date")
    return Unfit("is a number: format the column as text")
