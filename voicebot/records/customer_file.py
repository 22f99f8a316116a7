"""What a customer file is, whatever its kind: columns, lines, places, faults. Each kind has a reader of its own.

Says what is wrong and where; writes nothing, and quotes no cell.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Shape
from voicebot.errors import ImportRefused
from voicebot.records.customer_checks import Unfit

FAULTS_SHOWN = 50
LARGEST = 256 * 1024 * 1024  # bytes; a million customers are about half of it
MOST = 1_000_000  # customers


@dataclass(frozen=True)
class ImportPlan:
    """The columns of a customer file, by their headings; a field or detail has the name of its column.

    Identifiers and secrets are digits of a shape. Phones become E.164 by `region`. `name` may be empty: no such column.
    `replace`: customers that the file does not hold are removed. `sheet`: which one of a workbook; empty: the first.
    """

    customer_id: str
    name: str = ""
    phones: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, Shape], ...] = ()
    secrets: tuple[tuple[str, Shape], ...] = ()
    details: tuple[Detail, ...] = ()
    region: str = "US"
    replace: bool = False
    sheet: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every heading that is looked for, once each."""
        named = (self.customer_id, self.name, *self.phones)
        listed = (*(name for name, _ in self.identifiers), *self.secret_names)
        return tuple(dict.fromkeys(name for name in (*named, *listed, *(detail.name for detail in self.details)) if name))

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The columns of secrets. A file without one leaves those secrets as they are."""
        return tuple(name for name, _ in self.secrets)

    def kind(self, column: str) -> str:
        """What may stand in a column: `digits`, `amount`, `day` or `words`. Phones and ids are digits to a spreadsheet."""
        as_digits = (self.customer_id, *self.phones, *(name for name, _ in self.identifiers), *self.secret_names)
        if column in as_digits:
            return "digits"
        return next((detail.kind for detail in self.details if detail.name == column), "words")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file. Line 0: the file as a whole. Column empty: the line as a whole."""

    line: int
    column: str
    words: str


Cells: TypeAlias = dict[str, str | Unfit]  # by column; Unfit where the kind of file says already that it cannot be kept


class Sheet(Protocol):
    """A file that could be read, by name and content."""

    @property
    def name(self) -> str:
        """The file's own name, without its folder."""
        ...

    @property
    def content(self) -> bytes:
        """All of it."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The wanted columns that are there."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about it, in sentences."""
        ...

    def lines(self) -> Iterator[tuple[int, Cells | Fault]]:
        """(line, cells by column), blank ones left out; a line that cannot be read is a Fault. The same again each time."""
        ...

    def place(self, line: int, column: str) -> str:
        """Where this stands, as people find it."""
        ...


@dataclass(frozen=True)
class Heading:
    """The wanted columns that are there, each with its place; how many cells there are; what is odd."""

    places: dict[str, int]
    width: int
    warnings: tuple[str, ...]


def read_heading(name: str, place: str, heading: Sequence[str], plan: ImportPlan) -> Heading:
    """Finds the columns in the first line. Raises ImportRefused where one is missing or stands twice."""
    cells = [cell.strip() for cell in heading]
    names = [cell.casefold() for cell in cells]
    if doubled := sorted({cells[at] for at, known in enumerate(names) if known and names.index(known) != at}):
        raise ImportRefused(f"{name}: {place}: the heading names {', '.join(doubled)} twice")
    present = present_columns(name, f"{place}: ", [cell for cell in cells if cell], plan)
    wanted = {column.casefold() for column in plan.columns}
    unknown = [cells[at] for at, known in enumerate(names) if known and known not in wanted]
    places = {column: names.index(column.casefold()) for column in present}
    return Heading(places, len(cells), odd_columns(present, unknown, plan))


def present_columns(name: str, place: str, found: Sequence[str], plan: ImportPlan) -> tuple[str, ...]:
    """The wanted columns that are there. Raises ImportRefused where one that is no secret is missing."""
    names = {cell.casefold() for cell in found}
    missing = [column for column in plan.columns if column.casefold() not in names and column not in plan.secret_names]
    if missing:
        raise ImportRefused(f"{name}: {place}no column {', '.join(missing)}; the heading has {', '.join(found)}")
    return tuple(column for column in plan.columns if column.casefold() in names)


def odd_columns(present: Sequence[str], unknown: Sequence[str], plan: ImportPlan) -> tuple[str, ...]:
    """Sentences about columns that nobody wants, and about secrets that have no column."""
    absent = [column for column in plan.secret_names if column not in present]
    unused = [f"column {column} is not used" for column in unknown]
    return (*unused, *(f"there is no column {column}: who has one keeps it" for column in absent))


def refusal(name: str, faults: Sequence[Fault], place: Callable[[int, str], str]) -> ImportRefused:
    """All that is wrong, the first fifty in full."""
    shown = [f"{place(fault.line, fault.column)}: {fault.words}" for fault in sorted(faults, key=lambda fault: fault.line)]
    if len(faults) > FAULTS_SHOWN:
        shown[FAULTS_SHOWN:] = [f"and {len(faults) - FAULTS_SHOWN} more"]
    counted = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return ImportRefused("\n  ".join([f"{name}: {counted}, nothing was imported", *shown]))


def read_content(source: Path) -> bytes:
    """The whole file, once, so that it cannot change under the import. Raises ImportRefused."""
    try:
        with source.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ImportRefused(f"{source.name}: cannot be read ({error.strerror})") from None
    if len(content) > LARGEST:
        raise ImportRefused(f"{source.name}: is larger than {LARGEST >> 20} MB; divide it into several files")
    return content


def as_text(name: str, content: bytes) -> str:
    """UTF-8, with or without its mark. Raises ImportRefused with the line that is something else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise ImportRefused(f"{name}: this is UTF-16 or no text at all; save it as UTF-8 ('CSV UTF-8' in a spreadsheet)")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        words = f"line {line} is not UTF-8 (Windows-1252, perhaps); save it as UTF-8 ('CSV UTF-8' in a spreadsheet)"
        raise ImportRefused(f"{name}: {words}") from None
