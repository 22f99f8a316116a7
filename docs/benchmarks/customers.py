# ruff: noqa: INP001, T201  # a script that prints what it measured
"""Measures an import of many customers: time, memory, and how long somebody else waits for a turn to write meanwhile.

    python docs/benchmarks/customers.py --customers 100000 --secrets 2000 [--format csv|xlsx|json]

Works in a directory of its own that is thrown away. The time for all secrets is projected from the rate of those hashed.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from voicebot.config.settings import load_company
from voicebot.identity.hashing import ParallelHashing, cores
from voicebot.identity.secret_rules import strength
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.records.customer_export import FileKind, export_customers
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_import import ImportSummary, ImportTools
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore, open_store

HEADING = "customer_id,account_number,tracking_number,name,phone,pin,balance,due_date,delivery_status"
PAUSE = 0.02  # seconds between two writes of somebody else


def write_file(path: Path, customers: int, secrets: int) -> None:
    """Made-up customers; the first of them have a PIN."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADING + "\n")
        for n in range(customers):
            pin = f"{(n * 7919 + 271604) % 1_000_000:06d}" if n < secrets else ""
            phone = f"(202) 555-{n % 10_000:04d}"
            file.write(f"C-{n},{n:08d},{n:010d},Name {n},{phone},{pin},84.20,2026-12-01,With the driver.\n")


class SomebodyElse(threading.Thread):
    """Writes a little, again and again, with connections of its own, and remembers how long each time took."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__(daemon=True)
        self.store, self.over, self.waits = store, threading.Event(), list[float]()

    def run(self) -> None:
        """Until it is over."""
        while not self.over.wait(PAUSE):
            began = time.perf_counter()
            with self.store.transaction() as ledger:
                ledger.mark("benchmark", datetime.now(UTC))
            self.waits.append(time.perf_counter() - began)


class Watch:
    """Times of an import's parts, from what it reports."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.checked = self.hashed = self.began

    def report(self, done: int, total: int) -> None:
        """First when all is checked, last when all is hashed."""
        self.hashed = time.perf_counter()
        if done == 0:
            self.checked = self.hashed
        del total


def bring(store: SqlStore, keyring: Keyring, file: Path, plan: ImportPlan, drafts: Path) -> tuple[ImportSummary, Watch]:
    """One import with everything that the command has."""
    watch = Watch()
    tools = ImportTools(ParallelHashing(SecretKeeper(keyring)), watch.report, strength, drafts=drafts)
    return SqlCustomers(store).bring_in(file, plan, tools), watch


def measure(place: Path, customers: int, secrets: int, kind: FileKind) -> None:
    """Two imports, the second one over the first, and what each took."""
    columns = load_company(Path(__file__).resolve().parents[2] / "voicebot.toml").import_plan()
    plan = ImportPlan(**{name: getattr(columns, name) for name in columns.__dataclass_fields__})
    keyring = Keyring.open(place / "keys")
    url = f"sqlite:///{place}/voicebot.db"
    store, other = open_store(url, keyring), open_store(url, keyring)
    file = place / "customers.csv"
    write_file(file, customers, secrets)
    if kind is not FileKind.CSV:
        bring(store, keyring, file, plan, place)
        file = place / f"customers.{kind}"
        export_customers(SqlCustomers(store).everybody(), file, kind, plan)
    for _ in range(2):
        somebody = SomebodyElse(other)
        somebody.start()
        summary, watch = bring(store, keyring, file, plan, place)
        ended = time.perf_counter()
        somebody.over.set()
        somebody.join()
        tell(watch, ended, secrets if kind is FileKind.CSV else 0, customers, somebody.waits)
        print(f"  {summary.added} added, {summary.updated} updated", flush=True)
    other.close()
    store.close()


def tell(watch: Watch, ended: float, secrets: int, customers: int, waits: list[float]) -> None:
    """In figures."""
    print(f"checked in {watch.checked - watch.began:.1f} s, written in {ended - watch.hashed:.1f} s")
    if secrets:
        rate = secrets / (watch.hashed - watch.checked)
        print(f"  {secrets} hashed on {cores()} cores, {rate:.0f} a second: {customers / rate / 60:.0f} minutes for all")
    waits.sort()
    p99 = waits[int(len(waits) * 0.99)]
    print(
        f"  {len(waits)} writes of somebody else: p50 {statistics.median(waits) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms,", end=""
    )
    print(f" longest {waits[-1] * 1000:.0f} ms")
    print(f"  memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most so far")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--secrets", type=int, default=2_000)
    arguments.add_argument("--format", type=FileKind, choices=list(FileKind), default=FileKind.CSV)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        measure(Path(directory), asked.customers, asked.secrets, asked.format)
