"""Putting a field's question: which prompt, by keys alone or by speech too, and when it has been asked often enough."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import Say
from voicebot.dialogue.call import Call, Heard
from voicebot.dialogue.collect import YES_OR_NO, key_plan
from voicebot.dialogue.documents import Step, joined_steps, may_listen, question, stream_lost, too_late
from voicebot.dialogue.documents import ask_on as same_turn
from voicebot.dialogue.events import DoorFailed
from voicebot.dialogue.field_value import as_spoken
from voicebot.dialogue.forms import FieldPlan
from voicebot.dialogue.journeys import wait
from voicebot.dialogue.journeys.parts import part_prompt, shape_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.prompts import INVITES_TO_SPEAK, field_prompt
from voicebot.dialogue.values import Reason, Shape, ShapeKind


def plan(call: Call) -> FieldPlan:
    """The field that is being asked."""
    state, line = call.authenticating, call.line
    if state.separating:
        return next(field for field in (*line.separators, *line.identifiers) if field.name == state.separating)
    return (*line.identifiers, *line.secrets)[state.position]


def read_back_shape(shape: Shape) -> Shape:
    """What may be said while a value of this shape is read back: numbers are put right, anything else is said anew."""
    mendable = shape.kind in (ShapeKind.DIGITS, ShapeKind.PHONE) and shape.longest > 1
    return Shape.read_back(shape.longest) if mendable else YES_OR_NO


def ask(call: Call, what: str, attempt: int, at: datetime, *, free: bool = False) -> Step:
    """Ask the field: `what` is `ask`, `no_input`, `rejected`…, `attempt` how often that has come. `free`: it does not count.

    Speech that failed too often, or a field asked too often, goes on by keypad; asked too often by keypad, to an agent.
    """
    counted, notes = _counted(call, at, free=free)
    if counted is None:
        return wait.enter(call, at, Reason.NOT_UNDERSTOOD)
    call = replace(counted, authenticating=replace(counted.authenticating, heard=None))
    field = plan(call)
    prompts = [field_prompt(field, "keypad_only")] if notes else _prompts(call, what, attempt)
    keys = key_plan(field.shape, call.authenticating.prefix, spilled=call.authenticating.spilled)
    listen = may_listen(call, recordable=_is_recordable(call))
    asked = question(call, prompts, field.shape, keys, listen=listen, secret=field.secret, field=field.name)
    return joined_steps((call, [*notes]), asked)


def _is_recordable(call: Call) -> bool:
    """Whether the answer may be spoken into a recording: no secret, and no number that has been begun by keys."""
    return not plan(call).secret and not call.authenticating.prefix


def recording_failed(call: Call, event: DoorFailed) -> Step:
    """What was said into a recording cannot be heard, or its caller would rather key: the question again, by keypad."""
    if call.open_errand is not None:
        return too_late(call, event)
    state = call.authenticating
    tally = replace(state.tally, speech_failures=call.line.limits.speech_failures)
    call = replace(stream_lost(call), authenticating=replace(state, tally=tally))
    notes = [] if event.by_caller else [Note(Noted.DOOR_FAILED, (("turn", event.turn),))]
    return joined_steps((call, [*notes]), ask(call, "ask", 1, event.at, free=True))


def _prompts(call: Call, what: str, attempt: int) -> list[Say]:
    """Nobody is invited to speak to a line that does not listen: there, a remark and the question for keys."""
    field = plan(call)
    if may_listen(call, recordable=_is_recordable(call)) or what not in INVITES_TO_SPEAK:
        return [field_prompt(field, what, attempt)]
    remark = [] if what == "ask" else [Say(f"keys.{what}", attempt)]
    return [*remark, field_prompt(field, "ask_keys")]


def confirm(call: Call, at: datetime, *, free: bool = False) -> Step:
    """Read an identifier back for a yes or no, or ask for its part in doubt, within the same limits. Never a secret.

    Where its caller has begun to key another one instead, the rest of that is waited for in silence.
    """
    counted, notes = _counted(call, at, free=free)
    if counted is None:
        return wait.enter(call, at, Reason.NOT_UNDERSTOOD)
    call, field, heard = counted, plan(counted), counted.authenticating.heard
    assert heard is not None  # `answering` heard something to be confirmed  # noqa: S101
    if heard.part is not None:
        return joined_steps((call, [*notes]), _ask_part(call, field, heard, shape_of(heard.part)))
    what = "confirm" if may_listen(call) else "confirm_keys"
    prompts = [field_prompt(field, what, 1, ("value", as_spoken(heard.value, heard.blocks, field, call.line)))]
    keys, begun = key_plan(YES_OR_NO), call.authenticating.prefix
    if begun:
        prompts, keys = [], key_plan(field.shape, begun)
    asked = question(call, prompts, read_back_shape(field.shape), keys, listen=may_listen(call), field=field.name)
    return joined_steps((call, [*notes]), asked)


def _ask_part(call: Call, field: FieldPlan, heard: Heard, shape: Shape) -> Step:
    """Only the digits in doubt."""
    listen = may_listen(call)
    return question(call, [part_prompt(field, heard, listen=listen)], shape, key_plan(shape), listen=listen, field=field.name)


def ask_on(call: Call, *, aloud: bool) -> Step:
    """Hold the turn open: silently while the caller is speaking, aloud where a stray key has cut the prompt off."""
    return same_turn(call, aloud=aloud, listen=may_listen(call, recordable=True))


def _counted(call: Call, at: datetime, *, free: bool) -> tuple[Call | None, list[Note]]:
    """The call with one question more; None if there have been enough. Notes where it goes on by keypad from here."""
    state, limits = call.authenticating, call.line.limits
    asks = state.tally.asks + (0 if free else 1)
    hears = call.can_listen and not state.keypad_only
    if asks > limits.asks and not hears and not free:
        return None, []
    tired = asks > limits.asks or state.tally.speech_failures >= limits.speech_failures
    notes = [Note(Noted.KEYPAD_ONLY, (("field", plan(call).name),))] if tired and hears else []
    keypad_only = state.keypad_only or bool(notes)
    state = replace(state, tally=replace(state.tally, asks=asks), asked_at=at, keypad_only=keypad_only)
    return replace(call, authenticating=state), notes
