"""Reads the mail server of this installation (`VOICEBOT_SMTP_…`), and says what an e-mail address may look like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from voicebot.config.tables import Complaints

NAMES = (
    "VOICEBOT_SMTP_HOST", "VOICEBOT_SMTP_PORT", "VOICEBOT_SMTP_SECURITY", "VOICEBOT_SMTP_NAME", "VOICEBOT_SMTP_PASSWORD",
    "VOICEBOT_SMTP_FROM", "VOICEBOT_SMTP_CA",
)  # fmt: skip
# Of RFC 5321's addresses those that people have: no quotes, no comments, no addresses of machines, no line breaks.
ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
LIKE_ADDRESS = "an e-mail address like reports@example.com (a domain with other letters in its xn-- form)"
HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"
NEAR = ("localhost", "127.0.0.1")


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"  # to this machine only


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True)
class MailServer:
    """`ca`: a file of certificates that are trusted instead of the system's. Without a `name` nobody logs in."""

    host: str
    port: int
    security: Security
    sender: str
    name: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    ca: Path | None = None


def is_address(text: str) -> bool:
    """Whether a letter can be sent there."""
    return re.fullmatch(ADDRESS, text) is not None


def read_mail_server(env: Mapping[str, str], root: Path, complaints: Complaints) -> MailServer | None:
    """None where no server is named. What is wrong is complained about, and no secret is repeated."""
    said = [name for name in NAMES if name in env]
    if "VOICEBOT_SMTP_HOST" not in env:
        if said:
            complaints.add("VOICEBOT_SMTP_HOST", f"is needed with {said[0]}: the name of the mail server")
        return None
    security = _security(env, complaints)
    host, sender = env["VOICEBOT_SMTP_HOST"], env.get("VOICEBOT_SMTP_FROM", "")
    if not re.fullmatch(HOST, host):
        complaints.add("VOICEBOT_SMTP_HOST", f"must be a name like mail.example.com, not {host!r}")
    if not is_address(sender):
        complaints.add("VOICEBOT_SMTP_FROM", f"is needed: who letters come from, {LIKE_ADDRESS}")
    if security is Security.NONE and host not in NEAR:
        complaints.add("VOICEBOT_SMTP_SECURITY", '"none" is for a mail server on this machine only: letters hold personal data')
    name, password = env.get("VOICEBOT_SMTP_NAME", ""), env.get("VOICEBOT_SMTP_PASSWORD", "")
    if bool(name) is not bool(password):
        complaints.add(f"VOICEBOT_SMTP_{'PASSWORD' if name else 'NAME'}", "is needed too: one logs in with both, or not at all")
    if not (name + password).isprintable():
        complaints.add("VOICEBOT_SMTP_PASSWORD", "must be on one line (it is not shown here)")
    ca = root / env["VOICEBOT_SMTP_CA"] if "VOICEBOT_SMTP_CA" in env else None
    if ca is not None and not ca.is_file():
        complaints.add("VOICEBOT_SMTP_CA", f"must be a file of certificates (PEM); there is none at {ca}")
    return MailServer(host, _port(env, security, complaints), security, sender, name, password, ca)


def _security(env: Mapping[str, str], complaints: Complaints) -> Security:
    value = env.get("VOICEBOT_SMTP_SECURITY", Security.STARTTLS)
    if value in list(Security):
        return Security(value)
    complaints.add("VOICEBOT_SMTP_SECURITY", f"must be one of {', '.join(Security)}, not {value!r}")
    return Security.STARTTLS


def _port(env: Mapping[str, str], security: Security, complaints: Complaints) -> int:
    text = env.get("VOICEBOT_SMTP_PORT", str(PORTS[security]))
    if text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= 65535:
        return int(text)
    complaints.add("VOICEBOT_SMTP_PORT", f"must be 1 to 65535, not {text!r}")
    return PORTS[security]
