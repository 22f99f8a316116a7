"""The account at the carrier, as an operator sees it: its numbers, its token, the countries it may call. Makes no call.

Every refusal becomes a CarrierUnavailable whose text says what to do; the carrier's own words are not repeated, since they may
hold a number.
"""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from voicebot.errors import CarrierUnavailable
from voicebot.telephony.carrier_http import PatientHttp
from voicebot.telephony.wiring import NAMES, Wiring

ANSWER_WITHIN = 3.0  # an operator waits for this, and a check may take five seconds in all
MOST_NUMBERS = 2000
PAGE = 1000

_EXPLAINED = {
    20003: "Twilio does not take this account SID and auth token together; compare both with the Console's first page",
    20005: "Twilio says that this account is not active; look at the Console's first page",
    20008: "these are Twilio's test credentials, which have no numbers; take the live ones from the Console",
    20404: "Twilio knows nothing of that name in this account; is it another account's?",
    20429: "Twilio is asked too much at once; try again in a minute",
    21211: "Twilio takes this for no telephone number; write it with + and country code",
    21402: "Twilio does not take this URL; it must be a whole one, with https://, that can be reached from outside",
    21405: "Twilio takes no fallback URL for a number that has no URL for its calls",
}


@dataclass(frozen=True)
class TwilioAccount:
    """Whose account. `api_base_url` is for the simulator only; empty: the real one."""

    sid: str
    token: str = field(repr=False)
    api_base_url: str = ""


@dataclass(frozen=True)
class AccountSeen:
    """What the carrier says of the account.

    `primary`: whether our token is the primary one, which signs webhooks (None: it does not tell). `ahead`: seconds by which
    our clock is ahead of the carrier's, to about half a second.
    """

    status: str
    trial: bool
    primary: bool | None
    ahead: float | None


@dataclass(frozen=True)
class OwnedNumber:
    """A number of the account."""

    sid: str
    phone: str
    speaks: bool
    wiring: Wiring
    writes: bool = True


class TwilioNumbers:
    """Each method is one request (`all`: one a thousand numbers) with time limits, never repeated. Raises CarrierUnavailable."""

    def __init__(self, account: TwilioAccount, http: PatientHttp | None = None) -> None:
        self._account = account
        self._http = http or PatientHttp(answer=ANSWER_WITHIN)
        self._client: Any = Client(account.sid, account.token, http_client=self._http)
        self._base = account.api_base_url.rstrip("/")
        if self._base:
            self._client.api.base_url = self._base
            self._client.voice.base_url = self._base

    def account(self, now: Callable[[], float]) -> AccountSeen:
        """Look at the account itself. `now`: seconds since the epoch."""
        with _explained():
            asked = now()
            answer = self._client.api.v2010.accounts(self._account.sid).fetch_with_http_info()
            middle = (asked + now()) / 2
            found = answer.data
            primary = hmac.compare_digest(found.auth_token.encode(), self._account.token.encode()) if found.auth_token else None
            return AccountSeen(str(found.status), found.type == "Trial", primary, _ahead(answer.headers, middle))

    def all(self) -> tuple[OwnedNumber, ...]:
        """Every number of the account."""
        with _explained():
            return tuple(_owned(one) for one in self._client.incoming_phone_numbers.list(limit=MOST_NUMBERS, page_size=PAGE))

    def find(self, phone: str) -> OwnedNumber | None:
        """The account's number that is exactly this one (E.164)."""
        with _explained():
            found = self._client.incoming_phone_numbers.list(phone_number=phone, limit=20)
            return next((_owned(one) for one in found if one.phone_number == phone), None)

    def fetch(self, sid: str) -> OwnedNumber:
        """A number by its id, as it is now."""
        with _explained():
            return _owned(self._client.incoming_phone_numbers(sid).fetch())

    def change(self, sid: str, settings: Mapping[str, str]) -> OwnedNumber:
        """Set these (names of `Wiring`; empty text clears) and no other. Gives the number as it is then."""
        if not settings.keys() <= set(NAMES):
            raise ValueError("only a number's wiring is changed here")
        with _explained():
            return _owned(self._client.incoming_phone_numbers(sid).update(**settings))

    def may_show(self, phone: str) -> bool:
        """Whether the account has verified somebody else's number, so that calls may show it. Its own numbers it always may."""
        with _explained():
            found = self._client.outgoing_caller_ids.list(phone_number=phone, limit=20)
            return any(one.phone_number == phone for one in found)

    def may_call(self, country: str) -> bool | None:
        """Whether ordinary numbers of a country (ISO 3166) may be called; None: the carrier does not know it."""
        try:
            with _explained():
                return bool(self._client.voice.v1.dialing_permissions.countries(country).fetch().low_risk_numbers_enabled)
        except CarrierUnavailable as refusal:
            if isinstance(refusal, NotThere):
                return None
            raise

    def inherits_countries(self) -> bool:
        """Whether this is a subaccount whose parent decides about countries."""
        with _explained():
            return bool(self._client.voice.v1.dialing_permissions.settings().fetch().dialing_permissions_inheritance)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


