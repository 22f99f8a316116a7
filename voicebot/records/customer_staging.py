"""All customers of a file, checked, in memory; or all that is wrong with them. Never holds a secret: only its hash, later."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

import sqlite_utils

from voicebot.dialogue.values import Secret
from voicebot.errors import ImportRefused
from voicebot.ports.secrets import SecretOf, Strength, Weigh
from voicebot.records.customer_checks import Unfit, checked_detail, checked_digits, checked_phone, checked_text
from voicebot.records.customer_file import FAULTS_SHOWN, MOST, Cells, Fault, ImportPlan, Sheet, refusal

NAME = "name"  # what the name is kept under, whatever its column is called
ANI = "ani"  # finds every phone column
_AT_ONCE = 1000  # rows in one insertion

# A value that stands on two lines where it may stand on one, with the first of them.
_DOUBLED = """
    select field, line, first from (
        select field, line, min(line) over (partition by field, value) as first from keys where is_unique
    ) where line > first order by line
"""


class WeakSecrets(StrEnum):
    """What becomes of a file with secrets that are easy to guess."""

    REFUSE = "refuse"
    WARN = "warn"
    ACCEPT = "accept"


@dataclass
class Staged:
    """Customers ready to be merged, in a database in memory. `secret_columns`: what the file says about secrets."""

    database: sqlite_utils.Database
    sheet: Sheet
    plan: ImportPlan
    weak: dict[str, list[int]] = field(default_factory=dict)  # column -> lines

    @property
    def secret_columns(self) -> tuple[str, ...]:
        """The secrets that this file sets or takes away."""
        return tuple(name for name in self.plan.secret_names if name in self.sheet.columns)

    @property
    def count(self) -> int:
        """How many customers."""
        return int(self.database.table("people").count)

    def secrets(self) -> Iterator[tuple[int, list[SecretOf]]]:
        """(line, the customer's secrets), read from the file again. An empty cell: the customer has no such secret."""
        for line, cells in self.sheet.lines():
            if isinstance(cells, dict):
                whose = str(cells[self.plan.customer_id])
                kept = [(name, str(cells[name])) for name in self.secret_columns]
                yield line, [SecretOf(whose, name, Secret(cell)) for name, cell in kept if cell]

    def warnings(self) -> list[str]:
        """What was odd, in sentences."""
        return [*self.sheet.warnings, *(self._weak_ones(column, lines) for column, lines in self.weak.items())]

    def _weak_ones(self, column: str, lines: list[int]) -> str:
        places = ", ".join(self.sheet.place(line, "") for line in lines[:FAULTS_SHOWN])
        more = f" and {len(lines) - FAULTS_SHOWN} more" if len(lines) > FAULTS_SHOWN else ""
        return f"{len(lines)} of column {column} are easy to guess: {places}{more}"


def stage(database: sqlite_utils.Database, sheet: Sheet, plan: ImportPlan, weigh: Weigh, weak: WeakSecrets) -> Staged:
    """Check every line. Raises ImportRefused with all that is wrong."""
    people = database.table("people").create({"line": int, "customer_id": str, "columns": str}, pk="line")
    keys = database.table("keys").create({"line": int, "field": str, "value": str, "is_unique": int})
    database.table("hashes").create({"line": int, "field": str, "hashed": str}, pk=("line", "field"))
    staged = Staged(database, sheet, plan)
    faults: list[Fault] = []
    kept_people: list[dict[str, Any]] = []
    kept_keys: list[dict[str, Any]] = []
    for checked in _checked_lines(staged, weigh, weak, faults):
        kept_people.append(checked.person)
        kept_keys += checked.keys
        if len(kept_people) == _AT_ONCE:
            people.insert_all(kept_people)
            keys.insert_all(kept_keys)
            kept_people, kept_keys = [], []
    people.insert_all(kept_people)
    keys.insert_all(kept_keys)
    if not faults and not staged.count:
        raise ImportRefused(f"{sheet.name}: the file has a heading but no customers")
    faults += [
        Fault(row["line"], row["field"], f"the same value stands in {sheet.place(row['first'], row['field'])}")
        for row in database.query(_DOUBLED)
    ]
    if faults:
        raise refusal(sheet.name, faults, sheet.place)
    return staged


def _checked_lines(staged: Staged, weigh: Weigh, weak: WeakSecrets, faults: list[Fault]) -> Iterator["_Checked"]:
    for count, (line, cells) in enumerate(staged.sheet.lines(), start=1):
        if count > MOST:
            raise ImportRefused(f"{staged.sheet.name}: has more than {MOST:,} customers; divide it into several files")
        if isinstance(cells, Fault):
            faults.append(cells)
            continue
        checked = _Checked(line, staged.plan, cells)
        faults.extend(checked.faults)
        if weak is not WeakSecrets.ACCEPT:
            for column, strength in checked.weighed(weigh):
                if strength is Strength.TOO_SHORT:
                    faults.append(Fault(line, column, "is too short for a secret: at least 4 digits, 6 are advised"))
                elif weak is WeakSecrets.REFUSE:
                    faults.append(Fault(line, column, "is easy to guess: draw another by chance"))
                else:
                    staged.weak.setdefault(column, []).append(line)
        yield checked


class _Checked:
    """One line: what is kept of it, the keys it is found by, and what is wrong with it."""

    def __init__(self, line: int, plan: ImportPlan, cells: Cells) -> None:
        self._line = line
        self._plan = plan
        self._cells = cells
        self._columns: dict[str, str] = {}
        self.keys: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        customer_id = self._kept(plan.customer_id, checked_text) or self._needed(plan.customer_id)
        self._key(plan.customer_id, customer_id, is_unique=True)
        self._read(plan)
        columns = json.dumps(self._columns, ensure_ascii=False)
        self.person = {"line": line, "customer_id": customer_id, "columns": columns}

    def weighed(self, weigh: Weigh) -> Iterator[tuple[str, Strength]]:
        """(column, strength) of the secrets that are not good enough, against what the line says about the customer."""
        plan = self._plan
        known = (plan.customer_id, *plan.phones, *(name for name, _ in plan.identifiers))
        numbers = [str(self._cells[name]) for name in known]
        days = [str(self._cells[detail.name]) for detail in plan.details if detail.kind == "day"]
        for name in plan.secret_names:
            cell = self._cells.get(name, "")
            if isinstance(cell, str) and cell.isascii() and cell.isdigit():
                strength = weigh(Secret(cell), numbers, days)
                if strength in (Strength.GUESSABLE, Strength.TOO_SHORT):
                    yield name, strength

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
        cell = self._cells.get(column, "")
        try:
            if isinstance(cell, Unfit):
                raise cell
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
