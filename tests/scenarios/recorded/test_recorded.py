"""Whole calls whose answers are spoken into recordings: by the line's wish, and where its streams have failed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.stage import Stage, example_with, noted
from voicebot.dialogue.notes import Noted
from voicebot.rehearsal import RehearsalPlan
from voicebot.retelling import CallStory
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Script, parse_turns
from voicebot.simulator.settings import Faults, StreamFault
from voicebot.speech.models import find_model

PROJECT = Path(__file__).parents[3]
RECORDINGS = PROJECT / "tests" / "recordings"
SUPPORT, BALANCE = "+12025550120", "+12025550140"
CALLER = "+12025550399"
ACCOUNT, PIN = "40719238", "493817"
heard = pytest.mark.skipif(find_model("en") is None, reason="no English recognition model")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The example company: balance takes recordings, support does where its streams fail."""
    place = tmp_path_factory.mktemp("recorded")
    config = example_with(place, {BALANCE: 'door = "record"', SUPPORT: "record_when_lost = true"})
    opened = Stage(RehearsalPlan(config, PROJECT / "examples" / "customers.csv", place / "data", fast=True))
    opened.open()
    yield opened
    opened.close()


def place(stage: Stage, line: str, *turns: str, faults: Faults | None = None) -> tuple[CallRecord, CallStory]:
    return stage.goes_well(Script(line, CALLER, parse_turns(turns), faults=faults, folder=RECORDINGS))


def prompts(record: CallRecord) -> list[str]:
    return [one.what for one in record.caller.heard]


def gone(stage: Stage) -> bool:
    """Whether the carrier has no recording any more, within some seconds."""
    until = time.monotonic() + 15
    while stage.tapes() and time.monotonic() < until:
        time.sleep(0.2)
    return stage.tapes() == []


@heard
def test_a_number_is_spoken_after_the_tone_and_the_secret_keyed(stage: Stage) -> None:
    record, story = place(stage, BALANCE, "audio:account-40719238.wav", f"keys:{PIN}", "hangup")
    assert (story.assurance, story.identifier) == ("verified", ACCOUNT)
    greeting, question, how, tone = prompts(record)[:4]
    assert "say or key in" in question
    assert "after the tone" in how
    assert "then deleted" in how
    assert (bool(greeting), tone) == (True, "beep")
    assert "Please key in your six-digit PIN." in prompts(record)
    assert Noted.KEYPAD_ONLY not in noted(story)
    assert gone(stage)


def test_keys_are_taken_before_the_tone(stage: Stage) -> None:
    record, story = place(stage, BALANCE, f"keys:{ACCOUNT}@early", f"keys:{PIN}", "hangup")
    assert story.assurance == "verified"
    assert "beep" not in prompts(record)


def test_a_key_after_the_tone_leads_to_the_keypad(stage: Stage) -> None:
    record, story = place(stage, BALANCE, "wait:2", "keys:4", f"keys:{ACCOUNT}", f"keys:{PIN}", "hangup")
    assert story.assurance == "verified"
    assert any("with your keypad" in prompt for prompt in prompts(record))
    assert Noted.DOOR_FAILED not in noted(story)


def test_who_says_nothing_after_the_tone_is_asked_again(stage: Stage) -> None:
    record, story = place(stage, BALANCE, "silence", f"keys:{ACCOUNT}@early", f"keys:{PIN}", "hangup")
    assert story.assurance == "verified"
    assert any(prompt.startswith("I didn't hear anything.") for prompt in prompts(record))
    assert stage.tapes() == []


@heard
def test_what_is_no_number_is_asked_again_and_then_keyed(stage: Stage) -> None:
    turns = ("audio:help.wav", "say:nothing of this is any number", f"keys:{ACCOUNT}", f"keys:{PIN}", "hangup")
    _, story = place(stage, BALANCE, *turns)
    assert story.assurance == "verified"


@heard
def test_where_streams_fail_twice_numbers_are_spoken_into_recordings(stage: Stage) -> None:
    refused = Faults(stream=StreamFault.REFUSED)
    turns = ("silence", "silence", "audio:account-40719238.wav", f"keys:{PIN}")
    record, story = place(stage, SUPPORT, *turns, faults=refused)
    assert (story.assurance, story.identifier) == ("verified", ACCOUNT)
    assert {Noted.SPEECH_LOST, Noted.ANSWERS_RECORDED} <= noted(story)
    assert "beep" in prompts(record)
