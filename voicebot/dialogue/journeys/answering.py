"""What an entry, or silence, means at the open question of a form. Decides nothing beyond that question.

Each kind of trouble has its own counter: silence, not understood, too short. None of them is a try.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from voicebot.dialogue import policy
from voicebot.dialogue.call import Call, Heard
from voicebot.dialogue.collect import (
    AT_ONCE,
    CLEAR,
    MEANT_FOR_BEFORE,
    YES_OR_NO,
    Took,
    is_empty,
    read_keys,
    read_keys_at_read_back,
    second_thought,
    won_by_speech,
)
from voicebot.dialogue.documents import EXTENSIONS, extension_of
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, NoInput
from voicebot.dialogue.field_value import Fault, as_keyed, can_be_meant, fault_of, read_back_in
from voicebot.dialogue.forms import CheckDigit
from voicebot.dialogue.journeys.answers import Answer, AskAgain, AskOn, Confirm, LookFor, Value, WithoutIt
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.journeys.entry_notes import commanded, entered
from voicebot.dialogue.loudness import advised
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.understand import Understood, understand, understand_correction
from voicebot.dialogue.understand.numerals import Reading
from voicebot.dialogue.values import Command, Hearing, Loudness, Modality, Reason, Secret, ShapeKind

MOST_LOOKED_FOR = 3  # of what may have been said


def answer(call: Call, event: EntryKeyed | EntrySpoken | NoInput) -> Answer:
    """What this means here."""
    match event:
        case NoInput():
            return _silence(call, event)
        case EntryKeyed() if is_empty(event.keys.reveal()):
            return _silence(call, NoInput(event.at, event.turn, extension_of(call)))
        case EntryKeyed():
            return _keyed(call, event)
        case EntrySpoken():
            return _spoken(replace(call, authenticating=won_by_speech(call.authenticating, event.at)), event)
        case _:
            assert_never(event)


def at_once(call: Call, at: datetime) -> bool:
    """Whether a question has only just been asked, so that an empty terminator ends the entry before it."""
    asked_at = call.authenticating.asked_at
    return asked_at is not None and at - asked_at <= AT_ONCE


# ---- silence -----------------------------------------------------------------------------------------------------


def _silence(call: Call, event: NoInput) -> Answer:
    state = call.authenticating
    if event.extension < EXTENSIONS and (event.speech_active or at_once(call, event.at)):
        return AskOn(aloud=not event.speech_active)
    if state.prefix and state.heard is None:
        return _too_short(call, state.prefix, ())
    state = replace(state, prefix="")
    tally = replace(state.tally, no_input=state.tally.no_input + 1)
    call = replace(call, authenticating=replace(state, tally=tally))
    notes = (Note(Noted.SILENT, (("turn", call.turn), ("count", tally.no_input))),)
    if tally.no_input >= call.line.limits.no_input:
        return WithoutIt(call, Reason.NO_ANSWER, notes)
    return _again(call, "no_input", tally.no_input, notes)


# ---- keys --------------------------------------------------------------------------------------------------------


def _keyed(call: Call, event: EntryKeyed) -> Answer:
    state, field = call.authenticating, plan(call)
    keys = event.keys.reveal()
    if (dropped := second_thought(keys, state, event.at)) is not None:
        note = Note(Noted.DROPPED, (("why", MEANT_FOR_BEFORE), ("turn", call.turn)))
        return _again(replace(call, authenticating=dropped), "again", 1, (note,), free=True)
    if state.heard is not None:
        keyed = read_keys_at_read_back(keys, field.shape, state.prefix)
    else:
        keyed = read_keys(keys, field.shape, state.prefix, spilled=state.spilled)
    match keyed.took:
        case Took.COMPLETE:
            digits = as_keyed(keyed.digits, field, call.line)
            call = replace(call, authenticating=replace(state, speech_won=""))
            if state.heard is not None and digits == state.heard.value:
                return _confirmed(call, Modality.KEYPAD)
            call = _instead(call)
            return _unfit(call, digits, Modality.KEYPAD) or _value(call, digits, Modality.KEYPAD)
        case Took.BEGUN:
            call = replace(call, authenticating=replace(state, prefix=keyed.digits))
            return Confirm(call, (entered(call, "", Modality.KEYPAD, "begun"),))
        case Took.YES:
            return _confirmed(call, Modality.KEYPAD)
        case Took.NO:
            return _denied(call, Modality.KEYPAD)
        case Took.AGENT:
            return WithoutIt(call, Reason.ASKED_FOR_AGENT, (commanded(call, Command.AGENT, Modality.KEYPAD),))
        case Took.REPEAT:
            note = commanded(call, Command.REPEAT, Modality.KEYPAD)
            return _again(replace(call, authenticating=replace(state, prefix="")), "ask", 1, (note,))
        case Took.SHORT:
            prefix = "" if field.secret else keyed.digits
            cut_off = field.secret and CLEAR in keys and len(keys) >= field.shape.longest
            call = replace(call, authenticating=replace(state, spilled=state.spilled or cut_off))
            return _too_short(call, prefix, (entered(call, "", Modality.KEYPAD, "short"),))
        case Took.NO_MATCH:
            return _not_understood(call, Modality.KEYPAD, (entered(call, "", Modality.KEYPAD, "no_match"),))
        case _:
            assert_never(keyed.took)


def _instead(call: Call) -> Call:
    """Whoever keys a number while another one is read back has said no to that."""
    state = call.authenticating
    if state.heard is None:
        return call
    return replace(call, authenticating=replace(state, heard=None, denied=(*state.denied, state.heard.value)))


def _too_short(call: Call, prefix: str, notes: tuple[Note, ...]) -> Answer:
    """Keys of a short identifier are continued; a short secret, or one that was said, starts again. None of them is a try."""
    state = call.authenticating
    tally = replace(state.tally, short=state.tally.short + 1)
    call = replace(call, authenticating=replace(state, tally=tally, prefix=prefix))
    if tally.short >= call.line.limits.short:
        return WithoutIt(call, Reason.NOT_UNDERSTOOD, notes)
    return AskAgain(call, "more" if prefix else "short", tally.short, notes)


# ---- speech ------------------------------------------------------------------------------------------------------


def _spoken(call: Call, event: EntrySpoken) -> Answer:
    field, sure = plan(call), event.hearing is Hearing.ACCEPTED
    if sure and (corrected := _corrected(call, event)):
        return corrected
    understood = _understood(call, event)
    if understood.command is not None and sure:
        return _said_command(call, understood.command)
    if understood.partial and sure:
        note = entered(call, "", Modality.SPEECH, "short", delay=event.delay)
        return _too_short(_speech_failed(call), "", (note,))
    readings = _believable(call, understood) or _rivals(call, event, ())
    digits = readings[0] if readings else ""
    if not digits or (field.secret and not sure):  # a secret is not read back, so in doubt it is asked again
        note = entered(call, "", Modality.SPEECH, "doubtful" if digits else "no_match", delay=event.delay)
        return _not_understood(call, Modality.SPEECH, (note,), event.loudness)
    call = replace(call, authenticating=replace(call.authenticating, speech_won="" if field.secret else digits))
    if unfit := _unfit(call, digits, Modality.SPEECH, event.delay):
        return unfit
    if not field.secret and (len(readings) > 1 or _needs_yes(call, sure=sure, fitted=event.fitted)):
        blocks = dict(zip(understood.digits, understood.blocks, strict=True)).get(digits, ())
        others = (*readings[1:], *_rivals(call, event, readings))
        offered = _read_back(call, [Reading(digits, blocks), *map(Reading, others)], Modality.SPEECH, event.delay)
        return _looked_for(offered, (digits, *others))
    return _value(call, digits, Modality.SPEECH, event.delay, doubtful=not sure)


def _looked_for(offered: Confirm, values: tuple[str, ...]) -> Confirm | LookFor:
    """Instead of reading back: where one of a few may be found, and a secret comes after it. Nobody is told of it."""
    call, field = offered.call, plan(offered.call)
    found = policy.may_look_for(len(values), field.customers, field.shape.shortest) and len(values) <= MOST_LOOKED_FOR
    open_to_it = field.customers and call.line.secrets and not (call.line.joint or field.always_read_back or _told_apart(call))
    return LookFor(call, values, offered.notes) if open_to_it and found else offered


def _told_apart(call: Call) -> bool:
    state = call.authenticating
    return bool(state.separating) or state.within is not None


def _corrected(call: Call, event: EntrySpoken) -> Answer | None:
    """What puts right a number that was read back: the new one is read back in the same parts. No try, but speech had failed."""
    state, field = call.authenticating, plan(call)
    heard = state.heard
    if heard is None or field.shape.kind not in (ShapeKind.DIGITS, ShapeKind.PHONE):
        return None
    read_back = Reading(heard.value, heard.blocks)
    correction = understand_correction(event.words.reveal(), read_back, field.shape, call.line.grammar)
    denied = (*state.denied, heard.value)
    able = can_be_meant([one for one in correction.digits if one not in denied], field, call.line, _today(call))
    if not able:
        return None
    call = _speech_failed(call) if heard.modality is Modality.SPEECH else call
    call = replace(call, authenticating=replace(call.authenticating, denied=denied, speech_won=able[0]))
    blocks = heard.blocks if len(able[0]) == len(heard.value) else ()
    return _read_back(call, [Reading(able[0], blocks), *map(Reading, able[1:])], Modality.SPEECH, event.delay)


def _needs_yes(call: Call, *, sure: bool, fitted: bool) -> bool:
    """Whether a spoken identifier is read back: unless a secret comes after it, and ear or check digit vouch for it.

    Under `joint` nothing shows before the verdict that it was misheard, so it is always read back.
    """
    if not call.line.secrets or call.line.joint:
        return True
    return not sure and (fitted or plan(call).check is CheckDigit.NONE)


def _understood(call: Call, event: EntrySpoken) -> Understood:
    """What was said, as an answer to the open question; nothing where the ear would not stand for its words."""
    if event.hearing is Hearing.REJECTED:
        return Understood()
    shape = YES_OR_NO if call.authenticating.heard is not None else plan(call).shape
    return understand(event.words.reveal(), shape, call.line.grammar)


def _believable(call: Call, understood: Understood) -> list[str]:
    """The readings that can be right and that the caller has not denied, best first; else the best, for what is wrong with it.

    A secret has one reading or none: trying several would be guessing.
    """
    field = plan(call)
    if field.secret:
        return list(understood.digits) if len(understood.digits) == 1 else []
    readings = [digits for digits in understood.digits if digits not in call.authenticating.denied]
    return can_be_meant(readings, field, call.line, _today(call)) or readings[:1]


def _rivals(call: Call, event: EntrySpoken, readings: Sequence[str]) -> list[str]:
    """What else the ear may have heard that can be right and was not denied; never of a secret."""
    field, line, state = plan(call), call.line, call.authenticating
    if field.secret:
        return []
    heard = (understand(words.reveal(), field.shape, line.grammar).digits[:1] for words in event.rivals)
    new = dict.fromkeys(digits for some in heard for digits in some if digits not in (*readings, *state.denied))
    return can_be_meant(new, field, line, _today(call))


def _today(call: Call) -> date:
    """The day of the call."""
    assert call.started_at is not None  # it has arrived  # noqa: S101
    return call.started_at.date()


def _said_command(call: Call, command: Command) -> Answer:
    notes = (commanded(call, command, Modality.SPEECH),)
    state = call.authenticating
    match command:
        case Command.YES if state.heard is not None:
            return _confirmed(call, Modality.SPEECH)
        case Command.NO if state.heard is not None:
            return _denied(call, Modality.SPEECH)
        case Command.AGENT:
            return WithoutIt(call, Reason.ASKED_FOR_AGENT, notes)
        case Command.DONT_HAVE_IT:
            return WithoutIt(call, Reason.NO_SECRET if plan(call).secret else Reason.NO_IDENTIFIER, notes)
        case Command.HELP:
            return _again(call, "help", 1, notes)
        case Command.REPEAT:
            return _again(call, "ask", 1, notes)
        case Command.START_OVER:
            return AskAgain(replace(call, authenticating=replace(state, heard=None)), "ask", 1, notes)
    return _not_understood(call, Modality.SPEECH, notes)


# ---- both --------------------------------------------------------------------------------------------------------


def _unfit(call: Call, digits: str, modality: Modality, delay: float = 0.0) -> Answer | None:
    """Where a number of the right length cannot be right: asked again, and no try, since nobody was asked about it."""
    fault = fault_of(digits, plan(call), call.line, _today(call))
    if fault is None:
        return None
    notes = (entered(call, digits, modality, fault.value, delay=delay),)
    if fault is Fault.IMPOSSIBLE:
        return _not_understood(call, modality, notes)
    call = _speech_failed(call) if modality is Modality.SPEECH else call
    state = call.authenticating
    tally = replace(state.tally, mistyped=state.tally.mistyped + 1)
    call = replace(call, authenticating=replace(state, tally=tally, prefix=""))
    if tally.mistyped >= call.line.limits.no_match:
        return WithoutIt(call, Reason.NOT_UNDERSTOOD, notes)
    return AskAgain(call, "mistyped", tally.mistyped, notes)


def _value(call: Call, digits: str, modality: Modality, delay: float = 0.0, *, doubtful: bool = False) -> Answer:
    field = plan(call)
    if field.always_read_back and not field.secret:
        return _read_back(call, [Reading(digits)], modality, delay)
    return Value(call, Secret(digits), modality, (entered(call, digits, modality, "complete", delay=delay),), doubtful)


def _read_back(call: Call, readings: Sequence[Reading], modality: Modality, delay: float) -> Confirm:
    """The likeliest reading, for a yes or no, in the caller's own parts where they are known."""
    best, *others = readings
    note = entered(call, best.digits, modality, "to_confirm", delay=delay)
    blocks = read_back_in(best.digits, best.blocks, plan(call), call.line)
    heard = Heard(best.digits, modality, needs_yes=True, blocks=blocks, others=tuple(one.digits for one in others))
    return Confirm(replace(call, authenticating=replace(call.authenticating, heard=heard, prefix="")), (note,))


