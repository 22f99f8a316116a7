import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from voicebot.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_is_there_and_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert "Usage:" in shown.output


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).output
    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_help_loads_no_room_and_no_command(project: Path) -> None:
    source = (
        "import sys\n"
        "from voicebot.cli import main\n"
        "try:\n    main(['--help'])\n"
        "finally:\n    print([m for m in sys.modules if m.startswith('voicebot.')], file=sys.stderr)\n"
    )
    shown = subprocess.run([sys.executable, "-c", source], cwd=project, capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "['voicebot.errors', 'voicebot.cli']"


def test_a_command_that_is_not_there_is_bad_usage() -> None:
    shown = CliRunner().invoke(cli, ["dmeo"])
    assert shown.exit_code == 2
    assert "dmeo" in shown.output


def test_our_own_errors_are_words_and_exit_status_2(tmp_path: Path) -> None:
    wrong = tmp_path / "voicebot.toml"
    wrong.write_text("[compny]\n")
    shown = CliRunner().invoke(cli, ["--config", str(wrong), "doctor"], env={"VOICEBOT_DATA": str(tmp_path)})
    assert shown.exit_code == 2
    assert "Error: voicebot.toml: " in shown.output
    assert "did you mean company?" in shown.output
    assert isinstance(shown.exception, SystemExit)


def test_a_fault_of_ours_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "get_command", lambda _ctx, _name: broken)
    assert isinstance(CliRunner().invoke(cli, ["doctor"]).exception, ZeroDivisionError)
