"""Whom an agent may turn to, as the floor stands. Pure."""

from collections.abc import Mapping

from voicebot.dialogue.deeds import Target
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.refusals import Refusal
from voicebot.floor.values import Agent, AgentState, Floor, Role


def target_of(
    floor: Floor, queues: Mapping[str, QueuePlan], present: QueuePlan, to_agent: str, to_queue: str
) -> Target | Refusal:
    """An agent who is ready, or a queue. A call that an agent cannot take after all waits in a queue of that agent's."""
    if not to_agent:
        queue = present if to_queue == present.name else queues.get(to_queue)
        return Target(queue, queue.name) if queue is not None else Refusal.UNKNOWN_QUEUE
    agent = next((one for one in floor.agents if one.id == to_agent), None)
    if agent is None:
        return Refusal.UNKNOWN_AGENT
    if not is_free(floor, agent):
        return Refusal.AGENT_NOT_READY
    own = present.name if present.name in agent.queues else next((name for name in agent.queues if name in queues), "")
    queue = present if own == present.name else queues.get(own)
    return Target(queue, agent.name, agent.id) if queue is not None else Refusal.AGENT_NOT_READY


def is_somebody_free(floor: Floor, target: Target) -> bool:
    """Whether somebody could take it at once."""
    if target.agent:
        return True  # else they were no target
    needed = set(target.queue.skills)
    return any(
        is_free(floor, agent) and target.queue.name in agent.queues and needed <= set(agent.skills) for agent in floor.agents
    )


def is_free(floor: Floor, agent: Agent) -> bool:
    """Ready, and with nothing to do."""
    at_work = any(held.agent == agent.id for held in floor.reservations)
    return agent.state is AgentState.READY and Role.AGENT in agent.roles and not agent.leaving and not at_work
