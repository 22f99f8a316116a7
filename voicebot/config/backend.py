"""Where customers are looked up: this installation's own table, or the company's back end over HTTPS, and within what limits.

Must not hold a secret in `BackEnd`: keys come from the environment, as `BackEndKeys`, which has no repr.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from voicebot.config.tables import Table

KEY_ID = r"[A-Za-z0-9._-]{1,64}"
NEAR = ("127.0.0.1", "localhost", "::1")
# Milliseconds: usual, least, most. A caller waits through all of a step, so none may be longer than three seconds.
CONNECT = (500, 50, 1000)
READ = (1500, 100, 2500)
STEP = (3000, 200, 3000)
IN_FLIGHT = (16, 1, 16)


class BackEndKind(StrEnum):
    """Whose customers."""

    EMBEDDED = "embedded"
    REST = "rest"


class AccessKind(StrEnum):
    """How the company's back end knows that a request is ours."""

    HMAC = "hmac"
    OAUTH = "oauth"


@dataclass(frozen=True)
class BackEnd:
    """`url` has no slash at its end. Seconds. `step` is everything together: waiting, connecting, reading, trying again.

    `ca_file` names further certificates to trust, relative to `voicebot.toml`.
    """

    kind: BackEndKind = BackEndKind.EMBEDDED
    url: str = ""
    access: AccessKind = AccessKind.HMAC
    key_id: str = "voicebot-1"
    scope: str = ""
    ca_file: str = ""
    connect: float = CONNECT[0] / 1000
    read: float = READ[0] / 1000
    step: float = STEP[0] / 1000
    in_flight: int = IN_FLIGHT[0]


@dataclass(frozen=True)
class BackEndKeys:
    """What proves who we are to the company's back end. Empty text means: not set."""

    secret: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    token_url: str = ""


def read_back_end(table: Table, named: str) -> BackEnd:
    """`[back_end]`. `named` is what `company.back_end` says, which may stand for `kind` where there is nothing more to say."""
    kind = table.choice("kind", BackEndKind(named or BackEndKind.EMBEDDED))
    if named and kind != named:
        table.wrong("kind", f'is "{kind}", but company.back_end says "{named}"; leave one of them out')
    url = table.text("url", "").rstrip("/")
    if kind is BackEndKind.REST and not url:
        table.wrong("url", 'is needed for kind = "rest", like "https://crm.example.com/voicebot"')
    elif url and (why := unfit_address(url)):
        table.wrong("url", why)
    back_end = BackEnd(
        kind=kind,
        url=url,
        access=table.choice("access", AccessKind.HMAC),
        key_id=table.text("key_id", BackEnd.key_id, like=KEY_ID, what="1 to 64 letters, digits, '.', '_' or '-'"),
        scope=table.text("scope", ""),
        ca_file=table.text("ca_file", ""),
        connect=table.whole("connect_ms", *CONNECT) / 1000,
        read=table.whole("read_ms", *READ) / 1000,
        step=table.whole("step_ms", *STEP) / 1000,
        in_flight=table.whole("in_flight", *IN_FLIGHT),
    )
    table.close()
    return back_end


def unfit_address(url: str) -> str:
    """Why this is no address of a back end; empty if it is one. Plain http only to this machine: PINs travel over it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment or parts.username:
        return "must be an address like https://crm.example.com/voicebot, without a user, ? or #"
    if parts.scheme == "http" and host not in NEAR:
        return "must begin with https:// (http:// is for this machine only)"
    return ""


def missing_keys(back_end: BackEnd, keys: BackEndKeys) -> list[str]:
    """What the environment still lacks for this back end, as complaints; empty if nothing."""
    if back_end.kind is not BackEndKind.REST:
        return []
    if back_end.access is AccessKind.HMAC:
        needs = {"VOICEBOT_BACKEND_SECRET": keys.secret}
    else:
        needs = {
            "VOICEBOT_BACKEND_CLIENT_ID": keys.client_id,
            "VOICEBOT_BACKEND_CLIENT_SECRET": keys.client_secret,
            "VOICEBOT_BACKEND_TOKEN_URL": keys.token_url,
        }
    return [
        f".env or environment: {name}: is needed for back_end.access = {back_end.access}"
        for name, value in needs.items()
        if not value
    ]
