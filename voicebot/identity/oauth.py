"""Access by OAuth 2.0 client credentials (RFC 6749, 4.4): a token is fetched, kept, and renewed before it runs out.

Must not show a token or the client's secret. Asks the token endpoint over the same bounded client as the back end itself.
"""

import base64
import threading
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import msgspec

from voicebot.identity.rest_http import Answer, Http
from voicebot.identity.signing import Outgoing, TokenUnavailable

EARLY = 60.0  # seconds before its end a token is not used any more; or half its life, where that is less
USUAL_LIFE = 300.0


@dataclass(frozen=True)
class Client:
    """Who asks for tokens, and where."""

    token_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    scope: str = ""


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    token_type: str
    expires_in: float = USUAL_LIFE

    def __repr__(self) -> str:
        return "_Granted(…)"


class OAuthAccess:
    """Bearer tokens. One thread fetches, the others wait for it, none longer than its own deadline."""

    def __init__(self, http: Http, client: Client) -> None:
        self._http, self._client = http, client
        self._token, self._good_until = "", 0.0
        self._turn = threading.Lock()

    def headers(self, request: Outgoing, until: float) -> dict[str, str]:
        """The token, fetched if there is none that is good for a while. Raises TokenUnavailable."""
        del request
        if not self._turn.acquire(timeout=max(0.0, until - self._http.when.monotonic())):
            raise TokenUnavailable
        try:
            if not self._token or self._http.when.monotonic() >= self._good_until:
                self._fetch(until)
            return {"Authorization": f"Bearer {self._token}"}
        finally:
            self._turn.release()

    def refused(self) -> bool:
        """The token is not good any more, whatever it said of itself: one new one."""
        with self._turn:
            self._token = ""
        return True

    def _fetch(self, until: float) -> None:
        self._token = ""
        asked = self._http.when.monotonic()
        form = {"grant_type": "client_credentials"} | ({"scope": self._client.scope} if self._client.scope else {})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": self._basic()}
        outcome = self._http.exchange(self._client.token_url, urlencode(form).encode(), headers, until)
        if not isinstance(outcome, Answer) or outcome.status != 200:
            raise TokenUnavailable
        try:
            granted = msgspec.json.decode(outcome.body, type=_Granted)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise TokenUnavailable from None
        if granted.token_type.lower() != "bearer" or not _is_token(granted.access_token):
            raise TokenUnavailable
        self._token = granted.access_token
        self._good_until = asked + granted.expires_in - min(EARLY, granted.expires_in / 2)

    def _basic(self) -> str:
        """Client authentication as RFC 6749, 2.3.1 has it: both parts form-encoded first."""
        pair = f"{quote(self._client.client_id, safe='')}:{quote(self._client.client_secret, safe='')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _is_token(text: str) -> bool:
    """Something that may stand in a header."""
    return 0 < len(text) <= 8192 and text.isascii() and text.isprintable() and " " not in text
