"""One customer by hand: locked, unlocked, given a secret, removed; and every look and change is on record."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.conftest import NOON
from voicebot.dialogue import lockout
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.lockout import Standing
from voicebot.dialogue.values import SecretVerdict, Shape
from voicebot.keyring import Keyring
from voicebot.records.audit import SqlAudit
from voicebot.records.customer_care import UNTIL_UNLOCKED, SqlCustomerCare
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore
from voicebot.switchboard.guard import SecretGuard

PLAN = ImportPlan(
    "id", "name", ("phone",), (("account", Shape.parse("digits:8")),), (("pin", Shape.parse("digits:6")),), region="DK"
)
BY_REF, BY_ACCOUNT = Claim(ref="C-1"), Claim(by="account", value="04201234")
WRONG_ONCE = Standing(consecutive=1, since_success=1, recent=(NOON,))


@pytest.fixture
def customers(store: SqlStore, tmp_path: Path) -> SqlCustomers:
    file = tmp_path / "customers.csv"
    file.write_text("id,name,phone,account,pin\nC-1,Ada Marsh,33124567,04201234,493817\nC-2,Bo Holm,,40719238,\n")
    table = SqlCustomers(store)
    table.import_customers(file, PLAN, lambda who, *_: f"hash of {who}", lambda *_: None)
    return table


@pytest.fixture
def care(store: SqlStore, customers: SqlCustomers) -> SqlCustomerCare:
    del customers
    return SqlCustomerCare(store, ("account",))


@pytest.fixture
def account(store: SqlStore, keyring: Keyring) -> Callable[[Claim], str]:
    """Under which name the switchboard counts the tries of a claim."""

    def account(claim: Claim) -> str:
        with store.reading() as ledger:
            return SecretGuard(ledger, keyring, NOON).account(claim)

    return account


def may_try(store: SqlStore, account: str) -> bool:
    with store.reading() as ledger:
        return lockout.reserve(ledger.standing(account), NOON) is not None


def put(store: SqlStore, account: str, standing: Standing) -> None:
    with store.transaction() as ledger:
        ledger.save_standing(account, standing)


def get(store: SqlStore, account: str) -> Standing:
    with store.reading() as ledger:
        return ledger.standing(account)


@pytest.mark.parametrize("claim", [BY_REF, BY_ACCOUNT], ids=["found first", "claimed by number"])
def test_a_locked_customer_cannot_be_verified_until_unlocked(
    care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str], claim: Claim
) -> None:
    assert may_try(store, account(claim))
    assert care.lock("C-1", "ada", NOON)
    assert not may_try(store, account(claim))
    assert get(store, account(claim)).locked_until == UNTIL_UNLOCKED
    assert may_try(store, account(Claim(ref="C-2")))
    assert care.unlock("C-1", "ada", NOON) == Standing()
    assert may_try(store, account(claim))


@pytest.mark.parametrize("claim", [BY_REF, BY_ACCOUNT])
def test_unlocking_forgets_wrong_tries(
    care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str], claim: Claim
) -> None:
    put(store, account(claim), Standing(3, 7, (NOON,) * 10, (NOON,), NOON + timedelta(minutes=30)))
    assert not may_try(store, account(claim))
    assert care.unlock("C-1", "ada", NOON) == Standing()
    assert get(store, account(claim)) == Standing()


def test_a_void_secret_stays_void_when_unlocked_and_counts_again_when_set_anew(
    care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str], customers: SqlCustomers
) -> None:
    put(store, account(BY_ACCOUNT), Standing(since_success=20, disabled=True))
    assert care.unlock("C-1", "ada", NOON) == Standing(disabled=True)
    assert not may_try(store, account(BY_ACCOUNT))
    assert not may_try(store, account(BY_REF))
    assert care.set_secret("C-1", "pin", "new hash", "ada", NOON)
    assert may_try(store, account(BY_ACCOUNT))
    assert may_try(store, account(BY_REF))
    row = customers.get("C-1")
    assert row is not None
    assert row.secrets == {"pin": "new hash"}


def test_a_new_secret_does_not_undo_a_persons_lock(
    care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str]
) -> None:
    put(store, account(BY_REF), WRONG_ONCE)
    care.lock("C-1", "ada", NOON)
    care.set_secret("C-1", "pin", "new hash", "ada", NOON)
    assert get(store, account(BY_REF)) == Standing(locked_until=UNTIL_UNLOCKED)
    assert not may_try(store, account(BY_REF))


def test_locking_keeps_what_was_counted(care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str]) -> None:
    put(store, account(BY_REF), WRONG_ONCE)
    care.lock("C-1", "ada", NOON)
    kept = get(store, account(BY_REF))
    assert (kept.consecutive, kept.since_success, kept.recent) == (1, 1, (NOON,))


def test_a_right_try_that_was_under_way_does_not_unlock(
    care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str]
) -> None:
    reserved = lockout.reserve(Standing(), NOON)
    assert reserved is not None
    put(store, account(BY_REF), reserved)
    care.lock("C-1", "ada", NOON)
    put(store, account(BY_REF), lockout.settle(get(store, account(BY_REF)), NOON, SecretVerdict.MATCHED, NOON))
    assert not may_try(store, account(BY_REF))


def test_a_secret_is_set_where_there_was_none_and_again(care: SqlCustomerCare, customers: SqlCustomers) -> None:
    for hashed in ("one", "two"):
        care.set_secret("C-2", "pin", hashed, "ada", NOON)
        row = customers.get("C-2")
        assert row is not None
        assert row.secrets == {"pin": hashed}
    first = customers.get("C-1")
    assert first is not None
    assert first.secrets == {"pin": "hash of C-1"}


def test_what_is_shown_of_a_customer_holds_no_hash(
    care: SqlCustomerCare, store: SqlStore, account: Callable[[Claim], str]
) -> None:
    put(store, account(BY_REF), WRONG_ONCE)
    put(store, account(BY_ACCOUNT), Standing(consecutive=4, since_success=4, recent=(NOON,) * 4, disabled=True))
    card = care.show("C-1", "ada", NOON)
    assert card is not None
    assert (card.customer_id, card.secrets) == ("C-1", ("pin",))
    assert card.columns == {"name": "Ada Marsh", "phone": "+4533124567", "account": "04201234"}
    assert (card.standing.consecutive, card.standing.since_success, len(card.standing.recent)) == (4, 4, 5)
    assert card.standing.disabled
    assert not any(canary in repr(card) for canary in ("C-1", "Ada", "0420", "hash"))


def test_a_removed_customer_is_gone_and_others_are_not(care: SqlCustomerCare, customers: SqlCustomers) -> None:
    assert care.remove("C-1", "ada", NOON)
    assert customers.get("C-1") is None
    assert customers.find("account", "04201234") == []
    assert customers.find("ani", "+4533124567") == []
    assert [row.customer_id for row in customers.everybody()] == ["C-2"]
    assert not care.remove("C-1", "ada", NOON)


def test_a_removed_customer_comes_back_without_the_old_secret_and_with_the_old_lock(
    care: SqlCustomerCare, customers: SqlCustomers, store: SqlStore, account: Callable[[Claim], str], tmp_path: Path
) -> None:
    care.lock("C-1", "ada", NOON)
    care.remove("C-1", "ada", NOON)
    file = tmp_path / "customers.csv"
    file.write_text("id,name,phone,account\nC-1,Ada Marsh,33124567,04201234\n")
    customers.import_customers(file, PLAN, lambda *_: "", lambda *_: None)
    row = customers.get("C-1")
    assert row is not None
    assert row.secrets == {}
    assert not may_try(store, account(BY_REF))


def test_nobody_can_be_looked_at_but_not_changed(care: SqlCustomerCare, store: SqlStore) -> None:
    assert care.show("C-9", "ada", NOON) is None
    assert not care.lock("C-9", "ada", NOON)
    assert care.unlock("C-9", "ada", NOON) is None
    assert not care.set_secret("C-9", "pin", "x", "ada", NOON)
    assert not care.remove("C-9", "ada", NOON)
    [line, _] = SqlAudit(store).newest()
    assert (line.deed, line.customer_id, line.facts) == ("shown", "C-9", {"found": False})


def test_every_look_and_change_is_on_record(care: SqlCustomerCare, store: SqlStore) -> None:
    care.show("C-1", "ada", NOON)
    care.lock("C-1", "bo as voicebot", NOON + timedelta(seconds=1))
    care.unlock("C-1", "ada", NOON)
    care.set_secret("C-1", "pin", "hash", "ada", NOON)
    care.remove("C-2", "ada", NOON)
    lines = SqlAudit(store).newest()
    assert [(line.number, line.who, line.deed, line.customer_id) for line in lines] == [
        (6, "ada", "removed", "C-2"),
        (5, "ada", "secret_set", "C-1"),
        (4, "ada", "unlocked", "C-1"),
        (3, "bo as voicebot", "locked", "C-1"),
        (2, "ada", "shown", "C-1"),
        (1, "voicebot", "imported", ""),
    ]
    assert lines[0].at == NOON
    assert lines[1].facts == {"field": "pin"}
    assert lines[5].facts == {"file": "customers.csv", "added": 2, "updated": 0, "removed": 0}
    assert [line.number for line in SqlAudit(store).newest(customer_id="C-1", limit=2)] == [5, 4]
    assert SqlAudit(store).holds()
