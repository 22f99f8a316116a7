"""Writes all customers to a file: what was imported, never a secret or its hash. A half-written file gets no name.

Cells that begin like a formula are written so that no spreadsheet computes them; importing the file again undoes it.
"""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from voicebot.errors import StoreError
from voicebot.ports.crm import CustomerRow
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_guard import guarded
from voicebot.records.customer_staging import NAME

AS_TEXT = "@"  # a spreadsheet's own sign for a column of text


class FileKind(StrEnum):
    """Kinds of customer files."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


def export_customers(rows: Iterable[CustomerRow], target: Path, kind: FileKind, plan: ImportPlan) -> int:
    """Writes `target` (mode 0600, must be new); gives how many customers. Raises StoreError where it cannot be written."""
    columns = tuple(name for name in plan.columns if name not in plan.secret_names)
    write = {FileKind.CSV: _csv, FileKind.JSON: _json, FileKind.XLSX: _xlsx}[kind]
    try:
        with _new_file(target) as aside:
            return write(aside, columns, (_cells(row, columns, plan) for row in rows))
    except FileExistsError:
        raise StoreError(f"{target} is there already; take another name") from None
    except OSError as error:
        raise StoreError(f"{target} cannot be written ({error.strerror})") from None


def _cells(row: CustomerRow, columns: tuple[str, ...], plan: ImportPlan) -> list[str]:
    kept = {**row.columns, plan.customer_id: row.customer_id}
    if plan.name:
        kept[plan.name] = row.columns.get(NAME, "")
    return [kept.get(name, "") for name in columns]


def _csv(path: Path, columns: tuple[str, ...], rows: Iterator[list[str]]) -> int:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        return _counted(rows, lambda cells: writer.writerow([guarded(cell) for cell in cells]))


def _json(path: Path, columns: tuple[str, ...], rows: Iterator[list[str]]) -> int:
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        between = iter(["\n"])

        def write(cells: list[str]) -> None:
            file.write(next(between, ",\n"))
            json.dump(dict(zip(columns, cells, strict=True)), file, ensure_ascii=False)

        count = _counted(rows, write)
        file.write("\n]\n")
        return count


def _xlsx(path: Path, columns: tuple[str, ...], rows: Iterator[list[str]]) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("customers")

    def write(cells: list[str]) -> None:
        sheet.append([_text_cell(sheet, cell) for cell in cells])

    try:
        write(list(columns))
        return _counted(rows, write)
    finally:
        book.save(path)  # after a failure too: this is what removes the library's own file of rows


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # the library takes what begins with = for a formula
    cell.number_format = AS_TEXT
    return cell


def _counted(rows: Iterator[list[str]], write: Callable[[list[str]], object]) -> int:
    count = 0
    for count, cells in enumerate(rows, start=1):  # noqa: B007 - the last count is the answer
        write(cells)
    return count


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """A place beside `target` that gets its name when all is written."""
    if target.exists():
        raise FileExistsError
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        yield aside
        aside.rename(target)
    finally:
        aside.unlink(missing_ok=True)
