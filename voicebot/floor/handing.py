"""Which agent is handed which message: beside their calls, so that it rings nowhere and makes nobody busy. Pure.

Whoever is ready and has the fewest gets the next one, the preferred agent first. What its agent does not begin within a while, or
leaves behind when they go, is in line again at its old place. Who takes one while they are offline keeps it for a while.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.floor.actions import FloorAction, WakeFloorAt
from voicebot.floor.events import WorkBegun
from voicebot.floor.matching import may_take, waits_for_preferred
from voicebot.floor.values import Agent, AgentState, Floor, Handed, Passed, WorkItem, WorkKind

MOST = 3  # messages that one agent is handed at a time
BEGUN_WITHIN = timedelta(minutes=5)
KEPT_WHILE_OFFLINE = timedelta(minutes=30)  # since its agent last did something about it
NOT_AGAIN_FOR = timedelta(minutes=10)  # to the same agent, after they let it lie


def hand_out(floor: Floor, at: datetime) -> tuple[Floor, list[FloorAction]]:
    """Give what is in line to whoever may have it, first come first served."""
    actions: list[FloorAction] = []
    for item in sorted((one for one in floor.items if one.kind is WorkKind.MESSAGE), key=lambda one: one.place):
        if (agent := _first(floor, item, at)) is None:
            continue
        items = tuple(one for one in floor.items if one.id != item.id)
        floor = replace(floor, items=items, handed=(*floor.handed, Handed(item, agent.id, at)))
        actions.append(WakeFloorAt(at + BEGUN_WITHIN))
    return floor, actions


def left_lying(floor: Floor, at: datetime) -> tuple[Floor, list[FloorAction]]:
    """What was not begun, or whose agent is gone, goes back into line."""
    agents = {agent.id: agent for agent in floor.agents if not agent.leaving}
    return _back(floor, [one for one in floor.handed if _is_lying(one, agents.get(one.agent), at)], at)


def left_behind(floor: Floor, agent: str, at: datetime) -> tuple[Floor, list[FloorAction]]:
    """They go: all that they have is for others."""
    return _back(floor, [one for one in floor.handed if one.agent == agent], at)


def begun(floor: Floor, event: WorkBegun) -> tuple[Floor, list[FloorAction]]:
    """It is theirs; an agent who takes it out of another one's hands has taken it."""
    known = {one.id: one for one in floor.items} | {one.item.id: one.item for one in floor.handed}
    item = known.get(event.item)
    if item is None or item.kind is not WorkKind.MESSAGE:
        return floor, []
    theirs = Handed(item, event.agent, event.at, begun=True)
    without = through(floor, event.item)
    items = tuple(one for one in without.items if one.id != event.item)
    floor = replace(without, items=items, handed=(*without.handed, theirs))
    return floor, [WakeFloorAt(event.at + KEPT_WHILE_OFFLINE)]


def through(floor: Floor, item: str) -> Floor:
    """Nothing of it is with anybody."""
    return replace(floor, handed=tuple(one for one in floor.handed if one.item.id != item))


def _first(floor: Floor, item: WorkItem, at: datetime) -> Agent | None:
    has = {agent.id: sum(one.agent == agent.id for one in floor.handed) for agent in floor.agents}
    fitting = [agent for agent in floor.agents if has[agent.id] < MOST and may_take(agent, item, at)]
    if not any(agent.id == item.preferred for agent in fitting) and waits_for_preferred(floor, item, at):
        return None
    return min(
        fitting, key=lambda one: (one.id != item.preferred, has[one.id], one.since is not None, one.since, one.id), default=None
    )


def _is_lying(one: Handed, agent: Agent | None, at: datetime) -> bool:
    if agent is None:
        return True
    away, since = agent.state is AgentState.OFFLINE, at - one.at
    return (away and since >= KEPT_WHILE_OFFLINE) if one.begun else (away or since >= BEGUN_WITHIN)


def _back(floor: Floor, lying: list[Handed], at: datetime) -> tuple[Floor, list[FloorAction]]:
    if not lying:
        return floor, []
    kept = tuple(one for one in floor.handed if one not in lying)
    floor = replace(floor, items=(*floor.items, *(_passed(one, at) for one in lying)), handed=kept)
    return floor, [WakeFloorAt(at + NOT_AGAIN_FOR)]


def _passed(lying: Handed, at: datetime) -> WorkItem:
    others = tuple(one for one in lying.item.passed if one.agent != lying.agent)
    return replace(lying.item, passed=(*others, Passed(lying.agent, at + NOT_AGAIN_FOR)))
