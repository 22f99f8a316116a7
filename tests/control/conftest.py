"""One office for all tests of this folder: it takes seconds to open, and a call leaves nothing behind in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.control.stage import Office, office


@pytest.fixture(scope="module")
def shared(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(project, tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture
def desks(shared: Office) -> Iterator[Office]:
    """The office, nobody in a call, Mira ready."""
    shared.before = len(shared.twin.legs)
    shared.ready("mira")
    yield shared
    for placed in shared.calls:
        if not placed.outcome.done():
            shared.hang_up(placed.sid)
            shared.ended(placed)
    shared.calls.clear()
    shared.until(lambda: not shared.floor().reservations)
    shared.until(lambda: all(leg.ended.is_set() for leg in shared.twin.legs))
