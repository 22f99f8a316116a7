"""The account's telephone numbers, and which countries it may call: the part of the REST API that an operator configures.

Source: Twilio's OpenAPI description (IncomingPhoneNumbers, OutgoingCallerIds, Accounts; the voice API's DialingPermissions) and
its error dictionary (21402, 21405, 20404). It makes and ends no call.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias

from voicebot.simulator.asking import Asked
from voicebot.simulator.resources import VERSION, ApiError, Json, page_of
from voicebot.simulator.settings import TwinSettings, new_sid

Act: TypeAlias = Callable[[Asked], tuple[int, Json | None]]
Route: TypeAlias = tuple[str, re.Pattern[str], Act]

PAGING = frozenset({"PageSize", "Page", "PageToken"})
URLS = {
    "VoiceUrl": "voice_url", "VoiceFallbackUrl": "voice_fallback_url", "StatusCallback": "status_callback", "SmsUrl": "sms_url",
}  # fmt: skip
METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
    "SmsMethod": "sms_method",
}
SIDS = {
    "VoiceApplicationSid": ("voice_application_sid", "AP"), "TrunkSid": ("trunk_sid", "TK"),
    "SmsApplicationSid": ("sms_application_sid", "AP"),
}  # fmt: skip
WELCOME = "https://demo.twilio.com/welcome/voice/"  # what a number that was just bought says


@dataclass
class AccountNumber:
    """A number that the account has. `set` holds what was configured, by the API's own names; what is not there is empty."""

    phone: str
    set: dict[str, str] = field(default_factory=lambda: {"voice_url": WELCOME})
    sid: str = field(default_factory=lambda: new_sid("PN"))
    speaks: bool = True
    writes: bool = True
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    changes: int = 0

    def get(self, name: str) -> str:
        """What is configured under this name."""
        return self.set.get(name, "POST" if name.endswith("_method") else "")


@dataclass
class NumberBook:
    """What the account has. `countries` maps ISO codes to whether ordinary numbers there may be called; others are unknown.

    `verified` are numbers of others that the account may show as its own.
    """

    numbers: list[AccountNumber] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    countries: dict[str, bool] = field(default_factory=dict)
    inherits: bool = False
    status: str = "active"
    kind: str = "Full"
    refuse_next: ApiError | None = None

    def of(self, phone: str) -> AccountNumber | None:
        """The account's number, if it has it."""
        return next((number for number in self.numbers if number.phone == phone), None)


