"""An agent's browser as a phone, over Twilio's Voice SDK: the script that it runs, and the tokens that let it in.

The script is fetched once by whoever sets the server up, checked, and served from here: pages load nothing from elsewhere.
"""

import hashlib
import tarfile
from base64 import b64encode
from dataclasses import dataclass, field
from hmac import compare_digest
from io import BytesIO
from pathlib import Path

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from voicebot.errors import ConfigError

PACKAGE = "@twilio/voice-sdk"
VERSION = "2.18.5"
# Of the package as it is published, and of the one file in it that is used.
INTEGRITY = "sha512-2/tw1IDAIn7j6yFDOln8p93v3aHIxNIN93JwL98cHIlbkSNeU/Jt9zGM/0TvDpNjo+k88lvAew4jgOjKlc9/KA=="
SCRIPT_SHA512 = (
    "40cdf87b3d52fd37a26b98876dde022eab2df1c875736c1dd0f5c8dd5784e3ea"
    "6fd12099da9b9bbad9a27289716e38a7d6080df45139ee4a2006af9c747bd89d"
)
IN_PACKAGE = "package/dist/twilio.min.js"
CLIENT = "client:"  # begins the address of a phone that is a browser
LASTS = 3600  # seconds; the page asks for a new token before
# What the script speaks to, by its own documentation (Content Security Policy in its README).
CONNECTS = (
    "https://eventgw.twilio.com", "wss://voice-js.roaming.twilio.com", "https://media.twiliocdn.com", "https://sdk.twilio.com",
)  # fmt: skip
MEDIA = ("mediastream:", "https://media.twiliocdn.com", "https://sdk.twilio.com")


@dataclass(frozen=True)
class ApiKey:
    """An API key of the account, as the Twilio Console makes them; not the auth token, so that it can be taken away alone."""

    account_sid: str
    key: str
    secret: str = field(repr=False)


def token_for(api_key: ApiKey, identity: str) -> str:
    """Lets a browser be rung as `client:IDENTITY` for an hour, and do nothing else: it cannot call anybody."""
    token = AccessToken(api_key.account_sid, api_key.key, api_key.secret, identity=identity, ttl=LASTS)
    token.add_grant(VoiceGrant(incoming_allow=True))
    return str(token.to_jwt())


def place_of_script(directory: Path) -> Path:
    """Where the script lies in a data directory. Its name tells the version, so an old one is not taken for a new one."""
    return directory / "voice-sdk" / f"twilio-{VERSION}.min.js"


def script_in(package: bytes) -> bytes:
    """The script out of the published package (a gzipped tar). Raises ConfigError for anything but the very package."""
    digest = b64encode(hashlib.sha512(package).digest()).decode()
    if not compare_digest(f"sha512-{digest}", INTEGRITY):
        raise ConfigError(f"this is not {PACKAGE} {VERSION} as it was published: its checksum is another one")
    with tarfile.open(fileobj=BytesIO(package), mode="r:gz") as tar:
        content = tar.extractfile(IN_PACKAGE)
        script = content.read() if content is not None else b""
    if not is_script(script):
        raise ConfigError(f"{PACKAGE} {VERSION} holds another {IN_PACKAGE} than it should")
    return script


def is_script(content: bytes) -> bool:
    """Whether this is the script, to the last byte."""
    return compare_digest(hashlib.sha512(content).hexdigest(), SCRIPT_SHA512)
