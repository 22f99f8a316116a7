"""Facts are made anew at the command line: from the journals, as often as one likes, of the days that were asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from tests.reports.day import a_day
from voicebot.cli import cli
from voicebot.keyring import Keyring
from voicebot.records.schema import fact_counts
from voicebot.records.store import SqlStore, open_store

CALLS = 25  # more than a transaction of them


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A day of calls that are counted."""
    opened = open_store(f"sqlite:///{tmp_path / 'data' / 'voicebot.db'}", Keyring.open(tmp_path / "data" / "keys"))
    a_day(opened, CALLS, 5)
    yield opened
    opened.close()


def run(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["facts", "remake", *words], env={"VOICEBOT_DATA": str(tmp_path / "data"), "DATABASE_URL": ""})


def rows(store: SqlStore) -> list[tuple[object, ...]]:
    with store.looking() as connection:
        return [tuple(row) for row in connection.execute(select(fact_counts).order_by(*fact_counts.primary_key))]


def test_what_was_counted_wrongly_is_counted_from_the_journals_again(tmp_path: Path, store: SqlStore) -> None:
    right = rows(store)
    with store.writing() as books:
        books.write(update(fact_counts).values(talk=0, questions=7, line="elsewhere"))
    done = run(tmp_path, "--from", "2026-01-01", "--to", "2026-01-03")
    assert "0 interactions, 2026-01-01 to 2026-01-03" in done.output
    assert rows(store) != right
    for _ in range(2):
        done = run(tmp_path)
        assert int(done.output.split("\n")[1].split()[0]) >= CALLS  # and those that the house has placed
        assert "cannot be read" not in done.output
        assert rows(store) == right
    with store.writing() as books:
        books.connection.exec_driver_sql("UPDATE journal SET sealed = hash WHERE call_id IN ('call-1', 'call-2')")
    done = run(tmp_path, "--from", "2026-03-27", "--to", "2026-03-31")
    assert "2 interactions could not be counted" in done.output
    assert rows(store) == right  # they keep what they had


def test_where_there_is_nothing_or_days_are_the_wrong_way_round_that_is_said(tmp_path: Path) -> None:
    assert "no interactions yet" in run(tmp_path).output
    wrong = run(tmp_path, "--from", "2026-03-02", "--to", "2026-03-01")
    assert (wrong.exit_code, "is before the first" in wrong.output) == (2, True)
