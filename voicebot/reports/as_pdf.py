"""A report as PDF, on A4 across: cover lines, plots, then the table, whose heads are repeated on each page.

Text is set in DejaVu Sans (Debian: fonts-dejavu-core); where there is Korean, in Nanum Gothic as well (Debian: fonts-nanum).
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from voicebot.errors import ReportRefused
from voicebot.reports.cells import shown
from voicebot.reports.library import Kind
from voicebot.reports.making import Cell, Plot, Report

FONTS = Path("/usr/share/fonts/truetype")
LATIN, LATIN_BOLD, KOREAN = "dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf", "nanum/NanumGothic.ttf"
PACKAGES = {LATIN: "fonts-dejavu-core", LATIN_BOLD: "fonts-dejavu-core", KOREAN: "fonts-nanum"}
LINE, SMALL = 5.0, 7.5  # height of a row in mm, size of its letters in points
GAP = 3.0  # mm that a column is wider than what stands in it
PLOT_HEIGHT = 55.0
REMEMBERED = 5_000  # texts whose widths are kept, so that memory is bounded
HANGUL = range(0x1100, 0xD7FC)


def as_pdf(report: Report, fonts: Path = FONTS) -> bytes:
    """The document. Raises ReportRefused where a font is missing; the text names its package."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    pdf = _Paper(report, fonts)
    pdf.add_page()
    for plot in report.plots:
        pdf.plot(plot)
    pdf.figures()
    return bytes(pdf.output())


