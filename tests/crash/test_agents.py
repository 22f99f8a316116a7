"""The server is killed at a named point between the line for an agent and the end of the conversation, and rises again.

What is done to the outside world is done once: one phone rings once, the caller is brought into the room once, and out of it only
when the conversation is over.
"""

from collections.abc import Iterator

import pytest

from tests.crash.rows import ASKED, LEAVES, Row, opened, rows, unharmed
from tests.crash.stage import Ended, Stage
from voicebot.dialogue.notes import Noted

SCALE = 20.0
LONGER_THAN_AWAY = 40.0  # seconds of call time

# what has happened -> the point at which the process dies; in the order of a call
RING = {
    "the ringing of a phone is begun": "after commit of lease of ring",
    "a phone rings": "after ring",
    "the ringing leg was noted": "after commit of effect",
    "the ringing is being finished": "before commit of end of ring",
}
AGENT = {
    "an agent has picked up": "received agent answer",
    "an agent is about to hear the invitation": "answering agent answer",
    "an agent has pressed 1": "received agent verdict",
    "an acceptance is being taken": "before commit of agent verdict",
    "an acceptance was taken": "after commit of agent verdict",
    "an agent is about to hear the whisper": "answering agent verdict",
}
PUSH = {
    "bringing the caller in is begun": "after commit of lease of push",
    "the caller is being brought in": "after push",
    "the caller is about to get the way into the room": "answering document",
}
ROOM = {
    "somebody has come into the room": "received room",
    "the first one in the room is being noted": "before commit of room",
    "the first one in the room was noted": "after commit of room",
    "both were noted as together": "2 after commit of room",
}
END = {
    "the agent's last status is being taken": "before commit of agent status",
    "the agent's last status was taken": "after commit of agent status",
    "closing the room is begun": "after commit of lease of close_room",
    "the room is closed": "after close_room",
    "the caller's last status has come": "received status",
    "the caller's last status was taken": "after commit of status",
}
GIVE_UP = {
    "a caller who waits has hung up": "received status",
    "a caller's leaving is being taken": "before commit of status",
    "a caller's leaving was taken": "after commit of status",
    "ending the ringing is begun": "after commit of lease of end_leg",
    "the ringing has been ended": "after end_leg",
}
TIME = {
    "a time is about to be delivered": "after commit of lease of a time",
    "a time is being delivered": "before commit of delivery of a time",
    "a time was delivered": "after commit of delivery of a time",
}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Time goes slowly enough for a phone to ring on while a process is away."""
    yield from opened(tmp_path_factory.mktemp("calm"), SCALE)


def served_once(ended: Ended) -> None:
    """One phone rang once, one agent heard the whisper of a verified caller, the two met once and parted in order."""
    assert (ended.story.assurance, ended.story.outcome) == ("verified", "served")
    assert [agent.verdict for agent in ended.record.agents] == ["accepted"]
    assert "verified" in " ".join(ended.record.whisper).lower()
    assert [len(ended.facts(what)) for what in (Noted.AGENT_ACCEPTED, Noted.WHISPERED, Noted.JOINED)] == [1, 1, 1]
    assert len(set(ended.record.caller.rooms)) == 1


@rows(RING | AGENT | END)
def test_a_caller_meets_one_agent_once(calm: Stage, row: Row) -> None:
    point, one = row
    ended = calm.place_call(one.calls(ASKED, one.account, one.pin, agents=["accept"]), point, one.ref)
    unharmed(ended, point)
    served_once(ended)


@rows(PUSH | ROOM)
def test_two_who_talk_notice_nothing(calm: Stage, row: Row) -> None:
    point, one = row
    script = one.calls(ASKED, one.account, one.pin, agents=["accept"], talk=LONGER_THAN_AWAY)
    ended = calm.place_call(script, point, one.ref)
    unharmed(ended, point)
    served_once(ended)
    for leg in ended.record.legs:
        assert leg.together_at is not None
        assert leg.ended_at is not None
        assert leg.ended_at - leg.together_at > 0.9 * LONGER_THAN_AWAY / SCALE


@rows(GIVE_UP)
def test_a_phone_that_rings_for_a_caller_who_has_left_is_silenced(calm: Stage, row: Row) -> None:
    point, one = row
    ended = calm.place_call(one.calls(ASKED, one.account, one.pin, "wait:2", LEAVES, agents=["none"]), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.story.outcome) == ("verified", "abandoned")
    assert len(ended.record.agents) == 1
    assert ended.record.agents[0].answered_at is None


@rows(TIME)
def test_an_agent_who_declined_is_asked_again_when_the_pause_is_over(calm: Stage, row: Row) -> None:
    point, one = row
    ended = calm.place_call(one.calls(ASKED, one.account, one.pin, agents=["decline", "accept"]), point, one.ref)
    unharmed(ended, point)
    assert (ended.story.assurance, ended.story.outcome) == ("verified", "served")
    assert [agent.verdict for agent in ended.record.agents] == ["declined", "accepted"]
