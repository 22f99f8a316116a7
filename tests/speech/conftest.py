"""An ear with real workers, the shipped grammar, and audio to hear with it."""

import queue
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from voicebot.config.grammars import load_grammar
from voicebot.dialogue.events import Event
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.values import Shape
from voicebot.ports.ear import Listening
from voicebot.speech import backlog
from voicebot.speech.codec import SILENCE, to_mulaw
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings
from voicebot.speech.models import MODELS
from voicebot.speech.recording import read_recording

PATIENCE = 20.0
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Noon:
    """It is always noon."""

    def now(self) -> datetime:
        return NOON


class Heard:
    """Takes what an ear says, in order."""

    def __init__(self) -> None:
        self.told: queue.Queue[tuple[str, Event]] = queue.Queue()

    def __call__(self, call_id: str, event: Event) -> None:
        self.told.put((call_id, event))

    def next(self) -> tuple[str, Event]:
        return self.told.get(timeout=PATIENCE)


@pytest.fixture(scope="session")
def grammar(project: Path) -> Grammar:
    return load_grammar(project / "grammars" / "en.toml")


@pytest.fixture(scope="session")
def english() -> Path:
    return MODELS / "en-telephone"


@pytest.fixture(scope="session")
def recording(project: Path) -> Callable[[str], bytes]:
    """A shipped recording as µ-law, with the silence of somebody who waits for the answer."""
    return lambda name: to_mulaw(read_recording(project / "tests" / "recordings" / f"{name}.wav")) + SILENCE * 8000 * 3


@pytest.fixture(scope="session")
def noisy(project: Path) -> bytes:
    """58260417 in so much noise that a digit more may have been said."""
    sound = read_recording(project / "tests" / "recordings" / "account-58260417.wav")
    noise = np.random.default_rng(1).normal(0, 600, len(sound))
    return to_mulaw((sound + noise).clip(-32768, 32767).astype(np.int16)) + SILENCE * 8000 * 3


@pytest.fixture
def question(grammar: Grammar) -> Callable[..., Listening]:
    return lambda turn, shape="digits:8", phase=1: Listening(turn, phase, Shape.parse(shape), grammar)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How slow this machine is does not matter: no worker is given up for being behind."""
    monkeypatch.setattr(backlog, "MOST_BEHIND", PATIENCE)


@pytest.fixture
def ear(heard: Heard, patient: None) -> Iterator[VoskEar]:  # noqa: ARG001  used by being there
    ear = VoskEar(EarSettings(workers=2), heard, Noon())
    ear.start()
    yield ear
    ear.close()
