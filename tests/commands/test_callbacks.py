"""Keys at the command line: shown once, listed without their secret part, revoked by name."""

import re
from pathlib import Path

from click.testing import CliRunner, Result

from voicebot.cli import cli


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["callbacks", *words], env={"VOICEBOT_DATA": str(data), "DATABASE_URL": ""})


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    made = run(tmp_path, "make-key", "crm", "--scope", "callbacks:read", "--scope", "callbacks:write")
    shown = re.search(r"(vbk_[0-9a-f]{12})_([0-9a-f]{64})  \(shown this once\)", made.output)
    assert shown is not None, made.output
    assert "The API is off" in made.stderr
    listed = run(tmp_path, "keys").output
    assert re.search(rf"crm +{shown[1]} +callbacks:read callbacks:write +made .*, never used", listed), listed
    assert shown[2] not in listed
    assert run(tmp_path, "make-key", "crm", "--scope", "callbacks:read").exit_code == 2
    assert run(tmp_path, "revoke-key", "crm").output .endswith("The key crm opens nothing any more.\n")
    assert re.search(r"revoked \d{4}-", run(tmp_path, "keys").output)
    assert run(tmp_path, "revoke-key", "crm").exit_code == 1


def test_a_name_that_is_none_and_a_scope_that_is_none_are_refused(tmp_path: Path) -> None:
    assert "NAME is a word" in run(tmp_path, "make-key", "My CRM", "--scope", "callbacks:read").stderr
    assert "callbacks:all" in run(tmp_path, "make-key", "crm", "--scope", "callbacks:all").stderr
    assert "--scope" in run(tmp_path, "make-key", "crm").stderr
