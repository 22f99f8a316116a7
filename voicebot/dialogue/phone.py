"""A telephone number as a caller gives it, in E.164. Decides nothing about whose it is.

A keypad has no plus sign, and people say numbers as they dial them: in the form of their country, with `00` or `011` in front,
or with the country's code and nothing before it.
"""

import phonenumbers

from voicebot.dialogue.values import Shape

PHONE_SHAPE = Shape.parse("digits:6-18")  # the longest: an exit code of three digits before the fifteen of E.164
EXIT_CODE = "00"  # of most countries; a caller from abroad dials it wherever the line is


def e164_of(digits: str, region: str) -> str | None:
    """These digits as E.164, read in `region` (ISO 3166); None where no number can be meant.

    The first reading that is a number in use is meant; failing that the likeliest one, if its length is possible at all.
    """
    readings = [_parsed(text, region) for text in _spellings(digits)]
    number = next((one for one in readings if one is not None and phonenumbers.is_valid_number(one)), readings[0])
    if number is None or not _has_length(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _spellings(digits: str) -> list[str]:
    """What these keys may stand for, likeliest first."""
    if digits.startswith(EXIT_CODE):
        return [f"+{digits.removeprefix(EXIT_CODE)}", digits]
    return [digits, f"+{digits}"]


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region.upper())
    except phonenumbers.NumberParseException:
        return None


def _has_length(number: phonenumbers.PhoneNumber) -> bool:
    """A number that only works within its town is not long enough to be looked up."""
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
