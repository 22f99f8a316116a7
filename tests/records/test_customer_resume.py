"""A large import can be stopped at any moment: what is hashed is kept for a day, and the old table stays whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.records.customer_plan import GOOD, Importer
from voicebot.errors import ImportRefused
from voicebot.keyring import Keyring
from voicebot.ports.secrets import SecretOf
from voicebot.records.customer_draft import sweep_drafts
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore, open_store

PIN = 271604


def people(count: int, balance: str = "1.00", pin: int = PIN) -> str:
    """A file of so many customers, each with a PIN."""
    lines = (f"C{n},Name {n},,{n:06d},,{(pin + n) % 10**6:06d},{balance},,," for n in range(count))
    return "\n".join([",".join(GOOD), *lines]) + "\n"


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    return tmp_path / "drafts"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "customers.csv"
    made.write_text(people(300))
    return made


@pytest.fixture
def importing(store: SqlStore, drafts: Path) -> Importer:
    return Importer(store, drafts=drafts)


class StoppedAfter:
    """Hashes so many secrets; then somebody presses Ctrl-C."""

    def __init__(self, count: int, stop: BaseException) -> None:
        self._count, self._stop = count, stop

    def __call__(self, secrets: Iterable[SecretOf]) -> Iterator[str]:
        for number, one in enumerate(secrets):
            if number == self._count:
                raise self._stop
            yield f"early hash of {one.customer_id}"


def stop(importing: Importer, file: Path, after: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        importing(file, hash_secrets=StoppedAfter(after, KeyboardInterrupt()))


@pytest.mark.parametrize("after", [0, 1, 64, 200, 299])
def test_a_stopped_import_goes_on_where_it_was(importing: Importer, file: Path, after: int) -> None:
    stop(importing, file, after)
    assert list(importing.customers.everybody()) == []
    importing.progress.clear()
    assert importing(file).added == 300
    assert importing.hashed == [f"C{n}" for n in range(after, 300)]
    assert importing.progress[0] == (after, 300)
    assert importing.progress[-1] == (300, 300)
    rows = {row.customer_id: row.secrets["pin"] for row in importing.customers.everybody()}
    assert [rows[f"C{n}"].partition(" of ")[0] for n in (0, 299)] == ["early hash" if after else "hash", "hash"]


def test_a_finished_import_leaves_no_draft(importing: Importer, file: Path, drafts: Path) -> None:
    stop(importing, file, 100)
    assert len(list(drafts.iterdir())) == 1
    importing(file)
    assert list(drafts.iterdir()) == []


def test_another_content_begins_anew(importing: Importer, file: Path) -> None:
    stop(importing, file, 100)
    file.write_text(people(300, balance="2.00"))
    importing(file)
    assert len(importing.hashed) == 300


def test_the_same_content_under_another_name_goes_on(importing: Importer, file: Path) -> None:
    stop(importing, file, 100)
    importing(file.rename(file.with_name("again.csv")))
    assert len(importing.hashed) == 200


def test_a_draft_can_be_read_by_nobody_else(importing: Importer, file: Path, drafts: Path) -> None:
    stop(importing, file, 100)
    [draft] = drafts.iterdir()
    assert draft.stat().st_mode & 0o777 == 0o600
    kept = draft.read_bytes()
    assert len(kept) > 1000
    assert not any(canary in kept + draft.name.encode() for canary in (b"hash", b"C17", b"pin", str(PIN).encode()))


@pytest.mark.parametrize("damage", [lambda b: b[:-5], lambda b: b[:-1] + b"x", lambda b: b + b"\x00\x00", lambda b: b"\xff" + b])
def test_a_damaged_end_of_a_draft_is_hashed_again(importing: Importer, file: Path, drafts: Path, damage: object) -> None:
    stop(importing, file, 200)
    [draft] = drafts.iterdir()
    draft.write_bytes(damage(draft.read_bytes()))  # type: ignore[operator]  # one of the functions above
    assert importing(file).added == 300
    assert len(importing.hashed) in (100, 108, 300)  # the last frame is lost, or nothing, or all


def test_a_draft_of_other_keys_is_worth_nothing(importing: Importer, file: Path, drafts: Path, tmp_path: Path) -> None:
    stop(importing, file, 200)
    other = open_store(f"sqlite:///{tmp_path}/other.db", Keyring.open(tmp_path / "other keys"))
    second = Importer(other, drafts=drafts)
    assert second(file).added == 300
    assert len(second.hashed) == 300
    other.close()


def test_a_draft_goes_after_a_day(importing: Importer, file: Path, drafts: Path) -> None:
    stop(importing, file, 100)
    [draft] = drafts.iterdir()
    left = datetime.fromtimestamp(draft.stat().st_mtime, UTC)
    assert sweep_drafts(drafts, left + timedelta(hours=23)) == 0
    assert draft.exists()
    assert sweep_drafts(drafts, left + timedelta(hours=24)) == 1
    assert not draft.exists()


def test_the_next_import_sweeps_old_drafts(importing: Importer, file: Path, drafts: Path, tmp_path: Path) -> None:
    stop(importing, file, 100)
    [draft] = drafts.iterdir()
    os.utime(draft, (0, 0))
    small = tmp_path / "small.csv"
    small.write_text(people(1))
    importing(small)
    assert list(drafts.iterdir()) == []


def test_one_file_is_imported_once_at_a_time(importing: Importer, file: Path) -> None:
    def meanwhile(secrets: Iterable[SecretOf]) -> Iterator[str]:
        del secrets
        with pytest.raises(ImportRefused, match="imported already"):
            importing(file)
        yield from ()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing(file, hash_secrets=meanwhile)


def test_a_refused_file_leaves_no_draft(importing: Importer, file: Path, drafts: Path) -> None:
    file.write_text(people(300) + "C9,,,x,,,,,,\n")
    importing.refusal(file)
    assert not drafts.exists()


# ---- killed ----------------------------------------------------------------------------------------------------------

# Imports a file. The clock is looked at once for each transaction: the n-th look says so and waits to be killed.
KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from voicebot.keyring import Keyring
from voicebot.records.customer_import import ImportTools
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import open_store
from tests.records.customer_plan import PLAN

place, hashes_left, looks_left = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

def hold():
    print("holding", flush=True)
    sys.stdin.read()

def clock():
    global looks_left
    looks_left -= 1
    if looks_left == 0:
        hold()
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

def hash_secrets(secrets):
    for number, one in enumerate(secrets):
        if number == hashes_left:
            hold()
        yield "new hash"

store = open_store(f"sqlite:///{place}/data/voicebot.db", Keyring.open(place / "keys"))
tools = ImportTools(hash_secrets, lambda *_: None, drafts=place / "drafts", now=clock)
SqlCustomers(store).bring_in(place / "customers.csv", PLAN, tools)
"""
NEVER = 10**6


