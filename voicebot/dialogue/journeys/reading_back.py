"""What may have been said at a question, and what is read back of it: which is likeliest, what else, and how it is put right.

Decides nothing about keys or silence.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from voicebot.dialogue import policy
from voicebot.dialogue.call import Call, Heard
from voicebot.dialogue.events import EntrySpoken
from voicebot.dialogue.field_value import can_be_meant, read_back_in
from voicebot.dialogue.forms import CheckDigit
from voicebot.dialogue.journeys.answers import Answer, Confirm, LookFor
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.journeys.entry_notes import entered
from voicebot.dialogue.journeys.parts import asks_for_part
from voicebot.dialogue.understand import Understood, understand, understand_correction
from voicebot.dialogue.understand.numerals import Reading
from voicebot.dialogue.values import Hearing, Modality, ShapeKind

MOST_OFFERED = 3  # one after the other, each after a no to the one before


def needs_yes(call: Call, *, sure: bool, fitted: bool) -> bool:
    """Whether a spoken identifier is read back: unless a secret comes after it, and ear or check digit vouch for it.

    Under `joint` nothing shows before the verdict that it was misheard, so it is always read back.
    """
    if not call.line.secrets or call.line.joint:
        return True
    return not sure and (fitted or plan(call).check is CheckDigit.NONE)


def believable(call: Call, understood: Understood) -> list[str]:
    """The readings that can be right and that the caller has not denied, best first; else the best, for what is wrong with it.

    A secret has one reading or none: trying several would be guessing.
    """
    field = plan(call)
    if field.secret:
        return list(understood.digits) if len(understood.digits) == 1 else []
    readings = [digits for digits in understood.digits if digits not in call.authenticating.denied]
    return can_be_meant(readings, field, call.line, today(call)) or readings[:1]


def rivals(call: Call, event: EntrySpoken, readings: Sequence[str]) -> list[str]:
    """What else the ear may have heard that can be right and was not denied; never of a secret, or of what it rejects."""
    field, line, state = plan(call), call.line, call.authenticating
    if field.secret or event.hearing is Hearing.REJECTED or state.heard is not None:
        return []
    heard = (understand(words.reveal(), field.shape, line.grammar).digits[:1] for words in event.rivals)
    new = dict.fromkeys(digits for some in heard for digits in some if digits not in (*readings, *state.denied))
    return can_be_meant(new, field, line, today(call))


def looked_for(offered: Confirm, values: tuple[str, ...]) -> Confirm | LookFor:
    """Instead of reading back: where one of them may be found, and a secret comes after it. Nobody is told of it."""
    call, field = offered.call, plan(offered.call)
    most = policy.how_many_to_look_for(field.customers, field.shape.shortest)
    open_to_it = field.customers and call.line.secrets and not (call.line.joint or field.always_read_back or _told_apart(call))
    return LookFor(call, values[:most], offered.notes) if open_to_it and most else offered


def _told_apart(call: Call) -> bool:
    state = call.authenticating
    return bool(state.separating) or state.within is not None


def read_back(call: Call, readings: Sequence[Reading], modality: Modality, delay: float) -> Confirm:
    """The likeliest reading, for a yes or no, in the caller's own parts where they are known."""
    best, *others = readings[:MOST_OFFERED]
    note = entered(call, best.digits, modality, "to_confirm", delay=delay)
    blocks = read_back_in(best.digits, best.blocks, plan(call), call.line)
    heard = Heard(best.digits, modality, needs_yes=True, blocks=blocks, others=tuple(one.digits for one in others))
    return Confirm(replace(call, authenticating=replace(call.authenticating, heard=heard, prefix="")), (note,))


def corrected(call: Call, event: EntrySpoken) -> Answer | None:
    """What puts right a number that was read back: the new one is read back in the same parts. No try, but speech had failed.

    Where only the place was said that is wrong, that part is asked for.
    """
    state, field = call.authenticating, plan(call)
    heard = state.heard
    if heard is None or field.shape.kind not in (ShapeKind.DIGITS, ShapeKind.PHONE):
        return None
    before = Reading(heard.value, heard.blocks)
    correction = understand_correction(event.words.reveal(), before, field.shape, call.line.grammar)
    denied = (*state.denied, heard.value)
    able = can_be_meant([one for one in correction.digits if one not in denied], field, call.line, today(call))
    if not able:
        return _part_named(call, heard, correction.place) if correction.place else None
    call = speech_failed(call) if heard.modality is Modality.SPEECH else call
    call = replace(call, authenticating=replace(call.authenticating, denied=denied, speech_won=able[0]))
    blocks = heard.blocks if len(able[0]) == len(heard.value) else ()
    return read_back(call, [Reading(able[0], blocks), *map(Reading, able[1:])], Modality.SPEECH, event.delay)


def _part_named(call: Call, heard: Heard, place: int) -> Confirm | None:
    """A no to the number, and the digits to ask for. What comes of it was said in part, even if the number was keyed."""
    denied = replace(call, authenticating=replace(call.authenticating, denied=(*call.authenticating.denied, heard.value)))
    asked = asks_for_part(denied, replace(heard, modality=Modality.SPEECH), place)
    return Confirm(asked, (entered(call, "", Modality.SPEECH, "no"),)) if asked is not None else None


def instead(call: Call) -> Call:
    """Whoever keys a number while another one is read back has said no to that."""
    state = call.authenticating
    if state.heard is None:
        return call
    return replace(call, authenticating=replace(state, heard=None, denied=(*state.denied, state.heard.value)))


def speech_failed(call: Call) -> Call:
    """Once more; too often, and it goes on by keypad."""
    state = call.authenticating
    tally = replace(state.tally, speech_failures=state.tally.speech_failures + 1)
    return replace(call, authenticating=replace(state, tally=tally))


def today(call: Call) -> date:
    """The day of the call."""
    assert call.started_at is not None  # it has arrived  # noqa: S101
    return call.started_at.date()
