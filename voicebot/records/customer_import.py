"""Brings a customer file into the embedded table: check all, hash the secrets, then one transaction. All or nothing.

The staging table is in memory and never sees a secret: secrets are read from the file only to be hashed.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlite_utils

from voicebot.dialogue.values import Secret
from voicebot.errors import ImportRefused
from voicebot.records import customer_merge
from voicebot.records.customer_checks import Unfit, checked_detail, checked_digits, checked_phone, checked_text
from voicebot.records.customer_file import Fault, ImportPlan, Sheet, open_sheet, refusal
from voicebot.records.store import SqlStore

NAME = "name"  # what the name is kept under, whatever its column is called
ANI = "ani"  # finds every phone column

HashSecret = Callable[[str, str, Secret], str]  # (customer id, field, secret) -> hash
Progress = Callable[[int, int], None]  # (customers done, customers in all)

# A value that stands on two lines where it may stand on one, with the first of them.
_DOUBLED = """
    select field, line, first from (
        select field, line, min(line) over (partition by field, value) as first from keys where is_unique
    ) where line > first order by line
"""


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, in customers. `warnings` are sentences about the file."""

    added: int
    updated: int
    removed: int
    warnings: tuple[str, ...] = ()


def import_customers(
    store: SqlStore, source: Path, plan: ImportPlan, hash_secret: HashSecret, progress: Progress
) -> ImportSummary:
    """Upsert by customer id; customers not in the file go only with `plan.replace`. Raises ImportRefused, nothing written."""
    sheet = open_sheet(source, plan)
    staging = sqlite_utils.Database(memory=True, execute_plugins=False)
    try:
        _stage(staging, sheet, plan)
        _stage_hashes(staging, sheet, plan, hash_secret, progress)
        added, updated, removed = customer_merge.merge(store, staging, sheet.name, replace=plan.replace)
    finally:
        staging.close()
    return ImportSummary(added, updated, removed, sheet.warnings)


def _stage(staging: sqlite_utils.Database, sheet: Sheet, plan: ImportPlan) -> None:
    """All lines, checked, into memory; or all that is wrong with them."""
    people = staging.table("people").create({"line": int, "customer_id": str, "columns": str}, pk="line")
    keys = staging.table("keys").create({"line": int, "field": str, "value": str, "is_unique": int})
    staging.table("hashes").create({"line": int, "field": str, "hashed": str})
    faults: list[Fault] = []

    def rows() -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        for line, cells in sheet.lines():
            if isinstance(cells, Fault):
                faults.append(cells)
                continue
            checked = _Checked(line, plan, cells)
            faults.extend(checked.faults)
            yield checked.person, checked.keys

    kept = list(rows())
    if not kept and not faults:
        raise ImportRefused(f"{sheet.name}: the file has a heading but no customers")
    people.insert_all(person for person, _ in kept)
    keys.insert_all(key for _, found in kept for key in found)
    doubled = staging.query(_DOUBLED)
    faults.extend(Fault(row["line"], row["field"], f"the same value stands on line {row['first']}") for row in doubled)
    if faults:
        raise refusal(sheet.name, faults)


def _stage_hashes(
    staging: sqlite_utils.Database, sheet: Sheet, plan: ImportPlan, hash_secret: HashSecret, progress: Progress
) -> None:
    """The slow part, after everything is known to be right. An empty cell: the customer has no such secret."""
    total = staging.table("people").count
    hashes: list[dict[str, Any]] = []
    lines = (cells for cells in sheet.lines() if isinstance(cells[1], dict))
    for done, (line, cells) in enumerate(lines, start=1):
        assert isinstance(cells, dict)  # noqa: S101 - for the type checker: chosen above
        for name, _ in plan.secrets:
            if cells[name]:
                hashed = hash_secret(cells[plan.customer_id], name, Secret(cells[name]))
                hashes.append({"line": line, "field": name, "hashed": hashed})
        progress(done, total)
    staging.table("hashes").insert_all(hashes)


class _Checked:
    """One line: what is kept of it, the keys it is found by, and what is wrong with it."""

    def __init__(self, line: int, plan: ImportPlan, cells: dict[str, str]) -> None:
        self._line = line
        self._cells = cells
        self._columns: dict[str, str] = {}
        self.keys: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        customer_id = self._kept(plan.customer_id, checked_text) or self._needed(plan.customer_id)
        self._key(plan.customer_id, customer_id, is_unique=True)
        self._read(plan)
        columns = json.dumps(self._columns, ensure_ascii=False)
        self.person = {"line": line, "customer_id": customer_id, "columns": columns}

    def _read(self, plan: ImportPlan) -> None:
        for phone in plan.phones:
            number = self._kept(phone, partial(checked_phone, region=plan.region))
            self._columns[phone] = number
            self._key(phone, number, is_unique=False)
            self._key(ANI, number, is_unique=False)
        for name, shape in plan.identifiers:
            if name not in plan.phones:
                self._columns[name] = self._kept(name, partial(checked_digits, shape=shape))
                self._key(name, self._columns[name], is_unique=True)
        for name, shape in plan.secrets:
            self._kept(name, partial(checked_digits, shape=shape))
        for detail in plan.details:
            if detail.name not in self._columns:
                self._columns[detail.name] = self._kept(detail.name, partial(checked_detail, kind=detail.kind))
        if plan.name:
            self._columns[NAME] = self._kept(plan.name, checked_text)
        self._columns = {name: value for name, value in self._columns.items() if value}

    def _kept(self, column: str, check: Callable[[str], str]) -> str:
        """The cell as it is kept; empty where it is empty or unfit."""
        cell = self._cells[column]
        try:
            return check(cell) if cell else ""
        except Unfit as unfit:
            self.faults.append(Fault(self._line, column, str(unfit)))
            return ""

    def _needed(self, column: str) -> str:
        if not self.faults:
            self.faults.append(Fault(self._line, column, "must not be empty"))
        return ""

    def _key(self, field: str, value: str, *, is_unique: bool) -> None:
        key = {"line": self._line, "field": field, "value": value, "is_unique": int(is_unique)}
        if value and key not in self.keys:
            self.keys.append(key)
