"""Asks our own public address as the carrier would, and explains what comes back. For the operator; it touches no call.

Each method is one check of a few seconds; none raises. What answers at the other end is `selfcheck`, and the media socket.
"""

import secrets
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import httpx
from twilio.request_validator import RequestValidator, remove_port
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from voicebot.telephony.address_check import ADDRESS
from voicebot.telephony.addresses import STREAM_PATH
from voicebot.telephony.exchange import TokenKeys
from voicebot.telephony.findings import Finding, ok, wrong
from voicebot.telephony.gate import FORM
from voicebot.telephony.selfcheck import ARRIVAL, CHECK_PATH, SETTINGS, SIGNED

WITHIN = 4.0  # seconds for one request
SIGNATURE, SOCKET = "Signature", "Audio socket"
# A path and a query as proxies like to "tidy" them; a signature covers every byte.
AWKWARD = "a.b~c_d-e?one=1%2B2&two=a+b&empty=&slash=%2F&last=%7E"
RELOAD = "reload or restart the server, so that it runs with the settings that are in .env now"

@dataclass(frozen=True)
class SelfCall:
    """`tokens` by the name of their setting. `trust`: whose certificates are believed (None: the usual authorities)."""

    base: str
    account: str
    tokens: dict[str, str] = field(repr=False)
    keys: TokenKeys = field(repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    within: float = WITHIN

    # ---- the way there ----------------------------------------------------------------------------------------------

    def reaches(self) -> list[Finding]:
        """Our public address leads to this very server, with these settings, and path and query come through."""
        nonce = secrets.token_hex(16)
        url = self._check_url(nonce)
        try:
            answer = self._ask("GET", url)
        except httpx.HTTPError as error:
            return [self._no_answer(error)]
        if answer.status_code != 200:
            return [wrong(ADDRESS, *_status_explained(self.base, answer))]
        said = _fields(answer)
        if not self.keys.token_fits(said.get("answer", ""), ARRIVAL, nonce, said.get("target", "")):
            mend = "point PUBLIC_BASE_URL and the proxy to this server, and run doctor with its data directory"
            return [wrong(ADDRESS, f"something answers at {self.base}, but it does not have this server's keys", mend)]
        if (sent := _target(url)[len(self._parts.path) :]) != said["target"]:
            mend = "let the proxy pass path and query on as they are (nginx: proxy_pass without a path)"
            return [wrong(ADDRESS, f"the proxy changes addresses: {sent} arrived as {said['target']}", mend)]
        if not self.keys.token_fits(said.get("settings", ""), SETTINGS, nonce, self.base, self.account):
            return [wrong(ADDRESS, "this server runs with another PUBLIC_BASE_URL or TWILIO_ACCOUNT_SID than .env has", RELOAD)]
        return [ok(ADDRESS, f"{self.base} leads to this server; path and query come through unchanged")]

    # ---- as the carrier signs ---------------------------------------------------------------------------------------

    def signature(self) -> list[Finding]:
        """A request signed with our token is let in, and one signed with another is not."""
        found = [self._signed(name, token) for name, token in self.tokens.items()]
        forged = self._post(secrets.token_hex(16), secrets.token_hex(16))
        if isinstance(forged, httpx.Response) and forged.status_code == 403:
            return [*found, ok(SIGNATURE, "a request signed with another token is refused")]
        if isinstance(forged, httpx.Response) and forged.is_success:
            mend = "something in between answers by itself; until that is mended, do not take calls"
            return [*found, wrong(SIGNATURE, "a request signed with another token is let in", mend)]
        said = f"status {forged.status_code}" if isinstance(forged, httpx.Response) else "no answer"
        mend = "see that the proxy lets posts through, and passes the server's refusals on"
        return [*found, wrong(SIGNATURE, f"a request signed with another token should get 403, and got {said}", mend)]

    def socket(self) -> list[Finding]:
        """An audio socket opens through the proxy, with our token only."""
        token = next(iter(self.tokens.values()))
        for signed_with, opens in ((token, True), (secrets.token_hex(16), False)):
            status = self._upgrade(signed_with)
            if (status == 101) is opens:
                continue
            if status == 101:
                mend = "something in between answers by itself; until that is mended, do not take calls"
                return [wrong(SOCKET, "an audio socket signed with another token is let in", mend)]
            return [wrong(SOCKET, *_upgrade_explained(status))]
        return [ok(SOCKET, "an audio socket opens through the proxy, and only with the right signature")]

    # ---- requests -----------------------------------------------------------------------------------------------------

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.base)

    def _trusted(self) -> ssl.SSLContext:
        return self.trust or httpx.create_ssl_context()

    def _check_url(self, nonce: str) -> str:
        return f"{self.base}{CHECK_PATH}/{nonce}/{AWKWARD}"

    def _ask(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Straight there, as the carrier would: no proxy of this network's, no redirects."""
        with httpx.Client(timeout=self.within, verify=self._trusted(), trust_env=False, follow_redirects=False) as client:
            return client.request(method, url, **rest)

    def _post(self, token: str, nonce: str) -> httpx.Response | httpx.HTTPError:
        url = self._check_url(nonce)
        form = {"AccountSid": self.account, "CallSid": "CA" + "0" * 32, "Text": "a + b & c"}
        headers = {"X-Twilio-Signature": _signature(token, self._parts, _target(url), form), "Content-Type": FORM}
        try:
            return self._ask("POST", url, content=urlencode(form).encode(), headers=headers)
        except httpx.HTTPError as error:
            return error

    def _signed(self, name: str, token: str) -> Finding:
        nonce = secrets.token_hex(16)
        answer = self._post(token, nonce)
        if isinstance(answer, httpx.HTTPError):
            return wrong(SIGNATURE, f"a request signed with {name} got no answer", "see that the proxy lets posts through")
        if answer.status_code == 403:
            mend = f"{RELOAD}; if it does, see that the proxy passes posts and the header X-Twilio-Signature on unchanged"
            return wrong(SIGNATURE, f"a request signed with {name} is refused", mend)
        if not self.keys.token_fits(_fields(answer).get("answer", ""), SIGNED, nonce):
            why = f"a request signed with {name} got status {answer.status_code}, and not from this server"
            return wrong(SIGNATURE, why, "see that the proxy lets posts through to this server")
        return ok(SIGNATURE, f"a request signed with {name} is let in")

    def _upgrade(self, token: str) -> int:
        """The status of the answer; 101: it opened, 0: none came."""
        parts = self._parts._replace(scheme="wss" if self._parts.scheme == "https" else "ws")
        headers = {"X-Twilio-Signature": _signature(token, parts, parts.path + STREAM_PATH, {})}
        trust = self._trusted() if parts.scheme == "wss" else None
        try:
            with connect(
                f"{parts.geturl()}{STREAM_PATH}", ssl=trust, additional_headers=headers, proxy=None, compression=None,
                open_timeout=self.within / 2, close_timeout=0.5,
            ):  # fmt: skip
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code
        except (InvalidHandshake, WebSocketException, OSError):
            return 0

    def _no_answer(self, error: httpx.HTTPError) -> Finding:
        if isinstance(error, httpx.TimeoutException):
            why = f"no answer from {self.base} within {self.within:g} s"
        else:
            why = f"no connection to {self.base}"
        mend = "start the server and the proxy, open the port; if only this network cannot reach it, run doctor from outside"
        return wrong(ADDRESS, why, mend)


def _target(url: str) -> str:
    """Path and query as they go over the wire."""
    return httpx.URL(url).raw_path.decode("latin-1")


def _signature(token: str, parts: SplitResult, target: str, form: dict[str, str]) -> str:
    """As the carrier signs: over TLS the port is left out."""
    origin = parts._replace(path="", query="", fragment="")
    bare = remove_port(origin) if parts.scheme in ("https", "wss") else origin.geturl()
    return str(RequestValidator(token).compute_signature(f"{bare}{target}", form))


def _fields(answer: httpx.Response) -> dict[str, str]:
    """A flat JSON object of text; anything else is an empty one."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return {name: value for name, value in said.items() if isinstance(value, str)} if isinstance(said, dict) else {}


def _status_explained(base: str, answer: httpx.Response) -> tuple[str, str]:
    status = answer.status_code
    if answer.is_redirect:
        return f"{base} redirects elsewhere (status {status})", "set PUBLIC_BASE_URL to where it leads: Twilio signs what it asks"
    if status in (502, 503, 504):
        return f"a proxy answers at {base}, but finds no server behind it (status {status})", "start the server; compare its PORT"
    if status == 404:
        mend = "point the proxy to this server; a server of an older release must be restarted"
        return f"something answers at {base}, but knows no {CHECK_PATH} (status 404)", mend
    if status in (401, 403):
        return f"something at {base} lets nobody in (status {status})", "take sign-in and robot checks off this address"
    return f"{base} answers with status {status}", "see that the proxy leads to this server"


def _upgrade_explained(status: int) -> tuple[str, str]:
    if status == 403:
        return "an audio socket with the right signature is refused", f"{RELOAD}; else see what the proxy does to {STREAM_PATH}"
    said = f"status {status}" if status else "no answer"
    mend = "let the proxy pass WebSocket upgrades on (nginx: Upgrade and Connection headers); until then calls go by keys only"
    return f"an audio socket does not open ({said})", mend
