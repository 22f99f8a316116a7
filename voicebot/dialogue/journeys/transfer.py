"""An agent takes the call: what the agent hears before, and how the two are joined. What follows is in `conversation`."""

from dataclasses import replace
from datetime import datetime

from voicebot.dialogue import taping, verification
from voicebot.dialogue.actions import Action, Arrange, AskAgent, Hangup, Join, Say, Verb, WithdrawFromFloor
from voicebot.dialogue.approving import ApprovalProgress
from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.deeds import Deed
from voicebot.dialogue.documents import Step, document, ended, joined_steps, too_late
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    AgentTurnedDown,
    Arranged,
    CustomerLinked,
    EntryKeyed,
    Event,
    NoInput,
    PartyEntered,
    RoomLeft,
    TimeCame,
)
from voicebot.dialogue.journeys import conversation, parting, step_up, supervision
from voicebot.dialogue.journeys.room import room_of, serving_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.seats import CALLER
from voicebot.dialogue.serving import Serving
from voicebot.dialogue.spoken import Digits, Sounded, Words
from voicebot.dialogue.timers import HELD_TOO_LONG
from voicebot.dialogue.values import Assurance, Ending, Party

# ---- the agent's leg ---------------------------------------------------------------------------------------------


def invitation(queue: str) -> tuple[Verb, ...]:
    """Before a key: the queue's name and nothing else, since a voicemail or a bystander may be listening."""
    return (AskAgent((Say("agent.invitation", args=(("queue", Sounded(f"queue.{queue}")),)),)), Hangup())


def consult_invitation(agent: str) -> tuple[Verb, ...]:
    """Before a key, to whom a colleague asks for help: the colleague's name and nothing else."""
    return (AskAgent((Say("agent.consult_invitation", args=(("agent", Words(agent)),)),)), Hangup())


def supervisor_invitation() -> tuple[Verb, ...]:
    """Before a key, to a supervisor who wanted to be rung."""
    return (AskAgent((Say("agent.supervisor_invitation"),)), Hangup())


def whisper(call: Call) -> tuple[Say, ...]:
    """After 1: who passed it on, status, reason, failures, the name where the queue allows, the note that came along.

    Never into the room, only to the agent.
    """
    last = call.passed_on[-1] if call.passed_on else None
    says = [Say("whisper.passed_on", args=(("agent", Words(last.by)),))] if last else []
    says += [Say("whisper.callback")] if call.callback is not None else []
    says.append(Say(f"whisper.{'not_identified' if call.assurance is Assurance.NONE else call.assurance.value}"))
    if call.reason is not None:
        says.append(Say(f"whisper.reason.{call.reason.value}"))
    says += [Say("whisper.failures", count, (("field", Sounded(f"field.{field}")),)) for field, count in call.failures]
    if call.approval is not None and call.approval.under_way and not call.approval.step_up:
        outstanding = call.approval.progress is ApprovalProgress.APPROVED
        says.append(Say("whisper.approval.code_outstanding" if outstanding else "whisper.approval.under_way"))
    customer = call.customer
    if customer is not None and call.queue.name_in_whisper:
        if customer.name:
            says.append(Say("whisper.name", args=(("name", Words(customer.name)),)))
        says.append(Say("whisper.identifier", args=(("identifier", Digits(customer.identifier)),)))
    if last and last.note:
        says.append(Say("whisper.note", args=(("note", Words(last.note)),)))
    return tuple(says)


def accepted(call: Call) -> tuple[Verb, ...]:
    """The winner's document: the whisper, then into the room."""
    return (*whisper(call), Join(room_of(call)))


def consult_accepted(call: Call) -> tuple[Verb, ...]:
    """The document of whoever comes to help: who wants them, what an agent would be told, then into the room."""
    asking = serving_of(call).agent
    return (Say("whisper.consult", args=(("agent", Words(asking)),)), *accepted(call))


def supervisor_accepted(call: Call) -> tuple[Verb, ...]:
    """The supervisor's document: into the room, heard by nobody."""
    return (Join(room_of(call), muted=True),)


# ---- the caller's leg --------------------------------------------------------------------------------------------


def enter(call: Call, event: AgentAccepted) -> Step:
    """An agent has it: the caller goes into the room at once, and the agent follows after the whisper."""
    serving = Serving(event.reservation, event.agent, event.agent_id, accepted_at=event.at)
    call = replace(parting.had_by(call, event.agent_id), stage=Stage.TRANSFER, serving=serving, rooms=call.rooms + 1)
    told = ", ".join(say.prompt_id for say in whisper(call))
    notes: list[Action] = [
        Note(Noted.AGENT_ACCEPTED, (("agent", event.agent), ("waited", _waited(call, event.at)))),
        Note(Noted.WHISPERED, (("assurance", call.assurance.value), ("prompts", told))),
    ]
    announced = [taping.ANNOUNCEMENT] if taping.is_to_be(call) and not call.recording_announced else []
    call = replace(call, recording_announced=call.recording_announced or bool(announced))
    return joined_steps((call, notes), document(call, [*announced, Say("transfer.connecting"), Join(room_of(call))]))


