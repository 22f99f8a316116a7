"""A house for each test, closed afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.switchboard.house import House, open_house


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Opens houses on one database."""
    opened: list[House] = []

    def make(**wishes: Any) -> House:
        opened.append(open_house(tmp_path, **wishes))
        return opened[-1]

    yield make
    for house in opened:
        house.crm.gate.set()
        house.switchboard.close()
        house.store.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    """An ordinary house with one agent."""
    return make_house()
