"""The ear over real workers: what is said comes back for the question that was open, whatever happens to workers and streams."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.speech.conftest import NOON, PATIENCE, Heard, Noon
from voicebot.dialogue.events import EntrySpoken, SpeechLost
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Hearing, Shape
from voicebot.ports.ear import HearingLine, Listening, Sayable
from voicebot.speech.codec import SILENCE
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings

Ask = Callable[..., Listening]
Recording = Callable[[str], bytes]


def play(line: HearingLine, audio: bytes, piece: int = 160) -> None:
    for start in range(0, len(audio), piece):
        line.hear(audio[start : start + piece])


def opened(ear: VoskEar, call_id: str = "call", phase: int = 1) -> HearingLine:
    line = ear.open_line(call_id, phase)
    assert line is not None
    return line


def spoken(heard: Heard) -> EntrySpoken:
    event = heard.next()[1]
    assert isinstance(event, EntrySpoken)
    return event


def test_a_spoken_number_comes_back_for_its_turn(ear: VoskEar, heard: Heard, question: Ask, recording: Recording) -> None:
    ear.attend("call", question(3))
    play(opened(ear), recording("account-40719238"))
    call_id, event = heard.next()
    assert isinstance(event, EntrySpoken)
    assert ("call", 3, NOON, Hearing.ACCEPTED) == (call_id, event.turn, event.at, event.hearing)
    assert event.words.reveal() == "four oh seven one nine two three eight"
    assert event.delay > 0
    assert "four" not in repr(event)


def test_the_workers_know_which_question_is_for_a_secret(ear: VoskEar, question: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(ear, "_send", lambda _line, header, _body=b"": sent.append(header))
    for turn, secret in ((1, False), (2, True)):
        ear.attend("call", replace(question(turn), secret=secret))
        if turn == 1:
            opened(ear)
    assert [header["secret"] for header in sent if header["do"] == "attend"] == [False, True]


def test_a_doubtful_number_that_is_nobodys_is_heard_among_customers_also_by_a_worker_that_came_later(
    ear: VoskEar, heard: Heard, question: Ask, noisy: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicebot.speech.pool.SOON", 0.0)
    asked = replace(question(1, "digits:9"), among="account")
    ear.learn("account", [Sayable(asked.shape, asked.grammar)], ["582640417", "407192380"])
    assert ear.wait_learned("account", 2, PATIENCE)
    for pid in ear.worker_pids:
        os.kill(pid, signal.SIGKILL)
    assert ear.wait_learned("account", 4, PATIENCE)
    ear.attend("call", asked)
    play(opened(ear), noisy)
    event = spoken(heard)
    assert (event.words.reveal(), event.hearing) == ("five eight two six four oh four one seven", Hearing.CONFIRM)
    assert event.among_customers
    ear.learn("account", [Sayable(asked.shape, asked.grammar)], [])
    ear.attend("another", asked)
    play(opened(ear, "another"), noisy)
    assert not spoken(heard).among_customers


@pytest.mark.parametrize("piece", [160, 1234, 100_000])
def test_the_pieces_that_audio_comes_in_change_nothing(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording, piece: int
) -> None:
    ear.attend("call", question(1, "digits:10"))
    play(opened(ear), recording("tracking-5502716384"), piece)
    event = spoken(heard)
    assert event.words.reveal() == "five five zero two seven one six three eight four"


def test_one_stream_hears_turn_after_turn(ear: VoskEar, heard: Heard, question: Ask, recording: Recording) -> None:
    line = opened(ear)
    for turn, (name, shape, words) in enumerate(
        [
            ("account-40719238", "digits:8", "four oh seven one nine two three eight"),
            ("yes", "yesno", "yes"),
            ("pin-493817", "digits:6", "four nine three eight one seven"),
            ("dont-have-it", "digits:8", "i don't have it"),
        ],
        start=1,
    ):
        ear.attend("call", question(turn, shape))
        play(line, recording(name))
        event = spoken(heard)
        assert (turn, words, Hearing.ACCEPTED) == (event.turn, event.words.reveal(), event.hearing)


def test_the_same_turn_asked_again_changes_nothing(ear: VoskEar, heard: Heard, question: Ask, recording: Recording) -> None:
    line = opened(ear)
    ear.attend("call", question(1))
    audio = recording("account-40719238")
    play(line, audio[:12_000])
    ear.attend("call", question(1))
    play(line, audio[12_000:])
    assert spoken(heard).words.reveal() == "four oh seven one nine two three eight"
    ear.attend("call", question(1))
    play(line, audio)
    ear.attend("call", question(2, "yesno"))
    play(line, recording("no"))
    assert spoken(heard).turn == 2


def test_what_is_said_while_no_question_is_open_is_never_told(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording
) -> None:
    line = opened(ear)
    ear.attend("call", question(1))
    ear.ignore("call")
    play(line, recording("account-40719238"))
    ear.attend("call", question(2, "yesno"))
    play(line, recording("yes"))
    assert (2, "yes") == ((event := spoken(heard)).turn, event.words.reveal())


def test_speech_is_active_from_its_first_sound_to_its_decision(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording
) -> None:
    line = opened(ear)
    assert not ear.speech_active("call", 1)
    assert not ear.speech_active("nobody", 1)
    ear.attend("call", question(1))
    play(line, SILENCE * 8000)
    assert not ear.speech_active("call", 1)
    audio = recording("account-40719238")
    play(line, audio[:16_000])
    assert ear.speech_active("call", 1)
    assert not ear.speech_active("call", 2)
    play(line, audio[16_000:])
    spoken(heard)
    assert not ear.speech_active("call", 1)


def test_a_killed_worker_costs_that_turns_speech_and_no_more(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording
) -> None:
    line, other = opened(ear), opened(ear, "other")
    ear.attend("call", question(1))
    ear.attend("other", question(1))
    audio = recording("account-40719238")
    play(line, audio[:16_000])
    play(other, audio[:16_000])
    before = ear.worker_of("call")
    assert before is not None
    assert before != ear.worker_of("other")
    os.kill(before, signal.SIGKILL)
    assert ("call", SpeechLost(NOON, 1)) == heard.next()
    play(line, audio[16_000:])
    play(other, audio[16_000:])
    call_id, event = heard.next()
    assert call_id == "other"
    assert isinstance(event, EntrySpoken)
    ear.attend("call", question(2))
    play(line, audio)
    assert (2, "four oh seven one nine two three eight") == ((event := spoken(heard)).turn, event.words.reveal())
    assert ear.worker_of("call") not in (None, before)
    assert 2 == len(ear.worker_pids)


def test_a_stream_that_is_lost_is_told_and_the_next_phase_listens(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording
) -> None:
    ear.attend("call", question(1))
    line = opened(ear)
    line.close(lost=True)
    line.close(lost=True)
    line.hear(recording("yes"))
    assert ("call", SpeechLost(NOON, 1)) == heard.next()
    ear.attend("call", question(2, "yesno", phase=2))
    play(opened(ear, phase=2), recording("yes"))
    assert spoken(heard).turn == 2


def test_what_was_said_when_a_stream_ends_in_good_order_is_an_answer(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording
) -> None:
    ear.attend("call", question(1))
    line = opened(ear)
    play(line, recording("account-40719238")[: -8000 * 3])
    line.close(lost=False)
    assert spoken(heard).words.reveal() == "four oh seven one nine two three eight"
    assert ear.settle("call", PATIENCE)


def test_a_phase_has_one_stream(ear: VoskEar) -> None:
    line = opened(ear)
    assert ear.open_line("call", 1) is None
    line.close(lost=False)
    assert ear.open_line("call", 1) is None
    assert ear.open_line("call", 0) is None
    assert ear.open_line("call", 2) is not None


def test_a_language_without_a_model_is_lost_at_once(ear: VoskEar, heard: Heard) -> None:
    assert ear.can_listen("en")
    assert not ear.can_listen("xx")
    ear.attend("call", Listening(1, 4, Shape.parse("yesno"), Grammar("xx")))
    assert ("call", SpeechLost(NOON, 4)) == heard.next()


def test_a_full_house_takes_no_more_streams(heard: Heard) -> None:
    ear = VoskEar(EarSettings(workers=1, lines_per_worker=1), heard, Noon())
    assert not ear.can_listen("en")
    ear.start()
    try:
        line = opened(ear)
        assert not ear.can_listen("en")
        assert ear.open_line("other", 1) is None
        line.close(lost=False)
        assert ear.settle("call", PATIENCE)
        assert ear.can_listen("en")
    finally:
        ear.close()


def test_twenty_lines_at_once_are_all_heard(ear: VoskEar, heard: Heard, question: Ask, recording: Recording) -> None:
    audio = recording("account-40719238")
    lines = [opened(ear, f"call-{number}") for number in range(20)]
    for number in range(20):
        ear.attend(f"call-{number}", question(1))
    for start in range(0, len(audio), 800):
        for line in lines:
            line.hear(audio[start : start + 800])
    told = [heard.next() for _ in lines]
    assert {f"call-{number}" for number in range(20)} == {call_id for call_id, _ in told}
    assert all(isinstance(event, EntrySpoken) and event.hearing is Hearing.ACCEPTED for _, event in told)


def test_garbage_is_not_an_answer_and_the_line_still_hears(
    ear: VoskEar, heard: Heard, question: Ask, recording: Recording
) -> None:
    line = opened(ear)
    ear.attend("call", question(1))
    line.hear(b"")
    for size in (1, 3, 799, 70_000):
        line.hear(bytes(range(256)) * (size // 256) + b"\x00" * (size % 256))
    line.hear(SILENCE * 8000 * 4)
    ear.attend("call", question(2, "yesno"))
    play(line, recording("no"))
    while (event := spoken(heard)).turn == 1:
        assert event.hearing is Hearing.REJECTED
    assert event.words.reveal() == "no"


@pytest.mark.usefixtures("patient")
def test_a_listener_that_raises_does_not_stop_the_ear(question: Ask, recording: Recording, heard: Heard) -> None:
    def stumble(call_id: str, event: object) -> None:
        heard(call_id, event)  # type: ignore[arg-type]
        raise RuntimeError("one two three")

    ear = VoskEar(EarSettings(workers=1), stumble, Noon())
    ear.start()
    try:
        line = opened(ear)
        for turn in (1, 2):
            ear.attend("call", question(turn, "yesno"))
            play(line, recording("yes"))
            assert spoken(heard).turn == turn
    finally:
        ear.close()


@pytest.fixture
def kept(tmp_path: Path, heard: Heard, question: Ask, patient: None) -> Iterator[VoskEar]:  # noqa: ARG001  used by being there
    listening = question(1)
    settings = EarSettings(cache=tmp_path / "cache", warm=(Sayable(listening.shape, listening.grammar),), workers=1)
    ear = VoskEar(settings, heard, Noon())
    ear.start()
    yield ear
    ear.close()


def test_workers_end_with_the_ear_and_what_they_made_can_be_kept(
    kept: VoskEar, tmp_path: Path, question: Ask, heard: Heard, recording: Recording
) -> None:
    kept.attend("call", question(1))
    play(opened(kept), recording("double-40771938"))
    assert spoken(heard).words.reveal() == "four oh double seven one nine three eight"
    (pid,) = kept.worker_pids
    kept.close()
    assert list((tmp_path / "cache").iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
