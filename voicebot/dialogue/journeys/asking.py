"""Putting a field's question: which prompt, by keys alone or by speech too, and when it has been asked often enough."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue.actions import Note, Noted
from voicebot.dialogue.call import Call
from voicebot.dialogue.collect import key_plan
from voicebot.dialogue.documents import Step, joined_steps, question
from voicebot.dialogue.documents import ask_on as repeat_silently
from voicebot.dialogue.forms import FieldPlan
from voicebot.dialogue.journeys import wait
from voicebot.dialogue.prompts import field_prompt
from voicebot.dialogue.values import Digits, Reason, Shape, ShapeKind

YES_NO = Shape(ShapeKind.YES_NO)


def plan(call: Call) -> FieldPlan:
    """The field that is being asked."""
    return (*call.line.identifiers, *call.line.secrets)[call.authenticating.position]


def ask(call: Call, what: str, attempt: int, at: datetime) -> Step:
    """Ask the field: `what` is `ask`, `no_input`, `rejected`…, `attempt` how often that has come.

    Speech that failed twice, or a field asked too often, goes on by keypad; asked too often by keypad, to an agent.
    """
    state, limits = call.authenticating, call.line.limits
    asks = state.tally.asks + 1
    notes: list[Note] = []
    if asks > limits.asks and (state.keypad_only or not call.can_listen):
        return wait.enter(call, at, Reason.NOT_UNDERSTOOD)
    tired = asks > limits.asks or state.tally.speech_failures >= limits.speech_failures
    if tired and call.can_listen and not state.keypad_only:
        state, what, attempt = replace(state, keypad_only=True), "keypad_only", 1
        notes = [Note(Noted.KEYPAD_ONLY, (("field", plan(call).name),))]
    tally = replace(state.tally, asks=asks, extensions=0)
    state = replace(state, tally=tally, asked_at=at, extension=0, heard=None)
    call = replace(call, authenticating=state)
    field = plan(call)
    asked = question(
        call,
        [field_prompt(field.name, what, attempt)],
        field.shape,
        key_plan(field.shape, state.prefix),
        listen=call.can_listen and not state.keypad_only,
        secret=field.secret,
        field=field.name,
    )
    return joined_steps((call, list(notes)), asked)


def confirm(call: Call, at: datetime) -> Step:
    """Read an identifier back for a yes or no. Never a secret."""
    state, field = call.authenticating, plan(call)
    assert state.heard is not None  # `answering` heard something to be confirmed  # noqa: S101
    tally = replace(state.tally, asks=state.tally.asks + 1, extensions=0)
    call = replace(call, authenticating=replace(state, tally=tally, asked_at=at, extension=0))
    prompt = field_prompt(field.name, "confirm", 1, ("digits", Digits(state.heard.value)))
    listen = call.can_listen and not state.keypad_only
    return question(call, [prompt], YES_NO, key_plan(YES_NO), listen=listen, field=field.name)


def ask_on(call: Call, extension: int) -> Step:
    """The caller is still speaking: keep the turn open without a word."""
    return repeat_silently(call, extension)
