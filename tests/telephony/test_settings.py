"""What the line refuses to start with."""

import pytest

from tests.telephony.stage import TOKEN, settings
from voicebot.errors import ConfigError


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_base_url": "voice.example.com"},
        {"public_base_url": "ftp://voice.example.com"},
        {"public_base_url": "https://voice.example.com/?a=1"},
        {"public_base_url": "https://me:pass@voice.example.com"},
        {"public_base_url": "https://voice.example.com/#x"},
        {"public_base_url": ""},
        {"auth_tokens": ()},
        {"auth_tokens": ("",)},
        {"auth_tokens": (TOKEN, "")},
        {"account_sid": ""},
    ],
)
def test_a_line_that_could_not_work_or_would_not_be_safe_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        settings(**wrong)


def test_a_token_shows_in_no_repr() -> None:
    assert TOKEN not in repr(settings())


def test_the_socket_base_follows_the_scheme() -> None:
    assert settings().socket_base == "wss://voice.example.com"
    assert settings(public_base_url="http://127.0.0.1:5000/").socket_base == "ws://127.0.0.1:5000"
