"""`bench speech --peers`: other recognisers on the same clips in the same run, each a process in an environment of its own.

Compared are strings of digits whose length is known: nothing else is asked of all of them alike.
"""

import json
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import click

from voicebot.commands.bench_speech_clips import RATE, Clip
from voicebot.commands.own_environment import PROJECT, own_environment
from voicebot.dialogue.values import Shape
from voicebot.errors import VoicebotError
from voicebot.speech.agreement import edits

PROGRAM = Path(__file__).with_name("bench_speech_peer.py")
PEERS = {"pocketsphinx": "pocketsphinx 5.1.1, exact length", "whisper": "whisper tiny.en int8"}
OURS = "Voicebot"
COLOURS = ("#1f5fa8", "#c46a00", "#5b8c3a", "#8a4f9e")
BAR, GAP, LEFT, WIDTH = 14, 18, 190, 420  # pixels


class PeerFailed(VoicebotError):
    """A recogniser that ended or said nothing sensible."""


@dataclass(frozen=True)
class PeerRow:
    """Shares from 0 to 1. `speed` is processing over audio time."""

    condition: str
    recogniser: str
    clips: int
    exact: float
    digit_errors: float
    speed: float


def comparable(clips: Sequence[Clip]) -> list[Clip]:
    """Those whose answer is a number of a known length."""
    return [clip for clip in clips if clip.right.isdigit() and _length(clip) == len(clip.right)]


def _length(clip: Clip) -> int | None:
    shape = Shape.parse(clip.shape)
    return shape.shortest if shape.takes_digits and shape.shortest == shape.longest else None


def row(condition: str, recogniser: str, told: Sequence[tuple[str, str]], speed: float) -> PeerRow:
    """The figures of (right, heard) pairs."""
    exact = sum(right == heard for right, heard in told) / len(told)
    wrong = sum(edits(right, heard) for right, heard in told) / sum(len(right) for right, _ in told)
    return PeerRow(condition, recogniser, len(told), exact, wrong, speed)


def measure_peers(clips: Sequence[Clip], environment: Path) -> list[PeerRow]:
    """Every peer on every condition. Makes the environment if there is none."""
    python = own_environment(environment, PROJECT / "requirements-peers.txt")
    return [one for name in PEERS for one in measure_peer(comparable(clips), [str(python), str(PROGRAM), name], PEERS[name])]


def measure_peer(clips: Sequence[Clip], command: Sequence[str], title: str) -> list[PeerRow]:
    """One peer, by condition. Raises PeerFailed with the last that it said."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="voicebot-peer-") as place, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:  # fmt: skip
        for condition in dict.fromkeys(clip.group for clip in clips):
            chosen = [clip for clip in clips if clip.group == condition]
            answers = [_asked(child, clip, Path(place) / "clip.wav") for clip in chosen]
            length = sum(len(clip.sound) for clip in chosen) / RATE
            told = [(clip.right, str(answer["value"])) for clip, answer in zip(chosen, answers, strict=True)]
            rows.append(row(condition, title, told, sum(float(answer["seconds"]) for answer in answers) / length))
            click.echo(f"measured: {condition}, {title}", err=True)
        if child.stdin is not None:
            child.stdin.close()
    return rows


def _asked(child: subprocess.Popen[str], clip: Clip, path: Path) -> dict[str, str | float]:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(clip.sound.tobytes())
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise PeerFailed("the recogniser has no pipes")
    try:
        child.stdin.write(json.dumps({"file": str(path), "length": len(clip.right)}) + "\n")
        child.stdin.flush()
        answer: dict[str, str | float] = json.loads(child.stdout.readline())
        return answer
    except (BrokenPipeError, json.JSONDecodeError):
        child.terminate()
        said = child.stderr.read().strip().splitlines()
        raise PeerFailed(f"a recogniser ended: {said[-1] if said else 'it said nothing'}") from None


def table(rows: Sequence[PeerRow]) -> str:
    """Exact strings and, in brackets, digit errors, by condition and recogniser, in Markdown; below, the speeds."""
    names = list(dict.fromkeys(one.recogniser for one in rows))
    found = {(one.condition, one.recogniser): one for one in rows}
    lines = [f"| condition | clips | {' | '.join(names)} |", "|-" * (len(names) + 2) + "|"]
    for condition in dict.fromkeys(one.condition for one in rows):
        cells = [f"{one.exact:.1%} ({one.digit_errors:.1%})" if (one := found.get((condition, name))) else "–" for name in names]
        lines.append(f"| {condition} | {max(one.clips for one in rows if one.condition == condition)} | {' | '.join(cells)} |")
    speeds = [f"{name} {_mean([one.speed for one in rows if one.recogniser == name]):.3f}" for name in names]
    return "\n".join([*lines, "", f"Processing over audio time: {', '.join(speeds)}."])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def plot(rows: Sequence[PeerRow]) -> str:
    """Exact strings as bars, an SVG."""
    names = list(dict.fromkeys(one.recogniser for one in rows))
    conditions = list(dict.fromkeys(one.condition for one in rows))
    parts, top = [], GAP + 10
    for number, name in enumerate(names):
        x = LEFT + number * 190
        parts.append(f'<rect x="{x}" y="6" width="10" height="10" fill="{COLOURS[number]}"/>')
        parts.append(f'<text x="{x + 15}" y="15">{escape(name)}</text>')
    for condition in conditions:
        parts.append(f'<text x="{LEFT - 8}" y="{top + BAR * len(names) / 2 + 4}" text-anchor="end">{escape(condition)}</text>')
        for one in (one for one in rows if one.condition == condition):
            y, width = top + BAR * names.index(one.recogniser), one.exact * WIDTH
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 2}" fill="{COLOURS[names.index(one.recogniser)]}"/>'
                f'<text x="{LEFT + width + 5:.1f}" y="{y + BAR - 3}">{one.exact:.0%}</text>'
            )
        top += BAR * len(names) + GAP
    size = f'width="{LEFT + WIDTH + 160}" height="{top}" font-family="sans-serif" font-size="11"'
    title = "<title>Strings of digits that were heard exactly, length known</title>"
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{title}{ground}{"".join(parts)}</svg>\n'
