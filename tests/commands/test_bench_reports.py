"""A small run of the benchmark of reports gives a line for each thing that it measures."""

from pathlib import Path

from click.testing import CliRunner

from voicebot.cli import cli


def test_a_small_run_measures_a_month_and_files(tmp_path: Path) -> None:
    file = tmp_path / "table.md"
    done = CliRunner().invoke(cli, ["bench", "reports", "--calls", "30", "--months", "2", "--write", str(file)])
    assert done.exit_code == 0, done.output
    text = file.read_text("utf-8")
    assert "Months: 2, interactions of each: 30" in text
    for expected in ("| queues, a month | 6 |", "intervals, a month", "| CSV of", "| XLSX of", "| PDF of"):
        assert expected in text
    assert "a year" not in text
