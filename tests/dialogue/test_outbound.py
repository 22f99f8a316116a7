"""Which numbers are called: a table of sixty, dear, odd and plain, seen from four countries."""

import pytest

from voicebot.dialogue.outbound import CallbackRules, may_be_called

ALL_FOUR = CallbackRules(countries=("US", "DK", "FR", "KR", "GB"))
ANSWERED = [
    "+12025550123", "+13125550187", "+19175550142", "+14155550100",
    "+4520123456", "+4533123456", "+4586123456", "+4591123456",
    "+33123456789", "+33612345678", "+33765432109", "+33456789012",
    "+82212345678", "+821012345678", "+82511234567",
    "+442079460123", "+447400123456"
]  # fmt: skip
DEAR_OR_ODD = [
    # other countries, whatever the type of the number looks like
    "+881612345678", "+870773123456", "+882161234567", "+88213123456", "+37060012345", "+6795551234", "+29112345678",
    "+18095551234", "+18765551234", "+12645551234", "+14735551234", "+16495551234", "+17585551234", "+18685551234",
    "+2521234567", "+25377123456", "+22412345678", "+37281234567", "+3725123456", "+21612345678", "+5352123456",
    "+96077123456", "+6857212345", "+67712345", "+6882012345", "+2476123", "+5001234", "+39312345678",
    # the right country, and nobody's telephone
    "+19005551234", "+18005551234", "+18885551234", "+4590123456", "+4580123456", "+33899123456", "+33800123456",
    "+33912345678", "+447012345678", "+449098790123", "+448001234567", "+443001234567", "+447624123456",
    "+82601234567", "+82801234567", "+825012345678",
    # no number at all
    "", "+", "112", "911", "+1", "+12025550123456789", "+4511", "anonymous", "+1202555012x",
]  # fmt: skip


@pytest.mark.parametrize("number", ANSWERED)
def test_telephones_of_the_chosen_countries_are_called(number: str) -> None:
    assert may_be_called(number, ALL_FOUR, "US")


@pytest.mark.parametrize("number", DEAR_OR_ODD)
def test_nothing_else_is(number: str) -> None:
    assert not may_be_called(number, ALL_FOUR, "US")


@pytest.mark.parametrize(("region", "called"), [("US", True), ("DK", False)])
def test_without_a_list_the_country_of_the_line_is_called(region: str, called: bool) -> None:
    assert may_be_called("+12025550123", CallbackRules(), region) is called
