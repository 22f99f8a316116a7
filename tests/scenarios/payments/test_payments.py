"""Whole calls in which the caller pays alone, over <Pay>: charged once at most, and never a digit of the card here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.stage import Stage
from voicebot.rehearsal import RehearsalPlan
from voicebot.simulator.scenario import load_scenario

HERE = Path(__file__).parent
SCENARIOS = sorted(path for path in HERE.glob("*.toml") if path.name != "voicebot.toml")
CHARGED = {"paid": 1, "wrong-then-right": 1, "nothing-is-ever-told": 1, "webhooks-twice": 1, "with-agent": 1}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    opened = Stage(RehearsalPlan(HERE / "voicebot.toml", HERE / "customers.csv", fast=True))
    opened.open()
    yield opened
    opened.close()


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_scenario(stage: Stage, path: Path) -> None:
    stage.runs(path)


@pytest.mark.parametrize("name", [path.stem for path in SCENARIOS])
def test_money_moves_once_where_it_was_to_and_nowhere_else(stage: Stage, name: str) -> None:
    scenario = load_scenario(HERE / f"{name}.toml")
    record, story = stage.place(scenario)
    assert story is not None
    assert sum(session.charged for session in stage.payments(record.call_sid)) == CHARGED.get(name, 0)
    told = repr([entry.facts for entry in story.journal])
    assert not any(keys in told for keys in scenario.script.pays if len(keys) > 4)
    assert record.frames_after_join == 0
