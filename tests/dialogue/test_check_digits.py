"""Check digits: the arithmetic, against a library that others look after, and against published numbers."""

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, luhn
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_97_10

from voicebot.dialogue.check_digits import ONE_IN, check_digit_fits
from voicebot.dialogue.forms import CheckDigit

ORACLES = [
    (CheckDigit.LUHN, luhn), (CheckDigit.MOD97, mod_97_10), (CheckDigit.MOD11, mod_11_2), (CheckDigit.MOD11_10, mod_11_10),
]  # fmt: skip
CHECKED = [check for check in CheckDigit if check is not CheckDigit.NONE]


@pytest.mark.parametrize(("check", "oracle"), ORACLES)
@given(digits=st.text("0123456789", min_size=2, max_size=24))
def test_a_number_fits_where_the_library_says_so(check: CheckDigit, oracle: ModuleType, digits: str) -> None:
    assert check_digit_fits(digits, check) is oracle.is_valid(digits)


@pytest.mark.parametrize("check", [check for check in CHECKED if check is not CheckDigit.UPU_S10])
@given(body=st.text("0123456789", min_size=1, max_size=20))
def test_of_all_endings_few_fit(check: CheckDigit, body: str) -> None:
    """One in ten, or in ninety-seven; with MOD 11-2 one in eleven, which may be none of the digits."""
    endings = [f"{n:02}" for n in range(100)] if check is CheckDigit.MOD97 else list("0123456789")
    fitting = [ending for ending in endings if check_digit_fits(body + ending, check)]
    assert len(fitting) in {CheckDigit.MOD11: (0, 1), CheckDigit.MOD97: (1, 2)}.get(check, (1,))


@pytest.mark.parametrize("check", CheckDigit)
def test_of_so_many_numbers_one_fits(check: CheckDigit) -> None:
    begun = "1234" if check is CheckDigit.UPU_S10 else ""  # which has nine digits in all
    numbers = [f"{begun}{number:05}" for number in range(100_000)]
    fitting = sum(check_digit_fits(number, check) for number in numbers)
    assert round(len(numbers) / fitting) == ONE_IN[check]


@given(body=st.text("0123456789", min_size=1, max_size=20))
def test_a_parcels_number_ends_as_the_library_says(body: str) -> None:
    assert check_digit_fits(body + ean.calc_check_digit(body), CheckDigit.GS1)


@pytest.mark.parametrize(
    ("digits", "check"),
    [
        ("4539578763621486", CheckDigit.LUHN),
        ("340123450000000000", CheckDigit.GS1),  # an SSCC
        ("473124829", CheckDigit.UPU_S10),  # RA473124829US
        ("123456785", CheckDigit.UPU_S10),
        ("000000005", CheckDigit.UPU_S10),  # a check of 11 is written 5
    ],
)
def test_published_numbers_fit(digits: str, check: CheckDigit) -> None:
    assert check_digit_fits(digits, check)


@given(serial=st.text("0123456789", min_size=8, max_size=8))
def test_every_international_parcel_has_exactly_one_check_digit(serial: str) -> None:
    assert sum(check_digit_fits(serial + last, CheckDigit.UPU_S10) for last in "0123456789") == 1


@pytest.mark.parametrize("digits", ["47312482", "4731248299", "12"])
def test_an_international_parcels_number_has_nine_digits(digits: str) -> None:
    assert not check_digit_fits(digits, CheckDigit.UPU_S10)


@pytest.mark.parametrize("check", [CheckDigit.LUHN, CheckDigit.GS1, CheckDigit.MOD11_10, CheckDigit.MOD11])
@given(body=st.text("0123456789", min_size=4, max_size=14), data=st.data())
def test_one_wrong_digit_is_always_noticed(check: CheckDigit, body: str, data: st.DataObject) -> None:
    right = [body + last for last in "0123456789" if check_digit_fits(body + last, check)]
    if not right:
        return  # MOD 11-2 would write an X
    place = data.draw(st.integers(0, len(right[0]) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != right[0][place]]))
    assert not check_digit_fits(right[0][:place] + wrong + right[0][place + 1 :], check)


def test_any_digits_fit_a_field_without_a_check_digit() -> None:
    assert check_digit_fits("1", CheckDigit.NONE)
    assert check_digit_fits("12345", CheckDigit.NONE)


@pytest.mark.parametrize("check", CHECKED)
def test_a_check_digit_alone_is_no_number(check: CheckDigit) -> None:
    assert not any(check_digit_fits(digit, check) for digit in "0123456789")
