"""What the line needs to be told once: who we are to the carrier, where we are reached, how patient the carrier is with us."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voicebot.errors import ConfigError

PATIENCE = "#ct=1500&rt=4000&rc=2&rp=ct,rt,5xx"
"""Connection overrides, put behind every URL that the carrier fetches: connect 1.5 s, read 4 s, two repeats, also of a 5xx."""


@dataclass(frozen=True)
class TelephonySettings:
    """Deployment of the line. `auth_tokens`: the primary first; a second one is accepted while they are being rotated.

    `api_base_url` is for the simulator only. `caller_id` is what an agent's phone shows (E.164). Seconds.
    Raises ConfigError where the line could not work or would not be safe.
    """

    public_base_url: str
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    caller_id: str
    api_base_url: str | None = None
    emergency_number: str = field(default="", repr=False)
    language: str = "en-US"  # of the few sentences that no catalogue holds
    voice: str = ""
    patience: str = PATIENCE
    agent_call_limit: int = 4 * 3600
    subaccounts: tuple[str, ...] = ()  # further accounts whose calls we take

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
            raise ConfigError("PUBLIC_BASE_URL: must be like https://voice.example.com, with no query, fragment or user name")
        if not any(self.auth_tokens) or not all(self.auth_tokens):
            raise ConfigError("TWILIO_AUTH_TOKEN: must be set, or nobody could tell the carrier's requests from forged ones")
        if not self.account_sid:
            raise ConfigError("TWILIO_ACCOUNT_SID: must be set")

    @property
    def base(self) -> str:
        """The public base URL without a slash at its end."""
        return self.public_base_url.rstrip("/")

    @property
    def socket_base(self) -> str:
        """The same for WebSockets: `wss://…`."""
        return "ws" + self.base.removeprefix("http")

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts whose requests are taken."""
        return frozenset((self.account_sid, *self.subaccounts))
