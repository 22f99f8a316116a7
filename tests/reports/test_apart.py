"""Reports in a process of their own: what becomes of it, and of whoever waits for it. What it makes is the contract's test."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.reports.made import MARCH, NOON
from tests.reports.peculiar import Peculiar, cannot_open
from voicebot.child import POLITE
from voicebot.errors import ReportRefused, ReportUnavailable, StoreUnavailable
from voicebot.reports.apart import MIB, Apart, Bounds, Opening

A_WHILE, USUAL = timedelta(seconds=30), Bounds()


@contextmanager
def apart(opening: Opening = Peculiar, limit: timedelta = A_WHILE, most: int = 5, bounds: Bounds = USUAL) -> Iterator[Apart]:
    made = Apart(opening, limit, most, bounds)
    try:
        yield made
    finally:
        made.close()


def told(by: Apart, name: str = "pid", kind: str = "csv") -> str:
    return by.file(name, MARCH, kind, NOON).decode()


def test_one_process_makes_all_starts_with_the_first_and_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_REPORTS_SECRET", "not for others")
    monkeypatch.setenv("PGPASSFILE", "somewhere")
    with apart() as by:
        assert by.pid is None
        assert told(by) == told(by) == str(by.pid) != str(os.getpid())
        assert int(told(by, "nice")) == min(19, os.nice(0) + POLITE)
        names = told(by, "environment").split("\n")
        assert "PGPASSFILE" in names
        assert not [name for name in names if name.startswith(("VOICEBOT", "TWILIO"))]


def test_what_is_wrong_with_a_report_comes_back_and_the_process_stays() -> None:
    with apart() as by:
        before = told(by)
        for name, error, words in (
            ("refused", ReportRefused, "font is missing"), ("no database", StoreUnavailable, "cannot be used"),
            ("huge", ReportRefused, "MiB of memory"), ("broken", ReportUnavailable, r"^trouble of ours \(ValueError\)$"),
        ):  # fmt: skip
            with pytest.raises(error, match=words):
                told(by, name)
        assert told(by) == before


def test_a_process_that_dies_costs_its_report_and_the_next_is_made() -> None:
    with apart() as by:
        before = told(by)
        with pytest.raises(ReportUnavailable, match="ended over this one"):
            told(by, "dies")
        assert told(by) != before


def test_a_report_that_takes_too_long_is_given_up_and_the_next_is_made() -> None:
    with apart(limit=timedelta(seconds=4)) as by:
        before = told(by)
        by._limit = 0.1
        with pytest.raises(ReportUnavailable, match=r"longer than 0\.1 seconds"):
            told(by, "lasts")
        by._limit = 30.0
        assert told(by) != before
        with pytest.raises(ProcessLookupError):
            os.kill(int(before), 0)


def test_a_process_that_has_grown_leaves_after_its_report() -> None:
    ours = bytearray(200 * MIB)  # however large this process is
    with apart(bounds=Bounds(grown=200 * MIB)) as by:
        before = told(by)
        assert told(by) == before
        del ours
        assert told(by, "grows", str(200 * MIB)) == str(200 * MIB)
        assert told(by) != before


def test_a_process_that_nobody_wants_leaves_and_another_comes() -> None:
    with apart(bounds=Bounds(idle=0.0)) as by:
        other = _started(by)
        assert other != told(by)


def _started(by: Apart) -> str:
    """The first report, once its process has left."""
    first = told(by)
    assert by._other is not None
    assert by._other._popen.wait(10) == 0
    return first


def test_where_the_database_cannot_be_opened_that_is_said() -> None:
    with apart(cannot_open) as by:
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="cannot be reached"):
                told(by)


def test_few_wait_so_that_calls_keep_their_threads_and_an_end_frees_them() -> None:
    wrong: list[str] = []

    def ask() -> None:
        try:
            told(by, "lasts")
        except ReportUnavailable as trouble:
            wrong.append(str(trouble))

    with apart(most=2) as by:
        told(by)
        people = [threading.Thread(target=ask) for _ in range(2)]
        for one in people:
            one.start()
        while by._places.acquire(blocking=False):  # until both are there
            by._places.release()
        with pytest.raises(ReportUnavailable, match="try again in a minute"):
            told(by)
        by.close()
        for one in people:
            one.join(10)
    assert len(wrong) == 2
    assert all("server is ending" in one for one in wrong)


def test_the_process_ends_with_ours_even_in_the_middle_of_a_report() -> None:
    with apart() as by:
        told(by)
        other = by._other
        assert other is not None
        other._pipe.send(("file", "lasts", MARCH, "csv", NOON))
        assert other._popen.stdin is not None
        other._popen.stdin.close()  # as when this process is gone
        assert other._popen.wait(10) == 1
