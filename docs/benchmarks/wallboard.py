# ruff: noqa: INP001, T201, S311  # a script that prints what it measured; chance guards nothing here
"""Measures what the desk asks of a large database: the wallboard, a page of calls, a customer's earlier calls.

    python docs/benchmarks/wallboard.py --journal 1000000

Makes a month of calls in a directory of its own that is thrown away: 16 journal rows a call, most of them in office hours.
"""

import argparse
import random
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from voicebot.dialogue.values import Ending
from voicebot.floor.values import Role
from voicebot.identity.embedded import EmbeddedCrm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.interactions import Sought, Which
from voicebot.records.callback_wishes import SqlCallbackWishes
from voicebot.records.customers import SqlCustomers
from voicebot.records.interaction_rows import CUSTOMER
from voicebot.records.interactions import SqlInteractions
from voicebot.records.store import open_store
from voicebot.switchboard.figures import Promise
from voicebot.switchboard.overview import Overview, OverviewPlan
from voicebot.switchboard.shown_details import ShownDetails
from voicebot.switchboard.views import Viewer

A_CALL = 16  # journal rows
NOW = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
QUEUES = ("billing", "delivery", "sales")
BOSS = Viewer("boss", frozenset({Role.SUPERVISOR}))


class StandingClock:
    """Always the same moment, so that the last hours are as full as the month's other afternoons."""

    def now(self) -> datetime:
        """That moment."""
        return NOW


def calls(count: int, keyring: Keyring) -> Iterator[tuple[object, ...]]:
    """Rows of `interactions`, spread over thirty days between 8 and 16 h UTC; one in 3,000 goes on still."""
    chance = random.Random(1)
    customers = [keyring.blind(CUSTOMER, f"C-{n}") for n in range(count // 5 + 1)]
    for number in range(count):
        day = NOW.replace(hour=8) - timedelta(days=number % 30)
        began = min(day + timedelta(seconds=chance.random() * 8 * 3600), NOW - timedelta(seconds=30))
        queued, live = began + timedelta(seconds=40), number % 3000 == 0
        waited = chance.expovariate(1 / 40)
        answered = None if number % 12 == 0 or live else queued + timedelta(seconds=waited)
        ended = None if live else queued + timedelta(seconds=waited + 200)
        ending = None if live else "abandoned" if answered is None else "served"
        stage = "wait" if live else "ended"
        yield (
            f"call-{number}", _text(began), _text(queued), _text(answered), _text(ended), None if live else waited, "billing",
            QUEUES[number % 3], "en", stage, "verified", ending, f"Agent {number % 20}", "", customers[number % len(customers)],
            None, None,
        )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S.%f")


def fill(path: Path, journal: int, keyring: Keyring) -> int:
    """Write the month past the program, as fast as the file takes it; gives how many calls it has."""
    count = journal // A_CALL
    names = (
        "call_id, started_at, queued_at, answered_at, ended_at, waited, line, queue, language, stage, assurance, ending, agent,"
        " wrap_up, customer, identifier, sealed"
    )
    with sqlite3.connect(path) as database:
        marks = ", ".join("?" * 17)
        database.executemany(f"INSERT INTO interactions ({names}) VALUES ({marks})", calls(count, keyring))  # noqa: S608
        sealed = secrets.token_bytes(120)
        rows = (
            (f"call-{n // A_CALL}", n % A_CALL + 1, _text(NOW - timedelta(seconds=journal - n)), "asked", sealed, sealed[:32])
            for n in range(count * A_CALL)
        )
        database.executemany("INSERT INTO journal (call_id, number, at, what, sealed, hash) VALUES (?, ?, ?, ?, ?, ?)", rows)
    return count


def milliseconds(what: str, ask: Callable[[], object], times: int) -> None:
    """Ask so often and print how long it took."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(took, n=20)
    print(f"| {what} | {statistics.median(took):.1f} | {cuts[18]:.1f} | {max(took):.1f} |")


def main() -> None:
    """Fill, ask, print."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--journal", type=int, default=1_000_000, help="journal rows")
    asked.add_argument("--times", type=int, default=200, help="how often each thing is asked")
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="voicebot-wallboard-") as place:
        keyring = Keyring.open(Path(place) / "keys")
        store = open_store(f"sqlite:///{place}/voicebot.db", keyring)
        count = fill(Path(place) / "voicebot.db", wanted.journal, keyring)
        interactions, work = SqlInteractions(store), ThreadPoolExecutor(1)
        crm = EmbeddedCrm(SqlCustomers(store), SecretKeeper(keyring), ())
        details = ShownDetails(crm, (), work, lambda _: None)
        plan = OverviewPlan(
            store, interactions, SqlCallbackWishes(store), StandingClock(), details, store.verify_chain, QUEUES, Promise(20, 5)
        )
        desk = Overview(plan)
        board = desk.wallboard()
        print(f"{count} calls, {count * A_CALL} journal rows, {board.together.offered} in line in the hours shown\n")
        print("| asked | p50 ms | p95 ms | longest ms |\n|-|-|-|-|")
        milliseconds("the wallboard, four hours", desk.wallboard, wanted.times)
        milliseconds("the wallboard, twelve hours", lambda: desk.wallboard(12), wanted.times)
        milliseconds("calls that go on", lambda: desk.find(BOSS, Sought(Which.LIVE)), wanted.times)
        milliseconds("a page of one agent's calls", lambda: desk.find(BOSS, Sought(agent="Agent 7")), wanted.times)
        abandoned = Sought(queue="sales", ending=Ending.ABANDONED)
        milliseconds("a page of a queue's abandoned calls", lambda: desk.find(BOSS, abandoned), wanted.times)
        milliseconds("a customer's earlier calls", lambda: interactions.earlier("C-7", NOW), wanted.times)
        store.close()
        work.shutdown()


if __name__ == "__main__":
    main()
