"""What the back end said, and what follows: thanks, once more, the next field, or an agent. Raises no assurance itself."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from voicebot.dialogue.actions import Among, IdentifyCaller, Say
from voicebot.dialogue.call import Authenticating, Call, Heard
from voicebot.dialogue.documents import Step, errand_number, joined_steps, say_first, with_errand
from voicebot.dialogue.events import CallerIdentified, ExistingFound, SecretChecked
from voicebot.dialogue.journeys import asking, joint, wait
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.journeys.entry_notes import entered
from voicebot.dialogue.journeys.parts import asks_for_part
from voicebot.dialogue.journeys.selecting import ask_next, next_field
from voicebot.dialogue.journeys.separating import tell_apart
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.prompts import spoken_name
from voicebot.dialogue.values import Assurance, Customer, Evidence, IdentifyResult, Modality, Proof, Reason, SecretVerdict
from voicebot.dialogue.verification import assurance_note, identified_by_ani, identified_by_entry, proven_together, secret_matched
from voicebot.errors import ImpossibleEvent


def identify_result(call: Call, event: CallerIdentified) -> Step:
    """An identifier, or the calling number, was looked up."""
    state = call.authenticating
    if event.result is IdentifyResult.FOUND and event.customer is None:
        raise ImpossibleEvent("found, but no customer was named")
    by = "ani" if state.by_ani else state.claimed.by if state.claimed is not None else plan(call).name
    noted: Step = (call, [Note(Noted.IDENTIFY_RESULT, (("by", by), ("result", event.result.value)))])
    if state.by_ani:
        return joined_steps(noted, _ani_result(call, event))
    if state.claimed is not None:
        return joined_steps(noted, _claim_result(call, event))
    return joined_steps(noted, _entry_result(call, event))


def look_up(call: Call, heard: Heard) -> Step:
    """Whose this is, the back end may tell."""
    state = replace(call.authenticating, heard=heard)
    call, number = errand_number(replace(call, authenticating=state))
    return with_errand(call, IdentifyCaller(number, plan(call).name, heard.value, state.within))


def existing_found(call: Call, event: ExistingFound) -> Step:
    """One of what may have been said is somebody's: that was said, and no question is needed. Else the caller is asked: several
    that exist are told apart by the part in which they differ, or offered alone; where none does, or nobody could look, all are.
    """
    state = call.authenticating
    heard = state.heard
    assert heard is not None  # it was kept when they were looked for  # noqa: S101
    there = event.values if event.looked else ()
    if len(there) == 1:
        note = entered(call, there[0], heard.modality, "complete")
        state = replace(state, attempts=state.attempts + 1, modality=heard.modality, speech_won=there[0])
        found = look_up(replace(call, authenticating=state), Heard(there[0], heard.modality))
        return joined_steps((call, [note]), found)
    if there:
        blocks = heard.blocks if len(there[0]) == len(heard.value) else ()
        heard = replace(heard, value=there[0], blocks=blocks, others=there[1:])
    asked = asks_for_part(call, heard) if there else None
    return asking.confirm(asked or replace(call, authenticating=replace(state, heard=heard, speech_won=heard.value)), event.at)


def _ani_result(call: Call, event: CallerIdentified) -> Step:
    """A number that names nobody costs the caller nothing: the identifier is asked. Several are told apart."""
    call = replace(call, authenticating=Authenticating())
    if event.result is IdentifyResult.FOUND and event.customer is not None:
        return assured(identified_by_ani(call, event.customer, event.at), event.at)
    if event.result is IdentifyResult.SEVERAL and call.ani is not None and call.ani.number is not None:
        return tell_apart(call, Among("ani", call.ani.number), event.separators, event.at)
    return ask_next(call, event.at)


def _entry_result(call: Call, event: CallerIdentified) -> Step:
    state, field = call.authenticating, plan(call)
    heard = state.heard
    assert heard is not None  # it was kept when it went to the back end  # noqa: S101
    if heard.doubtful and event.result in (IdentifyResult.NOT_FOUND, IdentifyResult.SEVERAL):
        state = replace(state, heard=replace(heard, needs_yes=True, doubtful=False))
        return asking.confirm(replace(call, authenticating=state), event.at)
    match event.result:
        case IdentifyResult.FOUND:
            assert event.customer is not None  # looked at before  # noqa: S101
            entry = _entry(call, field.name, heard.modality, event.at)
            return assured(identified_by_entry(call, event.customer, entry), event.at)
        case IdentifyResult.NOT_FOUND:
            return rejected(call, field.name, Reason.UNKNOWN_IDENTIFIER, event.at)
        case IdentifyResult.SEVERAL:
            within = state.within or Among(field.name, heard.value)
            return tell_apart(replace(call, authenticating=replace(state, heard=None)), within, event.separators, event.at)
        case IdentifyResult.LIMITED:
            return wait.enter(call, event.at, Reason.UNKNOWN_IDENTIFIER)
        case IdentifyResult.UNAVAILABLE:
            return back_end_down(call, event.at)
        case _:
            assert_never(event.result)


def _entry(call: Call, field: str, modality: Modality, at: datetime) -> Evidence:
    state = call.authenticating
    within = state.within.by if state.within is not None else ""
    return Evidence(Proof.IDENTIFIER, field, at, modality, state.attempts, within=within)


def _claim_result(call: Call, event: CallerIdentified) -> Step:
    """Whose the number is whose secret has matched already. Nobody, all of a sudden: then nothing is confirmed."""
    claimed = call.authenticating.claimed
    assert claimed is not None  # looked at before  # noqa: S101
    assert claimed.proven is not None  # it is looked up after the secret only  # noqa: S101
    match event.result:
        case IdentifyResult.FOUND:
            assert event.customer is not None  # looked at before  # noqa: S101
            return _claim_found(call, event.customer, event.at)
        case IdentifyResult.NOT_FOUND | IdentifyResult.SEVERAL:
            return joint.not_confirmed(call, claimed, event.at)
        case IdentifyResult.LIMITED:
            return wait.enter(call, event.at, Reason.TOO_MANY_TRIES)
        case IdentifyResult.UNAVAILABLE:
            return back_end_down(call, event.at)
        case _:
            assert_never(event.result)


def _claim_found(call: Call, customer: Customer, at: datetime) -> Step:
    state = call.authenticating
    claimed = state.claimed
    assert claimed is not None  # looked at before  # noqa: S101
    assert claimed.proven is not None  # looked at before  # noqa: S101
    entry = Evidence(Proof.IDENTIFIER, claimed.by, at, claimed.modality, state.attempts)
    if state.distrusted:
        return wait.enter(identified_by_entry(call, customer, entry), at, Reason.SECRET_NOT_ENOUGH)
    return assured(proven_together(call, customer, entry, claimed.proven), at)


def secret_result(call: Call, event: SecretChecked) -> Step:
    """A secret was checked, or could not be."""
    field, state = plan(call), call.authenticating
    noted: Step = (call, [Note(Noted.SECRET_RESULT, (("field", field.name), ("verdict", event.verdict.value)))])
    match event.verdict:
        case SecretVerdict.UNAVAILABLE | SecretVerdict.TIMED_OUT:
            return joined_steps(noted, back_end_down(call, event.at))
        case SecretVerdict.LIMITED:
            return joined_steps(noted, wait.enter(call, event.at, Reason.TOO_MANY_TRIES))
        case _ if state.claimed is not None:
            return joined_steps(noted, joint.verdict(call, state.claimed, event))
        case SecretVerdict.MATCHED | SecretVerdict.MISMATCHED if event.under_attack:
            return joined_steps(noted, _not_enough(call, event))
        case SecretVerdict.MATCHED:
            modality = state.modality or Modality.KEYPAD
            call = secret_matched(call, field.name, modality, state.attempts, event.at)
            return joined_steps(noted, assured(call, event.at))
        case SecretVerdict.MISMATCHED:
            return joined_steps(noted, rejected(call, field.name, Reason.WRONG_SECRET, event.at))
        case SecretVerdict.LOCKED:
            return joined_steps(noted, wait.enter(call, event.at, Reason.LOCKED))
        case SecretVerdict.NOT_SET:
            return joined_steps(noted, wait.enter(call, event.at, Reason.SECRET_NOT_SET))
        case _:
            assert_never(event.verdict)


def _not_enough(call: Call, event: SecretChecked) -> Step:
    """Right or wrong, it leads to an agent with the same words: whoever is guessing learns nothing from the guess."""
    if event.verdict is SecretVerdict.MISMATCHED:
        call = joint.failed(call, plan(call).name)
    return wait.enter(call, event.at, Reason.SECRET_NOT_ENOUGH)


def assured(call: Call, at: datetime) -> Step:
    """One field more is settled: thank, greet by name if verified and wanted, go on."""
    proven = call.evidence[-1]
    by_ani = proven.proof is Proof.ANI
    position = len(call.line.identifiers) if by_ani else call.authenticating.position + 1
    call = replace(call, authenticating=next_field(call.authenticating, position))
    if proven.proof is Proof.SECRET and call.assurance is not Assurance.VERIFIED:
        return ask_next(call, at)  # one secret of several: nothing is proven before the last
    note = assurance_note(call)
    by_name = spoken_name(call) if call.line.greet_by_name and call.assurance is Assurance.VERIFIED else None
    if by_name:
        call = say_first(call, by_name)
    elif not by_ani:
        call = say_first(call, Say(call.assurance.value))
    return joined_steps((call, [note]), ask_next(call, at))


def rejected(call: Call, field: str, reason: Reason, at: datetime) -> Step:
    """A complete entry that the back end does not know: a try. All tries count, whatever lay between them."""
    call = joint.failed(call, field)
    tally = call.authenticating.tally
    if tally.rejected >= call.line.limits.max_attempts:
        return wait.enter(call, at, reason)
    return asking.ask(call, "rejected", tally.rejected, at)


def back_end_down(call: Call, at: datetime) -> Step:
    """Ours, not the caller's: costs no try. Asked again a limited number of times, then an agent helps."""
    state = call.authenticating
    if state.by_ani:
        return ask_next(replace(call, authenticating=Authenticating()), at)
    tally = replace(state.tally, back_end_down=state.tally.back_end_down + 1)
    claimed = replace(state.claimed, proven=None) if state.claimed is not None else None
    call = replace(call, authenticating=replace(state, tally=tally, heard=None, claimed=claimed, distrusted=False))
    if tally.back_end_down >= call.line.limits.back_end_down:
        return wait.enter(call, at, Reason.BACK_END_DOWN)
    return asking.ask(call, "back_end_down", tally.back_end_down, at)
