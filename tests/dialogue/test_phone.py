"""A telephone number in whatever form a caller gives it."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.phone import e164_of, is_in_use, typed, usual_blocks
from voicebot.dialogue.values import Shape


@pytest.mark.parametrize(
    ("digits", "region", "number"),
    [
        ("2025550105", "US", "+12025550105"),  # national
        ("12025550105", "US", "+12025550105"),  # with the country's code, as it is dialled there
        ("0114533124567", "US", "+4533124567"),  # the country's own way out
        ("004533124567", "US", "+4533124567"),  # everybody else's
        ("4533124567", "US", "+4533124567"),  # the code of another country and nothing before it
        ("33124567", "DK", "+4533124567"),
        ("4533124567", "DK", "+4533124567"),
        ("004533124567", "DK", "+4533124567"),
        ("0012025550105", "DK", "+12025550105"),
        ("12025550105", "DK", "+12025550105"),
        ("0142685300", "FR", "+33142685300"),  # without the national 0
        ("0033142685300", "FR", "+33142685300"),
        ("021234567", "KR", "+8221234567"),
        ("00182212345678", "KR", "+82212345678"),
        ("2025550105", "us", "+12025550105"),  # regions are no matter of case
        ("5551234567", "US", "+15551234567"),  # not in use today, but of the right length: the back end decides
    ],
)
def test_one_number_has_many_forms(digits: str, region: str, number: str) -> None:
    assert e164_of(digits, region) == number


@pytest.mark.parametrize(
    ("digits", "region"),
    [("5550105", "US"), ("123456", "US"), ("999999999999999999", "US"), ("000000000", "US"), ("490000", "US"), ("", "US")],
)
def test_what_can_be_no_number_is_none(digits: str, region: str) -> None:
    """A number that only works within its town is none either: nobody could look it up."""
    assert e164_of(digits, region) is None


def test_a_number_that_only_its_own_country_has_room_for_is_none() -> None:
    """Germany's plan allows itself more digits than E.164 has."""
    too_long, fits = "011" + "4670140640605", "4670140640"
    assert phonenumbers.is_possible_number(phonenumbers.parse(too_long, "DE"))
    assert e164_of(too_long, "DE") is None
    assert e164_of(fits, "DE") == f"+49{fits}"


@given(digits=st.text("0123456789", max_size=24), region=st.sampled_from(["US", "DK", "FR", "KR", "GB"]))
def test_whatever_is_keyed_gives_a_whole_number_or_none(digits: str, region: str) -> None:
    number = e164_of(digits, region)
    assert number is None or (number[0] == "+" and number[1:].isdecimal() and 8 <= len(number) <= 16)


@pytest.mark.parametrize("region", ["US", "DK", "FR", "KR", "GB", "DE"])
def test_every_way_to_write_an_example_gives_the_same_number(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    whole = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    dialled = "".join(filter(str.isdecimal, national))
    assert {e164_of(dialled, region), e164_of(f"00{whole[1:]}", region), e164_of(whole[1:], region)} == {whole}


def test_the_shape_takes_the_longest_number_that_can_be_dialled() -> None:
    assert Shape.parse("phone").fits("011" + "1" * 15)
    assert not Shape.parse("phone").fits("12345")


def test_a_number_of_a_plan_that_nobody_uses_is_possible_only() -> None:
    assert is_in_use("2025550144", "US")
    assert not is_in_use("1115550144", "US")
    assert not is_in_use("99", "US")


@pytest.mark.parametrize(
    ("digits", "region", "blocks"),
    [
        ("2025550144", "US", (3, 3, 4)),
        ("0612345678", "FR", (2, 2, 2, 2, 2)),
        ("32123456", "DK", (2, 2, 2, 2)),
        ("01012345678", "KR", (3, 4, 4)),
        ("0033612345678", "US", ()),
        ("12025550144", "US", ()),
        ("99", "US", ()),
    ],
)
def test_a_number_has_the_parts_in_which_its_country_writes_it(digits: str, region: str, blocks: tuple[int, ...]) -> None:
    assert usual_blocks(digits, region) == blocks


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+45 32 12 34 56", "US", "+4532123456"),
        ("+1 (202) 555-0123", "DK", "+12025550123"),
        ("202.555.0123", "US", "+12025550123"),
        ("32–12–34–56", "DK", "+4532123456"),
        ("004532123456", "DK", "+4532123456"),
        ("+453212345", "DK", None),  # too short, and a plus sign means what it says
        ("+999 1234567", "DK", None),
        ("++4532123456", "DK", None),
        ("call me", "DK", None),
        ("12", "DK", None),
        ("", "DK", None),
        ("٣٢١٢٣٤٥٦", "DK", None),
    ],
)
def test_a_number_as_somebody_types_it_into_a_form(text: str, region: str, number: str | None) -> None:
    assert typed(text, region) == number
