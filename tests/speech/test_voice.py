"""The voice for two-way streams: recordings, what was rendered, a synthesiser of this machine, and pieces."""

import io
import shutil
import stat
import wave
from pathlib import Path

import numpy as np
import pytest

from voicebot.errors import AudioRefused
from voicebot.ports.prompts import SpokenText
from voicebot.speech.voice import BETWEEN, Espeak, Flite, LocalVoice, find_synthesiser

ENGLISH = "en-US"


def wav(seconds: float, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((8000 * np.sin(np.arange(int(rate * seconds)) * 0.3)).astype("<i2").tobytes())
    return out.getvalue()


class Tone:
    """Speaks a tone as long as the text, and counts."""

    def __init__(self, *, fails: bool = False) -> None:
        self.spoken: list[str] = []
        self.fails = fails

    def speaks(self, language: str) -> bool:
        return language.startswith("en")

    def wav(self, text: str, language: str) -> bytes:  # noqa: ARG002  the Protocol's name
        self.spoken.append(text)
        if self.fails:
            raise AudioRefused("no voice today")
        return wav(0.01 * len(text), 22050)


def test_a_recording_is_played_as_it_is_and_read_once(tmp_path: Path) -> None:
    voice = LocalVoice(tmp_path, None)
    first = voice.of_recording("one.wav", wav(0.5))
    assert first is not None
    assert len(first) == 4000
    assert voice.of_recording("one.wav", b"") is first
    assert voice.of_recording("two.wav", b"no sound") is None


def test_a_text_is_spoken_once_and_what_somebody_s_data_fill_is_kept_nowhere(tmp_path: Path) -> None:
    tone = Tone()
    voice = LocalVoice(tmp_path, tone)
    plain, filled = SpokenText("Hello there.", ENGLISH), SpokenText("I heard 4, 0.", ENGLISH, parts=("I heard", "4, 0"))
    for _ in range(2):
        assert voice.of_text(plain)
        assert voice.of_text(filled)
    assert tone.spoken == ["Hello there.", "I heard 4, 0.", "I heard 4, 0."]
    assert list(tmp_path.iterdir()) == []


def test_rendered_texts_need_no_synthesiser_afterwards(tmp_path: Path) -> None:
    made = LocalVoice(tmp_path / "voice", Tone())
    assert made.render("Hello there.", ENGLISH)
    assert not made.render("Hello   there.", ENGLISH)  # the same words
    later = LocalVoice(tmp_path / "voice", None)
    assert later.is_rendered("Hello there.", ENGLISH)
    assert later.of_text(SpokenText("Hello there.", ENGLISH)) == made.of_text(SpokenText("Hello there.", ENGLISH))
    assert later.of_text(SpokenText("Hello there.", "fr-FR")) is None
    assert [path.suffix for path in (tmp_path / "voice").iterdir()] == [".ulaw"]


def test_numbers_are_put_together_of_rendered_pieces(tmp_path: Path) -> None:
    made = LocalVoice(tmp_path, Tone())
    for piece in ("I heard", "Is that right?", "4", "0", "7"):
        made.render(piece, ENGLISH)
    later = LocalVoice(tmp_path, None)
    text = SpokenText("I heard 4, 0. 7. Is that right?", ENGLISH, parts=("I heard", "4, 0. 7", "Is that right?"))
    parts = [later.of_text(SpokenText(piece, ENGLISH)) for piece in ("I heard", "4", "0", "7", "Is that right?")]
    assert later.of_text(text) == BETWEEN.join(part for part in parts if part)
    unknown = SpokenText("I heard 4, 9. Is that right?", ENGLISH, parts=("I heard", "4, 9", "Is that right?"))
    assert later.of_text(unknown) is None
    assert later.of_text(SpokenText("4 0", ENGLISH)) is None  # a sentence is never put together of words


def test_without_a_voice_there_is_no_sound_and_rendering_says_what_to_install(tmp_path: Path) -> None:
    voice = LocalVoice(tmp_path, None)
    assert not voice.can_speak(ENGLISH)
    assert voice.of_text(SpokenText("Hello.", ENGLISH)) is None
    with pytest.raises(AudioRefused, match="espeak-ng"):
        voice.render("Hello.", ENGLISH)
    with pytest.raises(AudioRefused, match="fr-FR"):
        LocalVoice(tmp_path, Tone()).render("Bonjour.", "fr-FR")


def test_a_synthesiser_that_fails_is_no_sound(tmp_path: Path) -> None:
    assert LocalVoice(tmp_path, Tone(fails=True)).of_text(SpokenText("Hello.", ENGLISH)) is None


def script(place: Path, name: str, body: str) -> str:
    path = place / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def test_programs_get_the_text_by_a_pipe_and_not_in_their_arguments(tmp_path: Path) -> None:
    espeak = Espeak(script(tmp_path, "espeak-ng", 'echo "$@"; cat'))
    assert espeak.wav("4 0 7", "en-US") == b"-v en-us -s 150 --stdin --stdout\n4 0 7"
    flite = Flite(script(tmp_path, "flite", 'cat > "$4"'))
    assert flite.wav("4 0 7", "en-US") == b"4 0 7"
    assert espeak.speaks("ko-KR")
    assert not flite.speaks("ko-KR")


def test_a_program_that_ends_badly_or_is_not_there_is_told_without_the_text(tmp_path: Path) -> None:
    for program in (script(tmp_path, "espeak-ng", "exit 3"), str(tmp_path / "nothing")):
        with pytest.raises(AudioRefused) as refused:
            Espeak(program).wav("4 0 7", "en-US")
        assert "4 0 7" not in str(refused.value)
    with pytest.raises(AudioRefused, match="is no recording"):
        LocalVoice(tmp_path / "voice", Espeak(script(tmp_path, "espeak-ng", "echo no sound"))).render("Hello", "en-US")


def test_the_machine_s_own_synthesiser_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_synthesiser() is None
    script(tmp_path, "flite", "true")
    assert isinstance(find_synthesiser(), Flite)
    script(tmp_path, "espeak-ng", "true")
    assert isinstance(find_synthesiser(), Espeak)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize("language", ["en-US", "fr-FR", "ko-KR", "da-DK"])
def test_espeak_speaks_our_languages(tmp_path: Path, language: str) -> None:
    sound = LocalVoice(tmp_path, find_synthesiser()).of_text(SpokenText("1 2 3", language))
    assert sound is not None
    assert len(sound) > 4000
