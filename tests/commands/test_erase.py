"""Forgetting a customer at the command line, and the audit as a file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli


def run(data: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, [*words], input=typed, env={"VOICEBOT_DATA": str(data), "DATABASE_URL": ""})


@pytest.fixture
def data(project: Path, tmp_path: Path) -> Path:
    run(tmp_path, "customers", "import", str(project / "examples" / "customers.csv"))
    return tmp_path


def test_a_customer_is_forgotten_once_and_the_second_time_nobody(data: Path, project: Path) -> None:
    somebody = (project / "examples" / "customers.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    done = run(data, "erase", "--customer", somebody, "--yes")
    assert (done.exit_code, "Erased: the customer's row, 0 calls." in done.output) == (0, True), done.output
    again = run(data, "erase", "--customer", somebody, "--yes")
    assert (again.exit_code, f"Nothing is known of customer {somebody}." in again.output) == (1, True), again.output
    assert run(data, "customers", "show", somebody).exit_code == 1


def test_nobody_is_forgotten_by_mistake(data: Path) -> None:
    assert run(data, "erase", "--customer", "C1", typed="n\n").exit_code == 1


def test_the_audit_is_written_to_a_file_that_holds_until_it_is_changed(data: Path) -> None:
    file = data / "audit.jsonl"
    done = run(data, "customers", "audit", "--export", str(file))
    assert (done.exit_code, "2 lines of the record" in done.output) == (0, True), done.output
    assert file.stat().st_mode & 0o777 == 0o600
    held = run(data, "customers", "audit", "--verify", str(file))
    assert (held.exit_code, "holds: 2 lines" in held.output) == (0, True), held.output
    assert run(data, "customers", "audit", "--export", str(file)).exit_code == 2
    assert run(data, "customers", "audit", "--export", str(data / "no" / "such")).exit_code == 2
    lines = file.read_text("utf-8").splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | {"at": "2020-01-01T00:00:00+00:00"})
    file.write_text("\n".join(lines))
    broken = run(data, "customers", "audit", "--verify", str(file))
    assert (broken.exit_code, "DOES NOT HOLD: line 2" in broken.output) == (1, True), broken.output
