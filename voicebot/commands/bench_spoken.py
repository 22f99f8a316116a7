"""`bench spoken`: whole calls in which people say everything, and the share that ends verified. Decides nothing about calls.

The recordings are test material of AN4 (strings as people said them) and FSDD (single digits, joined here); neither is part
of the project. Each caller says the account number and the PIN once and hangs up when asked anything more, so the share is
that of the first go.
"""

import asyncio
import csv
import os
import random
import tempfile
import wave
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import click

from voicebot.errors import VoicebotError
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.retelling import CallStory
from voicebot.simulator.script import Script, parse_turns

PROJECT = Path(__file__).resolve().parents[2]
COMPANY = PROJECT / "tests" / "calls" / "company" / "voicebot.toml"
LINE = "+12025550120"
ACCOUNT_DIGITS, PIN_DIGITS = 7, 5
TRAINED_ON = "speakers the model was trained on"
JOINED = "single digits of strangers to the model, joined"
AT_ONCE = 3  # callers; an agent each
JOINS_PER_SPEAKER = 4
PAUSE_MS = (80, 150)  # between joined digits
RATE = 8000


class MaterialMissing(VoicebotError):
    """There are no recordings of people here. The text says where they were looked for."""


@dataclass(frozen=True)
class SpokenCall:
    """What one caller says: two recordings, and the digits in them."""

    speaker: str
    account: str = field(repr=False)
    pin: str = field(repr=False)
    says_account: Path
    says_pin: Path


class Outcome(StrEnum):
    """How a call ended, by what the agent was told. Nobody may ever be verified as somebody else."""

    VERIFIED = "verified"
    IDENTIFIED = "identified only"
    UNKNOWN = "not identified"
    TAKEN_FOR_ANOTHER = "identified as somebody else"
    WRONGLY_VERIFIED = "verified as somebody else"


@dataclass(frozen=True)
class Ended:
    """A call's outcome; `seconds` from the end of each entry's speech to its decision; `failures` as the carrier saw them."""

    call: SpokenCall
    outcome: Outcome
    seconds: tuple[float, ...] = ()
    failures: tuple[str, ...] = ()


def material_at() -> Path:
    """Where the test material lies. Raises MaterialMissing."""
    place = (PROJECT / os.environ.get("VOICEBOT_TEST_MATERIAL", "../shared")).resolve() / "audio"
    if not (place / "an4" / "index.tsv").is_file():
        raise MaterialMissing(f"needs recordings of people, and there is no {place / 'an4'} (VOICEBOT_TEST_MATERIAL)")
    return place


