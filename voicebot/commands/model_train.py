"""`model train`: makes a recognition model from recordings, in an environment of its own, and measures it. Replaces no model.

The training itself is models/training; here are the environment, the folds, the graph, the measurements and the card.
"""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from models.training.card import Facts, Measured, card
from models.training.folds import FOLDS, deal
from models.training.recordings import Clip, Kind, RecordingsRefused, read_recordings
from voicebot.commands.own_environment import PROJECT, own_environment
from voicebot.errors import VoicebotError

NOTICES = ("LICENSE*", "LICENCE*")


class TrainingRefused(VoicebotError):
    """A model that cannot be made. The text says why."""


@click.command("train")
@click.option("--audio", required=True, type=click.Path(path_type=Path, file_okay=False), help="Recordings with an index.tsv.")
@click.option("--add", multiple=True, type=click.Path(path_type=Path, file_okay=False), help="More, e.g. yours. May be repeated.")
@click.option("--test", type=click.Path(path_type=Path, file_okay=False), help="What `bench speech` reads: to measure the model.")
@click.option("--folds", type=click.IntRange(2, 20), help="Also one model for each part of the speakers, trained without them.")
@click.option("--epochs", default=36, show_default=True, type=click.IntRange(1, 500), help="Times that all recordings are heard.")
@click.option("--synthetic", default=2500, show_default=True, type=click.IntRange(0), help="Utterances of synthetic voices.")
@click.option("--neural", default=1300, show_default=True, type=click.IntRange(0), help="Utterances of a neural voice.")
@click.option("--begin", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A model to go on from.")
@click.option("--wide", default=256, show_default=True, type=click.IntRange(256, 1024), help="Channels of the network.")
@click.option("--name", default="en-trained", show_default=True, help="The model's name.")
@click.pass_obj
def train(
    config: Path, audio: Path, add: tuple[Path, ...], test: Path | None, folds: int | None, epochs: int, synthetic: int,
    neural: int, begin: Path | None, wide: int, name: str,
) -> None:  # fmt: skip
    """Make an English telephone model from recordings: data/models/NAME, with its card.

    About an hour on two cores, times FOLDS + 1. Broken off, it goes on where it was.
    """
    from voicebot.config.deployment import environment, read_deployment

    data = read_deployment(environment(config.parent, os.environ), config.parent).data
    out = data / "models" / name
    if out.exists():
        raise TrainingRefused(f"{out} is already there: choose another --name, or move it away")
    if begin is not None and folds:
        raise TrainingRefused("--begin goes on from a model that has heard the speakers whom --folds leaves out")
    places = [audio, *add]
    clips = {place: _read(place) for place in places}
    speakers = sorted({clip.speaker for several in clips.values() for clip in several if clip.kind is Kind.SPEECH})
    dealt = _dealt(speakers, folds)
    python = own_environment(data / "training" / "environment", PROJECT / "requirements-training.txt")
    options = [word for place in places for word in ("--audio", str(place.absolute()))]
    options += ["--epochs", str(epochs), "--synthetic", str(synthetic), "--neural", str(neural), "--wide", str(wide)]
    options += ["--voices", str((data / "training" / "voices").absolute())]
    options += ["--begin", str(begin.absolute())] if begin else []
    kept = data / "training" / f"{name}-{len(dealt)}-folds"
    if dealt:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / FOLDS).write_text(json.dumps(dealt, indent=1) + "\n", encoding="utf-8")
    for number, left_out in enumerate(dealt):
        click.echo(f"fold {number + 1} of {len(dealt)}: without {len(left_out)} of {len(speakers)} speakers")
        _train_one(python, [*options, "--leave-out", ",".join(left_out)], kept / str(number))
    made = out.with_name(f"{name}.measuring")
    _train_one(python, options, made)
    measured = _measured(test, made, [kept / str(number) for number in range(len(dealt))], dealt, speakers) if test else []
    (made / "README.md").write_text(card(_facts(name, clips, made, epochs, len(dealt), measured)), encoding="utf-8")
    made.replace(out)
    click.echo(f"{out} is ready. To listen with it: VOICEBOT_MODEL_EN={out.absolute()}")