@pytest.mark.parametrize(
    ("hashes", "looks", "where"),
    [
        (150, NEVER, "while hashing"),
        (NEVER, 4, "between the first and the second"),
        (NEVER, 6, "inside the transaction that makes them count"),
        (NEVER, 7, "when they count and the old ones are there still"),
    ],
)
def test_a_killed_import_leaves_the_old_table_or_the_new_one(
    importing: Importer, file: Path, project: Path, hashes: int, looks: int, where: str
) -> None:
    importing(file)
    file.write_text(people(300, balance="2.00", pin=PIN + 1))
    command = [sys.executable, "-c", KILLED, str(file.parent), str(hashes), str(looks)]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        assert "holding" in (line.strip() for line in child.stdout)
        child.send_signal(signal.SIGKILL)
    new = looks > 6 and hashes == NEVER
    assert balances(importing.customers) == {("2.00" if new else "1.00", new): 300}, where
    assert len(importing.customers.find("account", "000007", limit=9)) == 1

    importing.hashed.clear()
    later = datetime(2026, 3, 2, 12, 2, tzinfo=UTC)  # the killed one counts as dead by then
    summary = importing(file, now=lambda: later)
    assert (summary.added, summary.updated, summary.removed) == (0, 300, 0)
    assert balances(importing.customers).keys() <= {("2.00", True), ("2.00", False)}
    if not new:
        assert len(importing.hashed) == (300 - 128 if hashes < NEVER else 0)  # whole frames of 64 were kept


def balances(customers: SqlCustomers) -> dict[tuple[str, bool], int]:
    """How many customers have (this balance, a hash of the second file)."""
    found: dict[tuple[str, bool], int] = {}
    for row in customers.everybody():
        what = (row.columns["balance"], row.secrets["pin"] == "new hash")
        found[what] = found.get(what, 0) + 1
    return found
