"""Where and with whose keys this installation runs: the environment, and `.env` under it.

Must not print a secret: tokens and the database's address have no repr, and complaints about them do not repeat them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from voicebot.config.backend import BackEndKeys
from voicebot.config.mail import NAMES as MAIL_NAMES
from voicebot.config.mail import MailServer, read_mail_server
from voicebot.config.tables import Complaints, nearest
from voicebot.config.telemetry import NAMES as TELEMETRY_NAMES
from voicebot.config.telemetry import TelemetryKeys, read_telemetry
from voicebot.errors import ConfigError

FILE = ".env or environment"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
E164 = r"\+[1-9]\d{6,14}"
DEFAULT_PORT = 8080
# Names that begin like ours and are read elsewhere.
OTHERS_NAMES = (
    "VOICEBOT_CONFIG", "VOICEBOT_NO_VENV", "VOICEBOT_PIP", "VOICEBOT_TEST_MATERIAL", "VOICEBOT_BACKEND_TEST_SECRET",
    "VOICEBOT_SCREENSHOTS", "VOICEBOT_TEST_KEYCLOAK",
)  # fmt: skip
OUR_NAMES = (
    "VOICEBOT_DATA", "VOICEBOT_EMERGENCY_NUMBER", "VOICEBOT_TIME_SCALE", "VOICEBOT_BACKEND_SECRET",
    "VOICEBOT_BACKEND_CLIENT_ID", "VOICEBOT_BACKEND_CLIENT_SECRET", "VOICEBOT_BACKEND_TOKEN_URL",
    "VOICEBOT_HAND_OVER_SECRET", "VOICEBOT_PROOFS_SECRET", "VOICEBOT_PROOFS_SECRET_NEXT", "VOICEBOT_PAGES_URL",
    "VOICEBOT_CUSTOMERS_URL",
    "VOICEBOT_PROXIES", "VOICEBOT_SIGN_IN_SECRET", "VOICEBOT_APPROVALS_SECRET", "VOICEBOT_APPROVALS_KEY",
    "VOICEBOT_APPROVALS_ISSUER", "VOICEBOT_REPORTS_SECRET", "VOICEBOT_NOTICES_SECRET", *MAIL_NAMES,
    *TELEMETRY_NAMES,
)  # fmt: skip
_MODEL = re.compile(r"VOICEBOT_MODEL_([A-Z]{2,3})(?:_([A-Z]{2}))?")


@dataclass(frozen=True)
class Deployment:
    """One installation. Empty text means: not set. `models` maps a language to the directory of its recognition model."""

    data: Path
    public_base_url: str = ""
    account_sid: str = ""
    auth_token: str = field(default="", repr=False)
    auth_token_next: str = field(default="", repr=False)
    caller_id: str = ""
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    api_base_url: str = ""
    database_url: str = field(default="", repr=False)
    models: dict[str, Path] = field(default_factory=dict)
    emergency_number: str = ""
    back_end: BackEndKeys = field(default_factory=BackEndKeys, repr=False)
    hand_over_secret: str = field(default="", repr=False)
    proofs_secrets: tuple[str, ...] = field(default=(), repr=False)
    own_pages_url: str = ""
    own_customers_url: str = ""
    proxies: tuple[str, ...] = ()
    sign_in_secret: str = field(default="", repr=False)
    approvals_secret: str = field(default="", repr=False)
    reports_secret: str = field(default="", repr=False)
    notices_secret: str = field(default="", repr=False)
    approvals_key: Path | None = None
    approvals_issuer: str = ""
    mail: MailServer | None = None
    telemetry: TelemetryKeys = field(default_factory=TelemetryKeys)
    port: int = DEFAULT_PORT
    log_level: str = "INFO"
    time_scale: float = 1.0

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Tokens that a request may be signed with: the present one first, the next one during a rotation."""
        return tuple(token for token in (self.auth_token, self.auth_token_next) if token)

    @property
    def pages_url(self) -> str:
        """Where people open the pages: an address of their own, else the public one, else this machine's."""
        return self.own_pages_url or self.public_base_url or f"http://127.0.0.1:{self.port}"

    @property
    def customers_url(self) -> str:
        """Where customers open theirs: in public, even if agents' pages have an address of their own."""
        return self.own_customers_url or self.public_base_url or self.pages_url

    @property
    def keys(self) -> Path:
        """The directory of the key files."""
        return self.data / "keys"

    @property
    def database_shown(self) -> str:
        """The database's address without its password."""
        parts = urlsplit(self.database_url)
        if not parts.password:
            return self.database_url
        return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":•••@")).geturl()

    def missing(self) -> list[str]:
        """What a line that Twilio calls still needs, in words; empty if it can be served."""
        needs = {
            "PUBLIC_BASE_URL": (self.public_base_url, "where Twilio reaches this server, like https://voice.example.com"),
            "TWILIO_ACCOUNT_SID": (self.account_sid, "from the Twilio Console, begins with AC"),
            "TWILIO_AUTH_TOKEN": (self.auth_token, "from the Twilio Console"),
            "TWILIO_CALLER_ID": (self.caller_id, "your Twilio number: what agents see when their phone rings"),
            "VOICEBOT_EMERGENCY_NUMBER": (self.emergency_number, "who is rung when everything here is down"),
        }
        return [f"{name}: {what}" for name, (value, what) in needs.items() if not value]


