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

    A reading that is a number in use is taken before one that only has a possible length.
    """
    readings = [number for text in _spellings(digits) if (number := _parsed(text, region)) is not None]
    in_use = (number for number in readings if phonenumbers.is_valid_number(number))
    possible = (number for number in readings if _has_length(number))
    number = next(in_use, None) or next(possible, None)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number is not None else None


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
