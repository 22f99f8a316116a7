"""What an entry, or silence, means at the open question of a form. Decides nothing beyond that question.

Each kind of trouble has its own counter: silence, not understood, too short. None of them is a try.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from voicebot.dialogue.call import Call
from voicebot.dialogue.collect import (
    AT_ONCE,
    CLEAR,
    MEANT_FOR_BEFORE,
    YES_OR_NO,
    Keyed,
    Took,
    is_empty,
    read_keys,
    read_keys_at_read_back,
    second_thought,
    won_by_speech,
)
from voicebot.dialogue.documents import EXTENSIONS, extension_of
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, NoInput
from voicebot.dialogue.field_value import Fault, as_keyed, can_be_meant, fault_of
from voicebot.dialogue.journeys.answers import Answer, AskAgain, AskOn, Confirm, Value, WithoutIt
from voicebot.dialogue.journeys.asking import plan
from voicebot.dialogue.journeys.entry_notes import commanded, entered
from voicebot.dialogue.journeys.parts import asks_for_part, part_missed, shape_of, with_part
from voicebot.dialogue.journeys.reading_back import (
    believable,
    corrected,
    instead,
    looked_for,
    needs_yes,
    read_back,
    rivals,
    speech_failed,
    today,
)
from voicebot.dialogue.loudness import advised
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.understand import Understood, understand
from voicebot.dialogue.understand.numerals import Reading
from voicebot.dialogue.values import Command, Hearing, Loudness, Modality, Reason, Secret, Shape


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
    keyed, part = _read(call, keys), state.heard.part if state.heard is not None else None
    match keyed.took:
        case Took.COMPLETE if part is not None:
            return _part_given(call, keyed.digits, Modality.KEYPAD, sure=True)
        case Took.COMPLETE:
            digits = as_keyed(keyed.digits, field, call.line)
            call = replace(call, authenticating=replace(state, speech_won=""))
            if state.heard is not None and digits == state.heard.value:
                return _confirmed(call, Modality.KEYPAD)
            call = instead(call)
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
        case Took.SHORT if part is None:
            prefix = "" if field.secret else keyed.digits
            cut_off = field.secret and CLEAR in keys and len(keys) >= field.shape.longest
            call = replace(call, authenticating=replace(state, spilled=state.spilled or cut_off))
            return _too_short(call, prefix, (entered(call, "", Modality.KEYPAD, "short"),))
        case Took.NO_MATCH | Took.SHORT:
            return _not_understood(call, Modality.KEYPAD, (entered(call, "", Modality.KEYPAD, "no_match"),))
        case _:
            assert_never(keyed.took)


def _read(call: Call, keys: str) -> Keyed:
    """What these keys are, at a question for the field, to a number that was read back, or for a part of it."""
    state, shape = call.authenticating, plan(call).shape
    if state.heard is None:
        return read_keys(keys, shape, state.prefix, spilled=state.spilled)
    if state.heard.part is None:
        return read_keys_at_read_back(keys, shape, state.prefix)
    return read_keys(keys, shape_of(state.heard.part))


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
    heard = call.authenticating.heard
    part = heard.part if heard is not None else None
    if sure and part is None and (mended := corrected(call, event)):
        return mended
    shape = field.shape if heard is None else YES_OR_NO if part is None else shape_of(part)
    understood = _understood(call, event, shape)
    if understood.command is not None and sure:
        return _said_command(call, understood.command)
    if part is not None and understood.digits:
        return _part_given(call, understood.digits[0], Modality.SPEECH, event.delay, sure=sure)
    if part is not None:  # who says the whole number instead has it read back: the ear does not vouch for it there
        understood, sure = _understood(call, event, field.shape), False
    elif understood.partial and sure:
        note = entered(call, "", Modality.SPEECH, "short", delay=event.delay)
        return _too_short(speech_failed(call), "", (note,))
    return _said_number(call, event, understood, sure=sure, at_part=part is not None)


def _said_number(call: Call, event: EntrySpoken, understood: Understood, *, sure: bool, at_part: bool) -> Answer:
    """All of a number, or nothing of use."""
    field = plan(call)
    readings = believable(call, understood) or rivals(call, event, ())
    digits = readings[0] if readings else ""
    if not digits or (field.secret and not sure):  # a secret is not read back, so in doubt it is asked again
        note = entered(call, "", Modality.SPEECH, "doubtful" if digits else "no_match", delay=event.delay)
        return _not_understood(call, Modality.SPEECH, (note,), event.loudness)
    call = replace(call, authenticating=replace(call.authenticating, speech_won="" if field.secret else digits))
    if unfit := _unfit(call, digits, Modality.SPEECH, event.delay):
        return unfit
    fitted = event.fitted or event.among_customers
    if not field.secret and (at_part or len(readings) > 1 or needs_yes(call, sure=sure, fitted=fitted)):
        blocks = dict(zip(understood.digits, understood.blocks, strict=True)).get(digits, ())
        others = (*readings[1:], *rivals(call, event, readings))
        offered = read_back(call, [Reading(digits, blocks), *map(Reading, others)], Modality.SPEECH, event.delay)
        return offered if event.among_customers else looked_for(offered, (digits, *others))
    return _value(call, digits, Modality.SPEECH, event.delay, doubtful=not sure)


def _understood(call: Call, event: EntrySpoken, shape: Shape) -> Understood:
    """What was said, as an answer of this shape; nothing where the ear would not stand for its words."""
    if event.hearing is Hearing.REJECTED:
        return Understood()
    return understand(event.words.reveal(), shape, call.line.grammar)


def _said_command(call: Call, command: Command) -> Answer:
    notes = (commanded(call, command, Modality.SPEECH),)
    state = call.authenticating
    match command:
        case Command.YES if state.heard is not None and state.heard.part is None:
            return _confirmed(call, Modality.SPEECH)
        case Command.NO if state.heard is not None and state.heard.part is None:
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
    fault = fault_of(digits, plan(call), call.line, today(call))
    if fault is None:
        return None
    notes = (entered(call, digits, modality, fault.value, delay=delay),)
    if fault is Fault.IMPOSSIBLE:
        return _not_understood(call, modality, notes)
    call = speech_failed(call) if modality is Modality.SPEECH else call
    state = call.authenticating
    tally = replace(state.tally, mistyped=state.tally.mistyped + 1)
    call = replace(call, authenticating=replace(state, tally=tally, prefix=""))
    if tally.mistyped >= call.line.limits.no_match:
        return WithoutIt(call, Reason.NOT_UNDERSTOOD, notes)
    return AskAgain(call, "mistyped", tally.mistyped, notes)


def _value(call: Call, digits: str, modality: Modality, delay: float = 0.0, *, doubtful: bool = False) -> Answer:
    field = plan(call)
    if field.always_read_back and not field.secret:
        return read_back(call, [Reading(digits)], modality, delay)
    return Value(call, Secret(digits), modality, (entered(call, digits, modality, "complete", delay=delay),), doubtful)


def _part_given(call: Call, digits: str, modality: Modality, delay: float = 0.0, *, sure: bool) -> Answer:
    """The digits that were in doubt. A number that was thought possible is taken as any that was heard well; another one is read
    back; one that was denied already is none.
    """
    state = call.authenticating
    assert state.heard is not None  # a part of it was asked for  # noqa: S101
    heard, whole = state.heard, with_part(state.heard, digits)
    if whole in state.denied or not can_be_meant([whole], plan(call), call.line, today(call)):
        return _not_understood(call, modality, (entered(call, whole, modality, "no_match", delay=delay),))
    sure = sure and whole in (heard.value, *heard.others)
    call = replace(call, authenticating=replace(state, heard=None, speech_won=whole if modality is Modality.SPEECH else ""))
    if needs_yes(call, sure=sure, fitted=False):
        return read_back(call, [Reading(whole, heard.blocks)], heard.modality, delay)
    return _value(call, whole, heard.modality, delay, doubtful=not sure)


def _confirmed(call: Call, modality: Modality) -> Answer:
    heard = call.authenticating.heard
    assert heard is not None  # only asked while something waits for a yes  # noqa: S101
    return Value(call, Secret(heard.value), heard.modality, (entered(call, "", modality, "yes"),))


def _denied(call: Call, modality: Modality) -> Answer:
    """Not what the caller said: never offered again, and no try. Its part in doubt is asked for, or what else it can have been
    is offered next.
    """
    state = call.authenticating
    assert state.heard is not None  # only asked while something waits for a yes  # noqa: S101
    heard, note = state.heard, entered(call, "", modality, "no")
    call = replace(call, authenticating=replace(state, denied=(*state.denied, heard.value), heard=None, speech_won=""))
    if asked := asks_for_part(call, heard):
        return Confirm(asked, (note,))
    if heard.others:
        offered = read_back(call, [*map(Reading, heard.others)], heard.modality, 0.0)
        return replace(offered, notes=(note, *offered.notes))
    return _not_understood(call, heard.modality, (note,))


def _not_understood(call: Call, modality: Modality, notes: tuple[Note, ...], loudness: Loudness = Loudness.FINE) -> Answer:
    """`modality` is how the entry came that was of no use: speech that fails too often goes on by keypad.

    A voice too soft or too loud is told so before the question, if it may speak again.
    """
    call = part_missed(speech_failed(call) if modality is Modality.SPEECH else call)
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
