import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli
from voicebot.dialogue.actions import Claim
from voicebot.dialogue.values import Secret
from voicebot.identity.conformance.probe import new_key
from voicebot.identity.embedded import EmbeddedCrm
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.records.customers import SqlCustomers
from voicebot.records.store import open_store


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


# ---- other kinds of files, weak PINs, an interrupted run ---------------------------------------------------------------


def run(data: Path, *arguments: str, typed: str | None = None, **env: str) -> Result:
    environment = {"VOICEBOT_DATA": str(data), "DATABASE_URL": "", "SUDO_USER": "", **env}
    return CliRunner().invoke(cli, ["customers", *arguments], env=environment, input=typed)


@pytest.fixture
def data(project: Path, tmp_path: Path) -> Path:
    """A data directory with the example's customers in it."""
    place = tmp_path / "data"
    assert run(place, "import", str(project / "examples" / "customers.csv")).exit_code == 0
    return place


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_what_goes_out_comes_in_again(data: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"out.{kind}"
    shown = run(data, "export", str(file))
    assert shown.output == f"8 customers written to {file}, without secrets.\n"
    back = run(data, "import", str(file), "--replace")
    assert "0 customers added, 8 updated, 0 removed." in back.output
    assert "Note: there is no column pin: who has one keeps it" in back.output
    assert "pin                  set" in run(data, "show", "C-1001").output


def test_the_kind_of_an_export_can_be_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "customers.out"
    run(data, "export", str(file), "--format", "json")
    assert len(json.loads(file.read_text())) == 8
    again = run(data, "export", str(file))
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_guessable_pins_are_said_by_line_or_refused(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "weak.csv"
    file.write_text((project / "examples" / "customers.csv").read_text("utf-8").replace("493817", "123456"))
    refused = run(tmp_path, "import", str(file), "--weak-secrets", "refuse")
    assert refused.exit_code == 2
    assert "line 2, column pin: is easy to guess" in refused.output
    warned = run(tmp_path, "import", str(file))
    assert "Note: 1 of column pin are easy to guess: line 2" in warned.output
    assert "8 customers added" in warned.output
    assert "easy" not in run(tmp_path, "import", str(file), "--weak-secrets", "accept").output
    assert not any("123456" in one.output for one in (refused, warned))


def test_a_sheet_can_be_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    run(data, "export", str(file))
    assert "8 updated" in run(data, "import", str(file), "--sheet", "customers").output
    assert "has no sheet Old" in run(data, "import", str(file), "--sheet", "Old").output


@pytest.mark.slow
def test_an_interrupted_import_says_that_it_goes_on_and_does(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    heading = (project / "examples" / "customers.csv").read_text("utf-8").splitlines()[0]
    lines = (f"C-{n},{n:08d},{n:010d},Name,,{(n * 7919) % 10**6:06d},,," for n in range(160))
    file.write_text("\n".join([heading, *lines]))
    command = [sys.executable, "-m", "voicebot.cli", "customers", "import", str(file), "--weak-secrets", "accept"]
    environment = {**os.environ, "VOICEBOT_DATA": str(tmp_path / "data"), "DATABASE_URL": "", "PYTHONPATH": str(project)}
    heeds = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # whoever was started in the background would not
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=project, env=environment,
        preexec_fn=heeds,  # noqa: PLW1509  nothing else runs in the child yet
    ) as child:
        while child.poll() is None and not _draft_size(tmp_path / "data"):
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.05)
        child.send_signal(signal.SIGINT)
        said = child.communicate()[1]
    assert child.returncode == 130
    assert "Stopped; nothing was imported." in said
    assert "Traceback" not in said
    again = subprocess.run(command, capture_output=True, text=True, cwd=project, env=environment, check=False)
    assert "were done before" in again.stderr
    assert "160 customers added" in again.stdout
    assert not list((tmp_path / "data").glob("*.draft"))


def _draft_size(data: Path) -> int:
    return sum(path.stat().st_size for path in data.glob("*.draft"))


# ---- one customer ------------------------------------------------------------------------------------------------------


def test_a_customer_is_shown_masked(data: Path) -> None:
    shown = run(data, "show", "C-1001").output
    assert shown.splitlines()[0] == "Customer C-1001"
    assert "A•• M••••" in shown
    assert "account_number       ••••••38" in shown
    assert "pin                  set" in shown
    assert "not locked" in shown
    canaries = ("Ada", "Marsh", "40719238", "5502716384", "2025550101", "493817", "argon2", "84.20", "driver")
    assert not any(canary in shown for canary in canaries)


def test_who_is_locked_stays_so_until_unlocked(data: Path) -> None:
    assert "C-1001 is locked" in run(data, "lock", "C-1001").output
    assert "locked               until it is unlocked" in run(data, "show", "C-1001").output
    assert "C-1001 is unlocked." in run(data, "unlock", "C-1001").output
    assert "not locked" in run(data, "show", "C-1001").output


def checks(data: Path, digits: str, field: str = "pin") -> str:
    """What the line says to this PIN of C-1001."""
    keyring = Keyring.open(data / "keys")
    store = open_store(f"sqlite:///{data}/voicebot.db", keyring)
    crm = EmbeddedCrm(SqlCustomers(store), SecretKeeper(keyring), ("account_number",))
    verdict = crm.check_secret(Claim(ref="C-1001"), field, Secret(digits), new_key())
    store.close()
    return verdict.value


def test_a_secret_that_is_typed_twice_counts_from_then_on(data: Path) -> None:
    shown = run(data, "set-secret", "C-1001", "pin", typed="582604\n582604\n")
    assert shown.exit_code == 0, shown.output
    assert "pin of C-1001 is set." in shown.output
    assert "582604" not in shown.output
    assert (checks(data, "582604"), checks(data, "493817")) == ("matched", "mismatched")


def test_a_drawn_secret_is_printed_once_and_counts(data: Path) -> None:
    shown = run(data, "set-secret", "C-1001", "pin", "--random").output
    found = re.fullmatch(r"pin of C-1001: (\d{6})  \(shown this once\)\n", shown)
    assert found
    assert checks(data, found[1]) == "matched"
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert found[1].encode() not in kept


@pytest.mark.parametrize("digits", ["123456", "719238", "111111", "011226"])
def test_a_secret_that_is_easy_to_guess_is_refused(data: Path, digits: str) -> None:
    shown = run(data, "set-secret", "C-1001", "pin", typed=f"{digits}\n{digits}\n")
    assert shown.exit_code == 2
    assert "too easy to guess" in shown.output
    assert digits not in shown.output
    assert checks(data, "493817") == "matched"


@pytest.mark.parametrize("typed", ["4938\n4938\n", "abcdef\nabcdef\n", "４９３８１７\n４９３８１７\n"])
def test_a_secret_of_another_shape_is_refused(data: Path, typed: str) -> None:
    shown = run(data, "set-secret", "C-1001", "pin", typed=typed)
    assert shown.exit_code == 2
    assert "must be of the shape digits:6" in shown.output


def test_a_field_that_is_no_secret_is_refused(data: Path) -> None:
    assert "no secret account_number; there is pin" in run(data, "set-secret", "C-1001", "account_number", "--random").output


def test_a_customer_is_removed_after_asking(data: Path) -> None:
    assert run(data, "remove", "C-1001", typed="n\n").exit_code == 1
    assert run(data, "show", "C-1001").exit_code == 0
    assert "C-1001 is removed." in run(data, "remove", "C-1001", "--yes").output
    assert run(data, "show", "C-1001").exit_code == 1


@pytest.mark.parametrize(
    "command", [("show",), ("lock",), ("unlock",), ("remove", "--yes")], ids=["show", "lock", "unlock", "remove"]
)
def test_nobody_is_said_to_be_nobody(data: Path, command: tuple[str, ...]) -> None:
    shown = run(data, *command, "C-9999")
    assert shown.exit_code == 1
    assert "there is no customer C-9999" in shown.output
    assert "there is no customer C-9999" in run(data, "set-secret", "C-9999", "pin", "--random").output


# ---- who may, and the record -------------------------------------------------------------------------------------------


def test_a_role_is_held_to_and_a_refusal_is_on_record(data: Path, tmp_path: Path) -> None:
    (data / "roles.toml").write_text('[roles]\nada = "supervisor"\n')
    assert run(data, "show", "C-1001", SUDO_USER="ada").exit_code == 0
    refused = run(data, "export", str(tmp_path / "out.csv"), SUDO_USER="ada")
    assert refused.exit_code == 2
    assert "has the role supervisor, and export needs admin" in refused.output
    assert not (tmp_path / "out.csv").exists()
    listed = run(data, "audit").output
    assert re.search(r"ada as \S+  refused    task=export", listed)
    assert re.search(r"ada as \S+  shown  C-1001  found=True", listed)


@pytest.mark.parametrize("command", ["import", "export", "set-secret", "remove", "audit"])
def test_who_has_no_role_may_nothing(data: Path, project: Path, tmp_path: Path, command: str) -> None:
    (data / "roles.toml").write_text("[roles]\n")
    arguments = {
        "import": [str(project / "examples" / "customers.csv")],
        "export": [str(tmp_path / "x")],
        "set-secret": ["C-1001", "pin", "--random"],
        "remove": ["C-1001", "--yes"],
        "audit": [],
    }
    refused = run(data, command, *arguments[command], SUDO_USER="eve")
    assert refused.exit_code == 2
    assert "has no role" in refused.output


def test_the_record_names_deeds_and_never_secrets(data: Path, tmp_path: Path) -> None:
    run(data, "lock", "C-1001")
    run(data, "set-secret", "C-1002", "pin", typed="194736\n194736\n")
    run(data, "export", str(tmp_path / "out.csv"))
    listed = run(data, "audit")
    assert listed.exit_code == 0
    assert re.findall(r"  (exported|secret_set|locked)  ", listed.output) == ["exported", "secret_set", "locked"]
    assert "194736" not in listed.output
    assert listed.output.endswith("The record is whole.\n")
    only = run(data, "audit", "--customer", "C-1001").output
    assert "locked" in only
    assert "C-1002" not in only


def test_a_record_that_was_changed_is_said_to_be(data: Path) -> None:
    run(data, "lock", "C-1001")
    with sqlite3.connect(data / "voicebot.db") as connection:
        connection.execute("delete from audit where what = 'locked'")
    connection.close()
    shown = run(data, "audit")
    assert shown.exit_code == 1
    assert "THE RECORD IS NOT WHOLE" in shown.output


# ---- authenticator apps ------------------------------------------------------------------------------------------------


def with_codes(project: Path, place: Path) -> str:
    """The shipped company, whose customers may have an app."""
    text = (project / "voicebot.toml").read_text("utf-8")
    field = '[fields.code]\nshape = "digits:6"\nsecret = true\ntotp = true\n\n[fields.pin]'
    toml = place / "company" / "voicebot.toml"
    toml.parent.mkdir()
    toml.write_text(text.replace("[fields.pin]", field), "utf-8")
    return str(toml)


def test_an_app_is_set_up_by_a_picture_that_is_shown_once_and_taken_away_again(
    data: Path, project: Path, tmp_path: Path
) -> None:
    toml = with_codes(project, tmp_path)

    def totp(*arguments: str) -> Result:
        environment = {"VOICEBOT_DATA": str(data), "DATABASE_URL": "", "SUDO_USER": ""}
        return CliRunner().invoke(cli, ["--config", toml, "customers", *arguments], env=environment)

    done = totp("totp", "C-1001", "code")
    assert done.exit_code == 0
    assert "otpauth://totp/Larkfield%20Energy:C-1001?secret=" in done.output
    assert done.output.count("\u2580") + done.output.count("\u2584") > 100  # the picture, in half blocks
    seed = done.output.partition("secret=")[2].partition("&")[0]
    again = totp("totp", "C-1001", "code")
    assert seed not in again.output
    assert "code" in totp("show", "C-1001").output
    assert "secret_set" in totp("audit").output
    assert seed not in totp("audit").output
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert seed.encode() not in kept
    assert totp("totp", "C-1001", "code", "--revoke").exit_code == 0
    assert "secret_unset" in totp("audit").output


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("C-1001", "pin"), 2, "no field pin with totp = true; there is code"),
        (("nobody", "code"), 1, "there is no customer nobody"),
        (("nobody", "code", "--revoke"), 1, "there is no customer nobody"),
    ],
)
def test_what_cannot_be_set_up_is_said(
    data: Path, project: Path, tmp_path: Path, arguments: tuple[str, ...], status: int, told: str
) -> None:
    environment = {"VOICEBOT_DATA": str(data), "DATABASE_URL": "", "SUDO_USER": ""}
    asked = ["--config", with_codes(project, tmp_path), "customers", "totp", *arguments]
    shown = CliRunner().invoke(cli, asked, env=environment)
    assert shown.exit_code == status
    assert told in shown.output
