"""The company's back end (`Crm`) as the embedded customer table is one: who it finds, what it says to a secret, at what cost."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from tests.identity.hashing import CountingHasher
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict, Shape
from voicebot.errors import StoreUnavailable
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.embedded import EmbeddedCrm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.crm import Crm, CustomerRow, CustomerTable, Details, Identified
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import SqlStore

PLAN = ImportPlan(
    customer_id="customer_id",
    name="name",
    phones=("phone",),
    identifiers=(("account_number", Shape.parse("digits:8")), ("tracking_number", Shape.parse("digits:10"))),
    secrets=(("pin", Shape.parse("digits:6")),),
    details=(Detail("balance", "amount", currency="EUR"), Detail("due_date", "day")),
    region="US",
)
FILE = """customer_id,account_number,tracking_number,name,phone,pin,balance,due_date
C-1,40719238,5502716384,Ada Marsh,(202) 555-0101,493817,84.20,2026-12-01
C-2,58260417,,Ben Okafor,(202) 555-0105,,0.00,
C-3,,5550147395,,(202) 555-0105,270694,,
"""


@dataclass
class House:
    """A back end and what it rests on."""

    crm: Crm
    table: CustomerTable
    keyring: Keyring
    hasher: CountingHasher
    url: str = field(repr=False)

    def break_down(self) -> None:
        """The database loses the tables that everything is in."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for table in ("customer_secrets", "customer_keys", "customers"):
                connection.execute(text(f"drop table {table}"))
        engine.dispose()


@pytest.fixture
def house(store: SqlStore, keyring: Keyring, url: str, tmp_path: Path) -> House:
    hasher = CountingHasher()
    keeper = SecretKeeper(keyring, hasher)
    table = SqlCustomers(store)
    (tmp_path / "customers.csv").write_text(FILE, "utf-8")
    table.import_customers(tmp_path / "customers.csv", PLAN, keeper.stored, lambda _done, _total: None)
    hasher.checked = 0
    return House(EmbeddedCrm(table, keeper, ("account_number", "tracking_number")), table, keyring, hasher, url)


def check(house: House, digits: str, **claim: str) -> SecretVerdict:
    return house.crm.check_secret(Claim(**claim), "pin", Secret(digits), new_key())


# ---- who is this? ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "value"), [("account_number", "40719238"), ("customer_id", "C-1"), ("ani", "+12025550101")])
def test_one_customer_is_found_and_named_by_the_first_identifier_they_have(house: House, by: str, value: str) -> None:
    assert house.crm.identify(by, value) == Identified(IdentifyResult.FOUND, Customer("C-1", "40719238", "Ada Marsh"))


def test_a_customer_is_named_by_the_identifier_that_was_given(house: House) -> None:
    found = house.crm.identify("tracking_number", "5502716384").customer
    assert found == Customer("C-1", "5502716384", "Ada Marsh")


def test_a_customer_without_a_name_has_none(house: House) -> None:
    assert house.crm.identify("tracking_number", "5550147395").customer == Customer("C-3", "5550147395", None)


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("account_number", "40719239"),
        ("account_number", "4071923"),
        ("account_number", ""),
        ("account_number", "40719238' or '1'='1"),
        ("ani", "+12025550199"),
        ("balance", "84.20"),
        ("name", "Ada Marsh"),
        ("no such", "1"),
    ],
)
def test_whom_nobody_knows_is_not_found(house: House, by: str, value: str) -> None:
    assert house.crm.identify(by, value) == Identified(IdentifyResult.NOT_FOUND)


def test_a_number_that_two_customers_call_from_identifies_neither(house: House) -> None:
    assert house.crm.identify("ani", "+12025550105") == Identified(IdentifyResult.SEVERAL)


def test_asking_again_gives_the_same(house: House) -> None:
    assert house.crm.identify("account_number", "40719238") == house.crm.identify("account_number", "40719238")


# ---- is this their secret? ------------------------------------------------------------------------------------------


def test_the_right_secret_matches_and_another_does_not(house: House) -> None:
    assert check(house, "493817", ref="C-1") is SecretVerdict.MATCHED
    assert check(house, "493818", ref="C-1") is SecretVerdict.MISMATCHED
    assert check(house, "270694", ref="C-1") is SecretVerdict.MISMATCHED


def test_a_customer_without_the_secret_is_told_apart_from_a_wrong_one(house: House) -> None:
    assert check(house, "493817", ref="C-2") is SecretVerdict.NOT_SET
    assert house.crm.check_secret(Claim(ref="C-1"), "birth_year", Secret("1970"), new_key()) is SecretVerdict.NOT_SET


def test_an_account_that_nobody_has_mismatches(house: House) -> None:
    assert check(house, "493817", ref="C-9") is SecretVerdict.MISMATCHED


