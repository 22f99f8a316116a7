"""A report at the command line: a file, recorded, and clear words for what is wrong."""

import errno
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli
from voicebot.commands.report import FORMATS, NAMES, PERIODS
from voicebot.facts.periods import Period
from voicebot.keyring import Keyring
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.store import open_store
from voicebot.reports.files import TYPES
from voicebot.reports.library import LIBRARY

DAYS = ("--from", "2026-03-01", "--to", "2026-03-31")


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["report", *words], env={"VOICEBOT_DATA": str(data), "DATABASE_URL": ""})


def test_a_file_is_written_and_that_is_recorded(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "queues.csv"
    done = run(data, "queues", *DAYS, "--by", "day", "--only", "line=billing", "--write", str(file))
    assert done.exit_code == 0, done.output
    assert file.read_text("utf-8-sig").startswith("Began,Queue,Offered")
    assert "0 rows, 2026-03-01 to 2026-03-31" in done.output
    store = open_store(f"sqlite:///{data / 'voicebot.db'}", Keyring.open(data / "keys"))
    newest = SqlAudit(store).newest(1)[0]
    store.close()
    told = {"report": "queues", "first": "2026-03-01", "last": "2026-03-31", "format": "csv"}
    assert (newest.deed, newest.facts) == (Deed.REPORTED, told)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("queues", *DAYS, "--only", "shoe=9"), "WHAT is one of agent, queue"),
        (("queues", "--from", "2026-03-02", "--to", "2026-03-01"), "before the first"),
        (("shoes", *DAYS), "'shoes' is not one of"),
        (("queues", "--from", "1.3.2026", "--to", "2026-03-31"), "'1.3.2026' is no day; write it like 2026-03-01"),
        (("queues", "--from", "2026-03-01", "--to", "9999-12-31"), "days are from 1970 to 2999"),
        (("queues", *DAYS, "--write", "/nowhere/at/all.csv"), "there is no folder /nowhere/at"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, words: tuple[str, ...], expected: str) -> None:
    done = run(tmp_path / "data", *words)
    assert done.exit_code == 2
    assert expected in done.output


def test_a_file_that_cannot_be_written_is_said_and_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "queues.csv"
    file.write_text("before")
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(Path, "replace", Mock(side_effect=full))
    done = run(tmp_path / "data", "queues", *DAYS, "--write", str(file))
    assert (done.exit_code, file.read_text(), done.exception.__class__) == (1, "before", SystemExit)
    assert "could not be written (No space left on device)" in done.output
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["queues.csv"]
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'voicebot.db'}", Keyring.open(tmp_path / "data" / "keys"))
    assert [one for one in SqlAudit(store).newest(9) if one.deed is Deed.REPORTED] == []
    store.close()


def test_the_command_knows_the_whole_library() -> None:
    assert (NAMES, FORMATS, PERIODS) == (tuple(LIBRARY), tuple(TYPES), tuple(Period))
