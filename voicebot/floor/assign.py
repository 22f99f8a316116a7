"""`assign`: one event in, the floor and what is to be done out. Decides which agent gets which work, and nothing else.

Laws, each with a test:
1. An agent has at most one open reservation, and an item at most one that is accepted.
2. Whoever came first is served first (higher priority before), by the agent who has been ready longest.
3. An agent who turned an item down is not asked for it again before the pause is over; the item keeps its place.
4. Work that is gone rings nowhere.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from voicebot.errors import ImpossibleEvent
from voicebot.floor.actions import AskedInVain, Assigned, FloorAction, RingAgent, StopRinging, TooLate, WakeFloorAt
from voicebot.floor.events import (
    AgentsKnown,
    AgentStateSet,
    FloorEvent,
    ReservationAccepted,
    ReservationTurnedDown,
    TimePassed,
    WorkDone,
    WorkOffered,
    WorkWithdrawn,
)
from voicebot.floor.values import Agent, AgentState, Floor, Passed, Reservation, WorkItem

ASKED_AGAIN_AFTER = timedelta(seconds=30)  # an agent who turned work down has so much peace from it
LOST_AFTER = timedelta(seconds=60)  # a ringing of which nobody ever heard again (a lost callback, a restart)
AT_WORK = (AgentState.RESERVED, AgentState.BUSY)  # what the floor itself has made of an agent

Assignment: TypeAlias = tuple[Floor, list[FloorAction]]


def assign(floor: Floor, event: FloorEvent) -> Assignment:
    """The floor after this event, and the actions it asks for. Pure. An unknown agent raises ImpossibleEvent."""
    floor, actions = _take(floor, event)
    floor, rings = _match(floor, event.at)
    return floor, [*actions, *rings]


def _take(floor: Floor, event: FloorEvent) -> Assignment:
    match event:
        case AgentsKnown():
            return _roster(floor, event), []
        case AgentStateSet(at=at, agent=agent, state=state):
            if not any(known.id == agent for known in floor.agents):
                raise ImpossibleEvent(f"there is no agent {agent} on the floor")
            return _set_state(floor, agent, state, at), []
        case WorkOffered(item=item):
            if _is_known(floor, item):
                return floor, []
            return replace(floor, items=(*floor.items, item)), []
        case WorkWithdrawn():
            return _withdraw(floor, event)
        case ReservationAccepted():
            return _accept(floor, event)
        case ReservationTurnedDown():
            return _turn_down(floor, event)
        case WorkDone():
            return _done(floor, event)
        case TimePassed(at=at):
            return _forget_lost(floor, at)
        case _:
            assert_never(event)


def _is_known(floor: Floor, item: WorkItem) -> bool:
    """In line already, or with an agent."""
    return any(known.id == item.id for known in floor.items) or any(r.item == item.id for r in floor.reservations)


# ---- agents ------------------------------------------------------------------------------------------------------


def _roster(floor: Floor, event: AgentsKnown) -> Floor:
    """Known agents keep what they are doing; one who is missing and at work stays until that is done."""
    present = {agent.id: agent for agent in floor.agents}
    named = {agent.id for agent in event.agents}
    coming = [
        replace(agent, state=present[agent.id].state, since=present[agent.id].since)
        if agent.id in present
        else replace(agent, since=agent.since or event.at)
        for agent in event.agents
    ]
    busy = [a for a in floor.agents if a.id not in named and _has_work(floor, a.id)]
    leaving = [replace(a, leaving=True) for a in busy]
    return replace(floor, agents=(*coming, *leaving))


def _has_work(floor: Floor, agent_id: str) -> bool:
    return any(r.agent == agent_id for r in floor.reservations)


def _set_state(floor: Floor, agent_id: str, state: AgentState, at: datetime) -> Floor:
    agents = tuple(replace(a, state=state, since=at) if a.id == agent_id else a for a in floor.agents)
    return replace(floor, agents=agents)


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


def _withdraw(floor: Floor, event: WorkWithdrawn) -> Assignment:
    """Stops what rings and frees who had it; work in progress counts as done."""
    actions: list[FloorAction] = []
    for held in [r for r in floor.reservations if r.item == event.item]:
        floor = _over(floor, held, event.at)
        actions.append(StopRinging(held))
    return replace(floor, items=tuple(i for i in floor.items if i.id != event.item)), actions


def _accept(floor: Floor, event: ReservationAccepted) -> Assignment:
    held = reservation(floor, event.reservation)
    if held is None:
        return floor, [TooLate(event.reservation)]
    if held.accepted:
        return floor, [Assigned(held)]
    taken = replace(held, accepted=True)
    floor = replace(
        floor,
        items=tuple(i for i in floor.items if i.id != held.item),
        reservations=tuple(taken if r.id == held.id else r for r in floor.reservations),
    )
    floor = _set_state(floor, held.agent, AgentState.BUSY, event.at)
    return floor, [Assigned(taken)]


def _turn_down(floor: Floor, event: ReservationTurnedDown) -> Assignment:
    held = reservation(floor, event.reservation)
    if held is None or held.accepted:
        return floor, []
    until = event.at + ASKED_AGAIN_AFTER
    floor = _over(floor, held, event.at)
    items = tuple(replace(i, passed=_passed(i, held.agent, until)) if i.id == held.item else i for i in floor.items)
    return replace(floor, items=items), [AskedInVain(held, event.why), WakeFloorAt(until)]


def _passed(item: WorkItem, agent: str, until: datetime) -> tuple[Passed, ...]:
    return (*(p for p in item.passed if p.agent != agent), Passed(agent, until))


def _done(floor: Floor, event: WorkDone) -> Assignment:
    held = reservation(floor, event.reservation)
    if held is None or not held.accepted:
        return floor, []
    return _over(floor, held, event.at), []


def _forget_lost(floor: Floor, at: datetime) -> Assignment:
    """A ringing that has lasted beyond any ringing's time: its end was never told to us."""
    lost = [r for r in floor.reservations if not r.accepted and at - r.made_at >= LOST_AFTER]
    actions: list[FloorAction] = []
    for held in lost:
        floor = _over(floor, held, at)
        actions.append(StopRinging(held))
    return floor, actions


