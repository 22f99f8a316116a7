"""Which mail server takes letters, and what an address is."""

from pathlib import Path

import pytest

from voicebot.config.mail import MailServer, Security, is_address, read_mail_server
from voicebot.config.tables import Complaints

COMPLETE = {"VOICEBOT_SMTP_HOST": "mail.example.com", "VOICEBOT_SMTP_FROM": "line@example.com"}
LOG_IN = {"VOICEBOT_SMTP_NAME": "line", "VOICEBOT_SMTP_PASSWORD": "canary"}


def read(root: Path, **env: str) -> tuple[MailServer | None, list[str]]:
    complaints = Complaints("e")
    return read_mail_server(env, root, complaints), complaints.found


def test_a_server_is_protected_unless_it_is_on_this_machine(tmp_path: Path) -> None:
    usual = MailServer("mail.example.com", 587, Security.STARTTLS, "line@example.com")
    assert read(tmp_path, **COMPLETE) == (usual, [])
    found, _ = read(tmp_path, **COMPLETE, **LOG_IN, VOICEBOT_SMTP_SECURITY="tls")
    assert found == MailServer("mail.example.com", 465, Security.TLS, "line@example.com", "line", "canary")
    found, _ = read(
        tmp_path, **COMPLETE | {"VOICEBOT_SMTP_HOST": "localhost"}, VOICEBOT_SMTP_SECURITY="none", VOICEBOT_SMTP_PORT="2525"
    )
    assert found == MailServer("localhost", 2525, Security.NONE, "line@example.com")
    assert read(tmp_path) == (None, [])


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"VOICEBOT_SMTP_FROM": "line@example.com"}, "VOICEBOT_SMTP_HOST"),
        ({"VOICEBOT_SMTP_HOST": "mail.example.com"}, "VOICEBOT_SMTP_FROM"),
        (COMPLETE | {"VOICEBOT_SMTP_FROM": "The line <line@example.com>"}, "VOICEBOT_SMTP_FROM"),
        (COMPLETE | {"VOICEBOT_SMTP_HOST": "smtp://mail"}, "VOICEBOT_SMTP_HOST"),
        (COMPLETE | {"VOICEBOT_SMTP_PORT": "99999"}, "VOICEBOT_SMTP_PORT"),
        (COMPLETE | {"VOICEBOT_SMTP_PORT": "²"}, "VOICEBOT_SMTP_PORT"),
        (COMPLETE | {"VOICEBOT_SMTP_SECURITY": "ssl"}, "VOICEBOT_SMTP_SECURITY"),
        (COMPLETE | {"VOICEBOT_SMTP_SECURITY": "none"}, "VOICEBOT_SMTP_SECURITY"),
        (COMPLETE | {"VOICEBOT_SMTP_NAME": "canary"}, "VOICEBOT_SMTP_PASSWORD"),
        (COMPLETE | {"VOICEBOT_SMTP_PASSWORD": "canary"}, "VOICEBOT_SMTP_NAME"),
        (COMPLETE | LOG_IN | {"VOICEBOT_SMTP_PASSWORD": "canary\r\n"}, "VOICEBOT_SMTP_PASSWORD"),
        (COMPLETE | {"VOICEBOT_SMTP_CA": "ca.pem"}, "VOICEBOT_SMTP_CA"),
    ],
)
def test_what_is_wrong_is_named_without_secrets(tmp_path: Path, env: dict[str, str], complaint: str) -> None:
    _, wrong = read(tmp_path, **env)
    assert len(wrong) == 1
    assert wrong[0].startswith(f"e: {complaint}: ")
    assert "canary" not in wrong[0]


@pytest.mark.parametrize("text", ["ada@example.com", "a.b+c@mail.example.co.uk", "o'neill@xn--rksmrgs-5wao1o.se"])
def test_addresses_that_people_have(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "ada@localhost", "@example.com", "ada@", "ada@example.com\n", "a b@example.com", "ada@exa mple.com",
        "a@b@c.com",
        "ada@example.com,eve@example.com", '"a b"@example.com', "ada@[127.0.0.1]", "ada@-x.com", "ådå@example.com",
        "a\r@example.com",
        "x" * 65 + "@example.com", "a@" + "x." * 140 + "com",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)
