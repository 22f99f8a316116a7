import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.mail.post_office import PostOffice, open_office, papers
from tests.telephony.front import line_behind
from tests.telephony.stage import KEYS
from tests.twin_stage import standing_twin
from voicebot.cli import cli
from voicebot.config.mail import Security
from voicebot.keyring import Keyring
from voicebot.records.store import open_store
from voicebot.simulator.numbers import AccountNumber
from voicebot.simulator.twin import Twin
from voicebot.telephony.wiring import Wiring, wanted

COMPLETE = {
    "PUBLIC_BASE_URL": "https://voice.example.com",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "canary-token-000000000000",
    "TWILIO_CALLER_ID": "+12025550100",
    "VOICEBOT_EMERGENCY_NUMBER": "+12025550199",
}
NOTHING = dict.fromkeys((*COMPLETE, "TWILIO_AUTH_TOKEN_NEXT", "TWILIO_API_BASE_URL", "VOICEBOT_TIME_SCALE"), "")
BIN = "https://handler.twilio.com/twiml/EH" + "0" * 32
LINES = [f"+120255501{last}0" for last in range(1, 6)]


def doctor(data: Path, *arguments: str, **env: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *arguments], env={**NOTHING, "VOICEBOT_DATA": str(data), **env})


def told_of(shown: Result) -> dict[str, Any]:
    """The last line: before it stands what the server of the test, in this very process, has logged."""
    told: dict[str, Any] = json.loads(shown.output.splitlines()[-1])
    return told


def findings(shown: Result, *parts: str) -> list[tuple[str, str, str]]:
    """(part, verdict, says) of every finding, or of those under these headings."""
    told = told_of(shown)["findings"]
    return [(one["part"], one["verdict"], one["says"]) for one in told if not parts or one["part"] in parts]


def bad(shown: Result) -> list[str]:
    return [says for _, verdict, says in findings(shown) if verdict in ("wrong", "missing")]


# ---- this machine -------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_named_and_the_rest_is_told(tmp_path: Path) -> None:
    shown = doctor(tmp_path)
    assert shown.exit_code == 1, shown.output
    assert "missing  TWILIO_AUTH_TOKEN" in shown.output
    assert "+12025550110  billing: en, the calling number then account_number then pin, queue billing; open" in shown.output
    assert "night: en" in shown.output
    assert "closed now" in shown.output
    assert "queue billing: Mira Holt, Jonas Bell" in shown.output
    assert "lines.parcels: has no secret" in shown.output
    assert "en: " in shown.output
    assert "all that are needed" in shown.output
    assert "none of what is missing" in shown.output


