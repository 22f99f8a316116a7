"""What can honestly be said to somebody in line: the place, and how long it may take. Silence where we do not know.

An expected wait is the place times how long one place has lately taken. It is said only while that is worth something: enough
people were answered within the last half hour, at an even pace that has not stopped, and somebody is there to answer.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean, pstdev

from voicebot.floor.values import AgentState, Floor, WorkKind

LATELY = timedelta(minutes=30)
ENOUGH = 6  # answers, so five spans between them
UNEVEN = 1.5  # spread of the spans over their mean
STOPPED = 3  # times the usual span without an answer
ON_DUTY = (AgentState.READY, AgentState.RESERVED, AgentState.BUSY, AgentState.WRAP_UP)


def position(floor: Floor, item_id: str) -> int | None:
    """The place in its queue's line, from 1; None for what is not in line."""
    line = {item.id: item for item in floor.items}
    if item_id not in line:
        return None
    mine = line[item_id]
    ahead = (item for item in floor.items if item.queue == mine.queue and item.kind is not WorkKind.MESSAGE)
    return 1 + sum(item.place < mine.place for item in ahead)


def expected_wait(floor: Floor, item_id: str, at: datetime) -> timedelta | None:
    """How long it may take from now; None where that cannot be said honestly."""
    place = position(floor, item_id)
    if place is None:
        return None
    queue = next(item.queue for item in floor.items if item.id == item_id)
    if not any(queue in agent.queues and agent.state in ON_DUTY and not agent.leaving for agent in floor.agents):
        return None
    times = [one.at for one in floor.answered if one.queue == queue and at - one.at <= LATELY]
    if len(times) < ENOUGH:
        return None
    spans = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    usual = mean(spans)
    if pstdev(spans) > UNEVEN * usual or (at - times[-1]).total_seconds() > STOPPED * usual:
        return None
    return timedelta(seconds=place * usual)


def shrinkage(floor: Floor) -> float | None:
    """The share of those who are there but cannot take work, since they are on a break; None where nobody is there."""
    there = [agent for agent in floor.agents if agent.state is not AgentState.OFFLINE]
    return sum(agent.state is AgentState.BREAK for agent in there) / len(there) if there else None
