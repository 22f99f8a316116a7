"""Which agent is asked for which work: the order in line, who may take what, who is asked first. Pure.

Everybody in line gets one telephone before anybody gets a second.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.floor.actions import FloorAction, RingAgent, WakeFloorAt
from voicebot.floor.values import Agent, AgentState, Floor, Reservation, Role, WorkItem, WorkKind

LOST_AFTER = timedelta(seconds=60)  # a ringing of which nobody ever heard again (a lost callback, a restart)


def match(floor: Floor, at: datetime) -> tuple[Floor, list[FloorAction]]:
    """Ring whoever may be rung for what is in line, first come first served."""
    actions: list[FloorAction] = []
    rings = [item for item in floor.items if _is_due(item, at) and item.kind is not WorkKind.MESSAGE]
    line = sorted(rings, key=lambda item: item.place)
    for telephone in range(max((item.rules.ring_at_most for item in line), default=0)):
        for item in line:
            if _ringing(floor, item) == telephone < item.rules.ring_at_most:
                floor, rung = _ask_one(floor, item, at)
                actions += rung
    return floor, actions


def wakes(item: WorkItem) -> list[FloorAction]:
    """When it is worth looking at this item again, since somebody else may take it then."""
    rules, since = item.rules, item.rules_since
    after = [rules.relax_skills_after if item.skills else 0, rules.overflow_after if rules.overflow_to else 0]
    after.append(rules.patience if item.preferred else 0)
    times = {since + timedelta(seconds=seconds) for seconds in after if seconds}
    return [WakeFloorAt(at) for at in sorted(times | ({item.not_before} if item.not_before else set()))]


def has_work(floor: Floor, agent_id: str) -> bool:
    """Whether an agent's telephone rings, or they have somebody."""
    return any(held.agent == agent_id for held in floor.reservations)


def _is_due(item: WorkItem, at: datetime) -> bool:
    return item.not_before is None or item.not_before <= at


def _ringing(floor: Floor, item: WorkItem) -> int:
    return sum(held.item == item.id for held in floor.reservations)


def _ask_one(floor: Floor, item: WorkItem, at: datetime) -> tuple[Floor, list[FloorAction]]:
    agent = _first_asked(floor, item, at)
    if agent is None:
        return floor, []
    made = Reservation(f"{item.id}.{floor.made + 1}", item.id, item.queue, agent.id, at, rules=item.rules, phone=agent.rings_at)
    agents = tuple(
        replace(one, state=AgentState.RESERVED, since=at) if one.id == agent.id else one for one in floor.agents
    )
    floor = replace(floor, made=floor.made + 1, reservations=(*floor.reservations, made), agents=agents)
    return floor, [RingAgent(made, made.phone), WakeFloorAt(at + LOST_AFTER)]


def _first_asked(floor: Floor, item: WorkItem, at: datetime) -> Agent | None:
    """The preferred agent, else whoever has been ready longest; nobody while it is worth waiting for the preferred one."""
    fitting = [agent for agent in floor.agents if may_take(agent, item, at) and not has_work(floor, agent.id)]
    if not any(agent.id == item.preferred for agent in fitting) and waits_for_preferred(floor, item, at):
        return None
    return min(
        fitting, key=lambda agent: (agent.id != item.preferred, agent.since is not None, agent.since, agent.id), default=None
    )


def waits_for_preferred(floor: Floor, item: WorkItem, at: datetime) -> bool:
    """They are at work and will be free; whoever is away or has turned it down is not waited for."""
    if not item.preferred or at >= item.rules_since + timedelta(seconds=item.rules.patience):
        return False
    at_work = (AgentState.RESERVED, AgentState.BUSY, AgentState.WRAP_UP)
    known = next((agent for agent in floor.agents if agent.id == item.preferred), None)
    return known is not None and known.state in at_work and not known.leaving and not _passed(known, item, at)


def may_take(agent: Agent, item: WorkItem, at: datetime) -> bool:
    """Whether this agent may be given this item now."""
    return (
        agent.state is AgentState.READY
        and not agent.leaving
        and Role.AGENT in agent.roles
        and _is_meant(agent, item, at)
        and not _passed(agent, item, at)
    )


def _is_meant(agent: Agent, item: WorkItem, at: datetime) -> bool:
    if item.only:
        return agent.id == item.only
    rules, waited = item.rules, at - item.rules_since
    queues = {item.queue}
    if rules.overflow_to and rules.overflow_after and waited >= timedelta(seconds=rules.overflow_after):
        queues.add(rules.overflow_to)
    if not queues & set(agent.queues):
        return False
    relaxed = rules.relax_skills_after and waited >= timedelta(seconds=rules.relax_skills_after)
    return bool(relaxed) or agent.id == item.preferred or set(item.skills) <= set(agent.skills)


def _passed(agent: Agent, item: WorkItem, at: datetime) -> bool:
    return any(passed.agent == agent.id and passed.until > at for passed in item.passed)