# ---- matching ----------------------------------------------------------------------------------------------------


def _match(floor: Floor, at: datetime) -> Assignment:
    """Give every item in line that has no reservation an agent who may take it, first come first served."""
    actions: list[FloorAction] = []
    for item in sorted(floor.items, key=_place):
        if any(r.item == item.id for r in floor.reservations):
            continue
        agent = _longest_ready(floor, item, at)
        if agent is None:
            continue
        made = Reservation(f"{item.id}.{floor.made + 1}", item.id, item.queue, agent.id, at)
        floor = replace(floor, made=floor.made + 1, reservations=(*floor.reservations, made))
        floor = _set_state(floor, agent.id, AgentState.RESERVED, at)
        actions += [RingAgent(made, agent.phone), WakeFloorAt(at + LOST_AFTER)]
    return floor, actions


def _place(item: WorkItem) -> tuple[int, datetime, str]:
    return (-item.priority, item.since, item.id)


def _longest_ready(floor: Floor, item: WorkItem, at: datetime) -> Agent | None:
    fitting = [agent for agent in floor.agents if _may_take(agent, item, at) and not _has_work(floor, agent.id)]
    return min(fitting, key=lambda agent: (agent.since is not None, agent.since, agent.id), default=None)


def _may_take(agent: Agent, item: WorkItem, at: datetime) -> bool:
    return (
        agent.state is AgentState.READY
        and not agent.leaving
        and item.queue in agent.queues
        and set(item.skills) <= set(agent.skills)
        and not any(p.agent == agent.id and p.until > at for p in item.passed)
    )