def environment(root: Path, process: Mapping[str, str]) -> dict[str, str]:
    """`.env` beside `voicebot.toml`, under what the process was started with. An empty value counts as not set."""
    try:
        written = dotenv_values(root / ".env") if (root / ".env").is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it must be UTF-8 text"
        raise ConfigError(f"{root / '.env'}: cannot be read: {why}") from None
    merged = {**written, **process}
    return {name: value for name, value in merged.items() if value}


def read_deployment(env: Mapping[str, str], root: Path) -> Deployment:
    """Everything from the environment. Raises ConfigError with all that is wrong."""
    complaints = Complaints(FILE)
    _refuse_strangers(env, complaints)
    data = root / env.get("VOICEBOT_DATA", "data")
    deployment = Deployment(
        data=data,
        public_base_url=_address(env, "PUBLIC_BASE_URL", complaints),
        account_sid=_like(env, "TWILIO_ACCOUNT_SID", r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits", complaints),
        auth_token=_token(env, "TWILIO_AUTH_TOKEN", complaints),
        auth_token_next=_token(env, "TWILIO_AUTH_TOKEN_NEXT", complaints),
        caller_id=_like(env, "TWILIO_CALLER_ID", E164, "a number like +12025550110", complaints),
        api_key=_like(env, "TWILIO_API_KEY", r"SK[0-9a-fA-F]{32}", "SK and 32 hexadecimal digits", complaints),
        api_secret=_token(env, "TWILIO_API_SECRET", complaints),
        api_base_url=_address(env, "TWILIO_API_BASE_URL", complaints),
        database_url=_database(env.get("DATABASE_URL", ""), data, complaints),
        models={_language(found): root / path for name, path in env.items() if (found := _MODEL.fullmatch(name))},
        emergency_number=_like(env, "VOICEBOT_EMERGENCY_NUMBER", E164, "a number like +12025550199", complaints),
        back_end=_back_end_keys(env, complaints),
        hand_over_secret=_token(env, "VOICEBOT_HAND_OVER_SECRET", complaints, shortest=32),
        proofs_secrets=_proofs_secrets(env, complaints),
        own_pages_url=_address(env, "VOICEBOT_PAGES_URL", complaints),
        own_customers_url=_address(env, "VOICEBOT_CUSTOMERS_URL", complaints),
        proxies=_ip_addresses(env, "VOICEBOT_PROXIES", complaints),
        sign_in_secret=_token(env, "VOICEBOT_SIGN_IN_SECRET", complaints),
        approvals_secret=_token(env, "VOICEBOT_APPROVALS_SECRET", complaints),
        reports_secret=_token(env, "VOICEBOT_REPORTS_SECRET", complaints),
        notices_secret=_token(env, "VOICEBOT_NOTICES_SECRET", complaints),
        approvals_issuer=_address(env, "VOICEBOT_APPROVALS_ISSUER", complaints),
        approvals_key=root / env["VOICEBOT_APPROVALS_KEY"] if "VOICEBOT_APPROVALS_KEY" in env else None,
        mail=read_mail_server(env, root, complaints),
        telemetry=read_telemetry(env, complaints, partial(_token, shortest=32), _address),
        port=int(_number(env, "PORT", DEFAULT_PORT, 1, 65535, complaints, whole=True)),
        log_level=_like(env, "LOG_LEVEL", "|".join(LEVELS), f"one of {', '.join(LEVELS)}", complaints) or "INFO",
        time_scale=_number(env, "VOICEBOT_TIME_SCALE", 1.0, 0.1, 10_000, complaints),
    )
    if bool(deployment.api_key) is not bool(deployment.api_secret):
        other = "TWILIO_API_SECRET" if deployment.api_key else "TWILIO_API_KEY"
        complaints.add(other, "is needed too: the Console shows both when it makes an API key")
    complaints.raise_if_any()
    return deployment


def _proofs_secrets(env: Mapping[str, str], complaints: Complaints) -> tuple[str, ...]:
    """What the company's requests may be signed with: the present one first, the next one while it is being changed."""
    names = ("VOICEBOT_PROOFS_SECRET", "VOICEBOT_PROOFS_SECRET_NEXT")
    return tuple(secret for name in names if (secret := _token(env, name, complaints, shortest=32)))


def _back_end_keys(env: Mapping[str, str], complaints: Complaints) -> BackEndKeys:
    return BackEndKeys(
        secret=_token(env, "VOICEBOT_BACKEND_SECRET", complaints, shortest=32),
        client_id=_like(env, "VOICEBOT_BACKEND_CLIENT_ID", r"[\x21-\x7e]{1,200}", "text without a space", complaints),
        client_secret=_token(env, "VOICEBOT_BACKEND_CLIENT_SECRET", complaints),
        token_url=_address(env, "VOICEBOT_BACKEND_TOKEN_URL", complaints),
    )


def _refuse_strangers(env: Mapping[str, str], complaints: Complaints) -> None:
    known = (*OUR_NAMES, *OTHERS_NAMES)
    for name in env:
        if name.startswith("VOICEBOT_") and name not in known and not _MODEL.fullmatch(name):
            complaints.add(name, f"is not known; {nearest(name, (*known, 'VOICEBOT_MODEL_EN'))}")


def _language(found: re.Match[str]) -> str:
    return found[1].lower() + (f"-{found[2]}" if found[2] else "")


def _like(env: Mapping[str, str], name: str, pattern: str, what: str, complaints: Complaints) -> str:
    value = env.get(name, "")
    if value and not re.fullmatch(pattern, value):
        complaints.add(name, f"must be {what}, not {value!r}")
        return ""
    return value


def _token(env: Mapping[str, str], name: str, complaints: Complaints, shortest: int = 16) -> str:
    value = env.get(name, "")
    if value and not re.fullmatch(rf"[\x21-\x7e]{{{shortest},128}}", value):
        complaints.add(name, f"must be {shortest} to 128 characters without a space (it is not shown here)")
        return ""
    return value


def _address(env: Mapping[str, str], name: str, complaints: Complaints) -> str:
    """An address without a slash at its end. Plain http only to this machine: digits travel over it."""
    value = env.get(name, "").rstrip("/")
    parts = urlsplit(value)
    near = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if value and (parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username):
        complaints.add(name, f"must be an address like https://voice.example.com, not {value!r}")
    elif value and parts.scheme == "http" and not near:
        complaints.add(name, "must begin with https:// (http:// is for this machine only)")
    return value


def _ip_addresses(env: Mapping[str, str], name: str, complaints: Complaints) -> tuple[str, ...]:
    found = []
    for text in env.get(name, "").replace(",", " ").split():
        try:
            found.append(str(ip_address(text)))
        except ValueError:
            complaints.add(name, f"must be addresses like 127.0.0.1, not {text!r}")
    return tuple(found)


def _database(value: str, data: Path, complaints: Complaints) -> str:
    if not value:
        return f"sqlite:///{(data / 'voicebot.db').absolute()}"
    scheme = value.partition("://")[0]
    if scheme in ("postgres", "postgresql"):
        return value.replace(f"{scheme}://", "postgresql+psycopg://", 1)
    if scheme not in ("sqlite", "postgresql+psycopg"):
        complaints.add("DATABASE_URL", "must begin with sqlite:/// or postgresql:// (it is not shown here)")
    return value


def _number(
    env: Mapping[str, str], name: str, default: float, low: float, high: float, complaints: Complaints, *, whole: bool = False
) -> float:
    text = env.get(name, "")
    if not text:
        return default
    try:
        number = float(int(text) if whole else text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        complaints.add(name, f"must be {low:g} to {high:g}, not {text!r}")
        return default
    return number
