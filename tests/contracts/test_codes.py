"""A code of an authenticator app verifies once: over calls, processes and databases, however many try at the same time."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.contracts.test_crm import FILE, PLAN
from tests.identity.hashing import CountingHasher
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import Secret, SecretVerdict
from voicebot.identity.codes import CodeKeeper, new_seed
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.embedded import Codes, EmbeddedCrm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.records.customer_care import SqlCustomerCare
from voicebot.records.customers import SqlCustomers
from voicebot.records.schema import used_codes
from voicebot.records.store import SqlStore

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA, BEN = Claim(ref="C-1"), Claim(ref="C-2")
MATCHED, MISMATCHED, NOT_SET = SecretVerdict.MATCHED, SecretVerdict.MISMATCHED, SecretVerdict.NOT_SET


@dataclass
class App:
    """An authenticator app, set up for a customer of a back end whose clock is moved by hand."""

    store: SqlStore
    keyring: Keyring
    seed: bytes
    at: float = 1_772_445_600.0

    def crm(self) -> EmbeddedCrm:
        keeper = SecretKeeper(self.keyring, CountingHasher())
        codes = Codes(frozenset({"code"}), CodeKeeper(self.keyring), lambda: self.at)
        return EmbeddedCrm(SqlCustomers(self.store), keeper, ("account_number",), codes=codes)

    def code(self, steps: int = 0) -> str:
        totp = TOTP(self.seed, 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - as every app does
        return totp.generate(int(self.at) + steps * 30).decode()

    def tries(self, code: str, claim: Claim = ADA, key: str = "") -> SecretVerdict:
        return self.crm().check_secret(claim, "code", Secret(code), key or new_key())


@pytest.fixture
def care(store: SqlStore) -> SqlCustomerCare:
    return SqlCustomerCare(store, ("account_number",))


@pytest.fixture
def app(store: SqlStore, keyring: Keyring, tmp_path: Path, care: SqlCustomerCare) -> App:
    (tmp_path / "customers.csv").write_text(FILE, "utf-8")
    hashed = SecretKeeper(keyring, CountingHasher()).stored
    SqlCustomers(store).import_customers(tmp_path / "customers.csv", PLAN, hashed, lambda _done, _total: None)
    made = App(store, keyring, new_seed())
    sets_up(made, care)
    return made


def sets_up(app: App, care: SqlCustomerCare) -> None:
    assert care.set_secret("C-1", "code", CodeKeeper(app.keyring).stored("C-1", "code", app.seed), "test", NOW)


def test_a_code_verifies_once_and_the_next_one_again(app: App) -> None:
    assert [app.tries(app.code()), app.tries(app.code())] == [MATCHED, MISMATCHED]
    app.at += 30
    assert [app.tries(app.code()), app.tries(app.code())] == [MATCHED, MISMATCHED]


def test_an_older_code_than_the_last_that_counted_counts_no_more(app: App) -> None:
    assert app.tries(app.code(1)) is MATCHED
    assert [app.tries(app.code(-1)), app.tries(app.code()), app.tries(app.code(1))] == [MISMATCHED] * 3


def test_of_forty_calls_at_once_with_the_same_code_one_is_verified(app: App) -> None:
    code = app.code()
    with ThreadPoolExecutor(40) as calls:
        verdicts = Counter(calls.map(lambda _: app.tries(code), range(40)))
    assert verdicts == {MATCHED: 1, MISMATCHED: 39}


def test_a_check_that_is_made_again_after_a_crash_is_answered_as_before(app: App) -> None:
    key, code = new_key(), app.code()
    assert [app.tries(code, key=key), app.tries(code, key=key), app.tries(code)] == [MATCHED, MATCHED, MISMATCHED]


def test_whoever_has_no_app_is_told_apart_from_a_wrong_code_only_where_they_are_known(app: App) -> None:
    assert app.tries(app.code(), BEN) is NOT_SET
    assert app.tries(app.code(), Claim(by="account_number", value="99999999")) is MISMATCHED
    assert app.tries(app.code(), Claim(by="account_number", value="40719238")) is MATCHED


def test_a_new_app_begins_anew_and_one_that_is_taken_away_counts_no_more(app: App, care: SqlCustomerCare) -> None:
    assert app.tries(app.code(1)) is MATCHED
    app.seed = new_seed()
    sets_up(app, care)
    assert app.tries(app.code()) is MATCHED
    assert care.unset_secret("C-1", "code", "test", NOW)
    assert app.tries(app.code(1)) is NOT_SET
    assert not care.unset_secret("nobody", "code", "test", NOW)


def test_what_was_used_is_forgotten_with_the_customer(app: App, care: SqlCustomerCare, store: SqlStore) -> None:
    assert app.tries(app.code()) is MATCHED
    care.remove("C-1", "test", NOW)
    with store.viewing() as books:
        assert books.rows(used_codes.select()).all() == []


def test_a_seed_under_an_older_key_is_kept_anew_when_it_is_next_used(app: App) -> None:
    app.keyring.rotate("pepper")
    assert app.tries(app.code()) is MATCHED
    row = SqlCustomers(app.store).get("C-1")
    assert row is not None
    assert not CodeKeeper(app.keyring).is_outdated(row.secrets["code"])
    app.at += 30
    assert app.tries(app.code()) is MATCHED


def test_a_pin_beside_it_is_a_pin_as_before(app: App) -> None:
    assert app.crm().check_secret(ADA, "pin", Secret("493817"), new_key()) is MATCHED


def test_a_seed_that_cannot_be_opened_is_no_verdict(app: App, care: SqlCustomerCare) -> None:
    care.set_secret("C-1", "code", CodeKeeper(app.keyring).stored("C-2", "code", app.seed), "test", NOW)
    assert app.tries(app.code()) is SecretVerdict.UNAVAILABLE
