"""`model choose`: measures the English models that are here on recordings of people; the better one listens from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from voicebot.commands.bench_speech import Answer, hear
from voicebot.commands.bench_speech_clips import Clip, all_clips, half_of
from voicebot.dialogue.values import Hearing
from voicebot.speech.models import CHOSEN, MODELS, candidates, choose

LANGUAGE = "en"  # that of the recordings
CONDITIONS = (
    "AN4, telephone",
    "AN4, telephone, 15 dB",
    "AN4, telephone, 5 dB",
    "AN4 yes, no, help, repeat",
    "FSDD, joined",
    "spelled names, digits:4",
    "babble",
)


@dataclass(frozen=True)
class Standing:
    """How a model did: of so many answers and sounds, those that it got right (taken or read back) and took wrong unasked."""

    name: str
    heard: int
    right: int
    wrong: int

    def beats(self, other: "Standing") -> bool:
        """More right, and no more taken wrong."""
        return self.right > other.right and self.wrong <= other.wrong


@click.command("choose")
@click.option("--audio", required=True, type=click.Path(path_type=Path, file_okay=False), help="What `bench speech` reads.")
@click.option("--shelf", default=MODELS, type=click.Path(path_type=Path, file_okay=False), help="[default: models/]")
def choose_model(audio: Path, shelf: Path) -> None:
    """Have the better one of the English models that are here listen: the bundled one, or Vosk's own once it was fetched.

    Measured on the development half of the speakers in --audio. Another one than the bundled is chosen only if it gets more
    right and takes no more wrong.
    """
    found = candidates(LANGUAGE, shelf)
    if not found:
        raise click.ClickException(f"there is no English model in {shelf}")
    clips = [clip for clip in all_clips(audio) if clip.group in CONDITIONS and half_of(clip.speaker) == "development"]
    measured = []
    for path in found:
        measured.append(standing(path.name, clips, hear(clips, path)))
        one = measured[-1]
        click.echo(f"{one.name}: {one.right} right, {one.wrong} taken wrong without a question, of {one.heard}")
    best = better(measured)
    choose(LANGUAGE, best.name, shelf)
    click.echo(f"English listens with {best.name} from the next start on (noted in {shelf / CHOSEN})")


def standing(name: str, clips: Sequence[Clip], answers: Sequence[Answer]) -> Standing:
    """What a model's answers come to. Sound that says nothing is right if nothing came of it."""
    right = sum(one.value == one.right for one in answers)
    wrong = sum(one.value != one.right and one.decision is Hearing.ACCEPTED for one in answers)
    return Standing(name, len(clips), right, wrong)


def better(measured: Sequence[Standing]) -> Standing:
    """The first, unless a later one beats it."""
    best = measured[0]
    for one in measured[1:]:
        best = one if one.beats(best) else best
    return best
