"""`bench doors`: the same calls through each door, measured at the caller's ear. Decides nothing.

Both in real time over the real server and the simulator, whose network and voice take no time: what is measured is ours. Prompts
of the stream are sound that was rendered beforehand, half a second each.
"""

import asyncio
import io
import os
import platform
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click

from voicebot.dialogue.forms import Door
from voicebot.rehearsal import RehearsalPlan, rehearsal
from voicebot.simulator.record import LegRecord
from voicebot.simulator.script import Script, parse_turns
from voicebot.speech.voice import LocalVoice

PROJECT = Path(__file__).resolve().parents[2]
LINE, DNIS = "support", "+12025550120"
QUESTIONS = 2  # account number and PIN
FRAME_BYTES = 380  # of one message of 20 ms of the caller's sound, as the carrier writes it
KINDS = {
    "keys": ("keys:40719238", "keys:493817", "hangup@wait"),
    "speech": ("audio:account-40719238.wav", "audio:pin-493817.wav", "hangup@wait"),
}
DOORS = {  # secrets are never recorded
    Door.GATHER: KINDS,
    Door.STREAM: KINDS,
    Door.RECORD: {"speech, then keys": ("audio:account-40719238.wav", "keys:493817", "hangup@wait")},
}


class HalfASecond:
    """A voice for every machine."""

    def speaks(self, language: str) -> bool:
        """Everything."""
        return bool(language)

    def wav(self, text: str, language: str) -> bytes:  # noqa: ARG002  all sound alike
        """Half a second of quiet."""
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"\x00\x04" * 4000)
        return out.getvalue()


@dataclass(frozen=True)
class Measured:
    """One kind of call through one door. Seconds to the next prompt's first sound; the rest is a question's share."""

    door: str
    kind: str
    calls: int
    answers: tuple[float, ...]
    requests: float
    kilobytes: float


@click.command()
@click.option("--calls", default=10, show_default=True, help="So many of each kind.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
@click.pass_obj
def doors(config: Path, calls: int, write: Path | None) -> None:
    """Questions put through each door: how soon the next prompt begins after an answer, requests and bytes."""
    rows = [row for door in DOORS for row in asyncio.run(_through(config, door, calls))]
    table = _table(rows)
    click.echo(table)
    if write is not None:
        write.write_text(table + "\n", encoding="utf-8")


async def _through(config: Path, door: Door, calls: int) -> list[Measured]:
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as name:
        place = Path(name)
        toml = _company(config, door, place)
        _render(toml, place / "data" / "voice")
        rows = []
        async with rehearsal(RehearsalPlan(toml, PROJECT / "examples" / "customers.csv", place / "data")) as open_now:
            filler = _filler(toml)
            for kind, turns in DOORS[door].items():
                script = Script(DNIS, "+12025550399", parse_turns(turns), agents=(), folder=PROJECT / "tests" / "recordings")
                await open_now.place(script)  # the first call pays for what is loaded lazily
                legs = [(await open_now.place(script)).caller for _ in range(calls)]
                rows.append(_measured(door, kind, legs, filler))
                click.echo(f"measured: {door}, {kind}", err=True)
        return rows


def _filler(toml: Path) -> str:
    """What is said while an answer is checked: no answer yet."""
    from voicebot.config.prompt_files import load_catalogue

    found = load_catalogue(toml.parent / "prompts").find("filler", "en")
    return found.text if found is not None else ""


def _company(config: Path, door: Door, place: Path) -> Path:
    for name in ("prompts", "grammars"):
        (place / name).symlink_to(config.parent / name)
    toml = place / "voicebot.toml"
    text = config.read_text(encoding="utf-8")
    head = f"[lines.{LINE}]"
    toml.write_text(text.replace(f"{head}\n", f'{head}\ndoor = "{door}"\n', 1), encoding="utf-8")
    return toml


def _render(toml: Path, directory: Path) -> None:
    from voicebot.config.prompt_files import load_catalogue
    from voicebot.config.settings import load_company
    from voicebot.config.voiced import voiced_prompts

    voice = LocalVoice(directory, HalfASecond())
    for one in voiced_prompts(load_company(toml), load_catalogue(toml.parent / "prompts")):
        for piece in one.pieces:
            voice.render(piece, one.language)


def _measured(door: str, kind: str, legs: Sequence[LegRecord], filler: str = "") -> Measured:
    answers = tuple(seconds for leg in legs for seconds in _answers(leg, filler))
    asked = len(legs) * QUESTIONS
    requests = sum(len(leg.documents) + len(leg.pushes) for leg in legs) / asked
    size = sum(leg.streamed + FRAME_BYTES * leg.frames + sum(document.size for document in leg.documents) for leg in legs)
    return Measured(door, kind, len(legs), answers, requests, size / asked / 1000)


def _answers(leg: LegRecord, filler: str = "") -> list[float]:
    """From the end of each answer (its last key, its last word) to the first sound after it that is not the filler."""
    keys = [key.at for key in leg.keys]
    last_keys = [at for at, after in zip(keys, [*keys[1:], float("inf")], strict=False) if after - at > 1.0]
    ends = [*last_keys, *(said.until for said in leg.utterances if said.until is not None)]
    sounds = [heard.at for heard in leg.heard if heard.what != filler]
    return [min(after) - end for end in sorted(ends) if (after := [at for at in sounds if at > end])]


def _table(rows: Sequence[Measured]) -> str:
    lines = [
        "| door | answered by | calls | answers | next prompt after, median s | p95 s | slowest s | requests | kB |",
        "|-|-|-|-|-|-|-|-|-|",
        *(_line(row) for row in rows),
    ]
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    shares = "Requests and kB are a question's share of the whole call."
    return "\n".join([*lines, "", f"{machine}; server, simulator and recognisers share them. {shares}"])


def _line(row: Measured) -> str:
    if not row.answers:
        return f"| {row.door} | {row.kind} | {row.calls} | 0 | | | | {row.requests:.1f} | {row.kilobytes:.0f} |"
    ordered = sorted(row.answers)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    times = f"{median(ordered):.3f} | {p95:.3f} | {ordered[-1]:.3f}"
    return f"| {row.door} | {row.kind} | {row.calls} | {len(ordered)} | {times} | {row.requests:.1f} | {row.kilobytes:.0f} |"
