"""Caller and agent are connected: hold, mute, a second agent asked for help, and who leaves. How it ends is in `parting`.

Laws, each with a test:
1. A caller on hold comes off it: by the agent, by time, by whoever takes over, back in line, or by hanging up.
2. Nobody is asked for help before the caller has ceased to hear.
3. When the conversation is over, nobody's leg goes on for it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from voicebot.dialogue.actions import Action, Arrange, Join, OfferToFloor, Say, WakeAt, WithdrawFromFloor
from voicebot.dialogue.call import Call
from voicebot.dialogue.deeds import (
    AgentMuted,
    CallDeed,
    CallEnded,
    CallerHeld,
    CallerResumed,
    CallPassed,
    ConsultAsked,
    ConsultCompleted,
    ConsultEnded,
    Deed,
    PaymentDeed,
    PhraseRead,
    StepUpAsked,
    StepUpStopped,
    SupervisorListens,
    SupervisorStopped,
    TokenShown,
)
from voicebot.dialogue.documents import Step, document, joined_steps, too_late
from voicebot.dialogue.events import AgentAccepted, AgentTurnedDown, Arranged
from voicebot.dialogue.journeys import given_proof, parting, payment, step_up, supervision
from voicebot.dialogue.journeys.room import of_agent, room_of, serving_of
from voicebot.dialogue.notes import Note, Noted
from voicebot.dialogue.patience import ONE_MORE_RING
from voicebot.dialogue.proving import Progress
from voicebot.dialogue.refusals import refusal
from voicebot.dialogue.seats import CALLER
from voicebot.dialogue.serving import Consult, Hold, Serving, item_of
from voicebot.dialogue.timers import HELD_TOO_LONG, HOLD_AT_MOST
from voicebot.dialogue.values import Party, Supervision

WHISPER_LASTS = timedelta(seconds=45)  # at most: who stays longer than that has come out of it into the room


def step(call: Call, deed: Deed) -> Step:
    """What an agent or a supervisor does."""
    if refusal(call, deed) is not None:
        return too_late(call, deed)
    return payment.step(call, deed) if isinstance(deed, PaymentDeed) else _done(call, deed)


def _done(call: Call, deed: CallDeed) -> Step:
    match deed:
        case CallerHeld():
            return _held(call, deed.at)
        case CallerResumed():
            return _resumed(call, "agent")
        case AgentMuted():
            return _muted(call, muted=deed.muted)
        case ConsultAsked():
            return _consulting(call, deed)
        case ConsultEnded():
            return joined_steps(over := _consult_over(call, "agent"), _resumed(over[0], "agent"))
        case ConsultCompleted():
            return taken_over(call, deed.at)
        case CallPassed():
            return parting.passed(call, deed)
        case CallEnded():
            over = step_up.given_up(call, "the agent has ended the call")
            noted: Step = (over[0], [*over[1], Note(Noted.ENDED_BY_AGENT, of_agent(call))])
            return joined_steps(noted, parting.served(over[0], deed.at))
        case StepUpAsked():
            return step_up.begun(call, serving_of(call), deed)
        case StepUpStopped():
            return _taken_back(call)
        case TokenShown():
            return given_proof.shown(call), []
        case PhraseRead():
            return _phrase_read(call, deed)
        case SupervisorListens():
            return supervision.listens(call, serving_of(call), deed)
        case SupervisorStopped():
            return supervision.stopped(call, serving_of(call), deed.by)
        case _:
            assert_never(deed)


def _phrase_read(call: Call, deed: PhraseRead) -> Step:
    """The agent has it before their eyes, and is to read it out before anything else. Its value is no part of the call."""
    assert call.callback is not None  # refused otherwise  # noqa: S101
    if not deed.found:
        return replace(call, callback=replace(call.callback, has_phrase=False)), [Note(Noted.PHRASE_GONE, of_agent(call))]
    by = serving_of(call).agent
    call = replace(call, callback=replace(call.callback, read_by=by, read_at=deed.at))
    return call, [Note(Noted.PHRASE_READ, of_agent(call))]


def _taken_back(call: Call) -> Step:
    assert call.step_up is not None  # refused otherwise  # noqa: S101
    return step_up.back(call, call.step_up.over(Progress.ABANDONED, "the agent took the caller back"))


# ---- hold and mute -----------------------------------------------------------------------------------------------


def _held(call: Call, at: datetime) -> Step:
    serving = serving_of(call)
    if serving.hold is not None:
        return call, []
    call = replace(call, serving=replace(serving, hold=Hold(at)))
    return call, [Arrange(CALLER), WakeAt(at + HOLD_AT_MOST, HELD_TOO_LONG), Note(Noted.HELD, of_agent(call))]


def _resumed(call: Call, why: str) -> Step:
    serving = serving_of(call)
    if serving.hold is None:
        return call, []
    call = replace(call, serving=replace(serving, hold=None))
    resumed: list[Action] = [Arrange(CALLER), Note(Noted.RESUMED, (("why", why), *of_agent(call)))]
    return joined_steps((call, resumed), _offered(call))


def _muted(call: Call, *, muted: bool) -> Step:
    serving = serving_of(call)
    if serving.muted is muted:
        return call, []
    call = replace(call, serving=replace(serving, muted=muted))
    return call, [Arrange(serving.reservation), Note(Noted.MUTED, (("muted", muted), *of_agent(call)))]


def held_too_long(call: Call, at: datetime) -> Step:
    """The caller comes back to the agent, who may have forgotten them; whoever was asked for help goes."""
    serving = serving_of(call)
    if serving.hold is None or at < serving.hold.since + HOLD_AT_MOST:
        return call, []  # of a hold that is over
    over = _consult_over(call, "time")
    return joined_steps(over, _resumed(over[0], "time"))


def arranged(call: Call, event: Arranged) -> Step:
    """What became of `Arrange`. A hold that works lets somebody be asked; what does not work is not believed to be so."""
    serving = serving_of(call)
    if event.leg == serving.reservation and step_up.is_seating(call):
        return step_up.seated(call), [] if event.done else [Note(Noted.NOT_ARRANGED, (("what", "the agent's music"),))]
    if event.leg == CALLER and step_up.under_way(call):
        return call, []  # of a seat that the caller has left
    if event.leg == CALLER:
        return _caller_is_held(call) if event.done else _caller_not_arranged(call)
    if event.done:
        return call, []
    if event.leg == serving.reservation:
        call = replace(call, serving=replace(serving, muted=not serving.muted))
        return call, [Note(Noted.NOT_ARRANGED, (("what", "mute"),))]
    return supervision.not_arranged(call, serving, event.leg)


def _caller_is_held(call: Call) -> Step:
    serving = serving_of(call)
    if serving.hold is None or serving.hold.in_effect:
        return call, []
    return _offered(replace(call, serving=replace(serving, hold=replace(serving.hold, in_effect=True))))


def _caller_not_arranged(call: Call) -> Step:
    """A caller who could not be put on hold is not; one who could not be taken off it comes in anew."""
    serving = serving_of(call)
    failed = Note(Noted.NOT_ARRANGED, (("what", "off hold" if serving.hold is None else "hold"),))
    if serving.hold is None:
        call = replace(call, serving=replace(serving, present=tuple(p for p in serving.present if p is not Party.CALLER)))
        return joined_steps((call, [failed]), document(call, [Join(room_of(call))]))
    over = _consult_over(call, "hold") if serving.consult is not None and not serving.consult.offered else (call, [])
    call = replace(over[0], serving=replace(serving_of(over[0]), hold=None))
    return call, [failed, *over[1]]


# ---- a second agent ----------------------------------------------------------------------------------------------


def _consulting(call: Call, deed: ConsultAsked) -> Step:
    """The caller is put on hold, and only when that is so is anybody rung."""
    call = replace(call, legs=call.legs + 1)
    consult = Consult(f"{call.id}~{call.legs}", deed.target, deed.at)
    asked = Note(Noted.CONSULTING, (("to", deed.target.name), *of_agent(call)))
    held = _held(replace(call, serving=replace(serving_of(call), consult=consult)), deed.at)
    steps = joined_steps((call, [asked]), held)
    hold_now = serving_of(steps[0]).hold
    return joined_steps(steps, _offered(steps[0])) if hold_now is not None and hold_now.in_effect else steps


def _offered(call: Call) -> Step:
    """Ask the floor for the second agent, if one is wanted and has not been asked for."""
    serving = serving_of(call)
    consult = serving.consult
    if consult is None or consult.offered:
        return call, []
    call = replace(call, serving=replace(serving, consult=replace(consult, offered=True)))
    target = consult.target
    return call, [OfferToFloor(target.queue.name, target.queue.skills, target.agent, consult.item)]


def accepted(call: Call, event: AgentAccepted) -> Step:
    """Somebody pressed 1: the one who was asked for help, or somebody too late."""
    serving = serving_of(call)
    consult = serving.consult
    if consult is None or consult.reservation or item_of(event.reservation) != consult.item:
        return too_late(call, event)
    consult = replace(consult, reservation=event.reservation, agent=event.agent, agent_id=event.agent_id)
    return replace(call, serving=replace(serving, consult=consult)), [Note(Noted.CONSULT_ANSWERED, (("agent", event.agent),))]


def turned_down(call: Call, event: AgentTurnedDown) -> Step:
    """One who was asked for help does not come. If nobody else will do, that was it; the caller stays where they are."""
    consult = serving_of(call).consult
    if consult is None or consult.item != event.item:
        return too_late(call, event)
    noted = asked_in_vain(event)
    over = _consult_over(call, event.why) if consult.target.agent else (call, [])
    return joined_steps((call, [noted]), over)


def asked_in_vain(event: AgentTurnedDown) -> Note:
    """An agent was rung in vain; with what they said to it, if they did."""
    why = f"{event.why}: {event.reason}" if event.reason else event.why
    return Note(Noted.AGENT_TURNED_DOWN, (("agent", event.agent), ("why", why)))


def _consult_over(call: Call, why: str) -> Step:
    serving = serving_of(call)
    consult = serving.consult
    if consult is None:
        return call, []
    over = Note(Noted.CONSULT_OVER, (("to", consult.target.name), ("why", why)))
    return replace(call, serving=replace(serving, consult=None)), [WithdrawFromFloor(consult.item), over]


def taken_over(call: Call, at: datetime) -> Step:
    """The second agent has the caller now. If they are not in the room yet, the caller stays on hold until they are."""
    before = serving_of(call)
    consult = before.consult
    assert consult is not None  # whoever calls this has looked  # noqa: S101
    serving = Serving(
        reservation=consult.reservation,
        agent=consult.agent,
        agent_id=consult.agent_id,
        present=(Party.CALLER, Party.AGENT) if consult.present else (Party.CALLER,),
        joined_at=at if consult.present else None,
        hold=None if consult.present else before.hold,
        supervisors=before.supervisors,
    )
    actions: list[Action] = [WithdrawFromFloor(item_of(before.reservation))]
    actions += [Arrange(CALLER)] if before.hold is not None and serving.hold is None else []
    actions += [Arrange(one.leg) for one in serving.supervisors if one.supervision is Supervision.COACHING]
    actions.append(Note(Noted.TAKEN_OVER, (("agent", serving.agent), ("before", before.agent))))
    return replace(parting.had_by(call, serving.agent_id), serving=serving), actions


# ---- somebody leaves ---------------------------------------------------------------------------------------------


def left(call: Call, reservation: str, at: datetime) -> Step:
    """A leg is gone: the agent's, that of the one asked for help, or a supervisor's."""
    serving = serving_of(call)
    if reservation == serving.reservation:
        return _agent_left(call, at)
    if serving.consult is not None and reservation == serving.consult.reservation:
        return _consult_over(call, "left")
    return supervision.left(call, serving, reservation)


def _agent_left(call: Call, at: datetime) -> Step:
    """Who was asked for help takes over. Who was on hold, paying, or away for a proof has had no goodbye: back in line."""
    serving = serving_of(call)
    if serving.consult is not None and serving.consult.reservation:
        return taken_over(call, at)
    away = step_up.under_way(call) or payment.under_way(call)
    if serving.hold is None and not away and (serving.joined_at is not None or _has_met_unheard(serving, at)):
        return parting.served(call, at)
    call, told = step_up.given_up(call, "the agent has left")
    noted = Note(Noted.AGENT_LOST, (("agent", serving.agent),))
    queue, waiting = call.queue, call.waiting
    since = (waiting.here_since or waiting.since) if waiting is not None and serving.joined_at is None else at
    until = max(since + timedelta(seconds=queue.max_wait), at + ONE_MORE_RING)
    offer = OfferToFloor(queue.name, queue.skills)
    return joined_steps((call, [*told, noted]), parting.back_in_line(call, at, until, offer, Say("transfer.agent_lost")))


def _has_met_unheard(serving: Serving, at: datetime) -> bool:
    """Whether an agent must have spoken with the caller although no news of the room came: neither of them having come in."""
    return not serving.present and serving.accepted_at is not None and at - serving.accepted_at >= WHISPER_LASTS
