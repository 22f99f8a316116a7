"""Prompt ids and their arguments, as the dialogue names them. No wording: that is the operator's, per language."""

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import Detail, FieldPlan
from voicebot.dialogue.spoken import (
    Amount,
    Day,
    Digits,
    Spoken,
    Words,
)
from voicebot.dialogue.values import ShapeKind

PARTS = tuple(f"part_{which}{how}" for which in ("first", "last", "after") for how in ("", "_keys"))  # one part of a number
INVITES_TO_SPEAK = ("ask", "no_input", "no_match", "not_confirmed", "again")  # the last parts of a field's prompts


def field_prompt(field: FieldPlan, what: str, attempt: int = 1, *args: tuple[str, Spoken]) -> Say:
    """`account_number.no_input`, second time. What the field has no words for, fields of its kind have (`date.no_input`)."""
    return Say(f"{field.name}.{what}", attempt, args, general_name(field))


def general_name(field: FieldPlan) -> str:
    """The first part of the prompts for fields of this kind; empty for plain digits."""
    return "" if field.shape.kind is ShapeKind.DIGITS else field.shape.kind.value


def spoken_name(call: Call) -> Say | None:
    """The greeting by name, where the back end has one."""
    if call.customer is None or not call.customer.name:
        return None
    return Say("verified_by_name", args=(("name", Words(call.customer.name)),))


def detail_prompt(detail: Detail, value: str) -> Say:
    """A detail's value as the caller hears it, in the kind that the operator named."""
    spoken: Spoken
    match detail.kind:
        case "amount":
            spoken = Amount(value, detail.currency)
        case "day":
            spoken = Day(value)
        case "digits":
            spoken = Digits(value)
        case _:
            spoken = Words(value)
    return Say(f"self_service.{detail.name}", args=(("value", spoken),))
