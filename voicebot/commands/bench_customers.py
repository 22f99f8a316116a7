"""`bench customers`: numbers that people say, heard among those that customers have, and not. Decides nothing.

The tables are made up, by one seed. Each clip is asked with several: one that holds what is said, one that does not, one that
holds a neighbour of it instead. What follows on a line that asks for a secret, and has `customers` for the field, is worked out
here as `dialogue` does it: of the few values that may have been said, one that is found is taken.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click

from voicebot.commands.bench_speech import machine
from voicebot.commands.bench_speech_clips import SEED, Clip, all_clips, half_of, written
from voicebot.dialogue.policy import how_many_to_look_for, may_hear_among
from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech import Transcription, transcribe_files

SPOKEN = ("AN4, telephone", "AN4, telephone, 15 dB", "AN4, telephone, 5 dB", "FSDD, joined")
SILENT = ("spelled names, digits:8", "babble", "music")  # where no number is said
FEWEST_DIGITS = 5


class Table(StrEnum):
    """What the made-up customers have to do with what is said."""

    WITH = "with the number"
    WITHOUT = "without it"
    NEIGHBOUR = "a neighbour instead"
    LONGER = "one digit short of somebody's"
    NO_NUMBER = "no number said"


class End(StrEnum):
    """What comes of an answer."""

    TAKEN = "taken, right"
    TAKEN_WRONG = "taken, wrong"
    READ_BACK = "read back, right"
    SOMEBODY = "read back, somebody else's"
    NOBODY = "read back, nobody's"
    UNKNOWN = "told that nobody has it"
    AGAIN = "asked again"


@dataclass(frozen=True)
class Case:
    """One clip, for a question of so many digits."""

    clip: Clip
    digits: int
    table: Table


def cases(clips: Sequence[Clip], customers: int) -> Iterator[Case]:
    """Where so many customers are few enough for the length."""
    for clip in clips:
        digits = len(clip.right)
        if clip.group in SILENT:
            yield Case(clip, 8, Table.NO_NUMBER)
        elif clip.group in SPOKEN and digits >= FEWEST_DIGITS:
            if may_hear_among(customers, digits):
                yield from (Case(clip, digits, table) for table in (Table.WITH, Table.WITHOUT, Table.NEIGHBOUR))
            if may_hear_among(customers, digits + 1):
                yield Case(clip, digits + 1, Table.LONGER)


def made_up(some: Sequence[Case], customers: int, chance: random.Random) -> set[str]:
    """The numbers of a table for these cases, which are of one kind and length."""
    digits, table, said = some[0].digits, some[0].table, {case.clip.right for case in some}
    found: set[str] = set()
    for number in sorted(said):
        place, digit = chance.randrange(digits), chance.choice("0123456789")
        match table:
            case Table.WITH:
                found.add(number)
            case Table.NEIGHBOUR:
                found.add(number[:place] + digit + number[place + 1 :])
            case Table.LONGER:
                found.add(number[:place] + digit + number[place:])
    found -= said if table is Table.NEIGHBOUR else set()
    while len(found) < customers:
        other = "".join(chance.choices("0123456789", k=digits))
        found |= {other} - said
    return found


def end_of(told: Transcription, right: str, table: Collection[str]) -> End:
    """What a caller of a line that asks for a secret meets."""
    if told.decision is Hearing.REJECTED or not told.value.isdigit():
        return End.AGAIN
    most = how_many_to_look_for(len(table), len(told.value))
    found = [value for value in dict.fromkeys((told.value, *told.rivals)[:most]) if value in table]
    if told.decision is Hearing.ACCEPTED and told.value not in table:
        return End.UNKNOWN
    if told.decision is Hearing.ACCEPTED or (len(found) == 1 and not told.among_customers):
        value = told.value if told.decision is Hearing.ACCEPTED else found[0]
        return End.TAKEN if value == right else End.TAKEN_WRONG
    value = found[0] if found else told.value
    if value == right:
        return End.READ_BACK
    return End.SOMEBODY if found else End.NOBODY


def measure(some: Sequence[Case], customers: int, chance: random.Random) -> Iterator[tuple[Case, End, End]]:
    """Of cases of one length: what came of each by its length alone, and among the numbers of its table."""
    shape = Shape.parse(f"digits:{some[0].digits}")
    with tempfile.TemporaryDirectory(prefix="voicebot-customers-") as place:
        paths = {id(case.clip): written(case.clip, Path(place) / f"{number}.wav") for number, case in enumerate(some)}
        alone = dict(zip(paths, transcribe_files(list(paths.values()), shape), strict=True))
        for kind in dict.fromkeys(case.table for case in some):
            alike = [case for case in some if case.table is kind]
            table = made_up(alike, customers, chance)
            among = transcribe_files([paths[id(case.clip)] for case in alike], shape, customers=table)
            for case, now in zip(alike, among, strict=True):
                right = case.clip.right
                yield case, end_of(alone[id(case.clip)], right, table), end_of(now, right, table)
            click.echo(f"measured: {kind}, {alike[0].digits} digits", err=True)


@click.command("customers")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--customers", type=click.IntRange(100, 20_000), default=1000, show_default=True, help="How many there are.")
@click.option("--speakers", type=click.Choice(["all", "development", "report"]), default="all", show_default=True, help="Whose.")
@click.option("--only", default="", help="Conditions whose name begins with this.")
def customers(directory: Path, customers: int, speakers: str, only: str) -> None:
    """Numbers that recorded people in DIRECTORY (an4, fsdd) say, heard by their length alone and among customers' numbers."""
    chance = random.Random(SEED)  # noqa: S311 - made-up customers
    clips = [clip for clip in all_clips(directory, codecs=False) if speakers in ("all", half_of(clip.speaker))]
    every = list(cases([clip for clip in clips if clip.group.startswith(only)], customers))
    if not every:
        raise click.UsageError(f"no condition begins with '{only}'")
    found: dict[tuple[str, Table], tuple[Counter[End], Counter[End]]] = {}
    for digits in sorted({case.digits for case in every}):
        for case, before, now in measure([case for case in every if case.digits == digits], customers, chance):
            both = found.setdefault((case.clip.group, case.table), (Counter(), Counter()))
            both[0][before] += 1
            both[1][now] += 1
    click.echo(f"{customers} customers. Each: by length alone → among customers' numbers.\n\n{rows(found)}\n")
    click.echo(f"Speakers: {speakers}. {machine()}")


def rows(found: dict[tuple[str, Table], tuple[Counter[End], Counter[End]]]) -> str:
    """The figures, in Markdown."""
    heading = f"| clips | table | | {' | '.join(End)} |\n{'|-' * (len(End) + 3)}|"
    lines = [
        f"| {group} | {table} | {before.total()} | {' | '.join(_change(before[end], now[end]) for end in End)} |"
        for (group, table), (before, now) in sorted(found.items())
    ]
    return "\n".join([heading, *lines])


def _change(before: int, now: int) -> str:
    return str(now) if before == now else f"{before} → **{now}**"
