"""The pieces that every journey builds with: a document from verbs, a question, an errand's number, an ending.

A document is what the caller's leg does until the next one. It begins with whatever an earlier step left to be said.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from voicebot.dialogue.actions import Action, Ask, Errand, Hangup, KeyPlan, Say, StopListening, Verb, Wait
from voicebot.dialogue.approving import CODE
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.events import DoorFailed
from voicebot.dialogue.forms import Door
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.values import Ending, Shape

EXTENSIONS = 3  # so often is a question held open
STREAMED = frozenset({Stage.AUTHENTICATE, Stage.SELF_SERVICE, Stage.SURVEY})  # elsewhere keys alone are taken, now and then
Step: TypeAlias = tuple[Call, list[Action]]


def say_first(call: Call, *says: Say) -> Call:
    """Have these said at the beginning of the next document."""
    return replace(call, prelude=(*call.prelude, *says))


def document(call: Call, verbs: Sequence[Verb]) -> Step:
    """The leg does this now. Listening ends unless one of the verbs listens; a stream that was lost is stopped in any case."""
    listens = any(isinstance(verb, Ask) and verb.listen for verb in verbs)
    spoken = _with_prelude(call.prelude, verbs)
    if call.stream_open and not listens:
        call = stream_lost(call)
    if call.lost_phase:
        spoken = (StopListening(call.lost_phase), *spoken)
    return replace(call, prelude=(), lost_phase=0, verbs=spoken), list(spoken)


def _with_prelude(prelude: tuple[Say, ...], verbs: Sequence[Verb]) -> tuple[Verb, ...]:
    if not prelude:
        return tuple(verbs)
    first, *rest = verbs
    if isinstance(first, Ask | Wait):
        return (replace(first, say=(*prelude, *first.say)), *rest)
    return (*prelude, *verbs)


def question(
    call: Call, says: Sequence[Say], shape: Shape, keys: KeyPlan, *, listen: bool, secret: bool = False, field: str = ""
) -> Step:
    """A new turn."""
    call = replace(call, turn=call.turn + 1)
    ask = Ask(turn=call.turn, say=tuple(says), shape=shape, keys=keys, secret=secret, field=field)
    call, actions = _asked(call, ask, listen=listen)
    facts = (("turn", call.turn), ("prompt", says[-1].prompt_id if says else ""), ("attempt", says[-1].attempt if says else 1))
    return call, [*actions, Note(Noted.ASKED, (*facts, ("field", field), ("listening", listen)))]


def ask_on(call: Call, *, aloud: bool, listen: bool) -> Step:
    """The same turn once more: silently, since the caller is still speaking, or `aloud`, since a stray key cut it off."""
    ask = next(verb for verb in call.verbs if isinstance(verb, Ask))
    longer = replace(ask, say=ask.say if aloud else (), extension=ask.extension + 1)
    return _asked(call, longer, listen=ask.listen and listen)


def may_listen(call: Call, *, recordable: bool = False) -> bool:
    """Whether the next question takes speech. `recordable`: it may also be answered into a recording."""
    state = call.authenticating
    hears = call.can_listen and not state.keypad_only and state.tally.speech_failures < call.line.limits.speech_failures
    return hears and (recordable or not records_answers(call))


def records_answers(call: Call) -> bool:
    """Whether what is spoken goes into recordings: the line wants it so, or its streams have failed too often in this call."""
    line = call.line
    return line.door is Door.RECORD or (line.record_when_lost and call.lost_streams >= line.limits.speech_failures)


def open_question(call: Call) -> Ask | None:
    """What the caller's leg asks now."""
    return next((verb for verb in call.verbs if isinstance(verb, Ask)), None)


def extension_of(call: Call) -> int:
    """How often the open question has been held open already; 0 where none is open."""
    ask = open_question(call)
    return 0 if ask is None else ask.extension