def _confirmed(call: Call, modality: Modality) -> Answer:
    heard = call.authenticating.heard
    assert heard is not None  # only asked while something waits for a yes  # noqa: S101
    return Value(call, Secret(heard.value), heard.modality, (entered(call, "", modality, "yes"),))


def _denied(call: Call, modality: Modality) -> Answer:
    """Not what the caller said: never offered again, and no try. What else it can have been is offered next."""
    state = call.authenticating
    assert state.heard is not None  # only asked while something waits for a yes  # noqa: S101
    heard, note = state.heard, entered(call, "", modality, "no")
    call = replace(call, authenticating=replace(state, denied=(*state.denied, heard.value), heard=None, speech_won=""))
    if heard.others:
        offered = _read_back(call, [*map(Reading, heard.others)], heard.modality, 0.0)
        return replace(offered, notes=(note, *offered.notes))
    return _not_understood(call, heard.modality, (note,))


def _speech_failed(call: Call) -> Call:
    state = call.authenticating
    tally = replace(state.tally, speech_failures=state.tally.speech_failures + 1)
    return replace(call, authenticating=replace(state, tally=tally))


def _not_understood(call: Call, modality: Modality, notes: tuple[Note, ...], loudness: Loudness = Loudness.FINE) -> Answer:
    """`modality` is how the entry came that was of no use: speech that fails too often goes on by keypad.

    A voice too soft or too loud is told so before the question, if it may speak again.
    """
    call = _speech_failed(call) if modality is Modality.SPEECH else call
    state = call.authenticating
    tally = replace(state.tally, no_match=state.tally.no_match + 1)
    call = replace(call, authenticating=replace(state, tally=tally, prefix=""))
    if tally.no_match >= call.line.limits.no_match:
        return WithoutIt(call, Reason.NOT_UNDERSTOOD, notes)
    if tally.speech_failures < call.line.limits.speech_failures:
        call = advised(call, loudness)
    return _again(call, "no_match", tally.no_match, notes)


def _again(call: Call, what: str, attempt: int, notes: tuple[Note, ...], *, free: bool = False) -> Answer:
    """The open question again; one that waits for a yes stays that."""
    if call.authenticating.heard is not None:
        return Confirm(call, notes, free)
    return AskAgain(call, what, attempt, notes, free)
