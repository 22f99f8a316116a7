"""A customer who is forgotten is in no byte of database, log and report files; everybody else is as before."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, Table, select

from tests.records.customer_plan import GOOD, Importer
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
from voicebot.dialogue.lockout import Standing
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Customer, Ending
from voicebot.ports.store import Leg, LegRole
from voicebot.records import standings
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.records.customers import SqlCustomers
from voicebot.records.fact_making import FactMaking
from voicebot.records.facts import SqlFacts
from voicebot.records.forgetting import forget_customer
from voicebot.records.schema import calls, customer_keys, customer_secrets, customers, interactions
from voicebot.records.store import SqlStore
from voicebot.reports.files import written
from voicebot.reports.library import LIBRARY
from voicebot.reports.making import Asked, House, make

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LINE = LinePlan("billing", "+15550100", "en", "US", QueuePlan("billing"), Grammar("en"))
OTHER = GOOD | {"id": "C2", "name": "Someone Else", "phone": "(201) 555-0124", "account": "0421", "parcel": "1234567891"}
IDENTIFIERS = {"C1": "0420", "C2": "0421"}
PLAIN = (b"Ada Marsh", b"+12015550123", b"1234567890", b"493817")
# Of these tables, nothing that is theirs may stay. The standings' and audit's keyed hashes are looked at on their own.
THEIRS: tuple[tuple[Table, str], ...] = (
    (calls, "id"), (interactions, "call_id"), (customers, "blind"), (customer_keys, "customer"), (customer_secrets, "customer"),
)  # fmt: skip


@dataclass
class Place:
    """A house with two customers, each with a row."""

    store: SqlStore
    care: SqlCustomerCare
    directory: Path

    def takes(self, call_id: str, customer: str, *, over: bool = True) -> None:
        call = Call(call_id, LINE, customer=Customer(customer, IDENTIFIERS[customer], "Ada Marsh"))
        with self.store.transaction() as ledger:
            ledger.open_call(Call(call_id, LINE), Leg(f"CA-{call_id}", call_id, LegRole.CALLER), "prompts-1", NOON)
            ledger.note(call_id, Note(Noted.ARRIVED, (("line", "billing"), ("ani", "+12015550123"))), NOON)
            if over:
                ledger.note(call_id, Note(Noted.ENDED, (("ending", "abandoned"),)), NOON)
                call = replace(call, stage=Stage.ENDED, ending=Ending.ABANDONED, ended_at=NOON)
            kept = ledger.load_call(call_id)
            assert kept is not None
            ledger.save_call(kept, call)

    def on_disk(self) -> bytes:
        return b"".join(part.read_bytes() for part in sorted(self.directory.rglob("*")) if part.is_file())

    def writes_reports(self) -> None:
        FactMaking(self.store).make_wanted()
        facts = SqlFacts(self.store)
        for name, definition in LIBRARY.items():
            report = make(House("Bench", "UTC", facts), definition, Asked(date(2026, 3, 1), date(2026, 3, 3)), NOON)
            for kind in ("csv", "xlsx"):
                (self.directory / f"{name}.{kind}").write_bytes(written(report, kind))

    def cells(self, keys: tuple[str, ...]) -> set[bytes]:
        """Ciphertexts, wrapped keys and keyed hashes in rows of these keys, as they stand on disk."""
        found: set[bytes] = set()
        with self.store.viewing() as books:
            for table, key in THEIRS:
                names = [one.name for one in table.c if isinstance(one.type, LargeBinary) and one.name != "head"]
                hashed = [one.name for one in table.c if one.name in ("blind", "identifier", "customer", "hashed")]
                for row in books.rows(select(table).where(table.c[key].in_(keys))):
                    cells = [getattr(row, name) for name in (*names, *hashed)]
                    found |= {cell.encode() if isinstance(cell, str) else cell for cell in cells if cell}
        return found

    def blind(self, customer: str) -> str:
        with self.store.viewing() as books:
            return books.keyring.blind("customer", customer)


@pytest.fixture
def place(store: SqlStore, path: Path, tmp_path: Path) -> Place:
    file = tmp_path / "in.json"
    file.write_text(json.dumps([GOOD, OTHER]))
    Importer(store)(file)
    file.unlink()
    return Place(store, SqlCustomerCare(store, ("account",)), path.parent)


def test_nothing_of_a_forgotten_customer_is_in_any_byte(place: Place) -> None:
    for call_id, customer in (("c1", "C1"), ("c2", "C1"), ("c3", "C2")):
        place.takes(call_id, customer)
    place.writes_reports()
    place.store.checkpoint()
    theirs = place.cells(("c1", "c2", place.blind("C1"))) - {place.blind("C1").encode()}
    others = place.cells(("c3", place.blind("C2")))
    before = place.on_disk()
    assert len(theirs) > 10
    assert all(cell in before for cell in theirs | others)

    found = forget_customer(place.care, "C1", "ada", NOON)

    after = place.on_disk()
    assert (found.calls, found.live, found.customer, found.on_disk) == (2, 0, True, True)
    assert [cell for cell in theirs if cell in after] == []
    assert all(cell in after for cell in others)
    assert not any(plain in after for plain in PLAIN)
    assert not any(f"CA-{one}".encode() in after for one in ("c1", "c2"))
    assert all(place.store.verify_chain(call_id) for call_id in ("c1", "c2", "c3"))


def test_reports_made_afterwards_count_the_calls_under_no_name(place: Place) -> None:
    place.takes("c1", "C1")
    forget_customer(place.care, "C1", "ada", NOON)
    FactMaking(place.store).make_wanted()
    facts = SqlFacts(place.store)
    report = make(House("Bench", "UTC", facts), LIBRARY["interactions"], Asked(date(2026, 3, 1), date(2026, 3, 3)), NOON)
    assert [(row[0], row[3]) for row in report.rows] == [("", 1)]


def test_that_somebody_was_forgotten_is_recorded_without_who(place: Place) -> None:
    forget_customer(place.care, "C1", "ada", NOON)
    newest = SqlAudit(place.store).newest(1)[0]
    assert (newest.deed, newest.who, newest.customer_id) == (Deed.ERASED, "ada", "")
    assert newest.facts == {"calls": 0, "live": 0, "customer": place.blind("C1")}


def test_counted_tries_are_forgotten_too(place: Place) -> None:
    with place.store.writing() as books:
        accounts = place.care.accounts(books, "C1")
        for account in accounts:
            standings.save_standing(books, account, Standing(consecutive=2))
    assert len(accounts) == 2
    forget_customer(place.care, "C1", "ada", NOON)
    with place.store.viewing() as books:
        assert {standings.standing(books, account) for account in accounts} == {Standing()}
    assert SqlCustomers(place.store).get("C1") is None
    assert SqlCustomers(place.store).get("C2") is not None


def test_a_call_that_goes_on_is_left_alone_and_told(place: Place) -> None:
    place.takes("c1", "C1", over=False)
    found = forget_customer(place.care, "C1", "ada", NOON)
    assert (found.calls, found.live) == (0, 1)
    with place.store.reading() as ledger:
        assert ledger.load_call("c1") is not None


def test_nobody_is_nobody_and_not_recorded(place: Place) -> None:
    assert not forget_customer(place.care, "C9", "ada", NOON).anything
    assert SqlAudit(place.store).newest(1)[0].deed is Deed.IMPORTED


def test_the_erasing_of_many_calls_is_told_step_by_step(place: Place) -> None:
    for number in range(45):
        place.takes(f"c{number}", "C1")
    steps: list[tuple[int, int]] = []
    forget_customer(place.care, "C1", "ada", NOON, lambda *step: steps.append(step))
    assert steps == [(20, 45), (40, 45), (45, 45)]