def test_a_claim_by_field_and_value_is_looked_up_with_its_secret(house: House) -> None:
    assert check(house, "493817", by="account_number", value="40719238") is SecretVerdict.MATCHED
    assert check(house, "493817", by="account_number", value="58260417") is SecretVerdict.NOT_SET
    assert check(house, "493817", by="account_number", value="11111111") is SecretVerdict.MISMATCHED


def test_a_claim_that_fits_two_customers_is_nobodys(house: House) -> None:
    assert check(house, "270694", by="ani", value="+12025550105") is SecretVerdict.MISMATCHED


@pytest.mark.parametrize("ref", ["C-1", "C-2", "C-9"], ids=["wrong", "not set", "unknown account"])
def test_every_answer_but_the_right_one_costs_one_check(house: House, ref: str) -> None:
    """Whoever times the answers does not learn which accounts exist, or have a PIN."""
    check(house, "000000", ref=ref)
    assert house.hasher.checked == 1


def test_the_right_answer_costs_the_same(house: House) -> None:
    check(house, "493817", ref="C-1")
    assert house.hasher.checked == 1


def test_after_a_change_of_pepper_the_next_success_renews_the_hash_once(house: House) -> None:
    def kept() -> str:
        row = house.table.get("C-1")
        assert row is not None
        return row.secrets["pin"]

    before = kept()
    house.keyring.rotate("pepper")
    assert check(house, "000000", ref="C-1") is SecretVerdict.MISMATCHED
    assert kept() == before
    assert check(house, "493817", ref="C-1") is SecretVerdict.MATCHED
    renewed = kept()
    assert (before.partition(":")[0], renewed.partition(":")[0]) == ("1", "2")
    assert check(house, "493817", ref="C-1") is SecretVerdict.MATCHED
    assert kept() == renewed


# ---- what do they want to know? -------------------------------------------------------------------------------------


def test_details_are_what_was_asked_and_is_known(house: House) -> None:
    assert house.crm.details("C-1", ("balance", "due_date")) == Details({"balance": "84.20", "due_date": "2026-12-01"})
    assert house.crm.details("C-1", ("balance",)) == Details({"balance": "84.20"})
    assert house.crm.details("C-2", ("balance", "due_date", "no such")) == Details({"balance": "0.00"})


def test_details_of_nobody_cannot_be_had(house: House) -> None:
    assert house.crm.details("C-9", ("balance",)) == Details(None)


def test_no_secret_is_a_detail(house: House) -> None:
    assert house.crm.details("C-1", ("pin",)) == Details({})


# ---- down -----------------------------------------------------------------------------------------------------------


def test_a_database_that_has_broken_is_unavailable_never_a_verdict_and_never_raises(house: House) -> None:
    house.break_down()
    assert house.crm.identify("account_number", "40719238") == Identified(IdentifyResult.UNAVAILABLE)
    with capture_logs() as told:
        assert check(house, "493817", ref="C-1") is SecretVerdict.UNAVAILABLE
    assert [(line["event"], line["log_level"]) for line in told] == [("secret not checked", "error")]
    assert told[0]["trouble"] in ("StoreUnavailable", "StoreError")
    assert check(house, "493817", by="account_number", value="40719238") is SecretVerdict.UNAVAILABLE
    assert house.crm.details("C-1", ("balance",)) == Details(None)


class Unwritable:
    """A table that can be read and not written."""

    def __init__(self, table: CustomerTable) -> None:
        self._table = table

    def find(self, column: str, value: str, limit: int = 3) -> list[CustomerRow]:
        return self._table.find(column, value, limit)

    def get(self, customer_id: str) -> CustomerRow | None:
        return self._table.get(customer_id)

    def keep_hash(self, customer_id: str, field: str, hashed: str) -> None:
        raise StoreUnavailable(f"the disk is full: {len(customer_id + field + hashed)} letters more do not fit")


def test_a_hash_that_cannot_be_renewed_does_not_make_a_right_secret_wrong(house: House) -> None:
    house.keyring.rotate("pepper")
    crm = EmbeddedCrm(Unwritable(house.table), SecretKeeper(house.keyring, house.hasher), ("account_number",))
    with capture_logs() as told:
        assert crm.check_secret(Claim(ref="C-1"), "pin", Secret("493817"), new_key()) is SecretVerdict.MATCHED
    assert told == [{"event": "hash not renewed", "log_level": "warning", "trouble": "StoreUnavailable"}]


def test_a_pepper_that_is_gone_is_unavailable(house: House, tmp_path: Path) -> None:
    house.table.keep_hash("C-1", "pin", "7:$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g")
    assert check(house, "493817", ref="C-1") is SecretVerdict.UNAVAILABLE
    assert not (tmp_path / "keys" / "pepper-7.key").exists()
