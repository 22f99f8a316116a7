"""People, recorded: a sample of AN4's speakers, whom the bundled model has heard in its training."""

import csv
from pathlib import Path

import pytest

from voicebot.dialogue.values import Hearing, Shape
from voicebot.speech import transcribe_files

pytestmark = pytest.mark.material
SAMPLE = 10  # strings of each length, clips of each other kind


@pytest.fixture(scope="module")
def clips(material: Path) -> list[dict[str, str]]:
    index = material / "audio" / "an4" / "index.tsv"
    if not index.is_file():
        pytest.skip(f"needs recordings of people, and there is no {index} (VOICEBOT_TEST_MATERIAL)")
    with index.open(encoding="utf-8", newline="") as rows:
        return [row | {"path": str(index.parent / row["file"])} for row in csv.DictReader(rows, delimiter="\t")]


def of_kind(clips: list[dict[str, str]], kind: str, count: int) -> list[dict[str, str]]:
    found = [clip for clip in clips if clip["kind"] == kind]
    return found[:: max(1, len(found) // count)][:count]


def test_digit_strings_of_known_length_are_heard_right(clips: list[dict[str, str]]) -> None:
    right = total = 0
    for length in (3, 4, 5, 7, 10):
        strings = [clip for clip in clips if clip["kind"] == "digits" and len(clip["digits"]) == length][:SAMPLE]
        told = transcribe_files([clip["path"] for clip in strings], Shape.parse(f"digits:{length}"))
        right += sum(clip["digits"] == t.value and t.decision is Hearing.ACCEPTED for clip, t in zip(strings, told, strict=True))
        total += len(strings)
    assert total >= 4 * SAMPLE
    assert right / total >= 0.85, f"{right} of {total}"


def test_spelled_names_are_not_taken_for_numbers(clips: list[dict[str, str]]) -> None:
    names = of_kind(clips, "spelling", 30)
    told = list(transcribe_files([clip["path"] for clip in names], Shape.parse("digits:5")))
    assert not [t.value for t in told if t.decision is Hearing.ACCEPTED and t.value.isdigit()]
    assert sum(t.decision is Hearing.REJECTED for t in told) >= 0.9 * len(told)


def test_commands_are_heard_and_other_words_are_not_commands(clips: list[dict[str, str]]) -> None:
    commands = of_kind(clips, "command", 24)
    told = list(transcribe_files([clip["path"] for clip in commands], Shape.parse("commands")))
    known = {"yes", "no", "help", "repeat"}
    wrong = [
        (clip["transcript"], t.value)
        for clip, t in zip(commands, told, strict=True)
        if (t.value if t.decision is Hearing.ACCEPTED else "") != (clip["transcript"] if clip["transcript"] in known else "")
    ]
    assert len(wrong) <= 2, wrong
