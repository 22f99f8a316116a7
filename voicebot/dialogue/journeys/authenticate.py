"""Who is calling, and is it them? The form's interpreter: select a field, collect its value, process the outcome.

What comes next is `selecting`'s, what an entry means `answering`'s, what follows from the back end's answer `outcomes`'; what
raises assurance is `verification`'s.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from voicebot.dialogue.actions import CheckSecret, Claim, FindExisting
from voicebot.dialogue.call import Call, Heard
from voicebot.dialogue.documents import Step, closed_errand, errand_number, joined_steps, with_errand
from voicebot.dialogue.events import (
    CallerIdentified,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    Event,
    ExistingFound,
    NoInput,
    SecretChecked,
    TimeCame,
)
from voicebot.dialogue.field_value import looked_up_as
from voicebot.dialogue.journeys import answering, answers, asking, joint, outcomes, wait
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.journeys.selecting import without
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.timers import BOT_TIME_IS_UP
from voicebot.dialogue.values import Reason
from voicebot.errors import ImpossibleEvent


def step(call: Call, event: Event) -> Step:
    """One event while we are finding out."""
    match event:
        case EntryKeyed() | EntrySpoken() | NoInput():
            return _answered(call, event)
        case ExistingFound() if _looks_for(call):
            return outcomes.existing_found(closed_errand(call), event)
        case ErrandLost() if _looks_for(call):
            return outcomes.existing_found(closed_errand(call), ExistingFound(event.at, event.errand, looked=False))
        case CallerIdentified() if not (_checks_secret(call) or _looks_for(call)):
            return outcomes.identify_result(closed_errand(call), event)
        case SecretChecked() if _checks_secret(call):
            return outcomes.secret_result(closed_errand(call), event)
        case ErrandLost():
            return outcomes.back_end_down(closed_errand(call), event.at)
        case TimeCame(name=name) if name == BOT_TIME_IS_UP:
            return wait.enter(call, event.at, Reason.NOT_UNDERSTOOD)
        case TimeCame():
            return call, []
    raise ImpossibleEvent(f"{type(event).__name__} while the caller is being identified")


def _answered(call: Call, event: EntryKeyed | EntrySpoken | NoInput) -> Step:
    """Collect. A value goes to the back end, anything else says what to ask or where to go."""
    if call.open_errand is not None:
        return call, [Note(Noted.DROPPED, (("why", "an answer is being checked"),))]
    outcome = answering.answer(call, event)
    match outcome:
        case answers.Value(call=call, notes=notes):
            return joined_steps((call, list(notes)), _check(outcome, event.at))
        case answers.LookFor(call=call, values=values, notes=notes):
            call, number = errand_number(call)
            return with_errand(call, FindExisting(number, plan(call).name, values, plan(call).customers), *notes)
        case answers.WithoutIt(call=call, reason=reason, notes=notes):
            return joined_steps((call, list(notes)), without(call, reason, event.at))
        case answers.AskAgain(call=call, what=what, attempt=attempt, notes=notes, free=free):
            return joined_steps((call, list(notes)), asking.ask(call, what, attempt, event.at, free=free))
        case answers.AskOn(aloud=aloud):
            return asking.ask_on(call, aloud=aloud)
        case answers.Confirm(call=call, notes=notes, free=free):
            return joined_steps((call, list(notes)), asking.confirm(call, event.at, free=free))
        case _:
            assert_never(outcome)


def _checks_secret(call: Call) -> bool:
    """Which kind of errand is open."""
    state = call.authenticating
    looks_up = state.by_ani or (state.claimed is not None and state.claimed.proven is not None)
    return not looks_up and plan(call).secret


def _looks_for(call: Call) -> bool:
    """Whether the open errand looks for several values: no other is out while a yes is still to be had."""
    heard = call.authenticating.heard
    return call.open_errand is not None and heard is not None and heard.needs_yes


def _check(entry: answers.Value, at: datetime) -> Step:
    """Process: a complete value, believed as heard, goes to the back end. Under `joint` a number waits for its secret."""
    call = entry.call
    field, state = plan(call), call.authenticating
    state = replace(state, attempts=state.attempts + 1, modality=entry.modality, prefix="", heard=None)
    call = replace(call, authenticating=state)
    if field.secret:
        call, number = errand_number(call)
        return with_errand(call, CheckSecret(number, claim_of(call), field.name, entry.value))
    value = looked_up_as(entry.value.reveal(), field, call.line)
    if call.line.joint:
        return joint.claim(call, field.name, value, entry.modality, at)
    return outcomes.look_up(call, Heard(value, entry.modality, doubtful=entry.doubtful))


def claim_of(call: Call) -> Claim:
    """Whose secret this is said to be."""
    claimed = call.authenticating.claimed
    if claimed is not None:
        return Claim(by=claimed.by, value=claimed.value)
    assert call.customer is not None  # without a claim a secret is asked of an identified caller only  # noqa: S101
    return Claim(ref=call.customer.ref)
