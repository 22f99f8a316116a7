"""`assign`: one event in, the floor and what is to be done out. Decides which agent gets which work, and nothing else.

Laws, each with a test:
1. An agent has at most one open reservation; an item rings at no more telephones than its queue wants, and is accepted once.
2. Whoever came first is served first, by the preferred agent or the one who has been ready longest. A head start is bounded,
   so nobody is passed for ever.
3. An agent who turned an item down is not asked for it again before the pause is over; the item keeps its place.
4. Work that is gone, or that somebody has accepted, rings nowhere.
5. Messages ring nowhere: they are handed out (`handing`), and one that its agent leaves lying is in line again, at its place.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias, assert_never

from voicebot.errors import ImpossibleEvent
from voicebot.floor import handing
from voicebot.floor.actions import AskedInVain, Assigned, FloorAction, StopRinging, TooLate, WakeFloorAt
from voicebot.floor.events import (
    AgentsKnown,
    AgentStateSet,
    FloorEvent,
    PhoneChosen,
    ReservationAccepted,
    ReservationTurnedDown,
    TimePassed,
    WorkBegun,
    WorkDone,
    WorkOffered,
    WorkWithdrawn,
)
from voicebot.floor.matching import LOST_AFTER, has_work, match, wakes
from voicebot.floor.values import (
    MISSED,
    NOT_ANSWERING,
    Agent,
    AgentState,
    Answered,
    Floor,
    Passed,
    Reservation,
    WorkItem,
)

ASKED_AGAIN_AFTER = timedelta(seconds=30)  # an agent who turned work down has so much peace from it
ANSWERS_KEPT = 100
AT_WORK = (AgentState.RESERVED, AgentState.BUSY)  # what the floor itself has made of an agent

Assignment: TypeAlias = tuple[Floor, list[FloorAction]]


def assign(floor: Floor, event: FloorEvent) -> Assignment:
    """The floor after this event, and the actions it asks for. Pure. An unknown agent raises ImpossibleEvent."""
    floor, actions = _take(floor, event)
    floor, rings = match(floor, event.at)
    floor, back = handing.left_lying(floor, event.at)
    floor, out = handing.hand_out(floor, event.at)
    return floor, [*actions, *rings, *back, *out]


def _take(floor: Floor, event: FloorEvent) -> Assignment:
    match event:
        case AgentsKnown():
            return _roster(floor, event), []
        case AgentStateSet(agent=agent):
            if not any(known.id == agent for known in floor.agents):
                raise ImpossibleEvent(f"there is no agent {agent} on the floor")
            floor, left = handing.left_behind(floor, agent, event.at) if event.state is AgentState.OFFLINE else (floor, [])
            return _says(floor, event), left
        case PhoneChosen(agent=agent, phone=phone):
            return _with(floor, agent, chosen=phone), []
        case WorkOffered(item=item):
            if _is_known(floor, item):
                return floor, []
            return replace(floor, items=(*floor.items, item)), wakes(item)
        case WorkBegun():
            return handing.begun(floor, event)
        case WorkWithdrawn():
            return _withdraw(handing.through(floor, event.item), event)
        case ReservationAccepted():
            return _accept(floor, event)
        case ReservationTurnedDown():
            return _turn_down(floor, event)
        case WorkDone():
            return _done(floor, event)
        case TimePassed(at=at):
            return _forget_lost(_wrapped_up(floor, at), at)
        case _:
            assert_never(event)


def _is_known(floor: Floor, item: WorkItem) -> bool:
    """In line already, or with an agent."""
    return item.id in {one.id for one in floor.items} | {r.item for r in floor.reservations} | {h.item.id for h in floor.handed}


# ---- agents ------------------------------------------------------------------------------------------------------


def _roster(floor: Floor, event: AgentsKnown) -> Floor:
    """Known agents keep what they are doing; one who is missing and at work stays until that is done."""
    present = {agent.id: agent for agent in floor.agents}
    named = {agent.id for agent in event.agents}
    coming = [_as_before(agent, present[agent.id]) if agent.id in present else _new(agent, event.at) for agent in event.agents]
    busy = [a for a in floor.agents if a.id not in named and has_work(floor, a.id)]
    leaving = [replace(a, leaving=True) for a in busy]
    return replace(floor, agents=(*coming, *leaving))


def _as_before(agent: Agent, known: Agent) -> Agent:
    """Somebody who now has a desk, or has none any more, goes on as they were."""
    return replace(
        known, name=agent.name, phone=agent.phone, phones=agent.phones, queues=agent.queues, skills=agent.skills,
        language=agent.language, roles=agent.roles, desk=agent.desk, leaving=False,
    )


def _new(agent: Agent, at: datetime) -> Agent:
    state = AgentState.OFFLINE if agent.desk else agent.state
    return replace(agent, state=state, since=agent.since or at)


def _says(floor: Floor, event: AgentStateSet) -> Floor:
    """An agent's own word, or a supervisor's. Who is there again has missed nothing."""
    changed = {"state": event.state, "since": event.at, "reason": event.reason, "until": None, "missed": 0}
    return _with(floor, event.agent, **changed)


def _with(floor: Floor, agent_id: str, **changed: Any) -> Floor:
    agents = tuple(replace(a, **changed) if a.id == agent_id else a for a in floor.agents)
    return replace(floor, agents=agents)


def _wrapped_up(floor: Floor, at: datetime) -> Floor:
    """Wrap-up that nobody ended has its end."""
    over = [a.id for a in floor.agents if a.state is AgentState.WRAP_UP and a.until is not None and a.until <= at]
    for agent_id in over:
        floor = _with(floor, agent_id, state=AgentState.READY, since=at, until=None)
    return floor


# ---- reservations ------------------------------------------------------------------------------------------------


def reservation(floor: Floor, reservation_id: str) -> Reservation | None:
    """An open reservation by its id."""
    return next((r for r in floor.reservations if r.id == reservation_id), None)


def _over(floor: Floor, gone: Reservation, at: datetime) -> Floor:
    """Without this reservation. Its agent is ready again, unless they set themselves otherwise meanwhile, or are leaving."""
    agents = tuple(
        replace(a, state=AgentState.READY, since=at) if a.id == gone.agent and a.state in AT_WORK else a
        for a in floor.agents
        if a.id != gone.agent or not a.leaving
    )
    return replace(floor, agents=agents, reservations=tuple(r for r in floor.reservations if r.id != gone.id))


def _through(floor: Floor, done: Reservation, at: datetime) -> Assignment:
    """Work that was accepted is over: its agent files it, where the queue gives time for that."""
    was = next(a for a in floor.agents if a.id == done.agent)
    floor = _over(floor, done, at)
    if not done.rules.wrap_up or was.state not in AT_WORK or was.leaving:
        return floor, []
    until = at + timedelta(seconds=done.rules.wrap_up)
    return _with(floor, done.agent, state=AgentState.WRAP_UP, since=at, until=until), [WakeFloorAt(until)]


def _withdraw(floor: Floor, event: WorkWithdrawn) -> Assignment:
    """Stops what rings and frees who had it; work in progress counts as done."""
    actions: list[FloorAction] = []
    for held in [r for r in floor.reservations if r.item == event.item]:
        floor, after = _through(floor, held, event.at) if held.accepted else (_over(floor, held, event.at), [])
        actions += [StopRinging(held), *after]
    return replace(floor, items=tuple(i for i in floor.items if i.id != event.item)), actions


def _accept(floor: Floor, event: ReservationAccepted) -> Assignment:
    held = reservation(floor, event.reservation)
    if held is None:
        return floor, [TooLate(event.reservation)]
    if held.accepted:
        return floor, [Assigned(held)]
    taken = replace(held, accepted=True)
    others = [r for r in floor.reservations if r.item == held.item and r.id != held.id]
    for other in others:
        floor = _over(floor, other, event.at)
    floor = replace(
        floor,
        items=tuple(i for i in floor.items if i.id != held.item),
        reservations=tuple(taken if r.id == held.id else r for r in floor.reservations),
        answered=(*floor.answered, Answered(held.queue, event.at))[-ANSWERS_KEPT:],
    )
    floor = _with(floor, held.agent, state=AgentState.BUSY, since=event.at, missed=0)
    return floor, [Assigned(taken), *(StopRinging(other) for other in others)]


def _turn_down(floor: Floor, event: ReservationTurnedDown) -> Assignment:
    held = reservation(floor, event.reservation)
    if held is None or held.accepted:
        return floor, []
    until = event.at + ASKED_AGAIN_AFTER
    floor = _over(floor, held, event.at)
    if event.why in MISSED:
        floor = _missed(floor, held, event.at)
    items = tuple(replace(i, passed=_passed(i, held.agent, until)) if i.id == held.item else i for i in floor.items)
    return replace(floor, items=items), [AskedInVain(held, event.why, event.reason), WakeFloorAt(until)]


def _missed(floor: Floor, held: Reservation, at: datetime) -> Floor:
    """Nobody was there. Who misses too many is away until they say otherwise; without a desk nobody could say so."""
    agent = next((a for a in floor.agents if a.id == held.agent), None)
    if agent is None:
        return floor
    missed, limit = agent.missed + 1, held.rules.not_ready_after
    if agent.desk and limit and missed >= limit and agent.state is AgentState.READY:
        return _with(floor, agent.id, state=AgentState.BREAK, since=at, reason=NOT_ANSWERING, missed=0)
    return _with(floor, agent.id, missed=missed)


def _passed(item: WorkItem, agent: str, until: datetime) -> tuple[Passed, ...]:
    return (*(p for p in item.passed if p.agent != agent), Passed(agent, until))


def _done(floor: Floor, event: WorkDone) -> Assignment:
    held = reservation(floor, event.reservation)
    if held is None or not held.accepted:
        return floor, []
    return _through(floor, held, event.at)


def _forget_lost(floor: Floor, at: datetime) -> Assignment:
    """A ringing that has lasted beyond any ringing's time: its end was never told to us."""
    lost = [r for r in floor.reservations if not r.accepted and at - r.made_at >= LOST_AFTER]
    actions: list[FloorAction] = []
    for held in lost:
        floor = _over(floor, held, at)
        actions.append(StopRinging(held))
    return floor, actions
