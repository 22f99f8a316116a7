"""Reads a customer file of text: separator, heading, lines."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from voicebot.errors import ImportRefused
from voicebot.records.customer_file import Cells, Fault, Heading, ImportPlan, as_text, read_heading
from voicebot.records.customer_guard import unguarded

SEPARATORS = ",;\t"


@dataclass(frozen=True)
class CsvSheet:
    """A `Sheet` of separated values."""

    name: str
    content: bytes = field(repr=False)
    text: str = field(repr=False)
    separator: str
    heading: Heading

    @property
    def columns(self) -> tuple[str, ...]:
        """The wanted columns that are there."""
        return tuple(self.heading.places)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the heading."""
        return self.heading.warnings

    def place(self, line: int, column: str) -> str:
        """By line of the file, as an editor counts them."""
        return f"line {line}, column {column}" if column else f"line {line}"

    def lines(self) -> Iterator[tuple[int, Cells | Fault]]:
        """Line by line."""
        records = _records(self.text, self.separator)
        next(records)
        for line, cells in records:
            if isinstance(cells, Fault):
                yield line, cells
            elif any(cell.strip() for cell in cells):
                yield line, self._by_column(line, cells)

    def _by_column(self, line: int, cells: list[str]) -> Cells | Fault:
        width = self.heading.width
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            return Fault(line, "", f"has {len(cells)} cells where the heading has {width}")
        return {column: unguarded(cells[place].strip()) for column, place in self.heading.places.items()}


def open_csv(name: str, content: bytes, plan: ImportPlan) -> CsvSheet:
    """UTF-8, separated by comma, semicolon or tab. Raises ImportRefused where it is anything else."""
    text = as_text(name, content)
    separator, heading = _heading(text, plan)
    if not heading:
        raise ImportRefused(f"{name}: the file is empty")
    return CsvSheet(name, content, text, separator, read_heading(name, "line 1", heading, plan))


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
