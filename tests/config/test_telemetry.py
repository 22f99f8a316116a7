"""Who may fetch figures and where traces go; what is wrong is named, and no secret is repeated."""

from pathlib import Path

import pytest

from voicebot.config.deployment import read_deployment
from voicebot.config.telemetry import TelemetryKeys
from voicebot.errors import ConfigError

TOKEN = "canary-token-of-thirty-two-signs"


def test_nothing_is_told_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert read_deployment({}, tmp_path).telemetry == TelemetryKeys()


def test_all_of_it(tmp_path: Path) -> None:
    env = {
        "VOICEBOT_METRICS_TOKEN": TOKEN,
        "VOICEBOT_TRACES_URL": "https://traces.example.com/",
        "VOICEBOT_TRACES_HEADERS": "x-key=canary=1, Authorization=Bearer canary",
    }
    keys = read_deployment(env, tmp_path).telemetry
    headers = (("x-key", "canary=1"), ("Authorization", "Bearer canary"))
    assert keys == TelemetryKeys(TOKEN, "https://traces.example.com", headers)
    assert "canary" not in repr(keys)


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"VOICEBOT_METRICS_TOKEN": "canary"}, "VOICEBOT_METRICS_TOKEN"),
        ({"VOICEBOT_TRACES_URL": "http://traces.example.com"}, "VOICEBOT_TRACES_URL"),
        ({"VOICEBOT_TRACES_URL": "traces.example.com"}, "VOICEBOT_TRACES_URL"),
        ({"VOICEBOT_TRACES_HEADERS": "x-key=canary"}, "VOICEBOT_TRACES_URL"),
        ({"VOICEBOT_TRACES_URL": "https://a.example.com", "VOICEBOT_TRACES_HEADERS": "canary"}, "VOICEBOT_TRACES_HEADERS"),
        ({"VOICEBOT_TRACES_URL": "https://a.example.com", "VOICEBOT_TRACES_HEADERS": "x=canary\n"}, "VOICEBOT_TRACES_HEADERS"),
        ({"VOICEBOT_TRACES_URL": "https://a.example.com", "VOICEBOT_TRACES_HEADERS": "x=canary,"}, "VOICEBOT_TRACES_HEADERS"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, env: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as refused:
        read_deployment(env, tmp_path)
    assert "canary" not in str(refused.value)
