"""Reports that are made in another process are the very same, out of a database that it can read and not change."""

from datetime import date, timedelta
from functools import partial

import pytest

from tests.contracts.conftest import NOON
from tests.contracts.test_facts import ZONE, Taken, taken
from voicebot.errors import StoreError
from voicebot.facts.periods import Period
from voicebot.facts.sums import Targets
from voicebot.facts.tally import Assumed
from voicebot.ports.facts import By
from voicebot.records.fact_making import FactMaking
from voicebot.records.facts import SqlFacts
from voicebot.records.read_only import ReadOnly
from voicebot.records.store import SqlStore
from voicebot.reporting import Source, open_maker
from voicebot.reports.apart import LIMIT, Apart
from voicebot.reports.library import LIBRARY
from voicebot.reports.maker import Here
from voicebot.reports.making import Asked, House

__all__ = ["taken"]
TARGETS, ASSUMED = Targets(timedelta(seconds=15), timedelta(seconds=4)), Assumed(timedelta(seconds=30))
MARCH = Asked(date(2026, 3, 1), date(2026, 3, 31), {By.QUEUE: "billing"}, Period.HALF)


def test_page_and_file_are_the_same_as_made_here(url: str, store: SqlStore, taken: Taken) -> None:
    taken("one", wait=14.0)
    taken("two", NOON + timedelta(minutes=31), wait=40.0)
    FactMaking(store).make_wanted()
    here = Here(House("Larkfield", ZONE, SqlFacts(store, ZONE), TARGETS, ASSUMED))
    apart = Apart(partial(open_maker, Source(url, "Larkfield", ZONE, TARGETS, ASSUMED, "WARNING", LIMIT)))
    try:
        for name in LIBRARY:
            assert apart.page(name, MARCH, NOON) == here.page(name, MARCH, NOON)
        assert here.page("intervals", MARCH, NOON).many == 2
        assert apart.file("queues", MARCH, "csv", NOON) == here.file("queues", MARCH, "csv", NOON)
    finally:
        apart.close()


def test_what_only_reads_cannot_write(url: str, store: SqlStore) -> None:
    with pytest.raises(StoreError), store.looking() as connection:
        connection.exec_driver_sql("DELETE FROM facts_wanted")
    reading = ReadOnly(url, 1.0)
    with pytest.raises(StoreError), reading.looking() as connection:
        connection.exec_driver_sql("DELETE FROM facts_wanted")
    reading.close()
    assert url not in repr(Source(url, "Larkfield", ZONE, TARGETS, ASSUMED, "WARNING", LIMIT))