def door_of(call: Call, *, secret: bool, listen: bool) -> Door:
    """Through which door the next question is put. One that has failed is not tried again in this call. Of doors that are left,
    recordings come last: only what listens is put through them.
    """
    if call.stage not in STREAMED:
        return Door.GATHER
    door = call.line.secrets_door if secret else call.line.door
    if door is Door.STREAM and not call.door_failed:
        return door
    return Door.RECORD if listen and not secret and records_answers(call) else Door.GATHER


def stream_lost(call: Call) -> Call:
    """Nobody hears the open phase any more. A forked stream may still come, and is stopped in the next document."""
    forked = call.stream_open and call.stream_door is Door.GATHER
    return replace(call, stream_open=False, lost_phase=call.phase if forked else call.lost_phase)


def door_failed(call: Call, event: DoorFailed) -> Step:
    """The present question once more, aloud, through the door that is left; or the next one, if its answer is being checked."""
    ask = open_question(call)
    if ask is None or ask.door is not Door.STREAM:
        return too_late(call, event)
    call = replace(stream_lost(call), door_failed=True)
    again = ask_on(call, aloud=True, listen=may_listen(call)) if call.open_errand is None else (call, [])
    return joined_steps((call, [Note(Noted.DOOR_FAILED, (("turn", event.turn),))]), again)


def _asked(call: Call, ask: Ask, *, listen: bool) -> Step:
    """The question as the document. One that listens opens a new phase if its stream is gone, or is another door's. A recording
    is a phase of its own; a question that is only held open, while it is fetched, begins none.
    """
    door = door_of(call, secret=ask.secret, listen=listen)
    if call.stream_door is not door:
        call = replace(stream_lost(call), stream_door=door)
    held_open = ask.extension > 0 and not ask.say
    opens = listen and (not call.stream_open or (door is Door.RECORD and not held_open))
    call = replace(call, phase=call.phase + 1 if opens else call.phase)
    listening = replace(ask, listen=listen, phase=call.phase if listen else 0, opens_stream=opens, door=door)
    call, actions = document(call, [listening])
    return replace(call, stream_open=listen), actions


def hold(call: Call, *says: Say, code: bool = False) -> Step:
    """The next piece of music in line, going on where the last one ended, after these words.

    `code`: whoever keys the code of an approval just now does so, even if it is of no use any more.
    """
    waiting = call.waiting
    assert waiting is not None  # set when the caller got in line  # noqa: S101
    call = replace(call, turn=call.turn + 1, waiting=replace(waiting, segment=waiting.segment + 1))
    awaits_code = code or (call.approval is not None and call.approval.awaits_code)
    return document(call, [Wait(call.turn, waiting.segment, says, CODE.longest if awaits_code else 1)])


def errand_number(call: Call) -> tuple[Call, int]:
    """The number of the next errand, which its outcome must echo. Only one is open at a time."""
    number = call.errands + 1
    return replace(call, errands=number, open_errand=number), number


def closed_errand(call: Call) -> Call:
    """The open errand has its outcome."""
    return replace(call, open_errand=None)


def ended(call: Call, ending: Ending, at: datetime, *says: Say) -> Step:
    """Say these and hang up; or, with nothing to say to a caller who has gone, only close the book."""
    call = replace(call, stage=Stage.ENDED, ending=ending, ended_at=at, open_errand=None)
    actions: list[Action] = []
    if says:
        call, actions = document(call, [*says, Hangup()])
    else:
        call = replace(call, verbs=(Hangup(),), prelude=(), stream_open=False)
    seconds = (at - call.started_at).total_seconds() if call.started_at else 0.0
    facts = (("ending", ending.value), ("assurance", call.assurance.value), ("seconds", seconds))
    return call, [*actions, Note(Noted.ENDED, facts)]


def joined_steps(first: Step, then: Step) -> Step:
    """Two steps as one: the second one's call, the actions of both in order."""
    return then[0], [*first[1], *then[1]]


def with_errand(call: Call, errand: Errand, *notes: Note) -> Step:
    """Nothing new on the line until this errand's outcome comes."""
    return call, [errand, *notes]


def too_late(call: Call, event: object) -> Step:
    """Nothing changes; the journal tells that something came after its time."""
    return call, [Note(Noted.TOO_LATE, (("event", type(event).__name__),))]
