"""One server for all calls to the example company."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.stage import Stage
from voicebot.rehearsal import RehearsalPlan

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    opened = Stage(RehearsalPlan(PROJECT / "voicebot.toml", PROJECT / "examples" / "customers.csv", fast=True))
    opened.open()
    yield opened
    opened.close()
