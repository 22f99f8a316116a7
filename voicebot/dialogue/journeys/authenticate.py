"""Who is calling, and is it them? The form's interpreter: select a field, collect its value, process the outcome.

What an entry means is `answering`'s; what raises assurance is `verification`'s. Here it is decided what comes next.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from voicebot.dialogue.actions import CheckSecret, Claim, IdentifyCaller, Note, Noted
from voicebot.dialogue.call import Authenticating, Call, Heard, Stage, Tally
from voicebot.dialogue.collect import Took, read_keys
from voicebot.dialogue.documents import Step, closed_errand, errand_number, joined_steps, say_first, with_errand
from voicebot.dialogue.events import (
    CallerIdentified,
    EntryKeyed,
    EntrySpoken,
    ErrandLost,
    Event,
    NoInput,
    SecretChecked,
    TimeCame,
)
from voicebot.dialogue.forms import FieldPlan, NextStep
from voicebot.dialogue.journeys import answering, asking, self_service, wait
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.prompts import field_prompt, spoken_name
from voicebot.dialogue.timers import BOT_TIME_IS_UP
from voicebot.dialogue.values import Assurance, IdentifyResult, Modality, Proof, Reason, Secret, SecretVerdict
from voicebot.dialogue.verification import identified_by_ani, identified_by_entry, secret_matched
from voicebot.errors import ImpossibleEvent


def step(call: Call, event: Event) -> Step:
    """One event while we are finding out."""
    match event:
        case EntryKeyed() | EntrySpoken() | NoInput():
            return _answered(call, event)
        case CallerIdentified() if not _checks_secret(call):
            return _identify_result(closed_errand(call), event)
        case SecretChecked() if _checks_secret(call):
            return _secret_result(closed_errand(call), event)
        case ErrandLost():
            return _back_end_down(closed_errand(call), event.at)
        case TimeCame(name=name) if name == BOT_TIME_IS_UP:
            return wait.enter(call, event.at, Reason.NOT_UNDERSTOOD)
        case TimeCame():
            return call, []
    raise ImpossibleEvent(f"{type(event).__name__} while the caller is being identified")


def ask_next(call: Call, at: datetime) -> Step:
    """Select: the first field that is still needed, or on to what the caller came for."""
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
    if call.line.next_step is NextStep.SELF_SERVICE:
        return self_service.enter(call, at)
    return wait.enter(call, at, None)


def _answered(call: Call, event: EntryKeyed | EntrySpoken | NoInput) -> Step:
    """Collect. A value goes to the back end, anything else says what to ask or where to go."""
    if call.open_errand is not None:
        return call, [Note(Noted.DROPPED, (("why", "an answer is being checked"),))]
    outcome = answering.answer(call, event)
    match outcome:
        case answering.Value(call=call, value=value, modality=modality, notes=notes):
            return joined_steps((call, list(notes)), _check(call, value, modality))
        case answering.WithoutIt(call=call, reason=reason, notes=notes):
            return joined_steps((call, list(notes)), _without(call, reason, event.at))
        case answering.AskAgain(call=call, what=what, attempt=attempt, notes=notes, free=free):
            return joined_steps((call, list(notes)), asking.ask(call, what, attempt, event.at, free=free))
        case answering.AskOn(aloud=aloud):
            return asking.ask_on(call, aloud=aloud)
        case answering.Confirm(call=call, notes=notes, free=free):
            return joined_steps((call, list(notes)), asking.confirm(call, event.at, free=free))
        case _:
            assert_never(outcome)


def _checks_secret(call: Call) -> bool:
    """Which kind of errand is open."""
    return not call.authenticating.by_ani and plan(call).secret


def _check(call: Call, value: Secret, modality: Modality) -> Step:
    """Process: a complete value, believed as heard, goes to the back end."""
    field = plan(call)
    state = replace(call.authenticating, attempts=call.authenticating.attempts + 1, modality=modality, prefix="", heard=None)
    call, number = errand_number(replace(call, authenticating=state))
    if not field.secret:
        heard = Heard(value.reveal(), modality)
        call = replace(call, authenticating=replace(state, heard=heard))
        return with_errand(call, IdentifyCaller(number, field.name, heard.value))
    assert call.customer is not None  # a secret is asked of an identified caller only  # noqa: S101
    return with_errand(call, CheckSecret(number, Claim(ref=call.customer.ref), field.name, value))


def errand_again(call: Call, event: EntryKeyed) -> IdentifyCaller | CheckSecret | None:
    """The open errand made once more from the entry that began it, for a repeat of a request that died before its answer.

    The entry was taken and its attempt reserved then, so it is not answered a second time. None where the entry cannot have
    begun it.
    """
    if call.open_errand is None or call.stage is not Stage.AUTHENTICATE or event.turn != call.turn or call.authenticating.by_ani:
        return None
    field, heard = plan(call), call.authenticating.heard
    if not field.secret:
        return IdentifyCaller(call.open_errand, field.name, heard.value) if heard is not None else None
    keyed = read_keys(event.keys.reveal(), field.shape)
    if keyed.took is not Took.COMPLETE or call.customer is None:
        return None
    return CheckSecret(call.open_errand, Claim(ref=call.customer.ref), field.name, Secret(keyed.digits))


def _without(call: Call, reason: Reason, at: datetime) -> Step:
    """The caller does not have it: the next identifier if there is one, otherwise on without, and the agent knows why."""
    state = call.authenticating
    if reason is Reason.NO_IDENTIFIER and state.position + 1 < len(call.line.identifiers):
        fresh = replace(_next_field(state, state.position + 1), tally=Tally(rejected=state.tally.rejected))
        return asking.ask(replace(call, authenticating=fresh), "ask", 1, at)
    return wait.enter(call, at, reason)


def _next_field(state: Authenticating, position: int) -> Authenticating:
    """Another question, with counters of its own. How the caller answers, and what was heard last, goes along."""
    return Authenticating(
        position=position, keypad_only=state.keypad_only, speech_won_at=state.speech_won_at, speech_won=state.speech_won
    )


def _identify_result(call: Call, event: CallerIdentified) -> Step:
    state = call.authenticating
    if event.result is IdentifyResult.FOUND and event.customer is None:
        raise ImpossibleEvent("found, but no customer was named")
    by = "ani" if state.by_ani else plan(call).name
    note = Note(Noted.IDENTIFY_RESULT, (("by", by), ("result", event.result.value)))
    noted: Step = (call, [note])
    if state.by_ani:
        return joined_steps(noted, _ani_result(call, event))
    field = plan(call)
    match event.result:
        case IdentifyResult.FOUND:
            assert event.customer is not None  # looked at above  # noqa: S101
            modality = state.modality or Modality.KEYPAD
            call = identified_by_entry(call, event.customer, field.name, modality, state.attempts, event.at)
            return joined_steps(noted, _assured(call, event.at))
        case IdentifyResult.NOT_FOUND:
            return joined_steps(noted, _rejected(call, field, Reason.UNKNOWN_IDENTIFIER, event.at))
        case IdentifyResult.SEVERAL:
            return joined_steps(noted, _without(call, Reason.NO_IDENTIFIER, event.at))
        case IdentifyResult.LIMITED:
            return joined_steps(noted, wait.enter(call, event.at, Reason.UNKNOWN_IDENTIFIER))
        case IdentifyResult.UNAVAILABLE:
            return joined_steps(noted, _back_end_down(call, event.at))
        case _:
            assert_never(event.result)


def _ani_result(call: Call, event: CallerIdentified) -> Step:
    """A number that names nobody, or several people, costs the caller nothing: the identifier is asked."""
    call = replace(call, authenticating=Authenticating())
    if event.result is IdentifyResult.FOUND and event.customer is not None:
        return _assured(identified_by_ani(call, event.customer, event.at), event.at)
    return ask_next(call, event.at)


def _secret_result(call: Call, event: SecretChecked) -> Step:
    field, state = plan(call), call.authenticating
    noted: Step = (call, [Note(Noted.SECRET_RESULT, (("field", field.name), ("verdict", event.verdict.value)))])
    match event.verdict:
        case SecretVerdict.MATCHED:
            modality = state.modality or Modality.KEYPAD
            call = secret_matched(call, field.name, modality, state.attempts, event.at)
            return joined_steps(noted, _assured(call, event.at))
        case SecretVerdict.MISMATCHED:
            return joined_steps(noted, _rejected(call, field, Reason.WRONG_SECRET, event.at))
        case SecretVerdict.LOCKED:
            return joined_steps(noted, wait.enter(call, event.at, Reason.LOCKED))
        case SecretVerdict.NOT_SET:
            return joined_steps(noted, wait.enter(call, event.at, Reason.SECRET_NOT_SET))
        case SecretVerdict.UNAVAILABLE | SecretVerdict.TIMED_OUT:
            return joined_steps(noted, _back_end_down(call, event.at))
        case _:
            assert_never(event.verdict)


def _assured(call: Call, at: datetime) -> Step:
    """One field more is settled: thank, greet by name if verified and wanted, go on."""
    proven = call.evidence[-1]
    by_ani = proven.proof is Proof.ANI
    position = len(call.line.identifiers) if by_ani else call.authenticating.position + 1
    call = replace(call, authenticating=_next_field(call.authenticating, position))
    if proven.proof is Proof.SECRET and call.assurance is not Assurance.VERIFIED:
        return ask_next(call, at)  # one secret of several: nothing is proven before the last
    facts = (("assurance", call.assurance.value), ("by", proven.field), ("attempts", proven.attempts))
    note = Note(Noted.ASSURED, facts)
    by_name = spoken_name(call) if call.line.greet_by_name and call.assurance is Assurance.VERIFIED else None
    if by_name:
        call = say_first(call, by_name)
    elif not by_ani:
        call = say_first(call, field_prompt("", call.assurance.value))
    return joined_steps((call, [note]), ask_next(call, at))


def _rejected(call: Call, field: FieldPlan, reason: Reason, at: datetime) -> Step:
    """A complete entry that the back end does not know: a try. All tries count, whatever lay between them."""
    tally = call.authenticating.tally
    tally = replace(tally, rejected=tally.rejected + 1)
    of_field = dict(call.failures).get(field.name, 0) + 1
    failures = (*((f, n) for f, n in call.failures if f != field.name), (field.name, of_field))
    call = replace(call, failures=failures, authenticating=replace(call.authenticating, tally=tally, heard=None))
    if tally.rejected >= call.line.limits.max_attempts:
        return wait.enter(call, at, reason)
    return asking.ask(call, "rejected", tally.rejected, at)


def _back_end_down(call: Call, at: datetime) -> Step:
    """Ours, not the caller's: costs no try. Asked again a limited number of times, then an agent helps."""
    if call.authenticating.by_ani:
        return ask_next(replace(call, authenticating=Authenticating()), at)
    tally = call.authenticating.tally
    tally = replace(tally, back_end_down=tally.back_end_down + 1)
    call = replace(call, authenticating=replace(call.authenticating, tally=tally, heard=None))
    if tally.back_end_down >= call.line.limits.back_end_down:
        return wait.enter(call, at, Reason.BACK_END_DOWN)
    return asking.ask(call, "back_end_down", tally.back_end_down, at)
