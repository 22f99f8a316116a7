"""What digits are worth in a field: possible or not, looked up, said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.conversation import ACCOUNT_NUMBER, BILLING, METER, PHONE_NUMBER
from voicebot.dialogue.field_value import Fault, as_keyed, as_spoken, can_be_meant, fault_of, looked_up_as
from voicebot.dialogue.forms import FieldPlan
from voicebot.dialogue.spoken import Amount, Day, Digits, Spoken
from voicebot.dialogue.values import Shape

TODAY = date(2026, 3, 2)
BIRTHDAY = FieldPlan("birthday", Shape.parse("date:past"))
CONTRACT = FieldPlan("contract", Shape.parse("digits:6:44,45"))
BILL = FieldPlan("bill", Shape.parse("amount:2"), currency="USD")
WON = FieldPlan("bill", Shape.parse("amount:0"), currency="KRW")


@pytest.mark.parametrize(
    ("field", "keys", "value"),
    [(BIRTHDAY, "27111957", "19571127"), (BILL, "001250", "1250"), (ACCOUNT_NUMBER, "00000042", "00000042")],
)
def test_keys_become_the_value(field: FieldPlan, keys: str, value: str) -> None:
    assert as_keyed(keys, field, BILLING) == value


@pytest.mark.parametrize(
    ("field", "digits", "fault"),
    [
        (BIRTHDAY, "19571127", None),
        (BIRTHDAY, "19571327", Fault.IMPOSSIBLE),
        (BIRTHDAY, "20300101", Fault.IMPOSSIBLE),
        (BILL, "1250", None),
        (PHONE_NUMBER, "2025550144", None),
        (PHONE_NUMBER, "123456", Fault.IMPOSSIBLE),
        (METER, "12345678", Fault.MISTYPED),
        (METER, "12345674", None),
        (CONTRACT, "441234", None),
        (CONTRACT, "461234", Fault.MISTYPED),
    ],
)
def test_what_is_wrong_with_a_value_is_known_before_anybody_is_asked(field: FieldPlan, digits: str, fault: Fault | None) -> None:
    assert fault_of(digits, field, BILLING, TODAY) is fault


@pytest.mark.parametrize(
    ("field", "digits", "looked_up", "spoken"),
    [
        (ACCOUNT_NUMBER, "40719238", "40719238", Digits("40719238", (4, 4))),
        (PHONE_NUMBER, "2025550144", "+12025550144", Digits("2025550144", (4, 4))),
        (PHONE_NUMBER, "11", "11", Digits("11", (4, 4))),
        (BIRTHDAY, "19571127", "1957-11-27", Day("1957-11-27")),
        (BIRTHDAY, "19571327", "19571327", Day("19571327")),
        (BILL, "1250", "12.50", Amount("12.50", "USD")),
        (BILL, "5", "0.05", Amount("0.05", "USD")),
        (WON, "12500", "12500", Amount("12500", "KRW")),
    ],
)
def test_a_value_is_looked_up_and_said_as_what_it_is(field: FieldPlan, digits: str, looked_up: str, spoken: Spoken) -> None:
    assert looked_up_as(digits, field, BILLING) == looked_up
    assert as_spoken(digits, (4, 4), field, BILLING) == spoken


@given(cents=st.integers(1, 999_999_999))
def test_no_coin_is_lost(cents: int) -> None:
    whole, coins = looked_up_as(str(cents), BILL, BILLING).split(".")
    assert int(whole) * 100 + int(coins) == cents


def test_of_several_telephone_numbers_those_in_use_are_meant() -> None:
    assert can_be_meant(["2025550144", "1115550144", "99"], PHONE_NUMBER, BILLING, TODAY) == ["2025550144"]
    assert can_be_meant(["1115550144", "99"], PHONE_NUMBER, BILLING, TODAY) == ["1115550144"]


def test_of_several_dates_those_that_can_be_meant_remain_in_one_century_each() -> None:
    assert can_be_meant(["20571127", "19571127", "19571301"], BIRTHDAY, BILLING, TODAY) == ["19571127"]


def test_of_several_numbers_with_a_check_digit_those_that_have_it_remain() -> None:
    assert can_be_meant(["12345678", "12345674"], METER, BILLING, TODAY) == ["12345674"]
