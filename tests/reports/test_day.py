"""A day of robots, small: every standard report agrees with what they know. Larger: `python -m tests.reports.day`."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.reports.book import COLUMNS, Book, differences
from tests.reports.day import a_day
from tests.reports.test_reports import needs, same, text_of
from voicebot.keyring import Keyring
from voicebot.records.store import SqlStore, open_store
from voicebot.reports.as_pdf import KOREAN, LATIN
from voicebot.reports.cells import plain, shown
from voicebot.reports.files import written
from voicebot.reports.library import LIBRARY, Kind
from voicebot.reports.making import Report

CALLS, SEED = 90, 5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    place = tmp_path_factory.mktemp("day")
    opened = open_store(f"sqlite:///{place}/voicebot.db", Keyring.open(Path(place) / "keys"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lived(store: SqlStore) -> tuple[Book, dict[str, Report]]:
    book, reports = a_day(store, CALLS, SEED)
    return book, {one.name: one for one in reports}


@pytest.mark.parametrize("name", LIBRARY)
def test_a_report_agrees_with_the_robots_to_the_last_call(name: str, lived: tuple[Book, dict[str, Report]]) -> None:
    book, reports = lived
    assert differences(book, reports[name]) == []


@pytest.mark.parametrize("name", LIBRARY)
def test_every_kind_of_file_has_the_figures_of_the_report(name: str, lived: tuple[Book, dict[str, Report]]) -> None:
    needs(LATIN, KOREAN)
    report = lived[1][name]
    _, *rows = csv.reader(io.StringIO(written(report, "csv").decode("utf-8-sig")))
    assert rows == [[plain(value, head.kind) for value, head in zip(row, report.heads, strict=True)] for row in report.rows]
    sheet = openpyxl.load_workbook(io.BytesIO(written(report, "xlsx")))["Figures"]
    for cells, row in zip(sheet.iter_rows(min_row=len(report.cover) + 4, max_col=len(report.heads)), report.rows, strict=False):
        for cell, value in zip(cells, row, strict=True):
            there = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            assert same(cell.value, there), (cell.coordinate, value)
    text = " ".join(text_of(written(report, "pdf")).split())
    for row in (*report.rows, report.total):
        told = [(value, head.kind) for value, head in zip(row, report.heads, strict=True)]
        assert " ".join(shown(*one) for one in told if one[1] not in (Kind.WORDS, Kind.TIME)) in text, row


@pytest.mark.parametrize("name", LIBRARY)
def test_the_day_has_something_for_every_report(name: str, lived: tuple[Book, dict[str, Report]]) -> None:
    _, reports = lived
    assert len(reports[name].rows) > 1
    assert COLUMNS.keys() == LIBRARY.keys()


def test_every_call_is_in_it(lived: tuple[Book, dict[str, Report]]) -> None:
    _, reports = lived
    assert (reports["interactions"].total[3], reports["interactions"].missing) == (CALLS, 0)


def test_one_call_or_a_second_more_would_be_noticed(lived: tuple[Book, dict[str, Report]]) -> None:
    book, reports = lived
    queues = reports["queues"]
    first, *rest = queues.rows
    for place, more in ((1, 1), (8, timedelta(seconds=1))):
        wrong = (*first[:place], first[place] + more, *first[place + 1 :])  # type: ignore[operator]
        assert len(differences(book, replace(queues, rows=(wrong, *rest)))) == 1
    assert differences(book, replace(queues, rows=(*rest,)))
