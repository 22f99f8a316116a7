"""The webhooks of the leg of a customer whom we call back: picked up, and how it gets on. What follows are a caller's own."""

from flask import Blueprint, Response, request

from voicebot.dialogue.calling_back import NotReached, called_leg
from voicebot.telephony.answers import Answers, leg_id, twiml
from voicebot.telephony.attention import Attention
from voicebot.telephony.caller_webhooks import has_ended
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.fallback import nothing_more
from voicebot.telephony.gate import Gate
from voicebot.telephony.rung import RungLegs

FINAL = {
    "completed": None,
    "busy": NotReached.BUSY,
    "no-answer": NotReached.NO_ANSWER,
    "canceled": NotReached.NO_ANSWER,  # we stopped the ringing ourselves
    "failed": NotReached.FAILED,
}


class CalledWebhooks:
    """By call, which dials once."""

    def __init__(self, gate: Gate, answers: Answers, exchange: Exchange, rung: RungLegs, attention: Attention) -> None:
        self._gate, self._answers, self._exchange = gate, answers, exchange
        self._rung, self._attention = rung, attention

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        for what, view in (("answer", self.answer), ("status", self.status)):
            room.add_url_rule(f"/voice/called/<call>/{what}/<token>", endpoint=f"called_{what}", view_func=view, methods=["POST"])

    def answer(self, call: str, token: str) -> Response:
        """The telephone was picked up."""
        self._gate.token(token, "called.answer", call)
        leg = leg_id()
        self._rung.learn(called_leg(call), leg)
        if has_ended():
            return twiml(nothing_more())  # its final status tells the rest
        key = f"called:{call}"
        return self._answers.to_caller(
            lambda: self._exchange.called_answered(call, leg), where="called", key=key, call_id=call,
            at_last=lambda: twiml(nothing_more()),  # whoever or whatever we have called is not put through to the operator
        )  # fmt: skip

    def status(self, call: str, token: str) -> Response:
        """Every status teaches us the leg's id; only a final one is news."""
        self._gate.token(token, "called.status", call)
        self._rung.learn(called_leg(call), leg_id())
        status = request.form.get("CallStatus", "").lower()
        if status not in FINAL:
            return Response(status=204)
        self._attention.end(call)
        return self._answers.told(lambda: self._exchange.called_ended(call, FINAL[status]), where="called status")
