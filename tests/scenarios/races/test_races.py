"""The races and traps of the telephone line, each as a whole call. `docs/races.md` tells of every one."""

from pathlib import Path

import pytest

from tests.scenarios.stage import Stage

SCENARIOS = sorted(Path(__file__).parent.glob("*.toml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_race(stage: Stage, path: Path) -> None:
    stage.runs(path)