class NumberApi:
    """The endpoints. `fail(code, what)` notes a parameter that Twilio would silently ignore."""

    def __init__(self, book: NumberBook, settings: TwinSettings, fail: Callable[[int, str], None]) -> None:
        self._book = book
        self._settings = settings
        self._fail = fail

    def routes(self) -> list[Route]:
        """Paths within the account (the voice API's own begin with /v1), and what answers them."""
        sid = r"([^/]+)"
        return [
            ("GET", re.compile(r""), self._account),
            ("GET", re.compile(r"/IncomingPhoneNumbers"), self._list),
            ("GET", re.compile(f"/IncomingPhoneNumbers/{sid}"), self._fetch),
            ("POST", re.compile(f"/IncomingPhoneNumbers/{sid}"), self._update),
            ("GET", re.compile(r"/OutgoingCallerIds"), self._callers),
            ("GET", re.compile(f"/v1/DialingPermissions/Countries/{sid}"), self._country),
            ("GET", re.compile(r"/v1/Settings"), self._inheritance),
        ]

    def _account(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, frozenset())
        sid = self._settings.account_sid
        return 200, {
            "sid": sid,
            "owner_account_sid": sid,
            "auth_token": self._settings.auth_token,
            "friendly_name": "a company",
            "status": self._book.status,
            "type": self._book.kind,
            "date_created": format_datetime(datetime.now(UTC)),
            "date_updated": format_datetime(datetime.now(UTC)),
            "uri": f"/{VERSION}/Accounts/{sid}.json",
            "subresource_uris": {"calls": f"/{VERSION}/Accounts/{sid}/Calls.json"},
        }

    def _list(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, PAGING | {"PhoneNumber", "FriendlyName"})
        looked_for = (asked.get("PhoneNumber") or "").removeprefix("+")
        found = [self._shown(number) for number in self._book.numbers if looked_for in number.phone]
        return 200, self._page(asked, "incoming_phone_numbers", found)

    def _fetch(self, asked: Asked) -> tuple[int, Json]:
        return 200, self._shown(self._number(asked))

    def _update(self, asked: Asked) -> tuple[int, Json]:
        number = self._number(asked)
        self._known(asked, frozenset((*URLS, *METHODS, *SIDS, "FriendlyName")))
        if (refusal := self._book.refuse_next) is not None:
            self._book.refuse_next = None
            raise refusal
        new = dict(number.set)
        for name, key in URLS.items():
            if name in asked.fields:
                new[key] = (asked.get(name) and asked.url(name, 21402)) or ""
        new |= {key: asked.method(name) for name, key in METHODS.items() if name in asked.fields}
        for name, (key, prefix) in SIDS.items():
            if name in asked.fields:
                new[key] = self._sid(asked.get(name) or "", prefix, name)
        if new.get("voice_fallback_url") and not new.get("voice_url"):
            raise ApiError(400, 21405, "Cannot set VoiceFallbackUrl without setting Url")
        if asked.get("TrunkSid"):
            new["voice_application_sid"] = ""
        elif asked.get("VoiceApplicationSid"):
            new["trunk_sid"] = ""
        number.set = new
        number.changes += 1
        return 200, self._shown(number)

    def _callers(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, PAGING | {"PhoneNumber", "FriendlyName"})
        found = [
            {
                "sid": new_sid("PN"),
                "account_sid": self._settings.account_sid,
                "friendly_name": phone,
                "phone_number": phone,
                "date_created": format_datetime(datetime.now(UTC)),
                "date_updated": format_datetime(datetime.now(UTC)),
                "uri": asked.path,
            }
            for phone in self._book.verified
            if asked.get("PhoneNumber") in (None, phone)
        ]
        return 200, self._page(asked, "outgoing_caller_ids", found)

    def _country(self, asked: Asked) -> tuple[int, Json]:
        code = asked.parts[0]
        if code not in self._book.countries:
            raise asked.not_found()
        here = f"https://voice.twilio.com/v1/DialingPermissions/Countries/{code}"
        return 200, {
            "iso_code": code,
            "name": code,
            "continent": "",
            "country_codes": [],
            "low_risk_numbers_enabled": self._book.countries[code],
            "high_risk_special_numbers_enabled": False,
            "high_risk_tollfraud_numbers_enabled": False,
            "url": here,
            "links": {"highrisk_special_prefixes": f"{here}/HighRiskSpecialPrefixes"},
        }

    def _inheritance(self, asked: Asked) -> tuple[int, Json]:
        self._known(asked, frozenset())
        return 200, {"dialing_permissions_inheritance": self._book.inherits, "url": "https://voice.twilio.com/v1/Settings"}

    def _shown(self, number: AccountNumber) -> Json:
        account = self._settings.account_sid
        return {
            "sid": number.sid,
            "account_sid": account,
            "phone_number": number.phone,
            "friendly_name": number.phone,
            "api_version": VERSION,
            "capabilities": {"voice": number.speaks, "sms": number.writes, "mms": False, "fax": False},
            "date_created": format_datetime(number.created),
            "date_updated": format_datetime(datetime.now(UTC)),
            "address_requirements": "none",
            "address_sid": None,
            "beta": False,
            "origin": "twilio",
            "status": "in-use",
            "voice_receive_mode": "voice",
            "voice_caller_id_lookup": False,
            **{key: number.get(key) for key in (*URLS.values(), *METHODS.values())},
            **{key: number.get(key) or None for key, _ in SIDS.values()},
            "uri": f"/{VERSION}/Accounts/{account}/IncomingPhoneNumbers/{number.sid}.json",
        }

    def _sid(self, value: str, prefix: str, name: str) -> str:
        if value and not re.fullmatch(rf"{prefix}[0-9a-fA-F]{{32}}", value):
            raise ApiError(400, 20001, f"{name} is not a SID")
        return value

    def _number(self, asked: Asked) -> AccountNumber:
        for number in self._book.numbers:
            if number.sid == asked.parts[0]:
                return number
        raise asked.not_found()

    def _page(self, asked: Asked, kind: str, items: list[Json]) -> Json:
        return page_of(kind, items, asked.path, asked.whole("Page", 0, 10**6), max(1, asked.whole("PageSize", 50, 1000)))

    def _known(self, asked: Asked, names: frozenset[str]) -> None:
        for name in asked.fields.keys() - names:
            self._fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")