class NotThere(CarrierUnavailable):
    """The carrier knows nothing of that name in this account."""


def _owned(found: Any) -> OwnedNumber:
    wiring = Wiring(**{name: str(getattr(found, name) or ("POST" if name.endswith("_method") else "")) for name in NAMES})
    can = found.capabilities or {}
    return OwnedNumber(str(found.sid), str(found.phone_number), bool(can.get("voice", True)), wiring, bool(can.get("sms", True)))


def _ahead(headers: Mapping[str, str], middle: float) -> float | None:
    """A `Date` header tells whole seconds, so on average it was half a second later."""
    said = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        return middle - (parsedate_to_datetime(said).timestamp() + 0.5)
    except ValueError:
        return None


@contextmanager
def _explained() -> Iterator[None]:
    """Whatever the client's library raises, as one of ours, in words for the operator."""
    try:
        yield
    except CarrierUnavailable as failure:
        why = (
            "Twilio's REST API could not be reached; is there a way out to the internet, and does its name resolve?"
            if failure.refused
            else "Twilio's REST API did not answer in time; whether anything was changed is not known"
        )
        raise CarrierUnavailable(why, refused=failure.refused) from None
    except TwilioException as refusal:
        raise _refusal(*_status_and_code(refusal)) from None
    except (json.JSONDecodeError, ValueError, KeyError, TypeError, AttributeError):
        raise CarrierUnavailable("Twilio's answer could not be read; is something else answering in its place?") from None


def _status_and_code(refusal: TwilioException) -> tuple[object, object]:
    """A list's refusal comes without them: there the library hangs the answer itself on its exception."""
    answer = next((one for one in refusal.args if hasattr(one, "status_code")), None)
    if answer is None:
        return getattr(refusal, "status", None), getattr(refusal, "code", None)
    try:
        said = json.loads(answer.text)
    except ValueError:
        said = {}
    return answer.status_code, said.get("code") if isinstance(said, dict) else None


def _refusal(status: object, code: object) -> CarrierUnavailable:
    if not isinstance(status, int):
        return CarrierUnavailable("Twilio's answer could not be read; is something else answering in its place?")
    number = code if isinstance(code, int) else 0
    if status == 404:
        number = 20404
    elif status == 429:
        number = 20429
    elif status == 401 and number not in _EXPLAINED:
        number = 20003
    if number == 20404:
        return NotThere(f"{_EXPLAINED[number]} (code {number})", refused=True, for_good=True)
    if status >= 500:
        return CarrierUnavailable(f"Twilio itself failed (status {status}); try again, and look at status.twilio.com")
    said = _EXPLAINED.get(number, "Twilio refused")
    return CarrierUnavailable(f"{said} (code {number}, status {status})", refused=True, for_good=status != 429)
