"""A day of robots on the telephone, and every standard report compared with what they know.

    python -m tests.reports.day --calls 20000

Conversations of the pure core at full speed; their journals, customers, wishes and filings are in a real database, and the
reports are made of that. Exit status 0 only if every row and every figure of every report is the robots' own.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from tests.reports.book import ZONE, Book, differences
from tests.reports.callers import LINES
from tests.reports.outward import Outward
from tests.reports.robot import OneCall
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Customer
from voicebot.keyring import Keyring
from voicebot.records.fact_making import FactMaking
from voicebot.records.facts import SqlFacts
from voicebot.records.store import SqlStore, open_store
from voicebot.reports.library import LIBRARY
from voicebot.reports.making import Asked, House, Report, make

DAY = date(2026, 3, 29)  # on which summer time begins
OPENS, CLOSES = (datetime(2026, 3, 29, *at, tzinfo=ZONE).astimezone(UTC) for at in ((0, 30), (21, 0)))


def lived(calls: int, seed: int) -> Iterator[OneCall]:
    """So many calls of that day, each lived to its end, in no order of time. Customers call again."""
    chance = Random(seed)
    length = (CLOSES - OPENS).total_seconds()
    last: dict[str, datetime] = {}
    rings = sorted(OPENS + timedelta(seconds=round(chance.uniform(0, length), 3)) for _ in range(calls))
    made = []
    for at in rings:
        ref = f"ref-{chance.randrange(max(1, calls // 2))}"
        call = OneCall(chance, Book(), chance.choices(LINES, (6, 3, 3, 1))[0], at, Customer(ref, "40719238", "Ada Marsh"))
        call.lives()
        call.writes_up(since_last=at - last[ref] if ref in last and call.identified else None)
        if call.identified:
            last[ref] = at
        made.append(call)
    chance.shuffle(made)
    yield from made


def keep(store: SqlStore, house: Outward, call: OneCall, number: int) -> None:
    """The call as the switchboard would have left it, and what came of it later."""
    call_id, shift = f"call-{number}", call.shift
    end = call.talk.call
    with store.transaction() as ledger:
        ledger.open_call(replace(end, id=call_id), None, "prompts-1", call.begins)
        for row in call.talk.rows:
            ledger.note(call_id, Note(Noted(row.what), tuple(row.facts.items())), row.at + shift)
        kept = ledger.load_call(call_id)
        assert kept is not None
        assert end.ended_at is not None
        ledger.save_call(kept, replace(end, id=call_id, ended_at=end.ended_at + shift))
        for at, agent, code in call.filings:
            ledger.note(call_id, Note(Noted.WRAPPED_UP, (("agent", agent), ("agent_id", agent), ("code", code))), at)
    if call.wished:
        house.wished(call_id, call, end.ended_at + shift)
    house.judges(call_id, call, end.ended_at + shift)


def made(store: SqlStore) -> list[Report]:
    """Every standard report of the day."""
    facts = SqlFacts(store, ZONE.key)
    for _ in FactMaking(store).make_all():
        pass
    house = House("Larkfield Water", ZONE.key, facts)
    return [make(house, one, Asked(DAY, DAY), CLOSES) for one in LIBRARY.values()]


def a_day(store: SqlStore, calls: int, seed: int) -> tuple[Book, list[Report]]:
    """What the robots know, and what is reported."""
    book = Book()
    house = Outward(store, Random(seed), book)
    house.day(OPENS + timedelta(hours=1), 16 + calls // 20)
    for number, call in enumerate(lived(calls, seed)):
        keep(store, house, call, number)
        book.put(call.book)
    return book, made(store)


def main() -> int:
    """A day as long as is asked for."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--calls", type=int, default=2_000)
    asked.add_argument("--seed", type=int, default=1)
    wanted, began = asked.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="voicebot-day-") as place:
        store = open_store(f"sqlite:///{place}/voicebot.db", Keyring.open(Path(place) / "keys"))
        try:
            book, reports = a_day(store, wanted.calls, wanted.seed)
        finally:
            store.close()
    wrong = [line for report in reports for line in differences(book, report)]
    figures = sum(len(report.rows) * len(report.heads) for report in reports)
    sys.stdout.write(f"{wanted.calls} calls, {len(reports)} reports, {figures} cells, {len(wrong)} differences; ")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n" + "".join(f"wrong: {line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
