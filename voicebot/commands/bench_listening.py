"""`bench listening`: how many callers are heard at once, over the real socket and workers, in real time. Decides nothing.

The telephone company is another process: this one. Both read the machine's one monotonic clock. Linux only: the processes' time
is read from /proc.
"""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

import click

from voicebot.commands.bench_slow import at_share
from voicebot.commands.bench_speech import machine
from voicebot.simulator.media import MediaStream, StreamOrder
from voicebot.simulator.settings import Faults, new_sid
from voicebot.speech.codec import RATE, SILENCE, to_mulaw
from voicebot.speech.recording import read_recording

PROJECT = Path(__file__).resolve().parents[2]
RIGHT = "40719238"
SAID = PROJECT / "tests" / "recordings" / f"account-{RIGHT}.wav"
THINKS = 5.0  # seconds of silence between two answers: a question is spoken, and thought about
FRAME, FRAME_SECONDS = 160, 0.02
QUIET = base64.b64encode(SILENCE * FRAME).decode()
GROUPS = 4  # the callers' frames do not all come in the same instant
WARM_UP = 4.0  # seconds that are not counted
LIMIT = 100.0  # ms at the 95th percentile: then it is enough
STEPS = "10,20,30,40,50,60,80,100,120,150,200"


@dataclass(frozen=True)
class Listened:
    """One row. Lags in milliseconds from when the last sound of a piece was due on the line until the ear had worked it off.

    `minutes`: CPU seconds for a minute of one call, server and workers; `carrier`: share of a core that the other side took.
    """

    calls: int
    p50: float
    p95: float
    p99: float
    right: int
    other: int
    lost: int
    minutes: float
    cores: float
    carrier: float


