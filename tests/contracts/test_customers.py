"""The embedded customer table: found by what people say, sealed where it lies, imported whole or not at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contracts.conftest import NOON
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.lockout import Standing
from voicebot.dialogue.values import Secret, Shape
from voicebot.errors import ImportRefused
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_import import ImportSummary
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore

PLAN = ImportPlan(
    customer_id="customer_id",
    name="full_name",
    phones=("phone", "mobile"),
    identifiers=(("account_number", Shape.parse("digits:8")),),
    secrets=(("pin", Shape.parse("digits:4-6")),),
    details=(Detail("balance", "amount", currency="EUR"), Detail("due_date", "day")),
    region="DK",
)
HEADING = "customer_id,full_name,phone,mobile,account_number,pin,balance,due_date"
ADA = "C-1,Ada Marsh,33 12 45 67,,04201234,0420,12.50,2026-03-31"
BO = "C-2,Bo Holm,+45 33124567,+4520123456,40719238,493817,0.00,"
EVA = "C-3,Eva Lund,,,40719239,,,"

Import = Callable[..., ImportSummary]


def hashed(customer_id: str, field: str, secret: Secret) -> str:
    """Stands for Argon2: not the secret, but telling whose and which."""
    return f"hash of {customer_id} {field} {sum(map(int, secret.reveal()))}"


@pytest.fixture
def customers(store: SqlStore) -> SqlCustomers:
    return SqlCustomers(store)


@pytest.fixture
def bring(customers: SqlCustomers, tmp_path: Path) -> Import:
    """Imports these lines under the heading."""

    def bring(*lines: str, plan: ImportPlan = PLAN) -> ImportSummary:
        file = tmp_path / "customers.csv"
        file.write_text("\n".join([HEADING, *lines]) + "\n", "utf-8")
        return customers.import_customers(file, plan, hashed, lambda _done, _total: None)

    return bring


def test_a_customer_is_found_by_identifier_and_by_id(customers: SqlCustomers, bring: Import) -> None:
    assert bring(ADA, BO, EVA) == ImportSummary(added=3, updated=0, removed=0)
    found = customers.find("account_number", "04201234")
    assert [row.customer_id for row in found] == ["C-1"]
    assert found[0].columns == {
        "name": "Ada Marsh",
        "phone": "+4533124567",
        "account_number": "04201234",
        "balance": "12.50",
        "due_date": "2026-03-31",
    }
    assert found[0].secrets == {"pin": "hash of C-1 pin 6"}
    assert customers.get("C-1") == found[0] == customers.find("customer_id", "C-1")[0]


def test_what_customers_have_is_counted_by_column_as_it_is_now(customers: SqlCustomers, bring: Import) -> None:
    assert customers.count("account_number") == 0
    bring(ADA, BO, EVA)
    bring(ADA.replace("04201234", "04209999"))
    assert (customers.count("account_number"), customers.count("mobile"), customers.count("nothing")) == (3, 1, 0)


def test_what_all_customers_have_can_be_read_and_its_stamp_is_another_after_every_change(
    store: SqlStore, customers: SqlCustomers, bring: Import
) -> None:
    stamps = [customers.stamp("account_number", 9)]
    bring(ADA, BO)
    stamps.append(customers.stamp("account_number", 9))
    assert customers.values("account_number") == {"04201234", "40719238"}
    bring(ADA, BO.replace("40719238", "58260417"))
    stamps.append(customers.stamp("account_number", 9))
    assert customers.values("account_number") == {"04201234", "58260417"}
    assert stamps[-1] == customers.stamp("account_number", 9)
    assert SqlCustomerCare(store, ("account_number",)).remove("C-2", "sam", NOON)
    stamps.append(customers.stamp("account_number", 9))
    assert customers.values("account_number") == {"04201234"}
    assert len(set(stamps)) == len(stamps)
    assert [count for _, count in stamps] == [0, 2, 2, 1]


def test_a_stamp_counts_no_further_than_it_must(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO, EVA)
    assert customers.stamp("account_number", 1)[1] == 2


def test_who_is_not_there_is_not_found(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO)
    assert customers.find("account_number", "4201234") == []
    assert customers.find("balance", "12.50") == []
    assert customers.find("nothing", "04201234") == []
    assert customers.get("C-9") is None


def test_ani_finds_every_phone_column_and_everybody_who_shares_a_phone(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO, EVA)
    assert {row.customer_id for row in customers.find("ani", "+4533124567")} == {"C-1", "C-2"}
    assert [row.customer_id for row in customers.find("ani", "+4520123456")] == ["C-2"]
    assert [row.customer_id for row in customers.find("mobile", "+4520123456")] == ["C-2"]
    assert len(customers.find("ani", "+4533124567", limit=1)) == 1


def test_a_customer_without_secret_has_none(customers: SqlCustomers, bring: Import) -> None:
    bring(EVA)
    row = customers.get("C-3")
    assert row is not None
    assert row.secrets == {}
    assert row.columns == {"name": "Eva Lund", "account_number": "40719239"}


def test_importing_again_updates_by_id_and_keeps_the_rest(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO)
    changed = ADA.replace("04201234", "04209999").replace("12.50", "99.00").replace("33 12 45 67", "")
    assert bring(changed, EVA) == ImportSummary(added=1, updated=1, removed=0)
    assert customers.find("account_number", "04201234") == []
    row = customers.find("account_number", "04209999")[0]
    assert (row.columns["balance"], row.columns.get("phone")) == ("99.00", None)
    assert [row.customer_id for row in customers.find("ani", "+4533124567")] == ["C-2"]
    assert customers.get("C-2") is not None


def test_only_replace_removes_customers(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO)
    assert bring(EVA, BO, plan=replace(PLAN, replace=True)) == ImportSummary(added=1, updated=1, removed=1)
    assert customers.get("C-1") is None
    assert customers.find("account_number", "04201234") == []
    assert [row.customer_id for row in customers.find("ani", "+4533124567")] == ["C-2"]


def test_an_import_leaves_counters_alone(store: SqlStore, bring: Import) -> None:
    bring(ADA)
    with store.transaction() as ledger:
        ledger.save_standing("hash of C-1", Standing(consecutive=2))
    bring(ADA.replace("0420,", "1111,"), plan=replace(PLAN, replace=True))
    with store.reading() as ledger:
        assert ledger.standing("hash of C-1") == Standing(consecutive=2)


def test_an_identifier_of_somebody_else_is_refused_and_nothing_changes(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO)
    with pytest.raises(ImportRefused, match="line 3, column account_number: another customer"):
        bring(ADA.replace("12.50", "1.00"), EVA.replace("40719239", "40719238"))
    assert customers.get("C-3") is None
    row = customers.get("C-1")
    assert row is not None
    assert row.columns["balance"] == "12.50"


def test_identifiers_may_change_hands_within_one_file(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO)
    bring(ADA.replace("04201234", "40719238"), BO.replace("40719238", "04201234"))
    assert [row.customer_id for row in customers.find("account_number", "04201234")] == ["C-2"]


def test_a_new_hash_replaces_the_old_one_only(customers: SqlCustomers, bring: Import) -> None:
    bring(ADA, BO, EVA)
    customers.keep_hash("C-1", "pin", "newer")
    customers.keep_hash("C-3", "pin", "never set")
    customers.keep_hash("C-9", "pin", "nobody")
    secrets = {customer_id: row.secrets for customer_id in ("C-1", "C-2", "C-3") if (row := customers.get(customer_id))}
    assert secrets == {"C-1": {"pin": "newer"}, "C-2": {"pin": "hash of C-2 pin 32"}, "C-3": {}}


def test_a_file_larger_than_one_statement_goes_in_whole(customers: SqlCustomers, bring: Import) -> None:
    lines = [f"C-{n},Name {n},,,{n:08d},{n:06d},," for n in range(1200)]
    assert bring(*lines).added == 1200
    assert bring(*lines[:1000], plan=replace(PLAN, replace=True)) == ImportSummary(added=0, updated=1000, removed=200)
    assert customers.find("account_number", "00000999")[0].customer_id == "C-999"
