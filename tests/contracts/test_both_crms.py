"""What holds of every `Crm`: the embedded customer table, and a back end of the company's own behind HTTP (the shipped mock).

Both know the same customers, from the same file.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.identity.backends import EXAMPLES, InProcess, Moved, a_mock
from tests.identity.backends import a_crm as a_rest_crm
from tests.identity.hashing import CountingHasher
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict, Shape
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.embedded import EmbeddedCrm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.crm import Crm, Details
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import open_store

ADA = Customer("C-1001", "40719238", "Ada Marsh")
PLAN = ImportPlan(
    customer_id="customer_id",
    name="name",
    phones=("phone",),
    identifiers=(("account_number", Shape.parse("digits:8")), ("tracking_number", Shape.parse("digits:10"))),
    secrets=(("pin", Shape.parse("digits:6")),),
    details=(Detail("balance", "amount", currency="USD"), Detail("due_date", "day"), Detail("delivery_status", private=False)),
    region="US",
)


@pytest.fixture(params=["embedded", "rest"])
def crm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crm]:
    if request.param == "rest":
        rest = a_rest_crm(InProcess(a_mock(Moved())))
        yield rest
        rest.close()
        return
    keyring = Keyring.open(tmp_path / "keys")
    store = open_store(f"sqlite:///{tmp_path}/voicebot.db", keyring)
    keeper, table = SecretKeeper(keyring, CountingHasher()), SqlCustomers(store)
    table.import_customers(EXAMPLES / "customers.csv", PLAN, keeper.stored, lambda _done, _total: None)
    yield EmbeddedCrm(table, keeper, ("account_number", "tracking_number"))
    store.close()


@pytest.fixture
def check(crm: Crm) -> Callable[..., SecretVerdict]:
    def check(digits: str, **claim: str) -> SecretVerdict:
        return crm.check_secret(Claim(**claim), "pin", Secret(digits), new_key())

    return check


@pytest.mark.parametrize(("by", "value"), [("account_number", "40719238"), ("ani", "+12025550101")])
def test_one_customer_is_found_and_named_by_the_first_identifier_they_have(crm: Crm, by: str, value: str) -> None:
    found = crm.identify(by, value)
    assert (found.result, found.customer) == (IdentifyResult.FOUND, ADA)


def test_a_customer_is_named_by_the_identifier_that_was_given(crm: Crm) -> None:
    assert crm.identify("tracking_number", "5502716384").customer == Customer("C-1001", "5502716384", "Ada Marsh")


def test_a_leading_nought_counts(crm: Crm) -> None:
    assert crm.identify("account_number", "04203715").result is IdentifyResult.FOUND
    assert crm.identify("account_number", "4203715").result is IdentifyResult.NOT_FOUND


@pytest.mark.parametrize(
    ("by", "value"), [("account_number", "40719239"), ("account_number", "4071923"), ("ani", "+12025550199")]
)
def test_whom_nobody_knows_is_not_found(crm: Crm, by: str, value: str) -> None:
    found = crm.identify(by, value)
    assert (found.result, found.customer) == (IdentifyResult.NOT_FOUND, None)


def test_a_number_that_two_customers_call_from_identifies_neither(crm: Crm) -> None:
    found = crm.identify("ani", "+12025550105")
    assert (found.result, found.customer) == (IdentifyResult.SEVERAL, None)


def test_how_many_customers_there_are_is_known_of_a_table_only(crm: Crm) -> None:
    known = crm.customers("account_number")
    assert known is None or (isinstance(crm, EmbeddedCrm) and known > 3)


def test_asking_again_gives_the_same(crm: Crm) -> None:
    assert crm.identify("account_number", "40719238") == crm.identify("account_number", "40719238")


def test_the_right_secret_matches_and_another_does_not(check: Callable[..., SecretVerdict]) -> None:
    assert check("493817", ref="C-1001") is SecretVerdict.MATCHED
    assert check("493818", ref="C-1001") is SecretVerdict.MISMATCHED
    assert check("270694", ref="C-1001") is SecretVerdict.MISMATCHED
    assert check("036481", ref="C-1005") is SecretVerdict.MATCHED
    assert check("36481", ref="C-1005") is SecretVerdict.MISMATCHED


def test_a_customer_without_the_secret_is_told_apart_from_a_wrong_one(check: Callable[..., SecretVerdict]) -> None:
    assert check("493817", ref="C-1007") is SecretVerdict.NOT_SET


def test_an_account_that_nobody_has_mismatches(check: Callable[..., SecretVerdict]) -> None:
    assert check("493817", ref="C-9") is SecretVerdict.MISMATCHED
    assert check("493817", by="account_number", value="11111111") is SecretVerdict.MISMATCHED


def test_a_claim_by_field_and_value_is_looked_up_with_its_secret(check: Callable[..., SecretVerdict]) -> None:
    assert check("493817", by="account_number", value="40719238") is SecretVerdict.MATCHED
    assert check("493817", by="account_number", value="04203715") is SecretVerdict.NOT_SET


def test_a_claim_that_fits_two_customers_is_nobodys(check: Callable[..., SecretVerdict]) -> None:
    assert check("036481", by="ani", value="+12025550105") is SecretVerdict.MISMATCHED


def test_details_are_what_was_asked_and_is_known(crm: Crm) -> None:
    assert crm.details("C-1001", ("balance", "due_date")) == Details({"balance": "84.20", "due_date": "2026-12-01"})
    assert crm.details("C-1002", ("balance",)) == Details({"balance": "0.00"})


def test_details_of_nobody_cannot_be_had(crm: Crm) -> None:
    assert crm.details("C-9", ("balance",)) == Details(None)
