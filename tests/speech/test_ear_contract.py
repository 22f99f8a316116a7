"""Hearing (`Ear`): a recording as the line brings it, and that nothing which a line may do to an ear ever raises."""

import queue
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicebot.config.grammars import load_grammar
from voicebot.dialogue.events import EntrySpoken, Event, SpeechLost
from voicebot.dialogue.values import Hearing, Shape
from voicebot.ports.ear import Ear, HearingLine, Listening

pytest.importorskip("vosk", reason="the recogniser is not installed")

from voicebot.speech.codec import SILENCE, to_mulaw
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings
from voicebot.speech.models import find_model
from voicebot.speech.recording import read_recording

FRAME = 160  # bytes: 20 ms, as the carrier sends
PATIENCE = 20.0
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Question = Callable[..., Listening]
Told = queue.Queue[tuple[str, Event]]


class Noon:
    """It is always noon."""

    def now(self) -> datetime:
        return NOON


@pytest.fixture
def told() -> Told:
    return queue.Queue()


@pytest.fixture
def vosk_ear(told: Told) -> Iterator[VoskEar]:
    if find_model("en") is None:
        pytest.skip("no English recognition model")
    ear = VoskEar(EarSettings(workers=1), lambda call_id, event: told.put((call_id, event)), Noon())
    ear.start()
    yield ear
    ear.close()


@pytest.fixture
def ear(vosk_ear: VoskEar) -> Ear:
    return vosk_ear


@pytest.fixture
def question(project: Path) -> Question:
    grammar = load_grammar(project / "grammars" / "en.toml")
    return lambda turn, phase=1, shape="digits:8": Listening(turn, phase, Shape.parse(shape), grammar)


@pytest.fixture
def account(project: Path) -> bytes:
    """An account number, said, and the silence of somebody who waits."""
    return to_mulaw(read_recording(project / "tests" / "recordings" / "account-40719238.wav")) + SILENCE * 24_000


def play(line: HearingLine | None, audio: bytes) -> None:
    assert line is not None
    for start in range(0, len(audio), FRAME):
        line.hear(audio[start : start + FRAME])


def test_what_is_said_comes_back_once_for_the_open_question(ear: Ear, told: Told, question: Question, account: bytes) -> None:
    assert ear.can_listen("en")
    ear.attend("call-1", question(4))
    play(ear.open_line("call-1", 1), account)
    call_id, event = told.get(timeout=PATIENCE)
    assert isinstance(event, EntrySpoken)
    assert (call_id, event.at, event.turn, event.hearing) == ("call-1", NOON, 4, Hearing.ACCEPTED)
    assert event.words.reveal() == "four oh seven one nine two three eight"
    ear.attend("call-1", question(4))  # the same document, fetched again
    ear.attend("call-1", question(5, shape="yesno"))
    assert ear.open_line("call-1", 1) is None
    assert told.empty()


def test_two_calls_are_heard_apart(ear: Ear, told: Told, question: Question, account: bytes) -> None:
    for call_id, turn in (("call-1", 4), ("call-2", 9)):
        ear.attend(call_id, question(turn))
    lines = [ear.open_line("call-1", 1), ear.open_line("call-2", 1)]
    for start in range(0, len(account), FRAME):
        for line in lines:
            assert line is not None
            line.hear(account[start : start + FRAME])
    heard = dict(told.get(timeout=PATIENCE) for _ in lines)
    turns = {call_id: event.turn for call_id, event in heard.items() if isinstance(event, EntrySpoken)}
    assert turns == {"call-1": 4, "call-2": 9}


def test_a_voice_is_active_at_once_and_only_at_its_question(ear: Ear, question: Question, account: bytes) -> None:
    ear.attend("call-1", question(4))
    line = ear.open_line("call-1", 1)
    assert not ear.speech_active("call-1", 4)
    play(line, account[:8000])
    assert ear.speech_active("call-1", 4)
    assert not ear.speech_active("call-1", 3)
    assert not ear.speech_active("call-2", 4)
    ear.ignore("call-1")
    assert not ear.speech_active("call-1", 4)


def test_a_stream_that_breaks_is_lost_for_its_phase_and_the_next_phase_hears(
    ear: Ear, told: Told, question: Question, account: bytes
) -> None:
    ear.attend("call-1", question(4))
    line = ear.open_line("call-1", 1)
    play(line, account[:8000])
    assert line is not None
    line.close(lost=True)
    assert told.get(timeout=PATIENCE) == ("call-1", SpeechLost(NOON, 1))
    ear.attend("call-1", question(5, phase=2))
    play(ear.open_line("call-1", 2), account)
    event = told.get(timeout=PATIENCE)[1]
    assert isinstance(event, EntrySpoken)
    assert event.turn == 5


def test_a_language_that_nobody_taught_it_is_said_so_and_lost(ear: Ear, told: Told, question: Question) -> None:
    assert not ear.can_listen("tlh")
    asked = question(4)
    ear.attend("call-1", Listening(4, 1, asked.shape, type(asked.grammar)("tlh")))
    assert told.get(timeout=PATIENCE) == ("call-1", SpeechLost(NOON, 1))


def misuse(ear: Ear, question: Question, account: bytes) -> None:
    """Everything that a line does to an ear in the wrong order, twice, or to a call that it does not know."""
    ear.ignore("nobody")
    assert not ear.speech_active("nobody", 1)
    early = ear.open_line("early", 1)
    ear.attend("call-1", question(4))
    ear.attend("call-1", question(3))
    line = ear.open_line("call-1", 1)
    for one in filter(None, (early, line)):
        for piece in (b"", b"\x00", b"\xff" * 3, bytes(range(256)) * 5, account[:1601]):
            one.hear(piece)
        one.close(lost=False)
        one.close(lost=True)
        one.close(lost=False)
        one.hear(account[:FRAME])
    ear.open_line("call-1", 0)
    ear.open_line("call-1", -1)
    ear.ignore("call-1")
    ear.ignore("call-1")
    ear.speech_active("call-1", 10**9)


def test_nothing_that_a_line_does_raises(ear: Ear, question: Question, account: bytes, told: Told) -> None:
    misuse(ear, question, account)
    ear.attend("call-2", question(1))
    play(ear.open_line("call-2", 1), account)
    while (heard := told.get(timeout=PATIENCE))[0] != "call-2":
        pass
    assert isinstance(heard[1], EntrySpoken)


def test_an_ear_that_was_never_started_hears_nothing_and_does_not_raise(question: Question, account: bytes) -> None:
    ear = VoskEar(EarSettings(workers=1), lambda _call_id, _event: None, Noon())
    assert not ear.can_listen("en")
    assert ear.open_line("call-1", 1) is None
    misuse(ear, question, account)
    ear.close()


def test_an_ear_that_has_been_closed_does_not_raise(vosk_ear: VoskEar, question: Question, account: bytes) -> None:
    vosk_ear.attend("before", question(1))
    line = vosk_ear.open_line("before", 1)
    vosk_ear.close()
    play(line, account[:8000])
    assert line is not None
    line.close(lost=True)
    misuse(vosk_ear, question, account)
    assert not vosk_ear.can_listen("en")
