"""Payments in the REST API of the twin.

Source: Twilio's OpenAPI description (api v2010), Payments. The names in its callbacks are those that public projects have noted
from live calls; there is no description of them in the OpenAPI file.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias

from voicebot.simulator.asking import Asked
from voicebot.simulator.exchange import Exchange
from voicebot.simulator.leg import Leg
from voicebot.simulator.paid import CARDS, PaySession
from voicebot.simulator.resources import VERSION, ApiError, Json
from voicebot.simulator.rest_faults import done, meets

Route: TypeAlias = tuple[str, re.Pattern[str], Callable[[Asked], tuple[int, Json]]]

_BOTH = frozenset({"IdempotencyKey", "StatusCallback"})
_CREATE = _BOTH | {
    "BankAccountType", "ChargeAmount", "Currency", "Description", "Input", "MinPostalCodeLength", "Parameter",
    "PaymentConnector", "PaymentMethod", "PostalCode", "SecurityCode", "Timeout", "TokenType", "ValidCardTypes",
    "RequireMatchingInputs", "Confirmation",
}  # fmt: skip
_UPDATE = _BOTH | {"Capture", "Status"}
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
CALLED = {"payment-card-number": "pay_ask", "expiration-date": "pay_ask", "security-code": "pay_ask"}
CALLED |= {"complete": "pay_charge", "cancel": "pay_cancel"}


class PaymentApi:
    """Its part of the API. A request with a key that was used before is answered as then, and not done again."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._account = exchange.settings.account_sid

    def routes(self) -> list[Route]:
        """Method, path within the account, and what it does."""
        sid = r"([^/]+)"
        return [
            ("POST", re.compile(f"/Calls/{sid}/Payments"), self._create),
            ("POST", re.compile(f"/Calls/{sid}/Payments/{sid}"), self._update),
        ]

    def _create(self, asked: Asked) -> tuple[int, Json]:
        leg, key, callback = self._read(asked, _CREATE)
        for session in leg.payments:
            if key in session.keys:
                return 201, self._shown(session)
        amount, cards = asked.get("ChargeAmount") or "0", (asked.get("ValidCardTypes") or "visa mastercard amex").split()
        if not _AMOUNT.fullmatch(amount) or not set(cards) <= set(CARDS) or asked.get("Input") not in (None, "dtmf"):
            raise ApiError(400, 20001, "ChargeAmount, ValidCardTypes or Input is not what it may be")
        if asked.get("PaymentMethod") not in (None, "credit-card") or asked.flag("PostalCode") is not False:
            raise ApiError(400, 20001, "the twin takes credit cards, and no postal codes")
        fate = meets(self._exchange.call_of(leg), "pay_open")
        if leg.leaving or leg.status != "in-progress":
            raise ApiError(400, 21220, "Call is not in-progress.")
        if any(session.open for session in leg.payments):
            self._exchange.fail(0, "a second payment is begun on a leg")
        security_code = asked.flag("SecurityCode") is not False
        session = PaySession(leg, amount, asked.get("Currency") or "USD", tuple(cards), security_code=security_code)
        session.keys.add(key)
        leg.payments.append(session)
        session.tell("payment-opened", callback)
        done(fate)
        return 201, self._shown(session)

    def _update(self, asked: Asked) -> tuple[int, Json]:
        leg, key, callback = self._read(asked, _UPDATE)
        session = next((one for one in leg.payments if one.sid == asked.parts[1]), None)
        if session is None:
            raise asked.not_found()
        if key in session.keys:
            return 202, self._shown(session)
        capture, status = asked.get("Capture"), asked.get("Status")
        what = capture or status or ""
        if bool(capture) is bool(status) or what not in CALLED or (capture and capture not in session.pieces):
            raise ApiError(400, 20001, "Capture or Status is not what it may be")
        fate = meets(self._exchange.call_of(leg), CALLED[what])
        if not session.open or leg.leaving:
            raise ApiError(400, 20001, "the session is over")
        session.keys.add(key)
        if capture:
            session.capture(capture, callback)
        elif status == "complete":
            session.complete(callback)
        else:
            session.cancel(callback)
        done(fate)
        return 202, self._shown(session)

    def _read(self, asked: Asked, names: frozenset[str]) -> tuple[Leg, str, str]:
        leg = self._exchange.legs.get(asked.parts[0])
        if leg is None:
            raise asked.not_found()
        for name in asked.fields.keys() - names:
            self._exchange.fail(20001, f"the REST API (as far as the twin has it) takes no {name} here")
        key, callback = asked.get("IdempotencyKey"), asked.url("StatusCallback", 21609)
        if not key or callback is None:
            raise ApiError(400, 20001, "IdempotencyKey and StatusCallback are required")
        return leg, key, callback

    def _shown(self, session: PaySession) -> Json:
        return {
            "account_sid": self._account,
            "call_sid": session.leg.sid,
            "sid": session.sid,
            "date_created": format_datetime(session.created),
            "date_updated": format_datetime(datetime.now(UTC)),
            "uri": f"/{VERSION}/Accounts/{self._account}/Calls/{session.leg.sid}/Payments/{session.sid}.json",
        }