def step(call: Call, event: Event) -> Step:
    """One event while an agent has the call."""
    if step_up.under_way(call) and (away := _away(call, event)) is not None:
        return away
    match event:
        case PartyEntered():
            return _entered(call, event)
        case CustomerLinked():
            return _linked(call, event)
        case AgentAccepted():
            return conversation.accepted(call, event)
        case AgentTurnedDown():
            return conversation.turned_down(call, event)
        case AgentLeft(reservation=reservation):
            return conversation.left(call, reservation, event.at)
        case Arranged():
            return conversation.arranged(call, event)
        case TimeCame(name=name) if name == HELD_TOO_LONG:
            return conversation.held_too_long(call, event.at)
        case TimeCame():
            return call, []  # an agent has the call, so nobody is kept waiting
        case RoomLeft(room=room) if room not in ("", room_of(call)):
            return call, []  # the caller came out of it to get here
        case RoomLeft() if serving_of(call).joined_at is not None:
            return parting.served(call, event.at)
        case RoomLeft() | NoInput() | EntryKeyed():
            return document(call, [Join(room_of(call))])
    if isinstance(event, Deed):
        return conversation.step(call, event)
    return too_late(call, event)


def _away(call: Call, event: Event) -> Step | None:
    """One event while the caller gives a proof; None where that makes no difference."""
    if isinstance(event, step_up.Given):
        return step_up.step(call, event)
    if isinstance(event, RoomLeft) or (isinstance(event, PartyEntered) and event.party is Party.CALLER):
        return call, []  # of before: the caller is away, and comes back by the line's own doing
    return None


def _entered(call: Call, event: PartyEntered) -> Step:
    """Caller and agent are together once both have come in; the others come in beside them."""
    serving = serving_of(call)
    consult = serving.consult
    if event.party is Party.CALLER:
        return _together(call, Party.CALLER, event.at, [Arrange(CALLER)] if serving.hold is not None else [])
    if event.leg in ("", serving.reservation):
        return _together(
            call, Party.AGENT, event.at, [Arrange(serving.reservation)] if serving.muted or step_up.under_way(call) else []
        )
    if consult is not None and event.leg == consult.reservation:
        return replace(call, serving=replace(serving, consult=replace(consult, present=True))), []
    one = serving.supervisor(event.leg)
    return supervision.entered(call, serving, one) if one is not None else too_late(call, event)


def _together(call: Call, party: Party, at: datetime, seated: list[Action]) -> Step:
    serving = serving_of(call)
    present = (*(one for one in serving.present if one is not party), party)
    serving = replace(serving, present=present)
    if serving.joined_at is not None or len(present) < len(Party):
        return replace(call, serving=serving), seated
    joined = Note(Noted.JOINED, (("agent", serving.agent),))
    if serving.hold is not None:  # of a conversation that this agent has taken over
        seated = [*seated, Arrange(CALLER)]
    return replace(call, serving=replace(serving, joined_at=at, hold=None)), [joined, *seated]


def _linked(call: Call, event: CustomerLinked) -> Step:
    """The caller is somebody now, on the agent's word."""
    call = verification.linked_by_agent(call, event.customer, event.by, event.at)
    return call, [Note(Noted.LINKED, (("agent", event.agent), ("by", event.by), ("assurance", call.assurance.value)))]


def caller_left(call: Call, at: datetime) -> Step:
    """The caller is gone, from whatever they were doing: nothing may go on ringing, and no room stay open."""
    gone: list[Action] = []
    if call.stage is Stage.WAIT:
        gone.append(WithdrawFromFloor())
    if call.stage is Stage.TRANSFER:
        gone += parting.closing(call)
    call, told = step_up.given_up(call, "the caller has left")
    return joined_steps((call, [*gone, *told]), ended(call, _ending(call), at))


def _ending(call: Call) -> Ending:
    """Who leaves the line for an agent has abandoned the call, even after the machine has told them something."""
    if call.serving is not None and (call.serving.joined_at or call.serving.hold):
        return Ending.SERVED
    if call.stage is Stage.HANDED_OVER:
        return Ending.HANDED_OVER
    if call.waiting is not None and not call.waiting.in_line:
        return Ending.CLOSED  # there was nobody to wait for
    return Ending.CONTAINED if call.served_itself and call.stage is Stage.SELF_SERVICE else Ending.ABANDONED


def _waited(call: Call, at: datetime) -> float:
    waiting = call.waiting
    return (at - (waiting.again_since or waiting.since)).total_seconds() if waiting else 0.0
