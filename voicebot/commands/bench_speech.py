"""`bench speech`: how well and how soon recorded people are understood, through the whole path of a call. Decides nothing.

The recogniser gets the audio as fast as it takes it; all times are the call's own.
"""

import json
import math
import os
import platform
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import click

from models.training.folds import strangers
from voicebot.commands import bench_speech_peers
from voicebot.commands.bench_speech_clips import RATE, Clip, all_clips, can_code, half_of, written
from voicebot.commands.bench_speech_peers import PeerRow
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech import transcribe_files
from voicebot.speech.agreement import edits

Z = 1.96  # 95 % of a normal distribution


@dataclass(frozen=True)
class Answer:
    """What the ear made of a clip. `seconds` from the end of speech to the decision, None if there was no value."""

    speaker: str
    right: str
    value: str = field(repr=False)
    decision: Hearing
    seconds: float | None


@dataclass(frozen=True)
class Row:
    """Figures of one condition; shares run from 0 to 1, seconds are the call's. None: nothing to count.

    `wrong` is the share of all answers that were accepted wrong without a question, `low` and `high` its interval.
    `questions` is how many were asked for one right value; a read-back is one, so is asking again.
    """

    condition: str
    clips: int
    speakers: int
    exact: float | None
    digit_errors: float | None
    confirm: int
    nothing: int
    wrong: float
    low: float
    high: float
    questions: float | None
    p50: float | None
    p95: float | None
    speed: float


