"""A supervisor is in on a conversation: rung, silent at first, then as they want to be; gone when it is over."""

from dataclasses import replace

from voicebot.dialogue.actions import Action, Arrange, EndLeg, RingSupervisor
from voicebot.dialogue.call import Call
from voicebot.dialogue.deeds import SupervisorListens
from voicebot.dialogue.documents import Step
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.serving import Serving, Supervising
from voicebot.dialogue.values import Supervision


def listens(call: Call, serving: Serving, deed: SupervisorListens) -> Step:
    """In on the conversation, or in on it otherwise than before."""
    known = serving.supervisor(deed.by)
    if known is None:
        call = replace(call, legs=call.legs + 1)
        coming = Supervising(f"{call.id}~{call.legs}.0", deed.by, deed.name, deed.supervision)
        call = replace(call, serving=replace(serving, supervisors=(*serving.supervisors, coming)))
        return call, [RingSupervisor(coming.leg, deed.by)]
    if known.supervision is deed.supervision:
        return call, []
    changed = replace(known, supervision=deed.supervision)
    actions: list[Action] = [Arrange(known.leg), _noted(changed)] if known.present else []
    return _with(call, serving, known, changed), actions


def entered(call: Call, serving: Serving, one: Supervising) -> Step:
    """In the room, heard by nobody until that is arranged; also where they come in once more."""
    actions: list[Action] = [] if one.present else [_noted(one)]
    if one.supervision is not Supervision.SILENT:
        actions.append(Arrange(one.leg))
    return _with(call, serving, one, replace(one, present=True)), actions


def stopped(call: Call, serving: Serving, supervisor: str) -> Step:
    """Out by their own wish."""
    one = serving.supervisor(supervisor)
    assert one is not None  # else it is refused  # noqa: S101
    return _without(call, serving, one), [EndLeg(one.leg), _over(one)]


def left(call: Call, serving: Serving, leg: str) -> Step:
    """A supervisor's leg is gone, or one that nobody knows any more."""
    one = serving.supervisor(leg)
    if one is None:
        return call, [Note(Noted.TOO_LATE, (("event", "AgentLeft"),))]
    return _without(call, serving, one), [_over(one)]


def not_arranged(call: Call, serving: Serving, leg: str) -> Step:
    """Nobody knows who hears this supervisor now, so they go."""
    one = serving.supervisor(leg)
    if one is None:
        return call, []
    return _without(call, serving, one), [Note(Noted.NOT_ARRANGED, (("what", "supervisor"),)), EndLeg(leg), _over(one)]


def dismissed(serving: Serving) -> list[Action]:
    """The conversation is over for all of them."""
    return [action for one in serving.supervisors for action in (EndLeg(one.leg), _over(one))]


def _with(call: Call, serving: Serving, before: Supervising, after: Supervising) -> Call:
    others = tuple(after if one is before else one for one in serving.supervisors)
    return replace(call, serving=replace(serving, supervisors=others))


def _without(call: Call, serving: Serving, gone: Supervising) -> Call:
    return replace(call, serving=replace(serving, supervisors=tuple(one for one in serving.supervisors if one is not gone)))


def _noted(one: Supervising) -> Note:
    return Note(Noted.SUPERVISED, (("supervisor", one.name), ("supervisor_id", one.supervisor), ("how", one.supervision.value)))


def _over(one: Supervising) -> Note:
    return Note(Noted.SUPERVISION_OVER, (("supervisor", one.name), ("supervisor_id", one.supervisor)))
