"""The server is killed at a named point of a fresh proof, and rises again: it is given once, and counts once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.crash.rows import Row, opened, rows, unharmed
from tests.crash.stage import Ended, Stage
from voicebot.dialogue.notes import Noted

SCALE = 5.0
LINE = "+12025550180"

POINTS = {
    "a proof is being begun": "before commit of clerk",
    "a proof was begun": "after commit of clerk",
    "the agent is about to hear music": "before arrange",
    "the agent hears music, and nobody knows": "after arrange",
    "the caller is about to be brought out of the room": "2 before push",
    "the caller is out of the room, and nobody knows": "2 after push",
    "the caller is about to get the question": "2 answering document",
    "the caller has keyed the proof": "3 received entry *",
    "the proof is being taken": "3 before commit of entry *",
    "the proof is about to be checked": "2 before check_secret",
    "the proof has been checked, and nobody knows": "2 after check_secret",
    "what the check says is being taken": "3 before commit of errand",
    "the caller is about to hear what became of it": "3 answering entry *",
    "the agent is about to hear the caller again": "2 before arrange",
    "the agent hears the caller again, and nobody knows": "2 after arrange",
}
# A token that had been shown when the process died is lost with it: it is shown once.
ONCE_PASSED = ("3 answering entry *", "2 before arrange", "2 after arrange")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from opened(tmp_path_factory.mktemp("proving"), SCALE)


def progress(ended: Ended) -> list[str]:
    """How the proof went, by the journal."""
    return [str(facts["progress"]) for facts in ended.facts(Noted.STEP_UP)]


@rows(POINTS)
def test_a_proof_is_given_once_and_counts_once(stage: Stage, row: Row) -> None:
    point, one = row
    script = replace(one.calls(LINE, one.account, one.pin, one.pin, agents=["accept"]), talk=9999.0)
    ended = stage.place_call(script, point, one.ref)
    unharmed(ended, point)
    told = progress(ended)
    assert told[:3] == ["asked", "checking", "passed"]
    assert told[3:] == ["redeemed"] or (told[3:] == [] and point in ONCE_PASSED)
    assert (ended.story.assurance, ended.story.outcome) == ("verified", "served")
    assert ended.counted[0] == 0
    assert [agent.verdict for agent in ended.record.agents] == ["accepted"]  # the same one, rung once
    assert len(set(ended.record.caller.rooms)) == 1
