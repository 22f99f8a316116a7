"""The server is killed at a named point of an approval, and rises again: asked for once, looked at again, and never guessed.

Customers are named at the provider by the day on which their bill is due: any detail will do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.crash.rows import CUSTOMERS, opened, unharmed
from tests.crash.stage import Ended, Stage
from tests.leaks import leaks
from voicebot.dialogue.notes import Noted

SCALE, LINE = 8.0, "+12025550160"
APPS = {"C-1001": "2026-12-01", "C-1002": "2026-12-15", "C-1003": "2026-11-28", "C-1004": "2026-12-05", "C-1008": "2026-11-30"}
GIVEN = ("keys:2@wait", "app:approve", "app:code@wait")


@dataclass(frozen=True)
class Row:
    """Where the server dies, and what comes of it. `asked`: how often the app was made to ask."""

    point: str
    asked: int
    progress: str
    assurance: str


ROWS = {
    "the provider is about to be asked": Row("before ask for approval", 0, "unavailable", "identified"),
    "the provider was asked, and nobody knows": Row("after ask for approval", 1, "unavailable", "identified"),
    "it is about to be looked at": Row("before look at approval", 1, "done", "verified"),
    "it was approved, and nobody knows": Row("after look at approval", 1, "unavailable", "identified"),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from opened(tmp_path_factory.mktemp("approving"), SCALE)


@pytest.mark.parametrize(("number", "row"), list(enumerate(ROWS.values())), ids=list(ROWS))
def test_an_approval_outlives_a_killed_server_or_is_said_to_be_lost(stage: Stage, number: int, row: Row) -> None:
    one = CUSTOMERS[number]
    app, provider = APPS[one.ref], stage.twin.approvals
    script = replace(one.calls(LINE, one.account, "keys:0", *GIVEN), app=app, patience=100.0)
    ended = stage.place_call(script, row.point, one.ref)
    unharmed(ended, row.point)
    assert provider.asked_of(app) == row.asked
    approval = [facts["progress"] for facts in ended.facts(Noted.APPROVAL)]
    assert [one for one in approval if one != "dropped"][-1] == row.progress
    assert ended.story.assurance == row.assurance
    _no_code_is_anywhere(stage, ended, provider.code(app))


def _no_code_is_anywhere(stage: Stage, ended: Ended, code: str) -> None:
    """Neither in the database and its journal files, nor in the log, nor in what was said."""
    if not code:
        return
    files = [(str(one.relative_to(stage.place)), one.read_bytes()) for one in stage.place.rglob("*") if one.is_file()]
    said = "".join(one.what for leg in (ended.record.caller, *ended.record.agents) for one in leg.heard).replace(" ", "")
    assert leaks([*files, ("said", said.encode())], {"the code": {"text": f'"{code}"'.encode(), "spoken": code.encode()}}) == []
