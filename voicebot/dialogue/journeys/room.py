"""The room in which caller and agent meet, and who of them is in it."""

from voicebot.dialogue.call import Call, Stage
from voicebot.dialogue.serving import Serving
from voicebot.dialogue.values import Party


def room_of(call: Call) -> str:
    """The conference's name: opaque, of this conversation alone, so that nobody of the last one can be in it."""
    return f"room-{call.id}-{call.rooms}"


def is_in_room(call: Call, party: Party) -> bool:
    """Whether this party has come into the room, and the call still wants it there."""
    return call.serving is not None and party in call.serving.present and call.stage is Stage.TRANSFER


def serving_of(call: Call) -> Serving:
    """The conversation of a call that an agent has."""
    assert call.serving is not None  # set when the agent accepted  # noqa: S101
    return call.serving


def of_agent(call: Call) -> tuple[tuple[str, str], ...]:
    """Who has the call, as a note tells it."""
    serving = serving_of(call)
    return (("agent", serving.agent), ("agent_id", serving.agent_id))
