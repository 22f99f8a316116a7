"""Reads the operator's customer file: encoding, separator, heading, lines. Says what is wrong and where; writes nothing."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Shape
from voicebot.errors import ImportRefused

SEPARATORS = ",;\t"
FAULTS_SHOWN = 50


@dataclass(frozen=True)
class ImportPlan:
    """The columns of a customer file, by their headings; a field or detail has the name of its column.

    Identifiers and secrets are digits of a shape. Phones become E.164 by `region`. `name` may be empty: no such column.
    `replace`: customers that the file does not hold are removed.
    """

    customer_id: str
    name: str = ""
    phones: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, Shape], ...] = ()
    secrets: tuple[tuple[str, Shape], ...] = ()
    details: tuple[Detail, ...] = ()
    region: str = "US"
    replace: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every heading that must be there, once each."""
        named = (self.customer_id, self.name, *self.phones)
        listed = (*(name for name, _ in self.identifiers), *(name for name, _ in self.secrets))
        return tuple(dict.fromkeys(name for name in (*named, *listed, *(detail.name for detail in self.details)) if name))


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file. Line 0: the file as a whole."""

    line: int
    column: str
    words: str

    def __str__(self) -> str:
        return f"line {self.line}{f', column {self.column}' if self.column else ''}: {self.words}"


@dataclass(frozen=True)
class Sheet:
    """A file that could be read: where each wanted column stands, and what was odd about the heading."""

    name: str
    text: str = field(repr=False)
    separator: str
    places: dict[str, int]
    width: int
    warnings: tuple[str, ...]

    def lines(self) -> Iterator[tuple[int, dict[str, str] | Fault]]:
        """(line of the file, cells by column), blank lines left out; a line that cannot be read is a Fault."""
        records = _records(self.text, self.separator)
        next(records)
        for line, cells in records:
            if isinstance(cells, Fault):
                yield line, cells
            elif any(cell.strip() for cell in cells):
                yield line, self._by_column(line, cells)

    def _by_column(self, line: int, cells: list[str]) -> dict[str, str] | Fault:
        if len(cells) < self.width or any(cell.strip() for cell in cells[self.width :]):
            return Fault(line, "", f"has {len(cells)} cells where the heading has {self.width}")
        return {column: cells[place].strip() for column, place in self.places.items()}


def open_sheet(source: Path, plan: ImportPlan) -> Sheet:
    """A CSV file in UTF-8, separated by comma, semicolon or tab. Raises ImportRefused where it is anything else."""
    text = _text(source)
    separator, heading = _heading(text, plan)
    if not heading:
        raise ImportRefused(f"{source.name}: the file is empty")
    names = [name.strip().casefold() for name in heading]
    doubled = sorted({heading[at].strip() for at, name in enumerate(names) if name and names.index(name) != at})
    if doubled:
        raise ImportRefused(f"{source.name}: line 1: the heading names {', '.join(doubled)} twice")
    missing = [column for column in plan.columns if column.casefold() not in names]
    if missing:
        found = ", ".join(name.strip() for name in heading)
        raise ImportRefused(f"{source.name}: line 1: no column {', '.join(missing)}; the heading has {found}")
    wanted = {column.casefold() for column in plan.columns}
    unknown = tuple(f"column {heading[at].strip()} is not used" for at, name in enumerate(names) if name and name not in wanted)
    places = {column: names.index(column.casefold()) for column in plan.columns}
    return Sheet(source.name, text, separator, places, len(heading), unknown)


def refusal(name: str, faults: list[Fault]) -> ImportRefused:
    """All that is wrong, the first fifty in full."""
    shown = [str(fault) for fault in sorted(faults, key=lambda fault: fault.line)[:FAULTS_SHOWN]]
    if len(faults) > FAULTS_SHOWN:
        shown.append(f"and {len(faults) - FAULTS_SHOWN} more")
    counted = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return ImportRefused("\n  ".join([f"{name}: {counted}, nothing was imported", *shown]))


def _text(source: Path) -> str:
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{source.name}: cannot be read ({error.strerror})") from None
    if raw.startswith(b"PK\x03\x04"):
        raise ImportRefused(f"{source.name}: this is an Excel workbook; save it as 'CSV UTF-8' and import that")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        raise ImportRefused(f"{source.name}: this is UTF-16 or no text at all; save it as 'CSV UTF-8'")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ImportRefused(
            f"{source.name}: line {line} is not UTF-8 (Windows-1252, perhaps); save the file as 'CSV UTF-8'"
        ) from None


def _heading(text: str, plan: ImportPlan) -> tuple[str, list[str]]:
    """The separator under which most of the wanted columns are found, and the heading as it then reads."""
    wanted = {column.casefold() for column in plan.columns}
    best: tuple[str, list[str]] = (SEPARATORS[0], [])
    most = -1
    for separator in SEPARATORS:
        _, cells = next(_records(text, separator), (1, []))
        if isinstance(cells, Fault):
            continue
        found = len(wanted & {cell.strip().casefold() for cell in cells})
        if found > most:
            best, most = (separator, cells), found
    return best


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """(line that a record begins on, its cells). A quote that never closes ends the reading with a Fault."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, Fault(line, "", "the quotes do not match: a quote is open to the end, or stands inside a cell undoubled")
            return
        yield line, cells
