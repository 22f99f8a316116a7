"""What an entry, or silence, means at the open question of a form. Decides nothing beyond that question.

Each kind of trouble has its own counter: silence, not understood, too short. None of them is a try.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from voicebot.dialogue.actions import Fact, Note, Noted
from voicebot.dialogue.call import Call, Heard
from voicebot.dialogue.collect import AT_ONCE, Keyed, Took, masked, read_keys, second_thought
from voicebot.dialogue.events import EntryKeyed, EntrySpoken, NoInput
from voicebot.dialogue.journeys.asking import YES_NO, plan
from voicebot.dialogue.understand import Understood, understand
from voicebot.dialogue.values import Command, Hearing, Modality, Reason, Secret

EXTENSIONS = 3  # silent repetitions of a question while the caller is speaking


@dataclass(frozen=True)
class Value:
    """A complete value to be checked."""

    call: Call
    value: Secret
    modality: Modality
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class WithoutIt:
    """The caller does not have it, or has been asked often enough."""

    call: Call
    reason: Reason
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class AskAgain:
    """Ask the same field once more, with this prompt."""

    call: Call
    what: str
    attempt: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class AskOn:
    """Leave the question open, silently."""

    call: Call
    extension: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Confirm:
    """Read what was heard back for a yes or no."""

    call: Call
    notes: tuple[Note, ...]


Answer: TypeAlias = Value | WithoutIt | AskAgain | AskOn | Confirm


def answer(call: Call, event: EntryKeyed | EntrySpoken | NoInput) -> Answer:
    """What this means here."""
    match event:
        case NoInput():
            return _silence(call, event)
        case EntryKeyed():
            return _keyed(call, event)
        case EntrySpoken():
            return _spoken(call, event)


# ---- silence -----------------------------------------------------------------------------------------------------


def _silence(call: Call, event: NoInput) -> Answer:
    state = call.authenticating
    if event.extension != state.extension:  # an earlier silent repetition of this turn ran out late
        return AskOn(call, state.extension, ())
    if event.speech_active and state.tally.extensions < EXTENSIONS:
        return _open_longer(call)
    if state.asked_at is not None and event.at - state.asked_at < AT_ONCE and state.tally.extensions < EXTENSIONS:
        return _open_longer(call)  # an empty terminator, keyed after the value of the question before
    if state.prefix:
        return _too_short(call, Keyed(Took.SHORT, state.prefix), ())
    tally = replace(state.tally, no_input=state.tally.no_input + 1)
    call = replace(call, authenticating=replace(state, tally=tally))
    notes = (Note(Noted.SILENT, (("turn", call.turn), ("count", tally.no_input))),)
    if tally.no_input >= call.line.limits.no_input:
        return WithoutIt(call, Reason.NO_ANSWER, notes)
    return _again(call, "no_input", tally.no_input, notes)


def _open_longer(call: Call) -> Answer:
    state = call.authenticating
    tally = replace(state.tally, extensions=state.tally.extensions + 1)
    extension = state.extension + 1
    return AskOn(replace(call, authenticating=replace(state, tally=tally, extension=extension)), extension, ())


# ---- keys --------------------------------------------------------------------------------------------------------


def _keyed(call: Call, event: EntryKeyed) -> Answer:
    state, field = call.authenticating, plan(call)
    keys = event.keys.reveal()
    if second_thought(keys, state, event.at):
        note = Note(Noted.DROPPED, (("why", "keys for a question that speech had answered"), ("turn", call.turn)))
        kept = replace(call, authenticating=replace(state, speech_won_at=None, speech_won=""))
        return _again(kept, "again", 1, (note,))
    confirming = state.heard is not None
    keyed = read_keys(keys, YES_NO if confirming else field.shape, state.prefix)
    match keyed.took:
        case Took.COMPLETE:
            return _value(call, keyed.digits, Modality.KEYPAD, event.at)
        case Took.YES if confirming:
            return _confirmed(call, Modality.KEYPAD, "yes")
        case Took.NO if confirming:
            return _denied(call, Modality.KEYPAD)
        case Took.AGENT:
            return WithoutIt(call, Reason.ASKED_FOR_AGENT, (_command(call, Command.AGENT, Modality.KEYPAD),))
        case Took.REPEAT:
            note = _command(call, Command.REPEAT, Modality.KEYPAD)
            return _again(replace(call, authenticating=replace(state, prefix="")), "ask", 1, (note,))
        case Took.SHORT:
            return _too_short(call, keyed, (_entered(call, "", Modality.KEYPAD, "short"),))
    return _not_understood(call, Modality.KEYPAD, (_entered(call, "", Modality.KEYPAD, "no_match"),))


def _too_short(call: Call, keyed: Keyed, notes: tuple[Note, ...]) -> Answer:
    """A short identifier is continued; a short secret starts again. Neither is a try."""
    state, field = call.authenticating, plan(call)
    tally = replace(state.tally, short=state.tally.short + 1)
    prefix = "" if field.secret else keyed.digits
    call = replace(call, authenticating=replace(state, tally=tally, prefix=prefix))
    if tally.short >= call.line.limits.short:
        return WithoutIt(call, Reason.NOT_UNDERSTOOD, notes)
    return AskAgain(call, "more" if prefix else "short", tally.short, notes)


# ---- speech ------------------------------------------------------------------------------------------------------


def _spoken(call: Call, event: EntrySpoken) -> Answer:
    state, field = call.authenticating, plan(call)
    confirming = state.heard is not None
    understood = understand(event.words.reveal(), YES_NO if confirming else field.shape, call.line.grammar)
    if understood.command is not None:
        return _said_command(call, understood.command)
    digits = _believable(call, understood)
    if event.hearing is Hearing.REJECTED or not digits:
        note = _entered(call, "", Modality.SPEECH, "no_match", delay=event.delay)
        return _not_understood(call, Modality.SPEECH, (note,))
    if field.secret and event.hearing is Hearing.CONFIRM:
        note = _entered(call, "", Modality.SPEECH, "doubtful", delay=event.delay)
        return _not_understood(call, Modality.SPEECH, (note,))  # a secret is not read back, so in doubt it is asked again
    doubtful = event.hearing is Hearing.CONFIRM
    if not field.secret and (doubtful or field.always_read_back or not call.line.secrets):
        return _read_back(call, digits, Modality.SPEECH, event.delay, event.at)
    return _value(call, digits, Modality.SPEECH, event.at, event.delay)


def _believable(call: Call, understood: Understood) -> str:
    """The best reading that the caller has not denied; a secret's best or none."""
    if plan(call).secret:
        return understood.digits[0] if understood.digits else ""
    return next((digits for digits in understood.digits if digits not in call.authenticating.denied), "")


