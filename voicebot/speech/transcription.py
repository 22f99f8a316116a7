"""Recognises recordings exactly as a call would: the same codec, level, worker and rules, only not in real time."""

import queue
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from voicebot.config.grammars import load_grammar
from voicebot.dialogue.events import EntrySpoken, Event
from voicebot.dialogue.forms import Grammar
from voicebot.dialogue.understand import understand
from voicebot.dialogue.values import Hearing, Shape
from voicebot.errors import AudioRefused, ModelMissing, VoicebotError
from voicebot.ports.ear import Listening, Sayable
from voicebot.speech.codec import RATE, SILENCE, to_mulaw
from voicebot.speech.ear import VoskEar
from voicebot.speech.installed import EarSettings
from voicebot.speech.models import explain, find_model
from voicebot.speech.recording import read_recording

GRAMMARS = Path(__file__).resolve().parents[2] / "grammars"
AFTERWARDS = 3.5  # seconds of silence after a recording: callers wait for the answer
FRAME = 160  # 20 ms, as the telephone company sends it
CUSTOMERS = "customers"
PATIENCE = 60.0  # wall seconds; only a broken machine needs them


@dataclass(frozen=True)
class Transcription:
    """What a recording was taken for. `file` as given; `value` digits or a command, empty if none; `seconds` from the end of
    speech to the decision, 0 if there was none; `rivals` other numbers that it may have been, likeliest first.
    `among_customers`: it was nobody's number, so only customers' were listened for.
    """

    file: str
    value: str = field(repr=False)
    decision: Hearing
    text: str = field(repr=False)
    seconds: float
    rivals: tuple[str, ...] = field(default=(), repr=False)
    among_customers: bool = False


class _WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def transcribe_files(
    paths: Sequence[str | Path],
    shape: Shape,
    language: str = "en",
    *,
    grammar: Grammar | None = None,
    model: Path | None = None,
    customers: Collection[str] = (),
) -> Iterator[Transcription]:
    """Each recording in turn, as the answer to a question of this shape. `model`: a directory, else the language's own.
    `customers`: numbers of the shape's one length, among which a doubtful one is heard again. Raises AudioRefused at a file that
    cannot be heard, ModelMissing if the language has no model, ConfigError if its grammar is wrong.
    """
    model = model or find_model(language)
    if model is None:
        raise ModelMissing(explain(language))
    words = grammar if grammar is not None else load_grammar(GRAMMARS / f"{language}.toml")
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()
    settings = EarSettings(models={language: model}, workers=1, warm=(Sayable(shape, words),))
    ear = VoskEar(settings, lambda _call_id, event: told.put(event), _WallClock())
    ear.start()
    try:
        if customers:
            ear.learn(CUSTOMERS, [Sayable(shape, words)], customers)
            if not ear.wait_learned(CUSTOMERS, 1, PATIENCE):
                raise VoicebotError("there is no grammar of these customers' numbers: they may be too many")
        for number, path in enumerate(paths):
            yield _transcribe(ear, told, f"recording-{number}", path, Listening(1, 1, shape, words, among=CUSTOMERS))
    finally:
        ear.close()


def transcribe(path: Path, shape: Shape, language: str = "en") -> Transcription:
    """One recording; see `transcribe_files`."""
    return next(iter(list(transcribe_files([path], shape, language))))


def _transcribe(
    ear: VoskEar, told: queue.SimpleQueue[Event], call_id: str, path: str | Path, listening: Listening
) -> Transcription:
    audio = to_mulaw(read_recording(Path(path))) + SILENCE * int(AFTERWARDS * RATE)
    ear.attend(call_id, listening)
    line = ear.open_line(call_id, listening.phase)
    if line is None:
        raise VoicebotError("there is no recogniser to hear with")
    for start in range(0, len(audio), FRAME):
        line.hear(audio[start : start + FRAME])
    line.close(lost=False)
    if not ear.settle(call_id, PATIENCE):
        raise VoicebotError("the recogniser does not answer")
    event = None if told.empty() else told.get()
    return _transcription(str(path), event, listening)


def _transcription(file: str, event: Event | None, listening: Listening) -> Transcription:
    if event is None:
        return Transcription(file, "", Hearing.REJECTED, "", 0.0)
    if not isinstance(event, EntrySpoken):
        raise AudioRefused(f"{file}: the recogniser could not follow it")
    text = event.words.reveal()
    understood = understand(text, listening.shape, listening.grammar)
    value = understood.digits[0] if understood.digits else (understood.command or "")
    decision = event.hearing if value else Hearing.REJECTED
    others = (understand(words.reveal(), listening.shape, listening.grammar).digits[:1] for words in event.rivals)
    rivals = tuple(dict.fromkeys(digits for some in others for digits in some))
    return Transcription(file, str(value), decision, text, round(event.delay, 3), rivals, event.among_customers)
