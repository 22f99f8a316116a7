"""What may stand in a cell of a customer file. Each check gives the cell as it is kept, or raises `Unfit` with words for people.

No message quotes a cell: it may be a secret, and messages reach logs.
"""

import re
from datetime import date

import phonenumbers

from voicebot.dialogue.values import Shape

LONGEST_TEXT = 200
_SHORTENED = re.compile(r"\d+([.,]\d+)?[eE][+-]?\d+")
_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,4})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Unfit(ValueError):
    """A cell that cannot be kept. The text says why, never what it holds."""


def checked_digits(cell: str, shape: Shape | None = None) -> str:
    """Digits only, of this shape if there is one. They stay text: `0420` is not 420."""
    if _SHORTENED.fullmatch(cell):
        raise Unfit("a spreadsheet has shortened this number: format the column as text and save again")
    if not (cell.isascii() and cell.isdigit()):
        raise Unfit("only the digits 0 to 9 may stand here")
    if shape is not None and not shape.fits(cell):
        wanted = str(shape.shortest) if shape.fixed else f"{shape.shortest} to {shape.longest}"
        raise Unfit(f"must have {wanted} digits, has {len(cell)}")
    if shape is not None and not shape.begins(cell):
        raise Unfit(f"must begin with {' or '.join(shape.prefixes)}")
    return cell


def checked_phone(cell: str, region: str) -> str:
    """A telephone number as E.164. One without its country belongs to `region`."""
    try:
        number = phonenumbers.parse(cell, region)
    except phonenumbers.NumberParseException:
        raise Unfit("this is not a telephone number") from None
    if not phonenumbers.is_valid_number(number):
        raise Unfit(f"this is not a telephone number that exists (region {region})")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def checked_text(cell: str) -> str:
    """A few words on one line."""
    if len(cell) > LONGEST_TEXT:
        raise Unfit(f"must not be longer than {LONGEST_TEXT} characters, has {len(cell)}")
    if not cell.isprintable():
        raise Unfit("holds a line break or another character that cannot be spoken")
    return cell


def checked_amount(cell: str) -> str:
    """Money as a decimal with a point."""
    if not (cell.isascii() and _AMOUNT.fullmatch(cell)):
        raise Unfit("must be an amount like 1234.50, without currency or thousands separators")
    return cell


def checked_day(cell: str) -> str:
    """A date, ISO 8601."""
    try:
        if cell.isascii() and _DAY.fullmatch(cell):
            return date.fromisoformat(cell).isoformat()
    except ValueError:
        pass
    raise Unfit("must be a date that exists, like 2026-03-31")


def checked_detail(cell: str, kind: str) -> str:
    """By a detail's kind: words, amount, day or digits."""
    match kind:
        case "amount":
            return checked_amount(cell)
        case "day":
            return checked_day(cell)
        case "digits":
            return checked_digits(cell)
    return checked_text(cell)
