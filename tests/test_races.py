"""Every race in docs/races.md is shown by something that there is, and every scenario of races is told of there."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "races.md").read_text("utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ") and line.count("|") == 5]
SHOWN = [(row[0].strip(), re.findall(r"`([^`]+)`", row[3])) for row in ROWS if row[3].strip() != "Shown by"]


def is_there(name: str) -> bool:
    """A scenario, or `tests/path.py::name`."""
    path, _, test = name.partition("::")
    if test:
        source = TESTS.parent / path
        return source.is_file() and re.search(rf"def {re.escape(test)}\b", source.read_text("utf-8")) is not None
    return any((TESTS / "scenarios" / place / f"{name}.toml").is_file() for place in ("", "races", "trust"))


def test_there_are_races() -> None:
    assert len(SHOWN) > 30


@pytest.mark.parametrize(("race", "names"), SHOWN, ids=[race[:60] for race, _ in SHOWN])
def test_a_race_is_shown_by_what_there_is(race: str, names: list[str]) -> None:
    assert names, race
    assert [name for name in names if not is_there(name)] == []


def test_every_scenario_of_a_race_is_told_of() -> None:
    told = {name for _, names in SHOWN for name in names}
    assert {path.stem for path in (TESTS / "scenarios" / "races").glob("*.toml")} - told == set()