def test_a_complete_installation_is_said_to_be_one_without_its_secrets(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--offline", **COMPLETE)
    assert shown.exit_code == 0, shown.output
    assert "Nothing is missing" in shown.output
    assert "--offline" in shown.output
    assert "canary" not in shown.output


def in_browser(project: Path, place: Path) -> Path:
    """The shipped company, whose first agent answers in the browser."""
    place.mkdir()
    toml = place / "voicebot.toml"
    toml.write_text((project / "voicebot.toml").read_text("utf-8").replace('"+12025550171"', '"client:mira"'), "utf-8")
    return toml


def test_agents_in_browsers_need_an_api_key_and_the_script(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voicebot.telephony import browser_phone

    key = {"TWILIO_API_KEY": "SK" + "2" * 32, "TWILIO_API_SECRET": "canary-secret-0123456789"}
    toml = str(in_browser(project, tmp_path / "company"))

    def examined(**env: str) -> Result:
        ours = {**NOTHING, **COMPLETE, "VOICEBOT_DATA": str(tmp_path / "data"), **env}
        return CliRunner().invoke(cli, ["--config", toml, "doctor", "--offline"], env=ours)

    without = examined()
    assert without.exit_code == 1
    assert "Mira Holt cannot answer in the browser: there is no API key" in without.output
    script = browser_phone.place_of_script(tmp_path / "data")
    assert f"{script} is not there" in examined(**key).output
    script.parent.mkdir(parents=True)
    script.write_bytes(b"another one")
    assert "is not the one that it should be" in examined(**key).output
    monkeypatch.setattr(browser_phone, "SCRIPT_SHA512", hashlib.sha512(b"another one").hexdigest())
    well = examined(**key)
    assert well.exit_code == 0
    assert "Mira Holt can answer in the browser" in well.output
    assert "canary" not in well.output


def test_without_credentials_nobody_is_asked_and_that_is_said(tmp_path: Path) -> None:
    told = findings(doctor(tmp_path, "--json"), "Public address", "Twilio account")
    assert told == [
        ("Public address", "skipped", "not asked: PUBLIC_BASE_URL is not set"),
        ("Twilio account", "skipped", "not asked: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not both set"),
    ]


def test_a_machine_reads_the_same_as_a_person(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--json", "--offline", **COMPLETE)
    told = told_of(shown)
    assert told["ready"] is True
    assert set(told["findings"][0]) == {"part", "verdict", "says", "mend"}
    assert told_of(doctor(tmp_path, "--json", "--offline"))["ready"] is False
    spoken = doctor(tmp_path, "--offline", **COMPLETE).output
    others_fill_the_disk = "MiB are free"
    unspoken = [one["says"] for one in told["findings"] if one["says"] not in spoken]
    assert [says for says in unspoken if others_fill_the_disk not in says] == []
    assert "canary" not in shown.output


def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    doctor(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_fallback_document_rings_the_emergency_number(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--fallback", **COMPLETE)
    assert shown.output.startswith("<?xml")
    assert "+12025550199" in shown.output


def test_keys_that_others_can_read_are_named(tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys")
    assert "readable by nobody else" in doctor(tmp_path).output
    key = next((tmp_path / "keys").glob("*.key"))
    key.chmod(0o644)
    shown = doctor(tmp_path, "--json", "--offline", **COMPLETE)
    assert shown.exit_code == 1
    assert "others may read this key" in bad(shown)[0]


def test_a_time_scale_that_was_left_on_is_wrong(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--json", "--offline", VOICEBOT_TIME_SCALE="25", **COMPLETE)
    assert shown.exit_code == 1
    assert "VOICEBOT_TIME_SCALE is 25" in bad(shown)[0]


def test_a_simulators_address_is_worth_knowing(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--json", "--offline", TWILIO_API_BASE_URL="http://127.0.0.1:1", **COMPLETE)
    assert shown.exit_code == 0
    assert any("TWILIO_API_BASE_URL is set" in says for _, verdict, says in findings(shown, "Settings") if verdict == "note")


# ---- the database ---------------------------------------------------------------------------------------------------------


def test_a_database_in_use_is_found_well(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'voicebot.db'}", Keyring.open(tmp_path / "keys"))
    told = findings(doctor(tmp_path, "--json", "--offline"), "Database")
    store.close()
    assert [verdict for _, verdict, _ in told if verdict != "note"] == ["ok", "ok", "ok"]
    assert "reachable and writable, tables of this release" in told[1][2]
    assert "sound" in told[2][2]


def test_a_damaged_database_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "voicebot.db").write_bytes(b"no database at all " * 500)
    shown = doctor(tmp_path, "--json", "--offline", **COMPLETE)
    assert shown.exit_code == 1
    assert all("database: " in says for says in bad(shown))


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    shown = doctor(tmp_path, DATABASE_URL="postgresql://voicebot:canary@127.0.0.1:1/voicebot")
    assert "database: postgresql+psycopg://voicebot:•••@127.0.0.1:1/voicebot: " in shown.output
    assert "WRONG" in shown.output
    assert "canary" not in shown.output


# ---- over the network ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def standing() -> Iterator[Twin]:
    with standing_twin(secondary_token="s" * 32) as twin:
        yield twin


class Installation:
    """A server that runs, an account whose numbers are wired to it, and the doctor who looks at both."""

    def __init__(self, twin: Twin, base: str) -> None:
        self.twin = twin
        self.env = {
            **COMPLETE,
            "PUBLIC_BASE_URL": base,
            "TWILIO_ACCOUNT_SID": twin.settings.account_sid,
            "TWILIO_AUTH_TOKEN": twin.settings.auth_token,
            "TWILIO_API_BASE_URL": twin.api_url,
            "TWILIO_CALLER_ID": LINES[0],
        }
        ours = wanted(base, Wiring(), BIN).as_dict()
        twin.numbers.numbers = [AccountNumber(phone, set=dict(ours)) for phone in LINES]
        twin.numbers.countries = {"US": True}

    def looked_at(self, *arguments: str, **env: str) -> Result:
        return doctor(KEYS._directory.parent, "--json", *arguments, **(self.env | env))


@pytest.fixture
def installation(standing: Twin) -> Iterator[Installation]:
    token, account = standing.settings.auth_token, standing.settings.account_sid
    with line_behind(token=token, account=account) as call:
        yield Installation(standing, call.base)


def test_a_line_that_runs_is_well_but_for_its_address_on_this_machine(installation: Installation) -> None:
    shown = installation.looked_at()
    assert bad(shown) == [f"{installation.env['PUBLIC_BASE_URL']} is not https"]
    told = {(part, verdict) for part, verdict, _ in findings(shown) if verdict in ("ok", "skipped")}
    well = ("Public address", "Signature", "Audio socket", "Twilio account", "Clock", "Numbers", "Countries")
    assert told >= {(part, "ok") for part in well}
    assert ("Signature", "skipped") not in told
    assert installation.twin.failures == []
    assert installation.env["TWILIO_AUTH_TOKEN"] not in shown.output


def test_a_token_that_is_not_the_servers_is_found_by_the_self_call(installation: Installation) -> None:
    shown = installation.looked_at(TWILIO_AUTH_TOKEN_NEXT="s" * 32)
    assert any("signed with TWILIO_AUTH_TOKEN_NEXT is refused" in says for says in bad(shown))
    assert ("Twilio account", "ok", "TWILIO_AUTH_TOKEN_NEXT opens the account too, so it can be promoted") in findings(shown)


def test_numbers_countries_and_caller_id_are_compared_with_the_account(installation: Installation) -> None:
    installation.twin.numbers.numbers.pop()
    installation.twin.numbers.countries = {"US": False}
    shown = installation.looked_at(TWILIO_CALLER_ID="+4533124567")
    told = " ".join(bad(shown))
    assert f"{LINES[-1]} (night) is not in this account" in told
    assert "TWILIO_CALLER_ID +4533124567 is not this account's" in told
    assert "US may not be called" in told
    assert "the emergency number" in told
    assert shown.exit_code == 1


def test_a_wrong_token_is_said_once_and_nothing_more_is_asked_of_the_account(installation: Installation) -> None:
    shown = installation.looked_at(TWILIO_AUTH_TOKEN="canary-token-000000000000")
    assert sum("20003" in says for says in bad(shown)) == 1
    assert [verdict for _, verdict, _ in findings(shown, "Numbers")] == ["skipped"]
    assert findings(shown, "Countries") == []
    assert "canary" not in shown.output
    installation.twin.failures.clear()


def test_a_server_that_is_down_is_said_to_be_and_no_signature_is_tried(installation: Installation) -> None:
    shown = installation.looked_at(PUBLIC_BASE_URL="http://127.0.0.1:1")
    assert any("no connection to http://127.0.0.1:1" in says for says in bad(shown))
    assert [verdict for _, verdict, _ in findings(shown, "Signature")] == ["skipped"]
    assert findings(shown, "Audio socket") == []


def test_before_the_first_start_there_are_no_keys_to_ask_with(installation: Installation, tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--json", **installation.env)
    assert ("Public address", "skipped", "not asked: the keys are made at the first start") in findings(shown)
    assert list(tmp_path.iterdir()) == []


def test_card_payments_come_with_a_warning_of_pci_mode(tmp_path: Path, project: Path) -> None:
    for part in ("prompts", "grammars", "models"):
        (tmp_path / part).symlink_to(project / part)
    config = tmp_path / "voicebot.toml"
    for payments, warned in (("", False), ('\n[payments]\ncurrency = "USD"\nat_most = "500.00"\n', True)):
        config.write_text((project / "voicebot.toml").read_text("utf-8") + payments, "utf-8")
        shown = doctor(tmp_path / "data", "--offline", "--json", **COMPLETE, VOICEBOT_CONFIG=str(config))
        told = [says for _, verdict, says in findings(shown) if verdict == "note" and "PCI Mode" in says]
        assert bool(told) is warned, shown.output
        assert not warned or ("whole account" in told[0] and "cannot be turned off again" in told[0])


# ---- the models command, and the document beside -----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "xx"])
def test_the_models_command_tells_who_can_listen(tmp_path: Path, language: str) -> None:
    shown = CliRunner().invoke(cli, ["model", "list", language], env={"VOICEBOT_DATA": str(tmp_path)})
    assert shown.output.startswith(f"{language}: ")
    assert shown.exit_code == (0 if "can listen" in shown.output else 1)


def test_a_model_that_the_operator_names_but_that_is_none_is_told(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["model", "list", "xx"], env={"VOICEBOT_MODEL_XX": str(tmp_path)})
    assert shown.exit_code == 1
    assert "keypad only" in shown.output


def test_a_fallback_document_without_an_emergency_number_is_remarked_on_beside_it(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--fallback")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("<?xml")
    assert "VOICEBOT_EMERGENCY_NUMBER is not set" in shown.stderr
    assert doctor(tmp_path, "--fallback", **COMPLETE).stderr == ""


# ---- the provider of approvals --------------------------------------------------------------------------------------------

APPROVALS = """
[details.bank_id]
private = false
[approvals]
issuer = "http://127.0.0.1:1"
client_id = "voicebot"
hint = "bank_id"
"""


def test_a_provider_of_approvals_is_looked_at_and_nobodys_app_is_asked(tmp_path: Path, standing: Twin, project: Path) -> None:
    config = tmp_path / "voicebot.toml"
    config.write_text((project / "voicebot.toml").read_text("utf-8") + APPROVALS)
    env = {"VOICEBOT_CONFIG": str(config), "VOICEBOT_APPROVALS_SECRET": "s" * 20}
    down = doctor(tmp_path / "data", "--json", **env, VOICEBOT_APPROVALS_ISSUER="http://127.0.0.1:1")
    assert findings(down, "Approvals") == [("Approvals", "wrong", "http://127.0.0.1:1 cannot be used: ConnectError")]
    up = doctor(tmp_path / "data", "--json", **env, VOICEBOT_APPROVALS_ISSUER=standing.approvals.issuer)
    assert findings(up, "Approvals") == [("Approvals", "ok", f"{standing.approvals.issuer} takes requests")]
    ping = config.read_text("utf-8") + 'delivery = "ping"\n'
    config.write_text(ping)
    shown = doctor(tmp_path / "data", "--json", **env, VOICEBOT_APPROVALS_ISSUER=standing.approvals.issuer)
    assert "it does not deliver by ping" in findings(shown, "Approvals")[0][2]


@pytest.mark.parametrize("key", ["no key", "-----BEGIN PUBLIC KEY-----\n"])
def test_a_file_that_is_no_private_key_is_named(tmp_path: Path, project: Path, key: str) -> None:
    config, file = tmp_path / "voicebot.toml", tmp_path / "key.pem"
    config.write_text((project / "voicebot.toml").read_text("utf-8") + APPROVALS + 'proof = "private_key_jwt"\n')
    file.write_text(key)
    shown = doctor(tmp_path / "data", "--json", VOICEBOT_CONFIG=str(config), VOICEBOT_APPROVALS_KEY="key.pem")
    (finding,) = findings(shown, "Approvals")
    assert finding[1] == "wrong"
    assert "must be a private key in PEM" in finding[2]


# ---- the mail server ----------------------------------------------------------------------------------------------------


def test_the_mail_server_is_tried_without_a_letter(tmp_path: Path) -> None:
    office = PostOffice()
    with open_office(office, Security.TLS, papers(tmp_path), login=True) as server:
        env = {
            "VOICEBOT_SMTP_HOST": server.host, "VOICEBOT_SMTP_PORT": str(server.port), "VOICEBOT_SMTP_SECURITY": "tls",
            "VOICEBOT_SMTP_FROM": server.sender, "VOICEBOT_SMTP_NAME": server.name, "VOICEBOT_SMTP_PASSWORD": server.password,
            "VOICEBOT_SMTP_CA": str(server.ca),
        }  # fmt: skip
        fine = doctor(tmp_path, "--json", **env)
        wrong = doctor(tmp_path, "--json", **env | {"VOICEBOT_SMTP_PASSWORD": "canary-other"})
    where = f"localhost:{server.port}"
    assert findings(fine, "Mail") == [("Mail", "ok", f"{where} takes letters: protected (tls), logged in")]
    assert findings(wrong, "Mail") == [("Mail", "wrong", f"{where}: the mail server refused the log-in (535)")]
    assert "canary" not in fine.output + wrong.output
    assert (office.tried, office.taken) == (0, [])
