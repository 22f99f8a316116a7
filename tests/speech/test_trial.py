"""A damaged model is found out in a process of its own; its language goes on by keypad, and the message names it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speech.conftest import Heard, Noon
from voicebot.ports.ear import Listening, Sayable
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings, Installed
from voicebot.speech.trial import can_listen_with


@pytest.fixture
def damaged(tmp_path: Path, english: Path) -> Path:
    model = tmp_path / "damaged"
    shutil.copytree(english, model)
    network = model / "am" / "final.mdl"
    network.write_bytes(network.read_bytes()[:1000])
    return model


def test_a_whole_model_listens(tmp_path: Path, question: Callable[..., Listening]) -> None:
    asked = Installed(EarSettings()).question(Sayable(question(1, "yesno").shape, question(1).grammar))
    assert asked is not None
    assert can_listen_with(asked, tmp_path)


def test_a_damaged_model_is_named_and_its_language_left_to_the_keypad(
    tmp_path: Path, damaged: Path, question: Callable[..., Listening], heard: Heard, capsys: pytest.CaptureFixture[str]
) -> None:
    warm = (Sayable(question(1, "yesno").shape, question(1).grammar),)
    ear = VoskEar(EarSettings(models={"en": damaged}, cache=tmp_path / "cache", warm=warm, workers=1), heard, Noon())
    ear.start()
    try:
        ear._try_models_out()
        assert not ear.can_listen("en")
        ear.attend("call", question(1))
        assert heard.next()[0] == "call"
    finally:
        ear.close()
    assert str(damaged) in capsys.readouterr().out