class _Paper(FPDF):
    """The pages of one report."""

    def __init__(self, report: Report, fonts: Path) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._report = report
        self.set_title(report.title)
        self.set_creation_date(report.made_at)
        self._korean, self._fitted = _is_korean("".join(_letters(report))), dict[tuple[str, float, str], str]()
        self._widths_of: dict[tuple[str, str], float] = {}
        names = [("text", "", LATIN), ("text", "B", LATIN_BOLD)]
        if self._korean:
            names += [("korean", "", KOREAN), ("korean", "B", KOREAN)]
        # All are looked for before any is opened: an opened one must be closed again.
        for family, style, path in [(family, style, _font(fonts, name)) for family, style, name in names]:
            self.add_font(family, style, path)
        self.set_auto_page_break(False)
        self._widths = self._shared_out()

    def header(self) -> None:
        """On the first page whose report it is, on the others only its name."""
        self.set_font("text", "B", 14 if self.page_no() == 1 else 9)
        self._script(self._report.title)
        self.cell(0, 8, self._report.title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font("text", "", 9)
        for line in self._report.cover if self.page_no() == 1 else ():
            self._script(line)
            self.multi_cell(0, LINE, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def footer(self) -> None:
        """Which page."""
        self.set_y(-12)
        self.set_font("text", "", SMALL)
        self._script(self._report.company)
        self.cell(0, LINE, f"{self._report.company} · {self.page_no()} / {{nb}}", align="R")

    def _shared_out(self) -> list[float]:
        """The columns' widths. Figures, and the words of heads, are never cut; words and names are, where there is no room."""
        heads = [self._widest(one.title.split(), "B", SMALL - 1) for one in self._report.heads]
        cells = [self._widest(texts, "B", SMALL) for texts in self._texts()]
        wanted = [max(both) + GAP for both in zip(heads, cells, strict=True)]
        if (left := self.epw - sum(wanted)) >= 0:
            return [one + left / len(wanted) for one in wanted]
        may_shrink = [
            one - head - GAP if of.kind is Kind.WORDS else 0.0
            for one, head, of in zip(wanted, heads, self._report.heads, strict=True)
        ]
        share = min(1.0, -left / (sum(may_shrink) or 1.0))
        narrow = [one - less * share for one, less in zip(wanted, may_shrink, strict=True)]
        return [one * self.epw / sum(narrow) for one in narrow]

    def _texts(self) -> list[set[str]]:
        """What stands in each column: all words, and of figures the longest, since digits are of one width."""
        found: list[set[str]] = []
        for place, head in enumerate(self._report.heads):
            texts = {shown(row[place], head.kind) for row in (*self._report.rows, self._report.total)}
            found.append(texts if head.kind is Kind.WORDS else {max(texts, key=len)})
        return found

    def _widest(self, texts: Iterable[str], style: str, size: float) -> float:
        self.set_font("text", style, size)
        widths = []
        for text in texts:
            self._script(text)
            widths.append(self.get_string_width(text))
        return max(widths, default=0.0)

    def plot(self, plot: Plot) -> None:
        """Bars over the width of the page, the highest with its value; as many labels as there is room for."""
        self._room_for(PLOT_HEIGHT)
        numbers = [0.0 if value is None else _number(value) for value in plot.values]
        most = max(numbers, default=0.0)
        self.set_font("text", "B", 9)
        self.cell(0, LINE, f"{plot.title} (highest: {self._most(plot, numbers)})", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font("text", "", 6)
        self.set_fill_color(46, 96, 160)
        foot, step = self.get_y() + PLOT_HEIGHT - 15, self.epw / max(len(numbers), 1)
        every = max(1, round(24 / step))
        for place, (label, number) in enumerate(zip(plot.labels, numbers, strict=True)):
            tall, left = ((PLOT_HEIGHT - 17) * number / most if most else 0), self.l_margin + (place + 0.1) * step
            if tall:
                self.rect(left, foot - tall, min(step * 0.8, 25), tall, style="F")
            if place % every == 0:
                self.set_xy(left - self.c_margin, foot)
                self._script(label)
                room = min(step * every, self.l_margin + self.epw - left + 2)
                self.cell(max(room, 1), 4, self._fit(label, room))
        self.line(self.l_margin, foot, self.l_margin + self.epw, foot)
        self.set_xy(self.l_margin, foot + 9)

    def figures(self) -> None:
        """Heads, rows, the sum. The sum never stands alone on a page."""
        self._heads()
        last = len(self._report.rows) - 1
        self.set_font("text", "", SMALL)
        for number, row in enumerate(self._report.rows):
            if self.get_y() + LINE * (2 if number == last else 1) > self.h - 15:
                self.add_page()
                self._heads()
                self.set_font("text", "", SMALL)
            self._row(row)
        self.set_font("text", "B", SMALL)
        self.line(self.l_margin, self.get_y(), self.l_margin + self.epw, self.get_y())
        self._row(("All", *self._report.total[1:]))

    def _heads(self) -> None:
        self._room_for(LINE * 6)
        self.set_font("text", "B", SMALL - 1)
        top, deepest = self.get_y(), self.get_y()
        left = self.l_margin
        for head, width in zip(self._report.heads, self._widths, strict=True):
            self.set_xy(left, top)
            self.multi_cell(width, 4, head.title, align=_side(head.kind))
            deepest, left = max(deepest, self.get_y()), left + width
        self.line(self.l_margin, deepest, self.l_margin + self.epw, deepest)
        self.set_xy(self.l_margin, deepest + 0.5)

    def _row(self, row: tuple[Cell, ...]) -> None:
        """Text at its place: fpdf2's cells take twice as long, which a long table feels."""
        left, base = self.l_margin, self.get_y() + LINE * 0.7
        for value, head, width in zip(row, self._report.heads, self._widths, strict=True):
            text = shown(value, head.kind)
            self._script(text)
            text = self._fit(text, width)
            if text:
                gap = 1.0 if _side(head.kind) == "L" else width - 1.0 - self._wide(text)
                self.text(left + gap, base, text)
            left += width
        self.ln(LINE)

    def _room_for(self, height: float) -> None:
        if self.get_y() + height > self.h - 15:
            self.add_page()

    def _script(self, text: str) -> None:
        """The font that has these letters. Fallback fonts of fpdf2 stay set behind its back, so the choice is made here."""
        if self._korean and (wanted := "korean" if _is_korean(text) else "text") != self.font_family:
            self.set_font(wanted, self.font_style, self.font_size_pt)

    def _fit(self, text: str, width: float) -> str:
        """Cut to a width, and say so. Remembered, for the same names come in many rows."""
        key = text, width, self.font_style
        if len(self._fitted) > REMEMBERED:
            self._fitted.clear()
        if key not in self._fitted:
            self._fitted[key] = self._cut(text, width)
        return self._fitted[key]

    def _wide(self, text: str) -> float:
        key = text, self.font_style
        if len(self._widths_of) > REMEMBERED:
            self._widths_of.clear()
        if key not in self._widths_of:
            self._widths_of[key] = self.get_string_width(text)
        return self._widths_of[key]

    def _cut(self, text: str, width: float) -> str:
        if self.get_string_width(text) <= width - 2:
            return text
        while text and self.get_string_width(f"{text}…") > width - 2:
            text = text[:-1]
        return f"{text}…"

    @staticmethod
    def _most(plot: Plot, numbers: list[float]) -> str:
        return shown(plot.values[numbers.index(max(numbers))], plot.kind)


def _font(fonts: Path, name: str) -> Path:
    path = fonts / name
    if not path.is_file():
        raise ReportRefused(f"the font {path} is missing: install the Debian package {PACKAGES[name]}")
    return path


def _is_korean(text: str) -> bool:
    return any(ord(letter) in HANGUL for letter in text)


def _letters(report: Report) -> set[str]:
    texts = [report.title, report.company, *report.cover, *(cell for row in report.rows for cell in row if isinstance(cell, str))]
    return set().union(*texts)


def _number(value: Cell) -> float:
    return value.total_seconds() if hasattr(value, "total_seconds") else float(value)  # type: ignore[arg-type,union-attr]


def _side(kind: Kind) -> str:
    return "L" if kind in (Kind.WORDS, Kind.TIME) else "R"
