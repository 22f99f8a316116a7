from pathlib import Path

import pytest

from voicebot.config.deployment import Deployment, environment, read_deployment
from voicebot.errors import ConfigError

ROOT = Path("/srv/voicebot")
FULL = {
    "PUBLIC_BASE_URL": "https://voice.example.com/",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "canary-token-000000000000",
    "TWILIO_AUTH_TOKEN_NEXT": "canary-token-111111111111",
    "TWILIO_CALLER_ID": "+12025550100",
    "DATABASE_URL": "postgresql://voicebot:canary-password@db.example.com/voicebot",
    "VOICEBOT_DATA": "elsewhere",
    "VOICEBOT_MODEL_DA": "models/mine",
    "VOICEBOT_EMERGENCY_NUMBER": "+12025550199",
    "PORT": "9000",
    "LOG_LEVEL": "DEBUG",
    "VOICEBOT_TIME_SCALE": "20",
}


def test_everything_is_read() -> None:
    deployment = read_deployment(FULL, ROOT)
    assert deployment.public_base_url == "https://voice.example.com"
    assert deployment.auth_tokens == ("canary-token-000000000000", "canary-token-111111111111")
    assert deployment.database_url.startswith("postgresql+psycopg://voicebot:")
    assert deployment.data == ROOT / "elsewhere"
    assert deployment.models == {"da": ROOT / "models/mine"}
    assert (deployment.port, deployment.log_level, deployment.time_scale) == (9000, "DEBUG", 20.0)
    assert deployment.missing() == []


def test_nothing_is_needed_to_begin_with() -> None:
    deployment = read_deployment({}, ROOT)
    assert deployment.database_url == "sqlite:////srv/voicebot/data/voicebot.db"
    assert deployment.data == ROOT / "data"
    assert deployment.auth_tokens == ()
    assert [line.partition(":")[0] for line in deployment.missing()] == [
        "PUBLIC_BASE_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_CALLER_ID", "VOICEBOT_EMERGENCY_NUMBER",
    ]  # fmt: skip


def test_no_secret_is_in_the_repr_or_in_the_shown_address() -> None:
    deployment = read_deployment(FULL, ROOT)
    assert "canary" not in repr(deployment)
    assert "canary" not in deployment.database_shown
    assert "db.example.com" in deployment.database_shown


def test_pages_are_where_they_were_put_else_at_the_public_address_else_on_this_machine() -> None:
    own = read_deployment({**FULL, "VOICEBOT_PAGES_URL": "https://desk.example.com/"}, ROOT)
    assert own.pages_url == "https://desk.example.com"
    assert read_deployment(FULL, ROOT).pages_url == "https://voice.example.com"
    assert read_deployment({"PORT": "9000"}, ROOT).pages_url == "http://127.0.0.1:9000"


def test_proxies_are_addresses() -> None:
    assert read_deployment({"VOICEBOT_PROXIES": "127.0.0.1, ::1"}, ROOT).proxies == ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VOICEBOT_PAGES_URL", "http://desk.example.com", "must begin with https://"),
        ("VOICEBOT_PROXIES", "127.0.0.1,proxy", "must be addresses like 127.0.0.1, not 'proxy'"),
        ("VOICEBOT_SIGN_IN_SECRET", "short", "must be 16 to 128 characters"),
        ("PUBLIC_BASE_URL", "voice.example.com", "must be an address like https://"),
        ("PUBLIC_BASE_URL", "http://voice.example.com", "must begin with https://"),
        ("PUBLIC_BASE_URL", "https://voice.example.com/?a=b", "must be an address"),
        ("TWILIO_ACCOUNT_SID", "SK00", "must be AC and 32 hexadecimal digits"),
        ("TWILIO_CALLER_ID", "2025550100", "must be a number like"),
        ("VOICEBOT_EMERGENCY_NUMBER", "911", "must be a number like"),
        ("DATABASE_URL", "mysql://x", "must begin with sqlite:/// or postgresql://"),
        ("PORT", "0", "must be 1 to 65535, not '0'"),
        ("PORT", "80.5", "must be 1 to 65535"),
        ("LOG_LEVEL", "LOUD", "must be one of DEBUG"),
        ("VOICEBOT_TIME_SCALE", "nan", "must be 0.1 to 10000"),
        ("VOICEBOT_DATE", "x", "is not known; did you mean VOICEBOT_DATA?"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_deployment({name: value}, ROOT)
    assert f"{name}: " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_NEXT", "DATABASE_URL"])
def test_a_wrong_secret_is_not_repeated(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_deployment({name: "canary with a space"}, ROOT)
    assert name in str(refused.value)
    assert "canary" not in str(refused.value)


def test_this_machine_may_be_reached_without_tls() -> None:
    assert read_deployment({"PUBLIC_BASE_URL": "http://127.0.0.1:8080"}, ROOT).public_base_url == "http://127.0.0.1:8080"


def test_the_process_goes_before_the_file_and_empty_is_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nLOG_LEVEL=DEBUG\nTWILIO_CALLER_ID=\n")
    assert environment(tmp_path, {"PORT": "9001"}) == {"PORT": "9001", "LOG_LEVEL": "DEBUG"}


def test_the_shipped_example_is_a_right_environment_with_every_name_in_it(project: Path, tmp_path: Path) -> None:
    example = (project / ".env.example").read_text("utf-8")
    (tmp_path / ".env").write_text(example)
    assert read_deployment(environment(tmp_path, {}), tmp_path) == Deployment(
        data=tmp_path / "data", database_url=f"sqlite:///{tmp_path / 'data' / 'voicebot.db'}"
    )
    for name in {*FULL, "TWILIO_API_BASE_URL"} - {"VOICEBOT_MODEL_DA"}:
        assert f"\n{name}=" in example


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(ConfigError, match=r"\.env: cannot be read: it must be UTF-8 text"):
        environment(tmp_path, {})
