"""The carrier's news of a card payment. A request may hold an expiry date or a payment token, which are not looked at."""

import structlog
from flask import Blueprint, Response, request

from voicebot.ports.clock import Clock
from voicebot.telephony.answers import Answers, leg_id
from voicebot.telephony.caller_webhooks import has_ended
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.gate import Gate
from voicebot.telephony.payments import result_of, told_of

log = structlog.get_logger(__name__)


class PaymentWebhooks:
    """One address by call, payment and step for news; one where a caller who has paid alone goes on."""

    def __init__(self, gate: Gate, answers: Answers, exchange: Exchange, clock: Clock) -> None:
        self._gate = gate
        self._answers = answers
        self._exchange = exchange
        self._clock = clock

    def register(self, room: Blueprint) -> None:
        """Add them."""
        room.add_url_rule("/voice/paid/<call>/<int:seq>-<int:number>/<token>", view_func=self.paid, methods=["POST"])
        rule = "/voice/payment/<call>/<int:number>-<int:step>/<token>"
        room.add_url_rule(rule, view_func=self.payment, methods=["POST"])

    def payment(self, call: str, number: int, step: int, token: str) -> Response:
        """How the payment gets on. News of a leg that is not this call's are none."""
        self._gate.token(token, "payment", call, number, step)
        told = told_of(request.form, self._clock.now(), number, step)

        def tell() -> None:
            if told is None or self._exchange.call_of_leg(leg_id()) != call:
                log.warning("payment news refused", why="session" if told is None else "leg")
                return
            self._exchange.handle(call, told)

        return self._answers.told(tell, where="payment")

    def paid(self, call: str, seq: int, number: int, token: str) -> Response:
        """The carrier is done with the card of a caller who is alone. What it says counts also when the leg has ended."""
        self._gate.token(token, "paid", call, seq, number)
        told = result_of(request.form, self._clock.now(), number)
        if has_ended():
            return self._answers.told(lambda: self._exchange.handle(call, told), where="paid")
        key = f"paid:{call}:{number}"
        return self._answers.to_caller(
            lambda: self._exchange.handle(call, told, key=key), where="paid", key=key, call_id=call
        )