def interval(counts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Wilson's 95 % interval for a share, of (hits, answers) per speaker.

    Answers of one speaker resemble each other: the number of answers is divided by the design effect, the variance between
    speakers over that of independent answers. It cannot be estimated from no hits at all; then all answers count.
    """
    total = sum(answers for _, answers in counts)
    share = sum(hits for hits, _ in counts) / total
    effect = 1.0
    if 0 < share < 1 and len(counts) > 1:
        spread = sum((hits - share * answers) ** 2 for hits, answers in counts) * len(counts) / (len(counts) - 1) / total
        effect = max(1.0, spread / (share * (1 - share)))
    size = total / effect
    middle = (share + Z * Z / (2 * size)) / (1 + Z * Z / size)
    half = Z / (1 + Z * Z / size) * math.sqrt(share * (1 - share) / size + Z * Z / (4 * size * size))
    return max(0.0, middle - half), min(1.0, middle + half)


def row(condition: str, answers: Sequence[Answer], speed: float) -> Row:
    """The figures of one condition. `speed` is processing over audio time."""
    accepted = [one for one in answers if one.decision is Hearing.ACCEPTED]
    confirm = [one for one in answers if one.decision is Hearing.CONFIRM]
    wrong = [one for one in accepted if one.value != one.right]
    by_speaker = [
        (sum(one.speaker == who for one in wrong), sum(one.speaker == who for one in answers))
        for who in sorted({one.speaker for one in answers})
    ]
    said = [one for one in answers if one.right]
    digits = [one for one in said if one.right.isdigit()]
    got = sum(one.value == one.right for one in (*accepted, *confirm))
    waits = sorted(one.seconds for one in answers if one.seconds is not None)
    return Row(
        condition, len(answers), len(by_speaker),
        sum(one.value == one.right for one in said) / len(said) if said else None,
        sum(edits(one.right, one.value) for one in digits) / sum(len(one.right) for one in digits) if digits else None,
        len(confirm), len(answers) - len(accepted) - len(confirm),
        len(wrong) / len(answers), *interval(by_speaker),
        (len(answers) + len(confirm)) / got if said and got else None,
        _at(waits, 0.5), _at(waits, 0.95), speed,
    )  # fmt: skip


def _at(ordered: Sequence[float], share: float) -> float | None:
    return ordered[round(share * (len(ordered) - 1))] if ordered else None


def hear(clips: Sequence[Clip], model: Path | None = None) -> list[Answer]:
    """What the ear makes of these clips, each the answer to a question of its own shape; with this model, else the one in use."""
    answers = []
    with tempfile.TemporaryDirectory(prefix="voicebot-speech-") as place:
        for shape in sorted({clip.shape for clip in clips}):
            chosen = [clip for clip in clips if clip.shape == shape]
            paths = [written(clip, Path(place) / f"{number}.wav") for number, clip in enumerate(chosen)]
            for clip, told in zip(chosen, transcribe_files(paths, Shape.parse(shape), model=model), strict=True):
                value = told.value if told.decision is not Hearing.REJECTED else ""
                decision = told.decision if value else Hearing.REJECTED
                answers.append(Answer(clip.speaker, clip.right, value, decision, told.seconds if value else None))
    return answers


def hear_each(clips: Sequence[Clip], model_of: Mapping[str, Path | None], otherwise: Path | None = None) -> list[Answer]:
    """`hear`, each speaker by a model of their own; by `otherwise` whoever has none."""
    answers = []
    for model in dict.fromkeys(model_of.get(clip.speaker, otherwise) for clip in clips):
        answers += hear([clip for clip in clips if model_of.get(clip.speaker, otherwise) == model], model)
    return answers


def measure(clips: Sequence[Clip], model_of: Mapping[str, Path | None] = MappingProxyType({})) -> list[Row]:
    """One row a condition, in the order in which they first come. `model_of` a speaker, where it is not the one in use."""
    rows = []
    for condition in dict.fromkeys(clip.group for clip in clips):
        chosen = [clip for clip in clips if clip.group == condition]
        began = time.perf_counter()
        answers = hear_each(chosen, model_of)
        speed = (time.perf_counter() - began) / (sum(len(clip.sound) for clip in chosen) / RATE)
        rows.append(row(condition, answers, speed))
        click.echo(f"measured: {condition}", err=True)
    return rows


def measure_strangers(clips: Sequence[Clip], model_of: Mapping[str, Path | None]) -> list[Row]:
    """The speakers of folds once more: by the model that was trained without them, and by the one in use, apart."""
    chosen = [clip for clip in clips if clip.speaker in model_of]
    by_folds = measure([replace(clip, group=f"{clip.group}, as strangers") for clip in chosen], model_of)
    in_use = measure([replace(clip, group=f"{clip.group}, the same by the model in use") for clip in chosen])
    return [one for pair in zip(by_folds, in_use, strict=True) for one in pair]


def _strangers(folds: Path | None) -> Mapping[str, Path | None]:
    try:
        return {**strangers(folds)} if folds is not None else {}
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{folds}: no folds of `model train --folds` ({error})") from None


HEADING = (
    "condition", "clips", "speakers", "exact", "digit errors", "confirm", "nothing", "accepted wrong (95 %)", "questions a value",
    "decided after, p50 / p95 s", "speed",
)  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """The figures, in Markdown."""
    return "\n".join([f"| {' | '.join(HEADING)} |", "|-" * len(HEADING) + "|", *map(_line, rows)])


def _line(one: Row) -> str:
    wrong = f"{one.wrong:.1%} ({one.low:.1%}–{one.high:.1%})"
    questions = "–" if one.questions is None else f"{one.questions:.2f}"
    waits = "–" if one.p50 is None else f"{one.p50:.2f} / {one.p95:.2f}"
    cells = [one.condition, one.clips, one.speakers, _share(one.exact), _share(one.digit_errors), one.confirm, one.nothing, wrong]
    return f"| {' | '.join(map(str, [*cells, questions, waits, f'{one.speed:.3f}']))} |"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def machine() -> str:
    """Where this was measured, and the largest process of the run."""
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    about = Path("/proc/cpuinfo")
    names = [line.partition(": ")[2] for line in about.read_text("utf-8").splitlines() if line.startswith("model name")] if (
        about.is_file()
    ) else []  # fmt: skip
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processor = names[0] if names else platform.machine()
    return f"{processor}, {cores} core(s), Python {platform.python_version()}; largest process {largest:.0f} MB."


@click.command("speech")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--speakers", type=click.Choice(["all", "development", "report"]), default="all", show_default=True, help="Whose.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
@click.option("--json", "as_json", type=click.Path(path_type=Path, dir_okay=False), help="Also write the figures to this file.")
@click.option("--only", default="", help="Conditions whose name begins with this.")
@click.option("--folds", type=click.Path(path_type=Path, file_okay=False), help="Also by the models of `model train --folds`.")
@click.option("--peers", is_flag=True, help="Also other recognisers, on strings whose length is known.")
@click.option("--plot", "picture", type=click.Path(path_type=Path, dir_okay=False), help="With --peers: draw this SVG.")
@click.pass_obj
def speech(
    config: Path, directory: Path, speakers: str, write: Path | None, as_json: Path | None, only: str,
    folds: Path | None, peers: bool, picture: Path | None,
) -> None:  # fmt: skip
    """How recorded people in DIRECTORY (an4, fsdd) are understood, over several telephones, and sound that says nothing."""
    clips = [clip for clip in all_clips(directory) if speakers in ("all", half_of(clip.speaker)) and clip.group.startswith(only)]
    if not clips:
        raise click.UsageError(f"no condition begins with '{only}'")
    model_of = _strangers(folds)  # before the minutes
    rows = [*measure(clips), *measure_strangers(clips, model_of)]
    compared = _compared(config, clips, rows) if peers else []
    notes = [f"Speakers: {speakers}. {machine()}"]
    if not can_code():
        notes.append("Without ffmpeg: neither GSM nor Opus.")
    if compared:
        notes.append(f"**Beside others**, exact strings (digit errors), length known:\n\n{bench_speech_peers.table(compared)}")
    found = "\n\n".join([table(rows), *notes])
    click.echo(found)
    if picture is not None and compared:
        picture.write_text(bench_speech_peers.plot(compared), encoding="utf-8")
    if write is not None:
        write.write_text(f"# Speech: what is understood, what is refused\n\n{_ABOUT}\n\n{found}\n", encoding="utf-8")
    if as_json is not None:
        told = {"machine": machine(), "speakers": speakers, "rows": [asdict(one) for one in rows]}
        told |= {"peers": [asdict(one) for one in compared]} if compared else {}
        as_json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _compared(config: Path, clips: Sequence[Clip], ours: Sequence[Row]) -> list[PeerRow]:
    """Ours and the peers' on what can be compared. What we only read back counts as heard: others never ask."""
    from voicebot.config.deployment import environment, read_deployment

    data = read_deployment(environment(config.parent, os.environ), config.parent).data
    alike = {clip.group for clip in bench_speech_peers.comparable(clips)}
    mine = [
        PeerRow(one.condition, bench_speech_peers.OURS, one.clips, one.exact or 0.0, one.digit_errors or 0.0, one.speed)
        for one in ours
        if one.condition in alike
    ]
    return [*mine, *bench_speech_peers.measure_peers(clips, data / "peers" / "environment")]


_ABOUT = """`python3 run.py bench speech DIR --write docs/benchmarks/speech.md --json docs/benchmarks/speech.json`

Through the whole path of a call: µ-law, level, worker, both decoders, rules; not in real time. *exact*: the right value was
accepted or read back. *digit errors*: digits changed, added or left out over digits said; an answer without a value lost all
of its digits. *accepted wrong*: of all answers, without a question; the interval is Wilson's, widened where answers of
one speaker resemble each other. *questions a value*: questions and read-backs for one right value. *speed*: processing over
audio time, with start-up.

AN4's are speakers whom the model was trained on: too good a figure for strangers (for those see
`models/en-telephone/README.md`). FSDD's are strangers to it, joined from single digits. Rows where *exact* is – should end in
*nothing* or *confirm*."""
