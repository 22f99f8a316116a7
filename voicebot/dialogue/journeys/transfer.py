"""An agent takes the call: what the agent hears before, how the two are joined, and what happens when either leaves."""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.dialogue import verification
from voicebot.dialogue.actions import (
    Action,
    AskAgent,
    CloseRoom,
    Hangup,
    Join,
    Note,
    Noted,
    OfferToFloor,
    Say,
    Verb,
    WakeAt,
    WithdrawFromFloor,
)
from voicebot.dialogue.call import Call, Serving, Stage
from voicebot.dialogue.documents import Step, document, ended, hold, joined_steps
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    CustomerLinked,
    EntryKeyed,
    Event,
    NoInput,
    PartyEntered,
    RoomLeft,
    TimeCame,
)
from voicebot.dialogue.timers import WAITED_TOO_LONG
from voicebot.dialogue.values import Assurance, Digits, Ending, Party, Sounded, Words

ONE_MORE_RING = timedelta(seconds=60)  # whose agent was lost is not sent away before another could be rung


def room_of(call: Call) -> str:
    """The conference's name: opaque, of this call alone."""
    return f"room-{call.id}"


def is_in_room(call: Call, party: Party) -> bool:
    """Whether this party has come into the room, and the call still wants it there."""
    return call.serving is not None and party in call.serving.present and call.stage is Stage.TRANSFER


# ---- the agent's leg ---------------------------------------------------------------------------------------------


def invitation(queue: str) -> tuple[Verb, ...]:
    """Before a key: the queue's name and nothing else, since a voicemail or a bystander may be listening."""
    return (AskAgent((Say("agent.invitation", args=(("queue", Sounded(f"queue.{queue}")),)),)), Hangup())


def whisper(call: Call) -> tuple[Say, ...]:
    """After 1: status, reason, failures, and the name where the queue allows. Never into the room, only to the agent."""
    says = [Say(f"whisper.{'not_identified' if call.assurance is Assurance.NONE else call.assurance.value}")]
    if call.reason is not None:
        says.append(Say(f"whisper.reason.{call.reason.value}"))
    says += [Say("whisper.failures", count, (("field", Sounded(f"field.{field}")),)) for field, count in call.failures]
    customer = call.customer
    if customer is not None and call.line.queue.name_in_whisper:
        if customer.name:
            says.append(Say("whisper.name", args=(("name", Words(customer.name)),)))
        says.append(Say("whisper.identifier", args=(("identifier", Digits(customer.identifier)),)))
    return tuple(says)


def accepted(call: Call) -> tuple[Verb, ...]:
    """The winner's document: the whisper, then into the room."""
    return (*whisper(call), Join(room_of(call)))


# ---- the caller's leg --------------------------------------------------------------------------------------------


def enter(call: Call, event: AgentAccepted) -> Step:
    """An agent has it: the caller goes into the room at once, and the agent follows after the whisper."""
    call = replace(call, stage=Stage.TRANSFER, serving=Serving(event.reservation, event.agent))
    told = ", ".join(say.prompt_id for say in whisper(call))
    notes: list[Action] = [
        Note(Noted.AGENT_ACCEPTED, (("agent", event.agent), ("waited", _waited(call, event.at)))),
        Note(Noted.WHISPERED, (("assurance", call.assurance.value), ("prompts", told))),
    ]
    return joined_steps((call, notes), document(call, [Say("transfer.connecting"), Join(room_of(call))]))


def step(call: Call, event: Event) -> Step:
    """One event while an agent has the call."""
    serving = call.serving
    assert serving is not None  # set when the agent accepted  # noqa: S101
    match event:
        case PartyEntered():
            return _entered(call, serving, event)
        case CustomerLinked():
            return _linked(call, event)
        case AgentLeft(reservation=reservation) if reservation != serving.reservation:
            return call, [Note(Noted.TOO_LATE, (("event", "AgentLeft"),))]
        case AgentLeft() | RoomLeft() if serving.joined_at is not None:
            closing: list[Action] = [CloseRoom(room_of(call)), WithdrawFromFloor()]
            return joined_steps((call, closing), ended(call, Ending.SERVED, event.at, Say("goodbye")))
        case AgentLeft():
            return _agent_lost(call, event.at)
        case RoomLeft() | NoInput() | EntryKeyed():
            return document(call, [Join(room_of(call))])
        case TimeCame():
            return call, []  # an agent has the call, so nobody is kept waiting
    return call, [Note(Noted.TOO_LATE, (("event", type(event).__name__),))]


def _entered(call: Call, serving: Serving, event: PartyEntered) -> Step:
    """Together once both have come in."""
    present = (*(party for party in serving.present if party is not event.party), event.party)
    serving = replace(serving, present=present)
    if serving.joined_at is not None or len(present) < len(Party):
        return replace(call, serving=serving), []
    joined = Note(Noted.JOINED, (("agent", serving.agent),))
    return replace(call, serving=replace(serving, joined_at=event.at)), [joined]


def _linked(call: Call, event: CustomerLinked) -> Step:
    """The caller is somebody now, on the agent's word."""
    call = verification.linked_by_agent(call, event.customer, event.by, event.at)
    return call, [Note(Noted.LINKED, (("agent", event.agent), ("by", event.by), ("assurance", call.assurance.value)))]


def _agent_lost(call: Call, at: datetime) -> Step:
    """Lost before the two were joined: the caller is back in line, at the place from before, and the wait has an end again."""
    assert call.waiting is not None  # set when the caller got in line  # noqa: S101
    queue = call.line.queue
    until = max(call.waiting.since + timedelta(seconds=queue.max_wait), at + ONE_MORE_RING)
    wishes: list[Action] = [
        CloseRoom(room_of(call)),
        WithdrawFromFloor(),
        OfferToFloor(queue.name, queue.skills),
        WakeAt(until, WAITED_TOO_LONG),
    ]
    call = replace(call, stage=Stage.WAIT, serving=None)
    return joined_steps((call, wishes), hold(call, Say("transfer.agent_lost")))


def caller_left(call: Call, at: datetime) -> Step:
    """The caller is gone, from whatever they were doing: nothing may go on ringing, and no room stay open."""
    closing: list[Action] = []
    if call.stage in (Stage.WAIT, Stage.TRANSFER):
        closing.append(WithdrawFromFloor())
    if call.stage is Stage.TRANSFER:
        closing.append(CloseRoom(room_of(call)))
    return joined_steps((call, closing), ended(call, _ending(call), at))


def _ending(call: Call) -> Ending:
    """Who leaves the line for an agent has abandoned the call, even after the machine has told them something."""
    if call.serving is not None and call.serving.joined_at is not None:
        return Ending.SERVED
    if call.stage is Stage.HANDED_OVER:
        return Ending.HANDED_OVER
    return Ending.CONTAINED if call.served_itself and call.stage is Stage.SELF_SERVICE else Ending.ABANDONED


def _waited(call: Call, at: datetime) -> float:
    return (at - call.waiting.since).total_seconds() if call.waiting else 0.0