def an4_calls(audio: Path) -> list[SpokenCall]:
    """A call for each speaker who says a string of seven digits and one of five. No account number comes twice."""
    said: dict[str, dict[int, tuple[str, Path]]] = {}
    with (audio / "an4" / "index.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            if row["kind"] == "digits":
                clip = (row["digits"], audio / "an4" / row["file"])
                said.setdefault(row["speaker"], {}).setdefault(len(row["digits"]), clip)
    calls: dict[str, SpokenCall] = {}
    for speaker, strings in sorted(said.items()):
        if ACCOUNT_DIGITS in strings and PIN_DIGITS in strings:
            (account, says_account), (pin, says_pin) = strings[ACCOUNT_DIGITS], strings[PIN_DIGITS]
            calls.setdefault(account, SpokenCall(speaker, account, pin, says_account, says_pin))
    return list(calls.values())


def fsdd_calls(audio: Path, place: Path) -> list[SpokenCall]:
    """Calls of joined digits, the same ones every time; their recordings are written to `place`."""
    chance = random.Random(7)  # noqa: S311 - chance in a measurement guards nothing
    calls = []
    for archive in sorted((audio / "fsdd").glob("*.zip")):
        with zipfile.ZipFile(archive) as clips:
            for number in range(JOINS_PER_SPEAKER):
                account, pin = (_some_digits(chance, count) for count in (ACCOUNT_DIGITS, PIN_DIGITS))
                files = [place / f"{archive.stem}-{number}-{what}.wav" for what in ("account", "pin")]
                for digits, file in zip((account, pin), files, strict=True):
                    _join(clips, digits, chance, file)
                calls.append(SpokenCall(archive.stem, account, pin, *files))
    return calls


def _some_digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _join(clips: zipfile.ZipFile, digits: str, chance: random.Random, file: Path) -> None:
    """Takes of these digits, one behind the other with pauses of a breath."""
    names = clips.namelist()
    frames = b""
    for digit in digits:
        takes = sorted(name for name in names if Path(name).name.startswith(f"{digit}_") and name.endswith(".wav"))
        with clips.open(chance.choice(takes)) as stored, wave.open(stored) as take:
            if (take.getframerate(), take.getnchannels(), take.getsampwidth()) != (RATE, 1, 2):
                raise MaterialMissing("the joined digits must be 8 kHz mono PCM16")
            frames += take.readframes(take.getnframes()) + bytes(2 * RATE * chance.randint(*PAUSE_MS) // 1000)
    with wave.open(str(file), "wb") as joined:
        joined.setnchannels(1)
        joined.setsampwidth(2)
        joined.setframerate(RATE)
        joined.writeframes(frames)


def customers_of(calls: Sequence[SpokenCall], place: Path) -> Path:
    """A customer file in which each caller is one customer."""
    file = place / "customers.csv"
    with file.open("w", newline="", encoding="utf-8") as written:
        rows = csv.writer(written)
        rows.writerow(["customer_id", "name", "account_number", "pin"])
        rows.writerows([call.account, f"Speaker {call.speaker}", call.account, call.pin] for call in calls)
    return file


async def place_all(open_now: Rehearsal, calls: Sequence[SpokenCall], at_once: int = AT_ONCE) -> list[Ended]:
    """Place them, so many at once, each from a number of its own."""
    room = asyncio.Semaphore(at_once)

    async def placed(number: int, call: SpokenCall) -> Ended:
        async with room:
            turns = parse_turns([f"audio:{call.says_account}", f"audio:{call.says_pin}", "hangup"])
            record = await open_now.place(Script(LINE, f"+1202557{number:04d}", turns))
            story = await open_now.ended_story(record.call_sid)
            failures = tuple(failure.what for failure in record.failures)
            return Ended(call, _outcome(call, story), _seconds(story), failures)

    return list(await asyncio.gather(*(placed(number, call) for number, call in enumerate(calls))))


def _outcome(call: SpokenCall, story: CallStory | None) -> Outcome:
    if story is None or story.assurance == "none":
        return Outcome.UNKNOWN
    own = story.identifier == call.account
    if story.assurance == "verified":
        return Outcome.VERIFIED if own else Outcome.WRONGLY_VERIFIED
    return Outcome.IDENTIFIED if own else Outcome.TAKEN_FOR_ANOTHER


def _seconds(story: CallStory | None) -> tuple[float, ...]:
    return tuple(turn.seconds for turn in story.turns if turn.seconds is not None) if story else ()


async def measure(place: Path) -> dict[str, list[Ended]]:
    """Both kinds of calls over one server, by their label. Raises MaterialMissing."""
    audio = material_at()
    kinds = {TRAINED_ON: an4_calls(audio), JOINED: fsdd_calls(audio, place)}
    customers = customers_of([call for calls in kinds.values() for call in calls], place)
    async with rehearsal(RehearsalPlan(COMPANY, customers, fast=True)) as open_now:
        return {label: await place_all(open_now, calls) for label, calls in kinds.items()}


def share(ended: Sequence[Ended], outcome: Outcome = Outcome.VERIFIED) -> float:
    """How many of these calls ended like this, from 0 to 1."""
    return sum(one.outcome is outcome for one in ended) / len(ended) if ended else 0.0


def table(measured: dict[str, list[Ended]]) -> str:
    """The figures, in Markdown."""
    heading = ["who speaks", "calls", *Outcome, "verified, share", "decided after, p50 / p95 s"]
    lines = [f"| {' | '.join(heading)} |", "|-" * len(heading) + "|"]
    for label, ended in measured.items():
        counted = Counter(one.outcome for one in ended)
        seconds = sorted(second for one in ended for second in one.seconds)
        waits = " / ".join(f"{seconds[int(at * (len(seconds) - 1))]:.2f}" for at in (0.5, 0.95)) if seconds else "–"
        cells = [label, len(ended), *(counted[outcome] for outcome in Outcome), f"{share(ended):.0%}", waits]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


@click.command("spoken")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
def spoken(write: Path | None) -> None:
    """Calls in which recorded people say account number and PIN: the share that ends verified.

    Needs recordings of people that are not part of the project (VOICEBOT_TEST_MATERIAL, by default ../shared).
    """
    with tempfile.TemporaryDirectory(prefix="voicebot-spoken-") as place:
        measured = asyncio.run(measure(Path(place)))
    found = table(measured)
    click.echo(found)
    if write is not None:
        write.write_text(f"# Whole calls, all spoken\n\n{_ABOUT}\n\n{found}\n", encoding="utf-8")


_ABOUT = f"""`python3 run.py bench spoken --write docs/benchmarks/spoken-calls.md`

Every call goes over the real server, signed webhooks, media sockets, recognition and database. The caller says an account
number of {ACCOUNT_DIGITS} digits and a PIN of {PIN_DIGITS}, once each, and hangs up at any further question.
So the share is that of the first go.

Two kinds of recordings of people, neither of them real telephone calls. AN4's digit strings are whole, as they were said, but
by {TRAINED_ON}: too good a figure for strangers. FSDD's are single digits of people whom it
never heard, joined with {PAUSE_MS[0]} to {PAUSE_MS[1]} ms between them, as nobody speaks: too bad a one.
For whole strings of speakers whom it never heard see `models/en-telephone/README.md`."""
