"""Whole calls over two-way streams: as they go, and as they go on when the stream fails."""

import base64
import io
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.scenarios.stage import Stage, example_with, noted
from voicebot.config.prompt_files import load_catalogue
from voicebot.config.settings import load_company
from voicebot.config.voiced import voiced_prompts
from voicebot.dialogue.notes import Noted
from voicebot.rehearsal import RehearsalPlan
from voicebot.retelling import CallStory
from voicebot.simulator.record import CallRecord
from voicebot.simulator.recording import load_speech
from voicebot.simulator.script import Script, parse_turns
from voicebot.simulator.settings import Faults, StreamFault
from voicebot.speech.models import find_model
from voicebot.speech.voice import LocalVoice

PROJECT = Path(__file__).parents[3]
SPOKEN_PIN = b"four nine three eight one seven"
RECORDINGS = PROJECT / "tests" / "recordings"
BILLING, SUPPORT, PARCELS, BALANCE = "+12025550110", "+12025550120", "+12025550130", "+12025550140"
CALLER = "+12025550399"
ACCOUNT, PIN = "40719238", "493817"
heard = pytest.mark.skipif(find_model("en") is None, reason="no English recognition model")


class Beep:
    """A voice for machines that have none: everything takes a second."""

    def speaks(self, language: str) -> bool:
        return language.startswith("en")

    def wav(self, text: str, language: str) -> bytes:
        assert text
        assert self.speaks(language)
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes((3000 * np.sin(np.arange(8000) * 0.5)).astype("<i2").tobytes())
        return out.getvalue()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The example company, asked over streams; support keeps its secrets with the carrier."""
    place = tmp_path_factory.mktemp("streamed")
    streamed = dict.fromkeys((BILLING, PARCELS, BALANCE), 'door = "stream"')
    config = example_with(place, streamed | {SUPPORT: 'door = "stream"\nsecrets_door = "gather"'})
    voice = LocalVoice(place / "data" / "voice", Beep())
    for one in voiced_prompts(load_company(config), load_catalogue(PROJECT / "prompts")):
        for piece in one.pieces:
            voice.render(piece, one.language)
    opened = Stage(RehearsalPlan(config, PROJECT / "examples" / "customers.csv", place / "data", fast=True))
    opened.open()
    yield opened
    opened.close()


def place(stage: Stage, line: str, *turns: str, faults: Faults | None = None) -> tuple[CallRecord, CallStory]:
    return stage.goes_well(Script(line, CALLER, parse_turns(turns), faults=faults, folder=RECORDINGS))


def verbs(record: CallRecord) -> list[str]:
    return [verb.partition("/")[0] for document in record.caller.documents for verb in document.verbs]


def test_one_stream_carries_the_whole_dialogue_and_no_request_a_key(stage: Stage) -> None:
    record, story = place(stage, BALANCE, f"keys:{ACCOUNT}", f"keys:{PIN}", "hangup")
    assert story.assurance == "verified"
    assert verbs(record)[:2] == ["Connect", "Redirect"]
    assert record.caller.documents[0].path == "/voice/incoming"
    assert not any("/entry/" in document.path for document in record.caller.documents[:2])
    prompts = [one.what for one in record.caller.heard]
    assert prompts[:2] == ["greeting", "account_number.ask"]
    assert "pin.ask" in prompts


def test_secrets_may_be_asked_by_the_carrier_and_nothing_else_is(stage: Stage) -> None:
    record, story = place(stage, SUPPORT, f"keys:{ACCOUNT}", f"keys:{PIN}")
    assert (story.assurance, story.outcome) == ("verified", "served")
    entries = [document.path for document in record.caller.documents if "/entry/" in document.path]
    assert len(entries) == 1
    assert Noted.DOOR_FAILED not in noted(story)
    assert record.agent_verdict == "accepted"


def piece_of(path: Path) -> bytes:
    """A piece from the middle of what is said, as it goes over the socket."""
    frames = load_speech(path)
    return base64.b64decode(frames[len(frames) // 2])


@heard
def test_what_is_said_is_heard_over_the_stream_and_no_push_is_needed_for_it(stage: Stage) -> None:
    record, story = place(stage, BALANCE, "audio:account-40719238.wav", "audio:pin-493817.wav", "hangup")
    assert (story.assurance, story.identifier) == ("verified", ACCOUNT)
    assert record.caller.pushes == []


@heard
def test_a_number_is_read_back_in_pieces_over_the_stream(stage: Stage) -> None:
    record, story = place(stage, PARCELS, "audio:tracking-5502716384.wav", "audio:yes.wav", "hangup")
    assert story.identifier == "5502716384"
    assert "tracking_number.confirm" in [one.what for one in record.caller.heard]


def test_a_key_cuts_the_greeting_off(stage: Stage) -> None:
    record, story = place(stage, BALANCE, f"keys:{ACCOUNT}@early", f"keys:{PIN}", "hangup")
    assert story.assurance == "verified"
    assert any(one.cut for one in record.caller.heard)


@pytest.mark.parametrize(
    ("first", "faults"),
    [
        ((), Faults(stream=StreamFault.REFUSED)),
        (("silence",), Faults(stream=StreamFault.DROPPED, stream_after=2)),
        (("silence",), Faults(stream=StreamFault.MARKLESS)),
        ((f"keys:{ACCOUNT}",), Faults(stream=StreamFault.STALLED, stream_after=2)),  # these keys never arrive
        (("silence",), Faults(stream=StreamFault.GARBAGE, stream_after=2, stream_times=1)),
    ],
    ids=lambda one: str(one.stream) if isinstance(one, Faults) else "",
)
def test_when_the_stream_fails_the_carrier_asks_and_the_call_goes_on(
    stage: Stage, first: tuple[str, ...], faults: Faults
) -> None:
    record, story = place(stage, BALANCE, *first, f"keys:{ACCOUNT}", f"keys:{PIN}", "hangup", faults=faults)
    assert story.assurance == "verified"
    assert Noted.DOOR_FAILED in noted(story)
    assert verbs(record).count("Connect") == 1
    assert verbs(record).count("Gather") >= 2


def test_behind_a_stream_and_a_fork_that_fail_the_keypad_is_left(stage: Stage) -> None:
    record, story = place(
        stage, SUPPORT, "silence", "silence", f"keys:{ACCOUNT}", f"keys:{PIN}", faults=Faults(stream=StreamFault.REFUSED)
    )
    assert story.assurance == "verified"
    assert {Noted.DOOR_FAILED, Noted.SPEECH_LOST} <= noted(story)
    assert record.agent_verdict == "accepted"


@heard
def test_what_is_keyed_and_said_over_a_stream_is_written_nowhere(stage: Stage) -> None:
    place(stage, BALANCE, f"keys:{ACCOUNT}", f"keys:{PIN}", "hangup")
    place(stage, BALANCE, "audio:account-40719238.wav", "audio:pin-493817.wav", "hangup")
    files = [path for path in stage.data.rglob("*") if path.is_file()]
    assert {"server.log", "voicebot.db"} <= {path.name for path in files}
    said = piece_of(RECORDINGS / "pin-493817.wav")
    for path in files:
        content = path.read_bytes()
        assert PIN.encode() not in content, path
        assert SPOKEN_PIN not in content, path
        assert said not in content, path
        assert base64.b64encode(said) not in content, path