@click.command("listening")
@click.option("--calls", default=STEPS, show_default=True, help="So many at once, one row each, until p95 is over 100 ms.")
@click.option("--seconds", default=20.0, show_default=True, help="How long each row is measured.")
@click.option("--thinks", default=THINKS, show_default=True, help="Seconds in which a caller hears a question and thinks.")
@click.option("--cores", default=0, show_default=True, help="Keep server and workers on so many cores; 0: all.")
@click.option("--workers", default=0, show_default=True, help="Recogniser processes; 0: one a core.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
@click.option("--json", "as_json", type=click.Path(path_type=Path, dir_okay=False), help="Also write the figures to this file.")
@click.option("--plot", "picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw this SVG.")
def listening(
    calls: str, seconds: float, thinks: float, cores: int, workers: int, write: Path | None, as_json: Path | None,
    picture: Path | None,
) -> None:  # fmt: skip
    """Callers who say a number of eight digits again and again, all at once: how far the ear is behind them."""
    if not hasattr(os, "sched_getaffinity"):
        raise click.UsageError("only on Linux: the processes' time is read from /proc")
    mine = sorted(os.sched_getaffinity(0))
    kept = mine[:cores] if cores else mine
    rows, load = [], [os.getloadavg()[0]]
    for count in map(int, calls.split(",")):
        rows.append(measure(count, seconds, thinks, kept, workers or len(kept)))
        load.append(os.getloadavg()[0])
        click.echo(f"measured: {count} calls, p95 {rows[-1].p95:.1f} ms", err=True)
        if rows[-1].p95 > LIMIT:
            break
    about = f"{machine()} Server and workers on {len(kept)} core(s), {workers or len(kept)} worker(s); "
    about += f"load of the machine {load[0]:.1f} before it, up to {max(load):.1f} with it."
    found = f"{table(rows)}\n\n{about}"
    click.echo(found)
    if write is not None:
        write.write_text(f"# Listening to many at once\n\n{_ABOUT}\n\n{found}\n", encoding="utf-8")
    if as_json is not None:
        told = {"machine": about, "rows": [asdict(one) for one in rows]}
        as_json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if picture is not None:
        picture.write_text(plot(rows), encoding="utf-8")


def measure(count: int, seconds: float, thinks: float, cores: Sequence[int], workers: int) -> Listened:
    """So many callers for so many seconds, in processes of their own."""
    plan = {"shape": f"digits:{len(RIGHT)}", "right": RIGHT, "calls": count, "workers": workers, "cores": list(cores)}
    command = [sys.executable, "-m", "voicebot.commands.bench_listening_house", json.dumps(plan)]
    house = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    source, output = cast("Any", house.stdin), cast("Any", house.stdout)
    try:
        ready = json.loads(output.readline())
        due, spent, took = asyncio.run(_carrier(count, seconds, thinks, ready["port"], ready["pids"]))
        source.close()
        told = json.loads(output.readline())
    finally:
        source.close()
        house.wait(30)
        output.close()
    lags = sorted(lags_of(due, told["notes"]))
    since, until = next(iter(due.values()))[1:]
    counts = Counter(what for at, what in told["outcomes"] if since <= at <= until)
    p50, p95, p99 = (at_share(lags, share) for share in (0.5, 0.95, 0.99))
    return Listened(
        count, p50, p95, p99, counts["right"], counts["other"], counts["lost"],
        spent * 60 / (seconds * count), spent / seconds, took / seconds,
    )  # fmt: skip


def lags_of(due: dict[str, tuple[float, float, float]], notes: dict[str, list[tuple[int, float]]]) -> list[float]:
    """Milliseconds for each piece. `due`: when a call's first frame was due, and from when to when it counts."""
    lags = []
    for call_id, (first, since, until) in due.items():
        for size, done in notes.get(call_id, [])[1:]:
            sent = first + (-(-size // FRAME) - 1) * FRAME_SECONDS
            if since <= sent <= until:
                lags.append((done - sent) * 1000)
    return lags or [float("inf")]


async def _carrier(
    count: int, seconds: float, thinks: float, port: int, pids: Sequence[int]
) -> tuple[dict[str, tuple[float, float, float]], float, float]:
    """The calls. Gives when their frames were due, and the CPU seconds of the server's processes and of this one."""
    frames = _frames(thinks)
    streams = [_stream(number, port) for number in range(count)]
    for stream in streams:
        await stream.start()
    chance = Random(7)  # noqa: S311 - chance in a measurement guards nothing
    starts = [chance.randrange(len(frames)) for _ in streams]  # nobody begins in the middle of a number
    began = time.monotonic() + 0.1
    since, until = began + WARM_UP, began + WARM_UP + seconds
    due = {f"call-{number}": (began + number % GROUPS * FRAME_SECONDS / GROUPS, since, until) for number in range(count)}
    spent = took = 0.0
    for tick in range(int((WARM_UP + seconds + 0.5) / FRAME_SECONDS)):
        if tick == int(WARM_UP / FRAME_SECONDS):
            spent, took = -_cpu(pids), -time.process_time()
        if tick == int((WARM_UP + seconds) / FRAME_SECONDS):
            spent, took = spent + _cpu(pids), took + time.process_time()
        for group in range(GROUPS):
            await asyncio.sleep(began + tick * FRAME_SECONDS + group * FRAME_SECONDS / GROUPS - time.monotonic())
            for number in range(group, count, GROUPS):
                said = frames[(tick - starts[number]) % len(frames)] if tick >= starts[number] else QUIET
                await streams[number].send(said)
    for stream in streams:
        await stream.stop()
    return due, spent, took


def _frames(thinks: float) -> list[str]:
    sound = to_mulaw(read_recording(SAID)) + SILENCE * int(thinks * RATE)
    whole = len(sound) // FRAME * FRAME
    return [base64.b64encode(sound[start : start + FRAME]).decode() for start in range(0, whole, FRAME)]


def _stream(number: int, port: int) -> MediaStream:
    from voicebot.commands.bench_listening_house import BASE, TOKEN

    address = f"ws://127.0.0.1:{port}/voice/stream"
    parameters = {"call": f"call-{number}", "phase": "1", "token": TOKEN}
    url = "ws" + BASE.removeprefix("http") + "/voice/stream"
    order = StreamOrder("bench", url, address, parameters, new_sid("CA"), "AC" + "0" * 32, TOKEN)
    return MediaStream(order, Faults(), lambda _stream, _event, _error: None)


def _cpu(pids: Sequence[int]) -> float:
    """CPU seconds so far, of all threads."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


HEADING = (
    "calls at once", "lag p50 ms", "p95 ms", "p99 ms", "right", "other answers", "lost", "CPU s a listening minute",
    "cores taken", "cores of the other side",
)  # fmt: skip


def table(rows: Sequence[Listened]) -> str:
    """The figures, in Markdown."""
    lines = [f"| {' | '.join(HEADING)} |", "|-" * len(HEADING) + "|"]
    for row in rows:
        lags = f"{row.p50:.1f} | {row.p95:.1f} | {row.p99:.1f}"
        shares = f"{row.minutes:.2f} | {row.cores:.2f} | {row.carrier:.2f}"
        lines.append(f"| {row.calls} | {lags} | {row.right} | {row.other} | {row.lost} | {shares} |")
    return "\n".join(lines)


WIDTH, HEIGHT, EDGE, MOST_MS = 560, 260, 50, 200
COLOURS = {"p50": "#2a9d8f", "p95": "#e9a03b", "p99": "#c8553d"}


def plot(rows: Sequence[Listened]) -> str:
    """Lags over the number of calls, an SVG; what is above 200 ms is drawn at the upper edge."""
    most = max(row.calls for row in rows)
    parts = [f'<text x="{EDGE + WIDTH / 2}" y="{HEIGHT + 62}" text-anchor="middle">calls at once</text>']
    for lag in range(0, MOST_MS + 1, 50):
        y = _down(lag)
        parts.append(f'<line x1="{EDGE}" y1="{y:.1f}" x2="{EDGE + WIDTH}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{lag} ms</text>')
    for row in rows:
        x = EDGE + WIDTH * row.calls / most
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT + 42}" text-anchor="middle">{row.calls}</text>')
    for number, (name, colour) in enumerate(COLOURS.items()):
        points = " ".join(f"{EDGE + WIDTH * row.calls / most:.1f},{_down(asdict(row)[name]):.1f}" for row in rows)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{EDGE + 60 * number}" y="14" fill="{colour}">{name}</text>')
    size = f'width="{WIDTH + 2 * EDGE}" height="{HEIGHT + 75}" font-family="sans-serif" font-size="11"'
    title = "<title>How far the ear is behind its callers</title>"
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{title}{ground}{"".join(parts)}</svg>\n'


def _down(lag: float) -> float:
    return 25 + HEIGHT * (1 - min(lag, MOST_MS) / MOST_MS)


_ABOUT = """`python3 run.py bench listening --write docs/benchmarks/listening-at-once.md
--json docs/benchmarks/listening-at-once.json --plot docs/benchmarks/listening-at-once.svg`
(`--cores 1` keeps server and workers on one core)

Each caller says the same account number of eight digits, hears the next question and thinks for five seconds (`--thinks`), and
says it again, in real time: frames of 20 ms over the signed media socket, the ear, the workers with both decoders, the rules; the
next question is open as soon as the last one is answered. So everybody speaks for nearly half of the time. *lag*: from when the
last sound of a piece (40 ms while somebody speaks, else 100 ms) was due on the line until the worker had done with it, network
and queues of this machine included. *CPU* counts server and workers, *other side* is the process that plays the carrier, on the
same machine. *other answers*: read back, or not understood. *lost*: speech given up for being behind."""
