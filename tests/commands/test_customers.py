from pathlib import Path

from click.testing import CliRunner, Result

from voicebot.cli import cli


def bring(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["customers", "import", *arguments], env={"VOICEBOT_DATA": str(data), "DATABASE_URL": ""})


def test_the_shipped_customers_come_in_and_come_in_again(project: Path, tmp_path: Path) -> None:
    file = str(project / "examples" / "customers.csv")
    first = bring(tmp_path, file)
    assert first.exit_code == 0, first.output
    assert "8 customers added, 0 updated, 0 removed." in first.output
    assert "0 customers added, 8 updated, 0 removed." in bring(tmp_path, file).output


def test_no_pin_is_readable_in_the_data_directory(project: Path, tmp_path: Path) -> None:
    bring(tmp_path, str(project / "examples" / "customers.csv"))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"493817" in path.read_bytes() or b"Ada Marsh" in path.read_bytes() for path in kept)


def test_customers_that_are_not_in_the_file_go_only_when_told(project: Path, tmp_path: Path) -> None:
    everybody = project / "examples" / "customers.csv"
    bring(tmp_path, str(everybody))
    few = tmp_path / "few.csv"
    few.write_text("".join(everybody.read_text("utf-8").splitlines(keepends=True)[:3]))
    assert "2 updated, 0 removed." in bring(tmp_path, str(few)).output
    assert "2 updated, 6 removed." in bring(tmp_path, str(few), "--replace").output


def test_a_bad_row_is_named_and_nothing_comes_in(project: Path, tmp_path: Path) -> None:
    good = (project / "examples" / "customers.csv").read_text("utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text(good.replace("58260417", "5826041"))
    shown = bring(tmp_path, str(bad))
    assert shown.exit_code == 2
    assert "line 3" in shown.output
    assert "account_number" in shown.output
    assert "8 customers added" in bring(tmp_path, str(project / "examples" / "customers.csv")).output


def test_a_file_that_is_not_there_is_bad_usage(tmp_path: Path) -> None:
    assert bring(tmp_path, str(tmp_path / "nobody.csv")).exit_code == 2
