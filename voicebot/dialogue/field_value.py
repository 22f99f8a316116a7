"""Digits as the value of a field: whether they can be one, how they are looked up, how they are said. Asks nobody.

Digits of a date are year, month, day; those of an amount are its smallest coins; see `ShapeKind`.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from voicebot.dialogue.check_digits import check_digit_fits
from voicebot.dialogue.dates import date_of, in_year_order, is_meant, one_century
from voicebot.dialogue.forms import FieldPlan, LinePlan
from voicebot.dialogue.phone import e164_of, is_in_use, usual_blocks
from voicebot.dialogue.spoken import Amount, Day, Digits, Spoken
from voicebot.dialogue.values import ShapeKind


class Fault(StrEnum):
    """What is wrong with digits that have the right length."""

    MISTYPED = "mistyped"  # its first digits or the check digit say so
    IMPOSSIBLE = "no_match"  # no telephone number, no date can be meant


def as_keyed(digits: str, field: FieldPlan, line: LinePlan) -> str:
    """Complete keys as the value's digits: a date is keyed in its language's order, an amount perhaps with zeros in front."""
    match field.shape.kind:
        case ShapeKind.DATE:
            return in_year_order(digits, line.grammar.dates.order)
        case ShapeKind.AMOUNT:
            return digits.lstrip("0")
    return digits


def fault_of(digits: str, field: FieldPlan, line: LinePlan, today: date) -> Fault | None:
    """What is wrong with a complete entry before anybody is asked about it; None if nothing."""
    match field.shape.kind:
        case ShapeKind.PHONE if e164_of(digits, line.region) is None:
            return Fault.IMPOSSIBLE
        case ShapeKind.DATE if not is_meant(digits, field.shape.span, today):
            return Fault.IMPOSSIBLE
    return None if field.shape.begins(digits) and check_digit_fits(digits, field.check) else Fault.MISTYPED


def can_be_meant(readings: Iterable[str], field: FieldPlan, line: LinePlan, today: date) -> list[str]:
    """Those of several readings that can be right; of telephone numbers those in use, if one of them is."""
    right = [digits for digits in readings if fault_of(digits, field, line, today) is None]
    match field.shape.kind:
        case ShapeKind.DATE:
            return one_century(right, today)
        case ShapeKind.PHONE:
            return [digits for digits in right if is_in_use(digits, line.region)] or right
    return right


def looked_up_as(digits: str, field: FieldPlan, line: LinePlan) -> str:
    """The value as the back end gets it: a telephone number in E.164, a date in ISO 8601, an amount as a decimal."""
    match field.shape.kind:
        case ShapeKind.PHONE:
            return e164_of(digits, line.region) or digits
        case ShapeKind.DATE:
            day = date_of(digits)
            return day.isoformat() if day is not None else digits
        case ShapeKind.AMOUNT:
            whole = digits.rjust(field.shape.decimals + 1, "0")
            cut = len(whole) - field.shape.decimals
            return f"{whole[:cut]}.{whole[cut:]}" if field.shape.decimals else whole
    return digits


def read_back_in(digits: str, blocks: tuple[int, ...], field: FieldPlan, line: LinePlan) -> tuple[int, ...]:
    """The parts in which a value is read back: the caller's own, or those in which a telephone number is written."""
    if blocks or field.shape.kind is not ShapeKind.PHONE:
        return blocks
    return usual_blocks(digits, line.region)


def as_spoken(digits: str, blocks: tuple[int, ...], field: FieldPlan, line: LinePlan) -> Spoken:
    """The value as it is read back."""
    match field.shape.kind:
        case ShapeKind.DATE:
            return Day(looked_up_as(digits, field, line))
        case ShapeKind.AMOUNT:
            return Amount(looked_up_as(digits, field, line), field.currency)
    return Digits(digits, blocks)
