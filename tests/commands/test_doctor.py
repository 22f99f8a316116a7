from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicebot.cli import cli

COMPLETE = {
    "PUBLIC_BASE_URL": "https://voice.example.com",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "canary-token-000000000000",
    "TWILIO_CALLER_ID": "+12025550100",
    "VOICEBOT_EMERGENCY_NUMBER": "+12025550199",
}
NOTHING = dict.fromkeys(COMPLETE, "")


def doctor(data: Path, *arguments: str, **env: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *arguments], env={**NOTHING, "VOICEBOT_DATA": str(data), **env})


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


def test_a_complete_installation_is_said_to_be_one_without_its_secrets(tmp_path: Path) -> None:
    shown = doctor(tmp_path, **COMPLETE)
    assert shown.exit_code == 0, shown.output
    assert "https://voice.example.com/voice/incoming" in shown.output
    assert "canary" not in shown.output


def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    doctor(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_fallback_document_rings_the_emergency_number(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--fallback", **COMPLETE)
    assert shown.output.startswith("<?xml")
    assert "+12025550199" in shown.output


def test_keys_that_others_can_read_are_named(tmp_path: Path) -> None:
    from voicebot.keyring import Keyring

    Keyring.open(tmp_path / "keys")
    assert "readable by nobody else" in doctor(tmp_path).output
    key = next((tmp_path / "keys").glob("*.key"))
    key.chmod(0o644)
    assert "others may read this key" in doctor(tmp_path).output


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    shown = doctor(tmp_path, DATABASE_URL="postgresql://voicebot:canary@127.0.0.1:1/voicebot")
    assert "database: postgresql+psycopg://voicebot:•••@127.0.0.1:1/voicebot: " in shown.output
    assert "canary" not in shown.output


@pytest.mark.parametrize("language", ["en", "xx"])
def test_the_models_command_tells_who_can_listen(tmp_path: Path, language: str) -> None:
    shown = CliRunner().invoke(cli, ["model", language], env={"VOICEBOT_DATA": str(tmp_path)})
    assert shown.output.startswith(f"{language}: ")
    assert shown.exit_code == (0 if "can listen" in shown.output else 1)


def test_a_model_that_the_operator_names_but_that_is_none_is_told(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["model", "xx"], env={"VOICEBOT_MODEL_XX": str(tmp_path)})
    assert shown.exit_code == 1
    assert "keypad only" in shown.output


def test_a_fallback_document_without_an_emergency_number_is_remarked_on_beside_it(tmp_path: Path) -> None:
    shown = doctor(tmp_path, "--fallback")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("<?xml")
    assert "VOICEBOT_EMERGENCY_NUMBER is not set" in shown.stderr
    assert doctor(tmp_path, "--fallback", **COMPLETE).stderr == ""
