"""What is exported can be imported again, holds no secret, and computes nothing in a spreadsheet."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.records.customer_plan import GOOD, KEPT, PLAN, Importer
from voicebot.errors import StoreError
from voicebot.ports.crm import CustomerRow
from voicebot.records.customer_export import FileKind, export_customers
from voicebot.records.customer_guard import guarded, unguarded
from voicebot.records.store import SqlStore

EVIL = ["=1+1", "+49 17", "-2+3", "@SUM(A1)", "'=1", "''@x", '=HYPERLINK("http://x","y")']
KINDS = list(FileKind)


@pytest.fixture
def importing(store: SqlStore, tmp_path: Path) -> Importer:
    importer = Importer(store)
    file = tmp_path / "in.json"
    names = [{"id": f"={n}", "name": name, "account": f"{n:04d}"} for n, name in enumerate(EVIL)]
    file.write_text(json.dumps([GOOD, *names, {"id": "C2", "balance": "-12.50"}]))
    importer(file)
    return importer


def everybody(importing: Importer) -> dict[str, dict[str, str]]:
    return {row.customer_id: row.columns for row in importing.customers.everybody()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_comes_in_again_unchanged(importing: Importer, tmp_path: Path, kind: FileKind) -> None:
    before = everybody(importing)
    assert before["C1"] == KEPT
    assert len(before) == 2 + len(EVIL)
    target = tmp_path / f"out.{kind}"
    assert export_customers(importing.customers.everybody(), target, kind, PLAN) == len(before)
    summary = importing(target, replace(PLAN, replace=True))
    assert (summary.added, summary.updated, summary.removed) == (0, len(before), 0)
    assert summary.warnings == ("there is no column pin: who has one keeps it",)
    assert everybody(importing) == before
    assert importing.customers.find("account", "0420")[0].secrets == {"pin": "hash of C1 32"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_and_no_hash_is_exported(importing: Importer, tmp_path: Path, kind: FileKind) -> None:
    target = tmp_path / f"out.{kind}"
    export_customers(importing.customers.everybody(), target, kind, PLAN)
    text = target.read_bytes() if kind is not FileKind.XLSX else repr(cells(target)).encode()
    assert b"Ada Marsh" in text
    assert not any(canary in text for canary in (b"pin", b"hash", b"493817"))


def cells(path: Path) -> list[tuple[object, ...]]:
    return list(load_workbook(path).worksheets[0].iter_rows(values_only=True))


def test_a_text_file_has_no_cell_that_a_spreadsheet_computes(importing: Importer, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    export_customers(importing.customers.everybody(), target, FileKind.CSV, PLAN)
    with target.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == [column for column in PLAN.columns if column != "pin"]
    every = [cell for row in written for cell in row]
    assert not [cell for cell in every if cell.startswith(tuple("=+-@\t\r"))]
    assert "'+12015550123" in every
    assert "'-12.50" in every


def test_a_workbook_has_text_only(importing: Importer, tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    export_customers(importing.customers.everybody(), target, FileKind.XLSX, PLAN)
    every = [cell for row in load_workbook(target).worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in every} == {"s"}
    assert {cell.number_format for cell in every} == {"@"}
    assert set(EVIL) <= {cell.value for cell in every}


@pytest.mark.parametrize("cell", [*EVIL, "", "'", "a=b", "'a", "0420", "\t=1", "''''=x"])
def test_a_guarded_cell_is_freed_again(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert not guarded(cell).startswith(tuple("=+-@\t\r"))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_a_file_with_a_heading(importing: Importer, tmp_path: Path, kind: FileKind) -> None:
    target = tmp_path / "out"
    assert export_customers([], target, kind, PLAN) == 0
    assert target.stat().st_size > 0
    if kind is FileKind.JSON:
        assert json.loads(target.read_text()) == []
    del importing


def test_an_exported_file_is_for_its_owner_only_and_takes_nobodys_place(importing: Importer, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    export_customers(importing.customers.everybody(), target, FileKind.CSV, PLAN)
    assert target.stat().st_mode & 0o777 == 0o600
    before = target.read_bytes()
    with pytest.raises(StoreError, match=r"out\.csv is there already"):
        export_customers([], target, FileKind.CSV, PLAN)
    assert target.read_bytes() == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_that_fails_leaves_no_file(importing: Importer, tmp_path: Path, kind: FileKind) -> None:
    def failing() -> Iterator[CustomerRow]:
        yield next(importing.customers.everybody())
        raise ZeroDivisionError

    place = tmp_path / "out"
    place.mkdir()
    with pytest.raises(ZeroDivisionError):
        export_customers(failing(), place / "out.x", kind, PLAN)
    assert list(place.iterdir()) == []


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be written \(No such file or directory\)"):
        export_customers([], tmp_path / "nowhere" / "out.csv", FileKind.CSV, PLAN)
