"""A schedule's row is leased by one, keeps its time over restarts, and is finished only by who holds it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from voicebot.ports.report_runs import Mailed, Run
from voicebot.records.report_runs import SqlReportRuns
from voicebot.records.store import SqlStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER, HOUR = NOON + timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def runs(store: SqlStore) -> SqlReportRuns:
    runs = SqlReportRuns(store)
    runs.expect("daily", NOON)
    return runs


def test_one_that_is_due_is_leased_by_one(runs: SqlReportRuns) -> None:
    assert runs.lease("a", NOON - timedelta(seconds=1), LATER) == []
    (held,) = runs.lease("a", NOON, NOON + HOUR)
    assert held == Run("daily", NOON, id=held.id)
    assert held.id
    assert runs.lease("b", NOON, NOON + HOUR) == []
    assert runs.lease("b", NOON + HOUR, NOON + 2 * HOUR) == [held]  # the first has not finished in time: the same run
    done = Run("daily", LATER, NOON, date(2026, 3, 1), date(2026, 3, 1))
    assert not runs.finish("a", done)
    assert runs.finish("b", done)
    assert runs.all() == [done]
    assert runs.lease("a", NOON + 3 * HOUR, LATER) == []


def test_what_a_process_held_that_has_ended_is_free(store: SqlStore, runs: SqlReportRuns) -> None:
    store.begin_boot("a", NOON)
    assert runs.lease("a", NOON, LATER)
    store.end_boot("a")
    assert runs.lease("b", NOON, LATER)


def test_a_known_schedule_keeps_its_time_and_one_that_is_gone_is_forgotten(runs: SqlReportRuns) -> None:
    runs.expect("daily", LATER)
    runs.expect("weekly", LATER)
    assert [run.due_at for run in runs.all()] == [NOON, LATER]
    runs.keep_only(["weekly"])
    assert [run.schedule for run in runs.all()] == ["weekly"]
    runs.keep_only([])
    assert runs.all() == []


def test_what_became_of_letters_stays_over_the_tries_of_a_run(runs: SqlReportRuns) -> None:
    (first,) = runs.lease("a", NOON, LATER)
    assert not runs.mark("b", "daily", {"x": Mailed.GIVEN})
    assert runs.mark("a", "daily", {"x": Mailed.GIVEN, "y": Mailed.BEGUN})
    runs.finish("a", replace(first, due_at=NOON + HOUR, trouble="y", tries=1))
    (second,) = runs.lease("a", NOON + HOUR, LATER)
    assert (second.id, second.mailed) == (first.id, {"x": Mailed.GIVEN, "y": Mailed.BEGUN})
    runs.finish("a", replace(second, due_at=LATER, tries=0))
    (other,) = runs.lease("a", LATER, LATER + HOUR)
    assert other.id != first.id
    assert other.mailed == {}


def test_once_more_begins_a_new_run_unless_somebody_is_at_one(runs: SqlReportRuns) -> None:
    (first,) = runs.lease("a", NOON, LATER)
    runs.mark("a", "daily", {"x": Mailed.GIVEN})
    runs.again("daily", NOON)
    assert runs.all()[0].mailed == {"x": Mailed.GIVEN}
    runs.finish("a", replace(first, due_at=LATER, tries=1))
    runs.again("daily", NOON)
    (second,) = runs.lease("a", NOON, LATER)
    assert second.id != first.id
    assert second.mailed == {}


def test_once_more_is_at_once(runs: SqlReportRuns) -> None:
    runs.lease("a", NOON, LATER)
    runs.finish("a", replace(Run("daily", LATER), trouble="no room", tries=3))
    assert runs.again("daily", NOON + HOUR)
    assert [(run.due_at, run.tries, run.trouble) for run in runs.lease("a", NOON + HOUR, LATER)] == [(NOON + HOUR, 0, "no room")]
    assert not runs.again("yearly", NOON)
