"""Several customers have one number: the cheapest question that tells them apart. Nobody hears how many they are, or who."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import Among
from voicebot.dialogue.call import Call
from voicebot.dialogue.documents import Step
from voicebot.dialogue.forms import FieldPlan
from voicebot.dialogue.journeys import asking
from voicebot.dialogue.journeys.selecting import ask_next, next_field, without
from voicebot.dialogue.values import Reason


def tell_apart(call: Call, within: Among, separators: tuple[str, ...], at: datetime) -> Step:
    """Ask for the field with fewest digits in which all of them differ; without one, for the next identifier."""
    state = call.authenticating
    field = _cheapest(call, within, separators)
    if field is not None:
        fresh = replace(next_field(state, state.position, tries=True), within=within, separating=field.name)
        return asking.ask(replace(call, authenticating=fresh), "ask", 1, at)
    if within.by == "ani" and not state.separating:
        return ask_next(call, at)
    return without(call, Reason.NO_IDENTIFIER, at)


def _cheapest(call: Call, within: Among, separators: tuple[str, ...]) -> FieldPlan | None:
    """The line's order decides among equals. What has just been asked, or was asked to tell them apart, did not do so."""
    if call.authenticating.separating:
        return None
    fields = [field for field in (*call.line.separators, *call.line.identifiers) if field.name in separators]
    return min((field for field in fields if field.name != within.by), key=lambda field: field.shape.longest, default=None)
