"""Reports as a supervisor gets them over HTTP: what the four forms say, and where they differ from each other and from a book."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape

import httpx
import openpyxl
from pypdf import PdfReader

from tests.reports.book import COLUMNS, Book
from voicebot.reports.cells import shown
from voicebot.reports.library import LIBRARY, Kind
from voicebot.reports.making import Cell

ROW, CELL = re.compile(r"<tr>(.*?)</tr>", re.DOTALL), re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
REAL = 0.35  # real seconds by which robots and server may see the same moment differently, each time


@dataclass(frozen=True)
class Fetched:
    """One report. `rows` are its CSV's, as values; the other forms as text."""

    name: str
    heads: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Cell, ...], ...]
    page: tuple[tuple[str, ...], ...]
    paper: str
    sheet: tuple[tuple[object, ...], ...]


async def fetched(client: httpx.AsyncClient, name: str, first: date, last: date) -> Fetched:
    """All forms of it."""
    days = {"first": str(first), "last": str(last)}
    got = {kind: await client.get(f"/reports/{name}{kind}", params=days) for kind in ("", "/csv", "/xlsx", "/pdf")}
    for answer in got.values():
        answer.raise_for_status()
    definition = LIBRARY[name]
    heads = [("Began", Kind.TIME)] if definition.period else []
    heads += [("", Kind.WORDS) for _ in definition.by]
    heads += [(one.title, one.kind) for one in definition.figures]
    _, *rows = csv.reader(io.StringIO(got["/csv"].content.decode("utf-8-sig")))
    values = tuple(tuple(_read(text, kind) for text, (_, kind) in zip(row, heads, strict=True)) for row in rows)
    body = got[""].text.partition("<tbody>")[2].partition("</tbody>")[0]
    page = tuple(tuple(map(unescape, CELL.findall(row)))[: len(heads)] for row in ROW.findall(body))
    paper = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(got["/pdf"].content)).pages).split())
    book = openpyxl.load_workbook(io.BytesIO(got["/xlsx"].content))["Figures"]
    cells = [row[: len(heads)] for row in book.iter_rows(values_only=True)]
    top = next(place for place, row in enumerate(cells) if heads[-1][0] in row)
    return Fetched(name, tuple(heads), values, page, paper, tuple(cells[top + 1 : top + 1 + len(rows)]))


def wrong_in(book: Book, one: Fetched, scale: float, slack: dict[str, int]) -> list[str]:
    """In words."""
    found = []
    for place, row in enumerate(one.rows):
        said = tuple(shown(value, kind) for value, (_, kind) in zip(row, one.heads, strict=True))
        on_page = one.page[place] if place < len(one.page) else ()
        if tuple(cell or "–" for cell in said) != on_page:
            found.append(f"{one.name}: the page says {on_page}, the CSV {said}")
        figures = " ".join(text for text, (_, kind) in zip(said, one.heads, strict=True) if kind not in (Kind.WORDS, Kind.TIME))
        if figures not in one.paper:
            found.append(f"{one.name}: the PDF has no {figures}")
        if not all(_same_cell(cell, value) for cell, value in zip(one.sheet[place], row, strict=True)):
            found.append(f"{one.name}: the workbook says {one.sheet[place]}, the CSV {row}")
    return found + _against(book, one, scale, slack)


def _against(book: Book, one: Fetched, scale: float, slack: dict[str, int]) -> list[str]:
    """Whether the figures are the robots' own. Where time is told apart, rows of the same name are added up: counts alone."""
    titles, columns = [title for title, _ in one.heads], COLUMNS[one.name]
    named = len(one.heads) - len(columns)
    wanted = {row[: len(row) - len(columns)]: row[-len(columns) :] for row in book.expected(one.name)}
    made: dict[tuple[Cell, ...], tuple[Cell, ...]] = {}
    timed = titles[0] == "Began"
    for row in one.rows:
        key, figures = row[int(timed) : named], row[named:]
        made[key] = tuple(map(_added, made[key], figures)) if key in made else figures
    found = [f"{one.name}: there is {key}, and should not be" for key in made.keys() - wanted.keys()]
    for key, right in wanted.items():
        given = made.get(key)
        if given is None:
            found.append(f"{one.name}: {key} is missing, with {right}")
            continue
        known = book.rows[one.name][key]
        many = {"Talk": known["handled"] + known["holds"], "Hold": known["holds"], "Wrap-up": known["filed"]}
        for (title, kind), should, told in zip(one.heads[named:], right, given, strict=True):
            if timed and kind is not Kind.COUNT:
                continue
            spare = scale * REAL * 2 * many.get(title, 1)
            if not _agrees(title, should, told, spare, slack.get("in_time", 0)):
                found.append(f"{one.name}: {key}: {title} is {told} instead of {should}")
    return found


def _agrees(title: str, should: Cell, told: Cell, spare: float, unsure: int) -> bool:
    if isinstance(should, timedelta) and isinstance(told, timedelta):
        return abs((should - told).total_seconds()) <= spare
    if isinstance(should, int) and isinstance(told, int) and title == "In time":
        return abs(should - told) <= unsure
    if isinstance(should, int | float) and isinstance(told, int | float):
        return abs(should - told) < 1e-5 or (title == "Service level" and unsure > 0)
    return should == told


def _added(one: Cell, other: Cell) -> Cell:
    return one + other if isinstance(one, int) and isinstance(other, int) else None


def _read(text: str, kind: Kind) -> Cell:
    if kind is Kind.WORDS:
        return text
    if not text:
        return None
    match kind:
        case Kind.TIME:
            return datetime.fromisoformat(text)
        case Kind.COUNT:
            return int(text)
        case Kind.LENGTH:
            return timedelta(seconds=float(text))
        case _:
            return float(text)


def _same_cell(cell: object, value: Cell) -> bool:
    if isinstance(value, timedelta):
        days = cell.total_seconds() / 86400 if isinstance(cell, timedelta) else cell
        return isinstance(days, int | float) and abs(days - value / timedelta(days=1)) < 1e-6
    if isinstance(value, float):
        return isinstance(cell, int | float) and abs(cell - value) < 1e-5
    if isinstance(value, datetime):
        return cell == value.replace(tzinfo=None)
    return (cell or "") == (value or "") if isinstance(value, str) or value is None else cell == value
