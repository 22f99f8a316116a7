"""A telephone number as a caller gives it, in E.164. Decides nothing about whose it is.

A keypad has no plus sign, and people say numbers as they dial them: in the form of their country, with `00` or `011` in front,
or with the country's code and nothing before it.
"""

import re

import phonenumbers

LONGEST_E164 = 15  # digits
EXIT_CODE = "00"  # of most countries; a caller from abroad dials it wherever the line is


def e164_of(digits: str, region: str) -> str | None:
    """These digits as E.164, read in `region` (ISO 3166); None where no number can be meant.

    The first reading that is a number in use is meant; failing that the likeliest one, if its length is possible at all.
    """
    number = _number_of(digits, region)
    return written(number) if number is not None else None


def typed(text: str, region: str) -> str | None:
    """What somebody wrote into a form as E.164: with a plus sign, or as it is dialled in `region`; None where it is no number.

    Spaces, hyphens, dots, slashes and brackets are nothing. A plus sign means what it says: no other reading is tried then.
    """
    digits = re.sub(r"[\s()./\u2010-\u2015-]", "", text)
    if not re.fullmatch(r"\+?[0-9]{1,20}", digits):
        return None
    if not digits.startswith("+"):
        return e164_of(digits, region)
    number = _parsed(digits, region)
    return written(number) if number is not None and _has_length(number) else None


def written(number: phonenumbers.PhoneNumber) -> str | None:
    """A number as E.164; None if it has more digits than that has, which some countries' own plans allow."""
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text if len(text) <= len("+") + LONGEST_E164 else None


def is_in_use(digits: str, region: str) -> bool:
    """Whether the number that is meant is one of a plan that is in use, and not only of a length that is possible."""
    number = _number_of(digits, region)
    return number is not None and phonenumbers.is_valid_number(number)


def usual_blocks(digits: str, region: str) -> tuple[int, ...]:
    """The lengths of the parts in which a number is written in its country; empty where that is not told from its digits."""
    number = _number_of(digits, region)
    if number is None:
        return ()
    parts = re.findall(r"\d+", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    return tuple(map(len, parts)) if "".join(parts) == digits and len(parts) > 1 else ()


def _number_of(digits: str, region: str) -> phonenumbers.PhoneNumber | None:
    readings = [_parsed(text, region) for text in _spellings(digits)]
    number = next((one for one in readings if one is not None and phonenumbers.is_valid_number(one)), readings[0])
    return number if number is not None and _has_length(number) else None


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
    """A number that only works within its town is not long enough to be looked up, and one beyond E.164 is too long."""
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return possible and written(number) is not None
