"""What the day over the real interfaces calls a difference; the day itself is `python -m tests.reports.live_day`."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.reports.book import Book
from tests.reports.live_reading import Fetched, wrong_in
from voicebot.reports.cells import shown
from voicebot.reports.library import Kind

HEADS = (
    ("", Kind.WORDS), ("Handled", Kind.COUNT), ("Talk", Kind.LENGTH), ("Hold", Kind.LENGTH), ("Wrap-up", Kind.LENGTH),
    ("Handling", Kind.LENGTH), ("Transfers", Kind.SHARE),
)  # fmt: skip
MINUTE, NOTHING = timedelta(minutes=1), timedelta()
ROW = ("moved", 2, 2 * MINUTE, NOTHING, NOTHING, MINUTE, 0.0)


def read(row: tuple[Any, ...]) -> Fetched:
    words = tuple(shown(value, kind) for value, (_, kind) in zip(row, HEADS, strict=True))
    sheet = tuple(value / timedelta(days=1) if isinstance(value, timedelta) else value for value in row)
    return Fetched("codes", HEADS, (row,), (words,), " ".join(words), (sheet,))


@pytest.fixture
def book() -> Book:
    known = Book()
    known.add("codes", ("moved",), handled=2, talk=2 * MINUTE)
    return known


def test_what_agrees_is_none_and_so_is_what_two_clocks_cannot_agree_on(book: Book) -> None:
    assert wrong_in(book, read(ROW), 10, {}) == []
    assert wrong_in(book, read((*ROW[:5], MINUTE + timedelta(seconds=6), 0.0)), 10, {}) == []


@pytest.mark.parametrize(("place", "value"), [(0, "paid"), (1, 3), (2, 3 * MINUTE), (5, 2 * MINUTE), (6, 0.5)])
def test_a_cell_that_is_not_the_robots_is_one(book: Book, place: int, value: object) -> None:
    assert wrong_in(book, read((*ROW[:place], value, *ROW[place + 1 :])), 10, {})


@pytest.mark.parametrize("form", ["page", "paper", "sheet", "rows"])
def test_a_form_that_says_something_else_is_one(book: Book, form: str) -> None:
    other = read(("moved", 3, *ROW[2:]))
    mixed = replace(read(ROW), **{form: getattr(other, form)})
    assert wrong_in(book, mixed, 10, {})
