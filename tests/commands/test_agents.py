"""Accounts at the command line: a password never on it, everything recorded, and nobody but the owner gets through."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli
from voicebot.config.settings import load_settings
from voicebot.identity.secrets import SecretKeeper
from voicebot.keyring import Keyring
from voicebot.pages.identities import identity_key
from voicebot.pages.passwords import FIELD, account_of, normal
from voicebot.ports.accounts import How, SignIn
from voicebot.records.accounts import SqlAccounts
from voicebot.records.audit import Deed, SqlAudit
from voicebot.records.store import SqlStore, open_store

PASSWORD = "tulip harbour fourteen"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def company(project: Path, tmp_path: Path) -> Path:
    """The shipped company with a provider."""
    file = tmp_path / "voicebot.toml"
    provider = '[sign_in]\nissuer = "https://login.example.com"\nclient_id = "voicebot"\nlabel = "Larkfield"\n'
    file.write_text((project / "voicebot.toml").read_text("utf-8") + provider)
    return file


def run(data: Path, *words: str, typed: str = "", config: Path | None = None) -> Result:
    environment = {"VOICEBOT_DATA": str(data), "DATABASE_URL": "", "VOICEBOT_SIGN_IN_SECRET": "x" * 16}
    before = ["--config", str(config)] if config else []
    return CliRunner().invoke(cli, [*before, "agents", *words], input=typed, env=environment)


def opened(data: Path) -> tuple[SqlStore, Keyring]:
    keyring = Keyring.open(data / "keys")
    return open_store(f"sqlite:///{data / 'voicebot.db'}", keyring), keyring


def test_a_password_from_standard_input_opens_and_is_nowhere_to_be_read(data: Path) -> None:
    done = run(data, "set-password", "mira", typed=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert "Mira Holt can sign in as mira at http://127.0.0.1:8080/sign-in." in done.output
    assert PASSWORD not in done.output
    store, keyring = opened(data)
    assert SecretKeeper(keyring).matches(SqlAccounts(store).password("mira"), account_of("mira"), FIELD, normal(PASSWORD))
    newest = SqlAudit(store).newest(1)[0]
    assert (newest.deed, newest.facts) == (Deed.PASSWORD_SET, {"agent": "mira", "signed_out": 0})
    store.close()
    assert not any(PASSWORD.encode() in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_a_drawn_password_is_shown_once_and_opens(data: Path) -> None:
    done = run(data, "set-password", "jonas", "--random")
    drawn = re.search(r"Password of jonas: (\S+)  \(shown this once\)", done.output)
    assert drawn is not None, done.output
    store, keyring = opened(data)
    assert SecretKeeper(keyring).matches(SqlAccounts(store).password("jonas"), account_of("jonas"), FIELD, normal(drawn[1]))
    store.close()


@pytest.mark.parametrize(
    ("agent", "typed", "status", "said"),
    [
        ("mira", "short\n", 2, "15 characters or more"),
        ("mira", "Mira Holt Mira Holt\n", 2, "easy to guess"),
        ("mira", "\n", 2, "15 characters or more"),
        ("nobody", f"{PASSWORD}\n", 1, "there is no agent nobody on the roster; there is mira, jonas, sofia"),
    ],
)
def test_what_is_not_taken_is_said_and_sets_nothing(data: Path, agent: str, typed: str, status: int, said: str) -> None:
    done = run(data, "set-password", agent, typed=typed)
    assert (done.exit_code, said in done.output) == (status, True), done.output
    store, _ = opened(data)
    assert SqlAccounts(store).accounts() == []
    store.close()


def test_a_password_is_no_argument(data: Path) -> None:
    assert run(data, "set-password", "mira", PASSWORD).exit_code == 2


def test_the_list_tells_who_can_sign_in_and_who_is_signed_in(data: Path) -> None:
    run(data, "set-password", "mira", typed=f"{PASSWORD}\n")
    store, _ = opened(data)
    SqlAccounts(store).begin(SignIn("s1", "mira", How.PASSWORD, NOON, NOON))
    SqlAccounts(store).begin(SignIn("s2", "gone", How.PASSWORD, NOON, NOON))
    store.close()
    lines = {line.split()[0]: line for line in run(data, "list").output.splitlines()}
    assert "password set 20" in lines["mira"]
    assert "1 signed in" in lines["mira"]
    assert "password none" in lines["jonas"]
    assert "not on the roster any more" in lines["gone"]


def test_signing_out_ends_every_browser_and_is_recorded(data: Path) -> None:
    run(data, "set-password", "mira", typed=f"{PASSWORD}\n")
    store, _ = opened(data)
    SqlAccounts(store).begin(SignIn("s1", "mira", How.PASSWORD, NOON, NOON))
    assert "mira was signed out of 1 browsers." in run(data, "sign-out", "mira").output
    assert SqlAccounts(store).find(["s1"]) == {}
    assert SqlAudit(store).newest(1)[0].deed is Deed.SIGNED_OUT
    store.close()


def test_an_identity_is_linked_and_unlinked(data: Path, company: Path) -> None:
    linked = run(data, "link-oidc", "mira", "subject-7", config=company)
    assert "Mira Holt can sign in with Larkfield." in linked.output
    store, keyring = opened(data)
    key = identity_key(keyring, "https://login.example.com", "subject-7")
    assert SqlAccounts(store).linked(key) == "mira"
    assert "1 identities of mira were unlinked." in run(data, "link-oidc", "mira", "--remove", config=company).output
    assert SqlAccounts(store).linked(key) is None
    store.close()


def test_there_is_nothing_to_link_without_a_provider(data: Path) -> None:
    done = run(data, "link-oidc", "mira", "subject-7")
    assert (done.exit_code, "there is no OpenID provider" in done.output) == (2, True)
    assert run(data, "link-oidc", "mira").exit_code == 2
    assert run(data, "link-oidc", "mira", "subject-7", "--remove").exit_code == 2


def test_before_anybody_has_a_password_serving_says_how_to_set_one(
    project: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from voicebot.commands.serve import _say_how_to_sign_in

    run(data, "list")
    settings = load_settings(project / "voicebot.toml", {"VOICEBOT_DATA": str(data)})
    store, _ = opened(data)
    _say_how_to_sign_in(settings, SqlAccounts(store))
    assert "python3 run.py agents set-password sofia" in capsys.readouterr().err  # she is the admin
    SqlAccounts(store).set_password("sofia", "1:x", "test", NOON)
    _say_how_to_sign_in(settings, SqlAccounts(store))
    assert capsys.readouterr().err == ""
    store.close()
