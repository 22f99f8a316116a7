"""A stage for each test, closed afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pages.stage import AGENTS, Browser, Stage, open_stage


@pytest.fixture
def make_stage(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Opens stages on one database."""
    opened: list[Stage] = []

    def make(*rooms: Any, **wishes: Any) -> Stage:
        opened.append(open_stage(tmp_path, *rooms, **wishes))
        return opened[-1]

    yield make
    for stage in opened:
        stage.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """Everybody has a password."""
    made = make_stage()
    for agent in AGENTS:
        made.set_password(agent.id)
    return made


@pytest.fixture
def browser(stage: Stage) -> Browser:
    """Nobody is signed in."""
    return stage.browser()