def _said_command(call: Call, command: Command) -> Answer:
    notes = (_command(call, command, Modality.SPEECH),)
    state = call.authenticating
    match command:
        case Command.YES if state.heard is not None:
            return _confirmed(call, Modality.SPEECH, "yes")
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
            return AskAgain(replace(call, authenticating=replace(state, prefix="", heard=None)), "ask", 1, notes)
    return _not_understood(call, Modality.SPEECH, notes)


# ---- both --------------------------------------------------------------------------------------------------------


def _value(call: Call, digits: str, modality: Modality, at: datetime, delay: float = 0.0) -> Answer:
    field = plan(call)
    if field.always_read_back and not field.secret:
        return _read_back(call, digits, modality, delay, at)
    return Value(call, Secret(digits), modality, (_entered(call, digits, modality, "complete", delay=delay),))


def _read_back(call: Call, digits: str, modality: Modality, delay: float, at: datetime) -> Answer:
    note = _entered(call, digits, modality, "to_confirm", delay=delay)
    state = replace(call.authenticating, heard=Heard(digits, modality, needs_yes=True), prefix="")
    if modality is Modality.SPEECH:
        state = replace(state, speech_won_at=at, speech_won=digits)
    return Confirm(replace(call, authenticating=state), (note,))


def _confirmed(call: Call, modality: Modality, said: str) -> Answer:
    heard = call.authenticating.heard
    assert heard is not None  # only asked while something waits for a yes  # noqa: S101
    return Value(call, Secret(heard.value), heard.modality, (_entered(call, "", modality, said),))


def _denied(call: Call, modality: Modality) -> Answer:
    """Not what the caller said: never offered again, and no try."""
    state = call.authenticating
    assert state.heard is not None  # only asked while something waits for a yes  # noqa: S101
    speech = state.heard.modality is Modality.SPEECH
    tally = replace(
        state.tally,
        no_match=state.tally.no_match + 1,
        speech_failures=state.tally.speech_failures + (1 if speech else 0),
    )
    denied = (*state.denied, state.heard.value)
    call = replace(call, authenticating=replace(state, tally=tally, denied=denied, heard=None))
    return _no_match(call, (_entered(call, "", modality, "no"),))


def _not_understood(call: Call, modality: Modality, notes: tuple[Note, ...]) -> Answer:
    state = call.authenticating
    failed = 1 if modality is Modality.SPEECH else 0
    tally = replace(state.tally, no_match=state.tally.no_match + 1, speech_failures=state.tally.speech_failures + failed)
    return _no_match(replace(call, authenticating=replace(state, tally=tally, prefix="")), notes)


def _no_match(call: Call, notes: tuple[Note, ...]) -> Answer:
    tally = call.authenticating.tally
    if tally.no_match >= call.line.limits.no_match:
        return WithoutIt(call, Reason.NOT_UNDERSTOOD, notes)
    return _again(call, "no_match", tally.no_match, notes)


def _again(call: Call, what: str, attempt: int, notes: tuple[Note, ...]) -> Answer:
    """The open question again; one that waits for a yes stays that."""
    if call.authenticating.heard is not None:
        return Confirm(call, notes)
    return AskAgain(call, what, attempt, notes)


def _entered(call: Call, digits: str, modality: Modality, verdict: str, delay: float = 0.0) -> Note:
    field = plan(call)
    facts: tuple[tuple[str, Fact], ...] = (
        ("turn", call.turn),
        ("field", field.name),
        ("modality", modality.value),
        ("value", masked(digits, secret=field.secret) if digits else ""),
        ("verdict", verdict),
        ("seconds", round(delay, 3)),
    )
    return Note(Noted.ENTERED, facts)


def _command(call: Call, command: Command, modality: Modality) -> Note:
    return Note(Noted.COMMANDED, (("turn", call.turn), ("command", command.value), ("modality", modality.value)))
