"""Every branch of the flow as a call: the real server in its own process, signed webhooks, real database, simulated carrier."""

from pathlib import Path

import pytest

from tests.scenarios.stage import Stage
from voicebot.simulator.scenario import load_scenario

SCENARIOS = sorted(Path(__file__).parent.glob("*.toml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_scenario(stage: Stage, path: Path) -> None:
    stage.runs(path)


def test_there_is_a_scenario_for_every_ending_and_every_way_to_be_told_apart() -> None:
    expected = [load_scenario(path).expect for path in SCENARIOS]
    assert {one.assurance for one in expected} >= {"verified", "identified", "none"}
    assert {one.outcome for one in expected} >= {"served", "contained", "abandoned", "closed"}
