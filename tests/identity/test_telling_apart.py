"""The embedded table tells customers apart whom one number names."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.identity.hashing import CountingHasher
from voicebot.dialogue.actions import Among, Claim
from voicebot.dialogue.values import Customer, IdentifyResult, Secret, SecretVerdict
from voicebot.errors import StoreUnavailable
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.embedded import MOST_TOLD_APART, EmbeddedCrm, Ending
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.ports.crm import CustomerRow, Identified

SHARED = "+12025550105"


@dataclass
class Rows:
    """A customer table in memory. Telephone numbers are in `phones`; `ani` finds them."""

    rows: list[CustomerRow]
    phones: dict[str, list[str]] = field(default_factory=dict)
    is_down: bool = False

    def find(self, column: str, value: str, limit: int = 3) -> list[CustomerRow]:
        """Exactly this value."""
        if self.is_down:
            raise StoreUnavailable("down")
        if column == "ani":
            return [row for row in self.rows if row.customer_id in self.phones.get(value, [])][:limit]
        return [row for row in self.rows if row.columns.get(column) == value][:limit]

    def get(self, customer_id: str) -> CustomerRow | None:
        """By key."""
        return next((row for row in self.rows if row.customer_id == customer_id), None)

    def keep_hash(self, customer_id: str, field: str, hashed: str) -> None:
        """Nothing here is renewed."""


def row(customer: str, account: str, **columns: str) -> CustomerRow:
    return CustomerRow(customer, {"account_number": account, **columns}, {})


ELENA = row("C-5", "81527360", postal_code="20001", name="Elena Petrov")
FARID = row("C-6", "82640931", postal_code="20001", name="Farid Haddad")
ADA = row("C-1", "40719238", postal_code="20002")


@pytest.fixture
def table() -> Rows:
    return Rows([ADA, ELENA, FARID], {SHARED: ["C-5", "C-6"], "+12025550101": ["C-1"]})


@pytest.fixture
def crm(table: Rows, tmp_path: Path) -> EmbeddedCrm:
    keeper = SecretKeeper(Keyring.open(tmp_path / "keys"), CountingHasher())
    return EmbeddedCrm(
        table, keeper, ("account_number",), phones=("phone_number",), separators=("postal_code",),
        endings={"account_ending": Ending("account_number", 4)},
    )  # fmt: skip


def of_the_number(field: str = "ani", value: str = SHARED) -> Among:
    return Among(field, value)


def test_the_fields_in_which_all_of_them_differ_are_named(crm: EmbeddedCrm) -> None:
    assert crm.identify("ani", SHARED) == Identified(IdentifyResult.SEVERAL, separators=("account_ending", "account_number"))


def test_a_field_that_one_of_them_lacks_tells_nobody_apart(crm: EmbeddedCrm, table: Rows) -> None:
    table.rows[2] = row("C-6", "931", postal_code="20009")
    assert crm.identify("ani", SHARED).separators == ("postal_code", "account_number")
    table.rows[2] = CustomerRow("C-6", {}, {})
    assert crm.identify("ani", SHARED) == Identified(IdentifyResult.SEVERAL)


def test_a_switchboards_number_tells_nobody_apart(crm: EmbeddedCrm, table: Rows) -> None:
    table.rows = [row(f"C-{n}", f"{n:08}") for n in range(MOST_TOLD_APART + 1)]
    table.phones[SHARED] = [one.customer_id for one in table.rows]
    assert crm.identify("ani", SHARED) == Identified(IdentifyResult.SEVERAL)
    table.phones[SHARED].pop()
    assert "account_ending" in crm.identify("ani", SHARED).separators


@pytest.mark.parametrize(("field", "value"), [("account_ending", "7360"), ("account_number", "81527360")])
def test_the_answer_finds_one_of_them(crm: EmbeddedCrm, field: str, value: str) -> None:
    found = crm.identify(field, value, of_the_number())
    assert found == Identified(IdentifyResult.FOUND, Customer("C-5", "81527360", "Elena Petrov"))


@pytest.mark.parametrize(
    ("field", "value"), [("account_ending", "9238"), ("account_number", "40719238"), ("account_ending", ""), ("shoe_size", "44")]
)
def test_nobody_else_is_found_whoever_has_that_value(crm: EmbeddedCrm, field: str, value: str) -> None:
    assert crm.identify(field, value, of_the_number()) == Identified(IdentifyResult.NOT_FOUND)


def test_an_answer_that_several_of_them_have_is_several(crm: EmbeddedCrm) -> None:
    found = crm.identify("postal_code", "20001", of_the_number())
    assert found.result is IdentifyResult.SEVERAL


def test_an_ending_alone_names_nobody(crm: EmbeddedCrm) -> None:
    assert crm.identify("account_ending", "9238") == Identified(IdentifyResult.NOT_FOUND)


def test_a_phone_field_is_answered_by_any_number_of_a_customer(crm: EmbeddedCrm) -> None:
    assert crm.identify("phone_number", "+12025550101") == Identified(IdentifyResult.FOUND, Customer("C-1", "40719238"))
    assert crm.identify("phone_number", SHARED).result is IdentifyResult.SEVERAL


def test_a_phone_field_tells_customers_apart_too(crm: EmbeddedCrm, table: Rows) -> None:
    table.phones["+12025550177"] = ["C-6"]
    found = crm.identify("phone_number", "+12025550177", of_the_number("postal_code", "20001"))
    assert found.customer is not None
    assert found.customer.ref == "C-6"


def test_several_behind_a_phone_field_are_told_apart_among_themselves(crm: EmbeddedCrm) -> None:
    found = crm.identify("account_ending", "0931", of_the_number("phone_number"))
    assert found.customer is not None
    assert found.customer.ref == "C-6"


def test_a_claim_by_telephone_number_is_checked_like_any_other(crm: EmbeddedCrm) -> None:
    shared, one_alone = Claim(by="phone_number", value=SHARED), Claim(by="phone_number", value="+12025550101")
    assert crm.check_secret(shared, "pin", Secret("1"), new_key()) is SecretVerdict.MISMATCHED
    assert crm.check_secret(one_alone, "pin", Secret("1"), new_key()) is SecretVerdict.NOT_SET


def test_a_table_that_is_down_is_unavailable_here_as_well(crm: EmbeddedCrm, table: Rows) -> None:
    table.is_down = True
    assert crm.identify("account_ending", "7360", of_the_number()) == Identified(IdentifyResult.UNAVAILABLE)


def test_an_ending_is_the_end_however_long_the_whole_and_all_of_it_where_it_is_no_longer(crm: EmbeddedCrm, table: Rows) -> None:
    table.rows[1:] = [row("C-5", "815273601234"), row("C-6", "0931")]
    assert crm.identify("account_ending", "1234", of_the_number()).customer == Customer("C-5", "815273601234")
    assert crm.identify("account_ending", "0931", of_the_number()).customer == Customer("C-6", "0931")
    assert crm.identify("account_ending", "8152", of_the_number()) == Identified(IdentifyResult.NOT_FOUND)


def test_who_lacks_a_field_does_not_have_it_empty(crm: EmbeddedCrm, table: Rows) -> None:
    table.rows[1:] = [CustomerRow("C-5", {}, {}), row("C-6", "82640931")]
    assert crm.identify("postal_code", "", of_the_number()) == Identified(IdentifyResult.SEVERAL)
    assert crm.identify("postal_code", "None", of_the_number()) == Identified(IdentifyResult.NOT_FOUND)


def test_who_has_no_identifier_is_named_by_the_tables_own(crm: EmbeddedCrm, table: Rows) -> None:
    table.rows.append(CustomerRow("C-9", {"name": "Nils Holm"}, {}))
    table.phones["+12025550109"] = ["C-9"]
    assert crm.identify("ani", "+12025550109").customer == Customer("C-9", "C-9", "Nils Holm")


def test_no_more_rows_are_asked_for_than_tell_that_there_are_too_many(crm: EmbeddedCrm, table: Rows) -> None:
    asked: list[int] = []
    find = table.find

    def counted(column: str, value: str, limit: int = 3) -> list[CustomerRow]:
        asked.append(limit)
        return find(column, value, limit)

    table.find = counted  # type: ignore[method-assign]
    crm.identify("ani", SHARED)
    assert asked == [MOST_TOLD_APART + 1]


def test_a_claim_of_nothing_is_nobodys(crm: EmbeddedCrm, table: Rows) -> None:
    table.rows = [CustomerRow("C-1", {"": "", "XXXX": "XXXX"}, {"pin": "1:x"})]
    table.phones.clear()
    assert crm.check_secret(Claim(by="", value=""), "pin", Secret("1"), new_key()) is SecretVerdict.MISMATCHED
    assert crm.check_secret(Claim(), "pin", Secret("1"), new_key()) is SecretVerdict.MISMATCHED


@pytest.fixture
def money(table: Rows, tmp_path: Path) -> EmbeddedCrm:
    """Customers whom an amount tells apart; one of them has none."""
    table.rows[1:] = [row("C-5", "81527360", last_invoice="120.50"), row("C-6", "82640931", last_invoice="1000.00")]
    keeper = SecretKeeper(Keyring.open(tmp_path / "keys"), CountingHasher())
    return EmbeddedCrm(table, keeper, ("account_number",), separators=("last_invoice",), amounts=("last_invoice",))


@pytest.mark.parametrize(
    ("said", "ref"), [("120.5", "C-5"), ("120.50", "C-5"), ("0120.500", "C-5"), ("1000", "C-6"), ("1000.0", "C-6")]
)
def test_an_amount_is_the_same_however_it_is_written(money: EmbeddedCrm, said: str, ref: str) -> None:
    found = money.identify("last_invoice", said, of_the_number()).customer
    assert found is not None
    assert found.ref == ref


@pytest.mark.parametrize("said", ["120.51", "12050", "", "soon", "XXXX", "None"])
def test_another_amount_or_none_finds_nobody(money: EmbeddedCrm, said: str) -> None:
    assert money.identify("last_invoice", said, of_the_number()) == Identified(IdentifyResult.NOT_FOUND)


def test_an_amount_that_one_of_them_lacks_tells_nobody_apart(money: EmbeddedCrm, table: Rows) -> None:
    table.rows[2] = row("C-6", "82640931")
    assert money.identify("ani", SHARED).separators == ("account_number",)
