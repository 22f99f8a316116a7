"""Select: which field comes next, and where a caller goes when there is none. Asks nothing of the back end."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.call import Authenticating, Call, Tally
from voicebot.dialogue.documents import Step
from voicebot.dialogue.forms import NextStep
from voicebot.dialogue.journeys import asking, hand_over, self_service, wait
from voicebot.dialogue.values import Assurance, Reason


def ask_next(call: Call, at: datetime) -> Step:
    """The first field that is still needed, or on to what the caller came for."""
    state = call.authenticating
    identifiers, secrets = call.line.identifiers, call.line.secrets
    if call.assurance is Assurance.NONE:
        if state.position >= len(identifiers):
            return wait.enter(call, at, Reason.NO_IDENTIFIER)
        return asking.ask(call, "ask", 1, at)
    position = max(state.position, len(identifiers))
    if position < len(identifiers) + len(secrets) and call.assurance is Assurance.IDENTIFIED:
        call = replace(call, authenticating=replace(state, position=position))
        return asking.ask(call, "ask", 1, at)
    return _proceed(call, at)


def _proceed(call: Call, at: datetime) -> Step:
    """We know as much as the line wants."""
    match call.line.next_step:
        case NextStep.SELF_SERVICE:
            return self_service.enter(call, at)
        case NextStep.URL | NextStep.SIP:
            return hand_over.enter(call, at)
    return wait.enter(call, at, None)


def without(call: Call, reason: Reason, at: datetime) -> Step:
    """The caller does not have it: the next identifier if there is one, otherwise on without, and the agent knows why."""
    following = _next_identifier(call)
    if reason is not Reason.NO_IDENTIFIER or following is None:
        return wait.enter(call, at, reason)
    return asking.ask(replace(call, authenticating=next_field(call.authenticating, following, tries=True)), "ask", 1, at)


def _next_identifier(call: Call) -> int | None:
    """Its place in the list. One that was asked only to tell several apart is not asked a second time."""
    state, identifiers = call.authenticating, call.line.identifiers
    begin = 0 if state.within is not None and state.within.by == "ani" else state.position + 1
    return next((place for place in range(begin, len(identifiers)) if identifiers[place].name != state.separating), None)


def next_field(state: Authenticating, position: int, *, tries: bool = False) -> Authenticating:
    """Another question, with counters of its own. How the caller answers, and what was heard last, goes along.

    `tries`: those at the field before count here too.
    """
    return Authenticating(
        position=position,
        keypad_only=state.keypad_only,
        speech_won_at=state.speech_won_at,
        speech_won=state.speech_won,
        tally=Tally(rejected=state.tally.rejected) if tries else Tally(),
    )
