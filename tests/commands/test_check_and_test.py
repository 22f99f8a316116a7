import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicebot.cli import cli
from voicebot.commands import check
from voicebot.commands import test as test_command


def test_a_check_that_fails_is_shown_with_its_output_and_the_rest_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        "first": [sys.executable, "-c", "print('a fault in line 7'); raise SystemExit(1)"],
        "second": [sys.executable, "-c", "print('nothing to see')"],
    }
    monkeypatch.setattr(check, "STEPS", steps)
    shown = CliRunner().invoke(cli, ["check"])
    assert shown.exit_code == 1
    assert "FAILED  first\na fault in line 7" in shown.output
    assert "ok      second" in shown.output
    assert "nothing to see" not in shown.output
    assert "Failed: first" in shown.output


def test_checks_that_pass_are_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "STEPS", {"only": [sys.executable, "-c", ""]})
    shown = CliRunner().invoke(cli, ["check"])
    assert (shown.exit_code, shown.output) == (0, "ok      only\n\nAll checks passed.\n")


@pytest.fixture
def other_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one module with a branch that no test takes, and a test of something else."""
    monkeypatch.setattr(test_command, "ROOT", tmp_path)
    monkeypatch.setattr(test_command, "CORE", ["test_half.py"])
    monkeypatch.setattr(test_command, "PATIENT", ["test_patient.py"])
    monkeypatch.setattr(test_command, "LIVELY", [])
    monkeypatch.setattr(test_command, "AT_ONCE", [])  # workers for three tests would take a minute
    (tmp_path / "test_rest.py").write_text("def test_one_way_of_something_else():\n    pass\n")
    (tmp_path / "test_patient.py").write_text("def test_one_way_of_waiting():\n    pass\n")
    (tmp_path / "pyproject.toml").write_text('[tool.coverage.run]\nsource = ["core"]\n[tool.coverage.report]\nfail_under = 100\n')
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("def half(x):\n    if x:\n        return 1\n    return 2\n")
    (tmp_path / "test_half.py").write_text(
        "from core import half\n\ndef test_one_way():\n    assert half(1) == 1\n\ndef test_never():\n    assert False\n"
    )
    return tmp_path


@pytest.mark.usefixtures("other_project")
def test_what_stands_behind_goes_to_pytest_and_its_verdict_comes_back() -> None:
    assert CliRunner().invoke(cli, ["test", "-q", "-k", "one_way"]).exit_code == 0
    failed = CliRunner().invoke(cli, ["test", "-q", "-k", "never"])
    assert failed.exit_code == 1
    assert "did not pass" in failed.output


def test_a_branch_that_no_test_takes_fails_the_gate(other_project: Path) -> None:
    (other_project / "test_half.py").write_text("from core import half\n\ndef test_one_way():\n    assert half(1) == 1\n")
    assert CliRunner().invoke(cli, ["test", "--no-gate"]).exit_code == 0
    assert CliRunner().invoke(cli, ["test"]).exit_code != 0
    (other_project / "test_half.py").write_text(
        "from core import half\n\ndef test_both_ways():\n    assert (half(1), half(0)) == (1, 2)\n"
    )
    assert CliRunner().invoke(cli, ["test"]).exit_code == 0


@pytest.mark.parametrize("file", ["test_rest.py", "test_patient.py"])
def test_one_that_fails_fails_the_run_and_is_shown(other_project: Path, file: str) -> None:
    (other_project / "test_half.py").write_text("def test_what_holds():\n    pass\n")
    (other_project / file).write_text("def test_what_never_holds():\n    assert 'this' == 'that'\n")
    shown = CliRunner().invoke(cli, ["test", "--no-gate"])
    assert shown.exit_code == 1
    assert "did not pass" in shown.output
    assert ("what_never_holds" in shown.output) is (file == "test_patient.py")  # the others speak for themselves, past the runner


@pytest.mark.parametrize("file", ["test_rest.py", "test_patient.py"])
def test_one_that_fails_beside_the_others_and_passes_alone_is_no_defect(other_project: Path, file: str) -> None:
    (other_project / "test_half.py").write_text("def test_what_holds():\n    pass\n")
    (other_project / file).write_text(
        "from pathlib import Path\n\ndef test_at_the_second_try():\n"
        "    tries = Path('tries')\n    tries.write_text(tries.read_text() + '.' if tries.exists() else '.')\n"
        "    assert tries.read_text() == '..'\n\ndef test_what_is_not_run_again():\n"
        "    Path('others').write_text('seen') if not Path('others').exists() else 1 / 0\n"
    )
    shown = CliRunner().invoke(cli, ["test", "--no-gate"])
    assert "1 failed beside the others; once more, alone" in shown.output
    assert shown.exit_code == 0


def test_many_that_fail_are_not_tried_again(other_project: Path) -> None:
    (other_project / "test_half.py").write_text("def test_what_holds():\n    pass\n")
    (other_project / "test_rest.py").write_text("".join(f"def test_{n}():\n    assert False\n" for n in range(6)))
    shown = CliRunner().invoke(cli, ["test", "--no-gate"])
    assert (shown.exit_code, "once more" in shown.output) == (1, False)
