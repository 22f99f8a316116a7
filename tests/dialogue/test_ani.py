"""What a calling number is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.ani import SPELLED_WORDS, ani_of, attestation_of, spelled_on_keypad
from voicebot.dialogue.values import AniStanding, Attestation

WITHHELD = [
    "", "   ", "anonymous", "Anonymous", "ANONYMOUS", "restricted", "unavailable", "unknown", "private", "blocked",
    "withheld", "No Caller ID", "client:Anonymous", "client:anonymous", "sip:anonymous@anonymous.invalid",
    "sip:Restricted@carrier.example",
    "sips:unknown@host;transport=tls", "tel:unavailable", "+266696687", "266696687", "+1266696687", "+7378742833", "+17378742833",
    "17378742833", "+7378742883", "+17378742883", "+86282452253", "+186282452253", "+8656696", "+2562533", "+7748283", "+464",
    "464", "+1464", "sip:+17378742833@carrier.example", "sip:266696687@host",
]  # fmt: skip


@pytest.mark.parametrize("from_", WITHHELD)
def test_a_withheld_number_is_withheld_however_the_carrier_writes_it(from_: str) -> None:
    ani = ani_of(from_, "US", None)
    assert (ani.standing, ani.number) == (AniStanding.WITHHELD, None)


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        ("anonymous", "266696687"), ("restricted", "7378742833"), ("unavailable", "86282452253"), ("unknown", "8656696"),
        ("blocked", "2562533"), ("private", "7748283"),
    ],
)  # fmt: skip
def test_words_are_spelled_as_a_keypad_does(word: str, digits: str) -> None:
    assert word in SPELLED_WORDS
    assert spelled_on_keypad(word) == digits


@pytest.mark.parametrize(
    ("from_", "region", "number"),
    [
        ("+12025550123", "US", "+12025550123"),
        ("+12025550123", "DK", "+12025550123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("2025550123", "us", "+12025550123"),
        ("33 12 45 67", "DK", "+4533124567"),
        ("+4533124567", "US", "+4533124567"),
        ("004533124567", "DK", "+4533124567"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("02-312-3456", "KR", "+8223123456"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("sip:+4533124567@carrier.example;user=phone", "US", "+4533124567"),
        ("SIP:+4533124567@CARRIER.EXAMPLE", "US", "+4533124567"),
        ("tel:+4533124567", "US", "+4533124567"),
    ],
)
def test_a_number_is_read_in_its_region_and_written_as_e164(from_: str, region: str, number: str) -> None:
    ani = ani_of(from_, region, None)
    assert (ani.standing, ani.number) == (AniStanding.USABLE, number)


@pytest.mark.parametrize(
    "from_",
    [
        "+1", "+10000000000", "+11111111111", "12", "0", "+999123456789", "client:alice", "sip:alice@example.com", "alice",
        "+1800FLOWERS", "+12025550123;ext=5", "whatsapp:+4533124567", "+" * 30, "9" * 60, "+4533124567\x00", "٠١٢٣٤٥٦٧٨٩",
    ],
)  # fmt: skip
def test_what_is_no_number_of_anybody_is_bogus(from_: str) -> None:
    ani = ani_of(from_, "US", None)
    assert (ani.standing, ani.number) == (AniStanding.BOGUS, None)


def test_a_national_number_says_nothing_in_another_region() -> None:
    assert ani_of("33124567", "US", None).standing is AniStanding.BOGUS


def test_an_unknown_region_leaves_international_numbers_readable() -> None:
    assert ani_of("+4533124567", "XX", None).number == "+4533124567"
    assert ani_of("33124567", "XX", None).standing is AniStanding.BOGUS


@pytest.mark.parametrize(
    ("statement", "attestation"),
    [
        ("TN-Validation-Passed-A", Attestation.A),
        ("tn-validation-passed-a", Attestation.A),
        (" TN-Validation-Passed-A ", Attestation.A),
        ("TN-Validation-Passed-A-Passthrough", Attestation.A),
        ("TN-Validation-Passed-A-Diverted", Attestation.A_DIVERTED),
        ("TN-Validation-Passed-B", Attestation.B),
        ("TN-Validation-Passed-B-Diverted", Attestation.B),
        ("TN-Validation-Passed-C", Attestation.C),
        ("TN-Validation-Passed-C-Passthrough", Attestation.C),
        ("TN-Validation-Failed", Attestation.FAILED),
        ("TN-Validation-Failed-A", Attestation.FAILED),
        ("TN-Validation-Failed-C", Attestation.FAILED),
        ("No-TN-Validation", Attestation.NONE),
        (None, Attestation.NONE),
        ("", Attestation.NONE),
        ("TN-Validation-Passed", Attestation.NONE),
        ("TN-Validation-Passed-", Attestation.NONE),
        ("TN-Validation-Passed-D", Attestation.NONE),
        ("TN-Validation-Passed-AA", Attestation.NONE),
        ("TN-Validation-Passed-A-Something", Attestation.NONE),
        ("Passed-A", Attestation.NONE),
    ],
)
def test_an_attestation_is_taken_at_its_word_and_nothing_unknown_is(statement: str | None, attestation: Attestation) -> None:
    assert attestation_of(statement) is attestation
    assert ani_of("+12025550123", "US", statement).attestation is attestation


def test_an_attestation_does_not_make_a_withheld_number_usable() -> None:
    ani = ani_of("+17378742833", "US", "TN-Validation-Passed-A")
    assert (ani.standing, ani.number) == (AniStanding.WITHHELD, None)


@given(st.text(max_size=60), st.sampled_from(["US", "DK", "FR", "KR", "", "ZZ"]), st.none() | st.text(max_size=40))
def test_whatever_is_sent_only_a_usable_number_is_kept(from_: str, region: str, statement: str | None) -> None:
    ani = ani_of(from_, region, statement)
    assert (ani.number is not None) == (ani.standing is AniStanding.USABLE)
    assert ani.number is None or (ani.number.startswith("+") and ani.number[1:].isdecimal())


@given(st.sampled_from(WITHHELD), st.sampled_from(["US", "DK", "IS", "UG", "CN"]))
def test_no_region_makes_a_withheld_number_usable(from_: str, region: str) -> None:
    assert ani_of(from_, region, None).standing is AniStanding.WITHHELD


def test_a_number_longer_than_the_world_has_room_for_is_bogus() -> None:
    """Germany's own plan takes it."""
    assert ani_of("46406701740605", "DE", None).standing is AniStanding.BOGUS


@pytest.mark.parametrize("from_", ["01117378742833", "011 1 737 874 2833", "01117378742883", "(011) 17378742833"])
def test_a_withheld_number_behind_an_exit_code_is_withheld(from_: str) -> None:
    """Any number that comes out is one that would come in again: none of them is a sentinel."""
    assert ani_of(from_, "US", None).standing is AniStanding.WITHHELD
