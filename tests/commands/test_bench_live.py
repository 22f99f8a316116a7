"""The benchmark of live pages measures what it says, over the real desk; its figures decide nothing here."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.cli import cli
from voicebot.commands.bench_live import _told


@pytest.mark.slow
def test_a_small_run_shows_every_call_to_everybody_who_looks(tmp_path: Path) -> None:
    file = tmp_path / "table.md"
    few = ["--pages", "3", "--boards", "2", "--calls", "2", "--busy", "0", "--write", str(file)]
    done = CliRunner().invoke(cli, ["bench", "live", *few])
    assert done.exit_code == 0, done.output
    found = re.findall(r"\| (\w+) \| (\d+) \|.*\| (\d+) \|", file.read_text("utf-8"))
    rows = {view: (int(samples), int(missing)) for view, samples, missing in found}
    assert rows == {"place": (2, 0), "wallboard": (4, 0)}


def test_what_a_page_never_had_is_counted_and_no_time() -> None:
    told = _told("wallboard", 2, {"c1": 10.0, "c2": 11.0}, {"wallboard": {"c1": {0: 10.1, 1: 10.3}, "c2": {1: 11.2}}})
    assert (told.samples, told.missing) == (3, 1)
    assert told.longest == pytest.approx(300)
