from pathlib import Path

import pytest

from tests.config.test_recordings import pcm
from voicebot.config.prompt_files import load_catalogue
from voicebot.dialogue.actions import Say
from voicebot.errors import ConfigError
from voicebot.ports.prompts import Recording, SpokenText

VOICE = 'locale = "en_US"\nlanguage = "en-US"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    english = tmp_path / "prompts" / "en"
    english.mkdir(parents=True)
    (english / "voice.toml").write_text(VOICE)
    (english / "a.toml").write_text('greeting = "Hello."\npin.ask = ["one", "two"]\n[whisper.reason]\nlocked = "Locked."\n')
    return english


def test_ids_are_the_keys_with_dots_in_whatever_file(place: Path) -> None:
    (place / "b.toml").write_text('goodbye = "Bye."')
    prompts = load_catalogue(place.parent)
    assert set(prompts.languages["en"].variants) == {"greeting", "pin.ask", "whisper.reason.locked", "goodbye"}


def test_a_recording_takes_the_place_of_its_attempts_text(place: Path) -> None:
    (place / "pin.ask.2.wav").write_bytes(pcm())
    prompts = load_catalogue(place.parent)
    assert prompts.utterances(Say("pin.ask", 1), "en") == (SpokenText("one", "en-US"),)
    (played,) = prompts.utterances(Say("pin.ask", 2), "en")
    assert isinstance(played, Recording)
    assert prompts.audio(played.name) == pcm()


def test_recordings_may_go_on_after_the_last_text(place: Path) -> None:
    (place / "greeting.wav").write_bytes(pcm(frames=1))
    (place / "greeting.2.wav").write_bytes(pcm(frames=2))
    prompts = load_catalogue(place.parent)
    assert prompts.utterances(Say("greeting", 1), "en") != prompts.utterances(Say("greeting", 2), "en")


def test_a_changed_recording_makes_another_version(place: Path) -> None:
    (place / "greeting.wav").write_bytes(pcm(frames=1))
    before = load_catalogue(place.parent).version
    (place / "greeting.wav").write_bytes(pcm(frames=2))
    assert load_catalogue(place.parent).version != before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("b.toml", b'greeting = "Again."', "prompts/en/b.toml: greeting: stands in another file of this language already"),
        ("b.toml", b"x = 7", "prompts/en/b.toml: x: must be text, or a list"),
        ("b.toml", b"x = []", "prompts/en/b.toml: x: must be text, or a list"),
        ("b.toml", b'x = "Hello {name"', "prompts/en/b.toml: x: has a brace that is no place"),
        ("b.toml", b'x = "Hello {Name}"', "prompts/en/b.toml: x: has a brace that is no place"),
        ("b.toml", b'x = "' + b"a" * 1001 + b'"', "prompts/en/b.toml: x: is longer than 1000 characters"),
        ("b.toml", b"x =", "prompts/en/b.toml: is not TOML"),
        ("b.toml", b'x = "\xff"', "prompts/en/b.toml: must be UTF-8 text"),
        ("voice.toml", b'locale = "xx_YY"\nlanguage = "en-US"', "prompts/en/voice.toml: locale: must be a locale"),
        ("voice.toml", VOICE.encode() + b'digit_words = ["oh"]', "prompts/en/voice.toml: digit_words: must be ten words"),
        ("voice.toml", VOICE.encode() + b'money = "x"', "prompts/en/voice.toml: money: must be a table"),
        ("voice.toml", VOICE.encode() + b'money.DKK = "kroner"', "prompts/en/voice.toml: money.DKK: must be like"),
        ("voice.toml", b'locale = "en_US"\nlanguage = "english"', 'prompts/en/voice.toml: language: must be like "en-US"'),
        ("voice.toml", VOICE.encode() + b'tempo = "slow"', "prompts/en/voice.toml: tempo: is not known"),
        ("nothing.wav", pcm(), "prompts/en/nothing.wav: belongs to no prompt: there is no text of nothing"),
        ("greeting.wav", pcm(rate=44100), "prompts/en/greeting.wav: is 16-bit PCM, 44100 Hz"),
        ("greeting.4.wav", pcm(), "prompts/en/greeting.4.wav: is number 4, but number 2 is missing"),
    ],
)
def test_a_wrong_file_is_named(place: Path, name: str, content: bytes, said: str) -> None:
    (place / name).write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        load_catalogue(place.parent)
    assert said in str(refused.value)


def test_a_recording_cannot_have_places(place: Path) -> None:
    (place / "b.toml").write_text('confirm = "I heard {value}."')
    (place / "confirm.wav").write_bytes(pcm())
    with pytest.raises(ConfigError, match="has places to fill, which a recording has not"):
        load_catalogue(place.parent)


def test_a_directory_without_a_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no language"):
        load_catalogue(tmp_path / "nowhere")
