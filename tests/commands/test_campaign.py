"""A campaign at the command line: off until it is on, a dry run asks nobody, faults by line, and it can be run again."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli
from voicebot.keyring import Keyring
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.store import open_store

ON = """
[callbacks.subjects.invoice]
line = "LINE"
en = "My invoice"
[callbacks.page]
on = true
[callbacks.invitations]
on = true
"""


@pytest.fixture
def company(project: Path, tmp_path: Path) -> Path:
    """The shipped company, which asks customers."""
    shipped = (project / "voicebot.toml").read_text("utf-8")
    line = next(row for row in shipped.splitlines() if row.startswith("default_line")).split('"')[1]
    file = tmp_path / "voicebot.toml"
    file.write_text(shipped + ON.replace("LINE", line), "utf-8")
    return file


def run(tmp_path: Path, *words: str, config: Path | None = None) -> Result:
    before = ["--config", str(config)] if config else []
    told = ["campaign", str(tmp_path / "list.csv"), "--name", "spring", "--subject", "invoice", *words]
    environment = {"VOICEBOT_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    return CliRunner().invoke(cli, [*before, "callbacks", *told], env=environment)


def test_a_campaign_is_tried_run_and_run_again(tmp_path: Path, company: Path) -> None:
    (tmp_path / "list.csv").write_text("number\n+12025550101\n+12025550102\n")
    assert "[callbacks.invitations] on = true" in run(tmp_path).stderr
    tried = run(tmp_path, "--reason", "Your contract", "--dry-run", config=company)
    assert "2 customers would be asked, the last at" in tried.output, tried.output
    assert "2 customers are asked, the last at" in run(tmp_path, "--reason", "Your contract", config=company).output
    assert "0 customers are asked; 2 were asked before" in run(tmp_path, "--reason", "Your contract", config=company).output
    data = tmp_path / "data"
    store = open_store(f"sqlite:///{data / 'voicebot.db'}", Keyring.open(data / "keys"))
    assert [row.facts for row in SqlAudit(store).newest() if row.deed is Deed.CUSTOMER_INVITED] == [
        {"campaign": "spring", "customers": 2}
    ] * 2
    store.close()


def test_a_faulty_list_asks_nobody(tmp_path: Path, company: Path) -> None:
    (tmp_path / "list.csv").write_text("number,reason\n+12025550101,Your contract\n112,Your contract\n")
    refused = run(tmp_path, config=company)
    assert refused.exit_code == 1
    assert "list.csv: line 3, number: This is not a telephone number" in refused.stderr
    assert "1 things are wrong in list.csv; nobody was asked" in refused.stderr
    assert "a name of" not in run(tmp_path, "--dry-run", config=company).output