def _read(place: Path) -> list[Clip]:
    """Checked here already, before minutes go into an environment. Words are looked up by the training, which has CMUdict."""
    try:
        return read_recordings(place, lambda _word: True)
    except RecordingsRefused as error:
        raise TrainingRefused(str(error)) from None


def _dealt(speakers: Sequence[str], folds: int | None) -> list[list[str]]:
    try:
        return deal(speakers, folds) if folds else []
    except ValueError as error:
        raise TrainingRefused(str(error)) from None


def _train_one(python: Path, options: Sequence[str], out: Path) -> None:
    """One model with its graph; at once if it is there from before. Raises TrainingRefused."""
    from voicebot.speech.graph import write_graph

    if not (out / "graph" / "HCLr.fst").is_file():
        if not out.is_dir():
            path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")]))
            command = [str(python), "-P", "-m", "models.training", *options, "--out", str(out.absolute())]
            if subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False).returncode:
                raise TrainingRefused("the training did not end well; it says why above. The same command goes on with it")
        write_graph(out)


def _measured(
    test: Path, model: Path, folds: Sequence[Path], dealt: Sequence[Sequence[str]], trained_on: Sequence[str]
) -> list[Measured]:
    """By condition. A speaker of a fold is heard by the model that was trained without them, all others by `model`."""
    from voicebot.commands.bench_speech import hear_each, row
    from voicebot.commands.bench_speech_clips import all_clips

    fold_of = {speaker: folds[number] for number, speakers in enumerate(dealt) for speaker in speakers}
    clips = all_clips(test)
    measured = []
    for condition in dict.fromkeys(clip.group for clip in clips):
        chosen = [clip for clip in clips if clip.group == condition]
        told = row(condition, hear_each(chosen, fold_of, model), 0.0)
        strangers = all(clip.speaker in fold_of or clip.speaker not in trained_on for clip in chosen)
        measured.append(
            Measured(
                condition, told.clips, told.speakers, strangers, told.exact, told.digit_errors, told.wrong, told.low, told.high
            )
        )  # fmt: skip
        click.echo(f"measured: {condition}")
    return measured


def _facts(
    name: str, clips: Mapping[Path, Sequence[Clip]], model: Path, epochs: int, folds: int, measured: Sequence[Measured]
) -> Facts:
    from voicebot.commands.bench_speech import machine
    from voicebot.speech.graph import read_lexicon

    return Facts(
        name=name,
        sources={place.name: _held(several) for place, several in clips.items()},
        licences={place.name: _notices(place, model) for place in clips},
        speakers=len({clip.speaker for several in clips.values() for clip in several if clip.words}),
        epochs=epochs,
        folds=folds,
        megabytes=(model / "am" / "final.mdl").stat().st_size / 1e6,
        words=len(read_lexicon(model).words),
        machine=machine().partition(";")[0],
        measured=measured,
    )


def _held(clips: Sequence[Clip]) -> str:
    counts = Counter(clip.kind for clip in clips)
    minutes = sum(len(clip.sound) for clip in clips) / 8000 / 60
    speakers = len({clip.speaker for clip in clips if clip.words})
    return f"{', '.join(f'{count} {kind}' for kind, count in counts.items())} clips, {minutes:.0f} minutes, {speakers} speakers"


def _notices(place: Path, model: Path) -> str:
    """The licence files beside the recordings, copied beside the model."""
    found = sorted(file for pattern in NOTICES for file in place.glob(pattern))
    for file in found:
        shutil.copyfile(file, model / file.name)
    return f"Licence: {', '.join(file.name for file in found)}" if found else ""
