"""Card payments on a live call over the carrier's Payments resource, and what it tells of them. No card data pass through here.

The carrier takes the keys from the caller's leg, whose tones nobody in the room hears, and hands the card to whoever charges.
Source: Twilio's OpenAPI description (api v2010), Payments; docs voice/api/payment-resource.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twilio.rest import Client

from voicebot.dialogue.actions import Pay
from voicebot.dialogue.forms import PaymentPlan
from voicebot.dialogue.payment import Outcome, PaymentTold, Piece, Request, last_four_of, reference_of, why_of
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.carrier_http import PatientHttp, ours
from voicebot.telephony.exchange import TokenKeys
from voicebot.telephony.settings import TelephonySettings

BETWEEN_KEYS = 10  # seconds: people read a card in groups
CAPTURES = {
    Piece.CARD_NUMBER: "payment-card-number",
    Piece.EXPIRY: "expiration-date",
    Piece.SECURITY_CODE: "security-code",
}
WRONG = {
    Piece.CARD_NUMBER: "timeout invalid-card-number invalid-card-type",
    Piece.EXPIRY: "timeout invalid-date",
    Piece.SECURITY_CODE: "timeout invalid-security-code",
}


@dataclass(frozen=True)
class CardPrompt:
    """When the carrier says something: asking for this, after these errors (none: at the first try)."""

    asks: str
    errors: str = ""


# What `TakeCard.says` names -> the carrier's moments.
CARD_PROMPTS: dict[str, tuple[CardPrompt, ...]] = {
    **{piece.value: (CardPrompt(CAPTURES[piece]),) for piece in Piece},
    "charging": (CardPrompt("payment-processing"),),
    "wrong": tuple(CardPrompt(CAPTURES[piece], WRONG[piece]) for piece in Piece),
}
RESULTS = {
    "success": Outcome.CHARGED,
    "payment-connector-error": Outcome.DECLINED,
    "internal-error": Outcome.UNKNOWN,
}  # every other word tells why it came to no charge
_SESSION = re.compile(r"PK[0-9a-f]{32}")
_WORD = re.compile(r"[a-z-]+")


class TwilioPayments:
    """Implements `ports.payments.Payments`."""

    def __init__(self, settings: TelephonySettings, keys: TokenKeys, http: PatientHttp | None = None) -> None:
        self._addresses = Addresses(settings, keys)
        self._http = http or PatientHttp()
        self._client: Any = Client(settings.account_sid, settings.auth_tokens[0], http_client=self._http)
        if settings.api_base_url is not None:
            self._client.api.base_url = settings.api_base_url.rstrip("/")

    def ask(self, leg: str, call_id: str, pay: Pay, plan: PaymentPlan) -> str:
        """One request. Its news come to an address that names payment and step."""
        callback = self._addresses.payment(call_id, pay.number, pay.step)
        payments = self._client.calls(leg).payments
        with ours():
            if pay.request is Request.OPEN:
                return str(payments.create(pay.key, callback, **_wish(pay, plan)).sid)
            return str(self._client.calls(leg).payments(pay.session).update(pay.key, callback, **_change(pay)).sid)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


def _wish(pay: Pay, plan: PaymentPlan) -> dict[str, Any]:
    """What is to be paid, and what a card needs. The amount goes as text: it is not for a float to round."""
    return {
        "charge_amount": pay.amount,
        "currency": plan.currency,
        "payment_connector": plan.connector,
        "payment_method": "credit-card",
        "input": "dtmf",
        "postal_code": False,
        "security_code": plan.security_code,
        "timeout": BETWEEN_KEYS,
        "valid_card_types": " ".join(plan.cards),
    }


def _change(pay: Pay) -> dict[str, str]:
    if pay.piece is not None:
        return {"capture": CAPTURES[pay.piece]}
    return {"status": "complete" if pay.request is Request.CHARGE else "cancel"}


def told_of(form: Mapping[str, str], at: datetime, number: int, step: int) -> PaymentTold | None:
    """The carrier's news of a payment. Of the card only the last four digits are read: not the expiry, not the token.

    None where it names no session.
    """
    session, result = form.get("Sid", ""), form.get("Result", "")
    if not _SESSION.fullmatch(session):
        return None
    return PaymentTold(
        at,
        number,
        step,
        session,
        missing=_missing(form.get("Required", "")) if form.get("Capture") else None,
        wrong=why_of(form.get("ErrorType", "")),
        last_four=last_four_of(form.get("PaymentCardNumber", "")),
        outcome=RESULTS.get(result, Outcome.NOT_CHARGED) if result else None,
        reference=reference_of(form.get("PaymentConfirmationCode", "")),
        why=why_of(result),
    )


def result_of(form: Mapping[str, str], at: datetime, number: int) -> PaymentTold:
    """What became of a card that was taken by the carrier alone. Without a word of it nobody knows."""
    result = form.get("Result", "")
    return PaymentTold(
        at,
        number,
        1,
        "",
        last_four=last_four_of(form.get("PaymentCardNumber", "")),
        outcome=RESULTS.get(result, Outcome.NOT_CHARGED) if result else Outcome.UNKNOWN,
        reference=reference_of(form.get("PaymentConfirmationCode", "")),
        why=why_of(result),
    )


def _missing(required: str) -> tuple[Piece, ...]:
    """A list of words, however it is written."""
    words = _WORD.findall(required)
    return tuple(piece for piece, word in CAPTURES.items() if word in words)
