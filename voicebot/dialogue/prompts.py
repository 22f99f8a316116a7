"""Prompt ids and their arguments, as the dialogue names them. No wording: that is the operator's, per language."""

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call
from voicebot.dialogue.forms import Detail
from voicebot.dialogue.values import Amount, Day, Digits, Spoken, Words


def field_prompt(field: str, what: str, attempt: int = 1, *args: tuple[str, Spoken]) -> Say:
    """`account_number.no_input`, second time; without a field the general prompt `what`."""
    return Say(f"{field}.{what}" if field else what, attempt, args)


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
