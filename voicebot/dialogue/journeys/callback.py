"""We call somebody back: an agent first, then the customer, who is connected by pressing a key. A voicemail never presses one.

Laws, each with a test:
1. Nobody is dialled before an agent has accepted, and nobody twice in one call.
2. However it ends, the wish is settled exactly once: served, called off, closed after the last try, or to be tried again.
3. Nobody's telephone goes on ringing, and no agent sits on, when it is over.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.dialogue import verification
from voicebot.dialogue.actions import (
    Action,
    AssignWish,
    CloseRoom,
    Dial,
    EndLeg,
    Hangup,
    Join,
    OfferToFloor,
    Say,
    SettleWish,
    WakeAt,
    WithdrawFromFloor,
)
from voicebot.dialogue.call import Call, Stage, Waiting
from voicebot.dialogue.calling_back import (
    DIAL_LASTS,
    KEPT_FROM_CALLING,
    CalledOff,
    CallingBack,
    CallingState,
    NotReached,
    WishResult,
    called_leg,
)
from voicebot.dialogue.collect import key_plan
from voicebot.dialogue.documents import Step, document, ended, joined_steps, question, too_late
from voicebot.dialogue.events import (
    AgentAccepted,
    AgentLeft,
    AgentTurnedDown,
    CallbackCalledOff,
    CallbackDue,
    CallerHungUp,
    CustomerAnswered,
    CustomerNotReached,
    EntryKeyed,
    Event,
    NoInput,
    PartyEntered,
    RoomLeft,
    TimeCame,
    TroubleMet,
)
from voicebot.dialogue.journeys import conversation, parting, transfer
from voicebot.dialogue.journeys.room import room_of, serving_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.patience import ONE_MORE_RING, served_until
from voicebot.dialogue.serving import Serving
from voicebot.dialogue.timers import CLOSED_MEANWHILE, DIAL_OVER
from voicebot.dialogue.values import Ending, Party, Shape

CONNECTS = "1"
ONE_KEY = Shape.parse("digits:1")
ASKED_AT_MOST = 2
OURS = (NotReached.AGENT_LOST, NotReached.TROUBLE)  # whoever is on the line hears that we are sorry


def begin(call: Call, event: CallbackDue) -> Step:
    """In line for an agent, at the place that the customer had."""
    call = replace(
        call,
        line=event.line,
        stage=Stage.CALLBACK,
        started_at=event.at,
        closes_at=event.closes_at,
        passed_to=None if event.queue == event.line.queue else event.queue,
        waiting=Waiting(since=event.since, here_since=event.at),
        callback=CallingBack(event.wish, event.number, event.tries, subject=event.subject, has_phrase=event.has_phrase),
    )
    if event.customer is not None:
        call = verification.called_back(call, event.customer, event.at)
    queue = call.queue
    facts = (("line", event.line.name), ("language", event.line.language), ("tries", event.tries))
    last = served_until(call)
    closing = [WakeAt(max(last, event.at + ONE_MORE_RING), CLOSED_MEANWHILE)] if last else []
    return call, [
        Note(Noted.CALLING_BACK, facts),
        Note(Noted.QUEUED, (("queue", queue.name), ("assurance", call.assurance.value))),
        OfferToFloor(queue.name, queue.skills),
        *closing,
    ]


def step(call: Call, event: Event) -> Step:
    """One event before the customer is connected."""
    state = _calling(call).state
    match event:
        case AgentAccepted() if state is CallingState.IN_LINE:
            return _accepted(call, event)
        case AgentTurnedDown():
            return call, [conversation.asked_in_vain(event)]
        case PartyEntered(party=Party.AGENT) if call.serving is not None:
            return replace(call, serving=replace(call.serving, present=(Party.AGENT,))), []
        case AgentLeft(reservation=reservation) if call.serving is not None and reservation == call.serving.reservation:
            return _over(call, NotReached.AGENT_LOST, event.at)
        case CustomerAnswered() if state is CallingState.DIALLED:
            return _ask(_with(call, state=CallingState.ANSWERED))
        case EntryKeyed() if event.keys.reveal() == CONNECTS:
            return _connected(call)
        case EntryKeyed() | NoInput():
            return _ask(call) if _calling(call).asked < ASKED_AT_MOST else _over(call, NotReached.NO_KEY, event.at)
        case CustomerNotReached() if call.serving is not None:
            return _over(call, event.why, event.at)
        case CallerHungUp() if call.serving is not None:
            return _over(call, NotReached.HUNG_UP, event.at)
        case CallbackCalledOff():
            return _called_off(call, event)
        case TimeCame(name=name) if name == DIAL_OVER:
            return _over(call, NotReached.UNKNOWN, event.at)
        case TimeCame(name=name) if name == CLOSED_MEANWHILE and state is CallingState.IN_LINE:
            return joined_steps((call, [WithdrawFromFloor()]), ended(call, Ending.CLOSED_MEANWHILE, event.at))
        case TimeCame() | RoomLeft():
            return call, []
        case TroubleMet(where=where):
            note = Note(Noted.TROUBLE, (("where", where),))
            over = _over(call, NotReached.TROUBLE, event.at) if state is CallingState.ANSWERED else (call, [])
            return joined_steps((call, [note]), over)
    return too_late(call, event)


def settled(call: Call) -> list[Action]:
    """What becomes of the wish, now that this call for it has ended."""
    calling, rules = _calling(call), call.line.callbacks
    assert call.ended_at is not None  # whoever asks has seen it end  # noqa: S101
    tries = calling.tries + (calling.state is not CallingState.IN_LINE)
    if call.ending is Ending.SERVED:
        return [SettleWish(calling.wish, WishResult.SERVED, tries)]
    if calling.called_off is not None:
        result = WishResult.SERVED_OTHERWISE if calling.called_off is CalledOff.DONE else WishResult.CALLED_OFF
        return [SettleWish(calling.wish, result, tries, calling.again_at)]
    if calling.state is CallingState.IN_LINE:
        return [SettleWish(calling.wish, WishResult.NOT_REACHED, tries, call.ended_at)]
    again_at = call.ended_at + timedelta(seconds=rules.again_after) if tries < rules.tries else None
    return [SettleWish(calling.wish, WishResult.NOT_REACHED, tries, again_at, calling.missed)]


def _accepted(call: Call, event: AgentAccepted) -> Step:
    """The agent has a leg in the room: now the customer is dialled, while the agent hears what it is about."""
    serving = Serving(event.reservation, event.agent, event.agent_id, accepted_at=event.at)
    call = replace(parting.had_by(call, event.agent_id), serving=serving, rooms=call.rooms + 1)
    call = _with(call, state=CallingState.DIALLED)
    told = ", ".join(say.prompt_id for say in transfer.whisper(call))
    return call, [
        Note(Noted.AGENT_ACCEPTED, (("agent", event.agent), ("waited", (event.at - _waiting(call).since).total_seconds()))),
        Note(Noted.WHISPERED, (("assurance", call.assurance.value), ("prompts", told))),
        AssignWish(_calling(call).wish, event.agent),
        Dial(called_leg(call.id), _calling(call).number),
        WakeAt(event.at + DIAL_LASTS, DIAL_OVER),
    ]


def _ask(call: Call) -> Step:
    asked = _calling(call).asked + 1
    says = [Say("callback.called", asked)]
    return question(_with(call, asked=asked), says, ONE_KEY, key_plan(ONE_KEY), listen=False)


def _connected(call: Call) -> Step:
    """Somebody pressed the key: into the room, and from here on it is a call like any other."""
    call = replace(_with(call, state=CallingState.CONNECTED), stage=Stage.TRANSFER)
    reached = Note(Noted.REACHED, (("agent", serving_of(call).agent),))
    return joined_steps((call, [reached]), document(call, [Say("transfer.connecting"), Join(room_of(call))]))


def _called_off(call: Call, event: CallbackCalledOff) -> Step:
    again_at = event.at + KEPT_FROM_CALLING if event.why is CalledOff.CALLING_US else None
    if again_at is not None and _calling(call).state is not CallingState.IN_LINE:
        return too_late(call, event)  # their telephone rings already
    call = _with(call, called_off=event.why, again_at=again_at)
    noted = Note(Noted.CALLED_OFF, (("why", event.why.value),))
    return joined_steps((call, [noted]), _end(call, Ending.CALLED_OFF, event.at))


def _over(call: Call, why: NotReached, at: datetime) -> Step:
    noted = Note(Noted.NOT_REACHED, (("why", why.value), ("tries", _calling(call).tries + 1)))
    sorry, call = (Say("callback.sorry"),) if why in OURS else (), _with(call, missed=why)
    return joined_steps((call, [noted]), _end(call, Ending.NOT_REACHED, at, *sorry))


def _end(call: Call, ending: Ending, at: datetime, *says: Say) -> Step:
    """Nothing rings on. Who has answered hears `says`; a machine hears nothing of us that it need not."""
    out: list[Action] = [WithdrawFromFloor()]
    if call.serving is not None:
        out += [CloseRoom(room_of(call)), EndLeg(called_leg(call.id))]
    if _calling(call).state is not CallingState.ANSWERED:
        return joined_steps((call, out), ended(call, ending, at))
    over = ended(call, ending, at)
    return joined_steps(joined_steps((call, out), over), document(over[0], [*says, Hangup()]))


def _calling(call: Call) -> CallingBack:
    assert call.callback is not None  # of this journey  # noqa: S101
    return call.callback


def _waiting(call: Call) -> Waiting:
    assert call.waiting is not None  # since the callback was due  # noqa: S101
    return call.waiting


def _with(call: Call, **changed: object) -> Call:
    return replace(call, callback=replace(_calling(call), **changed))  # type: ignore[arg-type]
