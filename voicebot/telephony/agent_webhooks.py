"""The webhooks of an agent's leg, by reservation. Before a key was pressed they give away nothing but the queue's name."""

import hashlib

from flask import Blueprint, Response, request

from voicebot.dialogue.events import TroubleMet
from voicebot.floor.values import TurnedDown
from voicebot.ports.clock import Clock
from voicebot.telephony.answers import Answers, leg_id, twiml
from voicebot.telephony.caller_webhooks import has_ended, pressed
from voicebot.telephony.exchange import Exchange
from voicebot.telephony.fallback import agent_fallback, nothing_more
from voicebot.telephony.gate import Gate
from voicebot.telephony.rung import RungLegs
from voicebot.telephony.settings import TelephonySettings

TURNED_DOWN = {
    "completed": None,
    "busy": TurnedDown.BUSY,
    "no-answer": TurnedDown.NO_ANSWER,
    "canceled": TurnedDown.NO_ANSWER,  # we stopped the ringing ourselves
    "failed": TurnedDown.FAILED,
}


class AgentWebhooks:
    """What an agent's phone and the carrier tell about a reservation."""

    def __init__(
        self, settings: TelephonySettings, gate: Gate, answers: Answers, exchange: Exchange, rung: RungLegs, clock: Clock
    ) -> None:
        self._settings = settings
        self._gate = gate
        self._answers = answers
        self._exchange = exchange
        self._rung = rung
        self._clock = clock

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        for what, view in (
            ("answer", self.answer),
            ("verdict", self.verdict),
            ("document", self.document),
            ("left", self.left),
            ("status", self.status),
        ):
            room.add_url_rule(
                f"/voice/agent/<reservation>/{what}/<token>", endpoint=f"agent_{what}", view_func=view, methods=["POST"]
            )
        room.add_url_rule("/voice/fallback", view_func=self.fallback, methods=["POST"])

    def answer(self, reservation: str, token: str) -> Response:
        """The phone was picked up."""
        self._gate.token(token, "agent.answer", reservation)
        leg = leg_id()
        self._rung.learn(reservation, leg)
        return self._answers.to_agent(
            lambda: self._exchange.agent_answered(reservation, leg), where="answer", reservation=reservation
        )

    def verdict(self, reservation: str, token: str) -> Response:
        """1, 2, something else, or no key in time."""
        self._gate.token(token, "agent.verdict", reservation)
        if has_ended():
            return twiml(nothing_more())  # a hang-up is no verdict; the final status tells it
        keys = pressed()
        return self._answers.to_agent(
            lambda: self._exchange.agent_keyed(reservation, keys),
            where="verdict",
            reservation=reservation,
        )

    def document(self, reservation: str, token: str) -> Response:
        """What the leg does now: the agent has said yes on the page."""
        self._gate.token(token, "agent.document", reservation)
        return self._answers.to_agent(
            lambda: self._exchange.agent_document(reservation), where="agent document", reservation=reservation
        )

    def left(self, reservation: str, token: str) -> Response:
        """The agent's leg came out of the room: there is nothing more for it. Its final status tells the rest."""
        self._gate.token(token, "agent.left", reservation)
        return twiml(nothing_more())

    def status(self, reservation: str, token: str) -> Response:
        """How the leg gets on. Every status teaches us its id; only a final one is news."""
        self._gate.token(token, "agent.status", reservation)
        self._rung.learn(reservation, leg_id())
        status = request.form.get("CallStatus", "").lower()
        if status not in TURNED_DOWN:
            return Response(status=204)
        why = TURNED_DOWN[status]
        return self._answers.told(lambda: self._exchange.agent_leg_ended(reservation, why), where="agent status")

    def fallback(self) -> Response:
        """Another address failed. An agent's leg ends; a caller goes to an agent, or to the operator's number."""
        if request.form.get("Direction", "").lower() != "inbound":
            return twiml(agent_fallback(self._settings))
        known = self._exchange_knows()
        if known is None:
            return self._answers.sorry()
        # What failed is signed; the carrier's own token for repeats is not, so anybody could make a repeat look like news.
        failed = hashlib.sha256(request.form.get("ErrorUrl", "").encode("utf-8", "replace")).hexdigest()[:32]
        key = f"fallback:{leg_id()}:{failed}"
        trouble = TroubleMet(self._clock.now(), "fallback")
        return self._answers.to_caller(
            lambda: self._exchange.handle(known, trouble, key=key), where="fallback", key=key, call_id=known
        )

    def _exchange_knows(self) -> str | None:
        try:
            return self._exchange.call_of_leg(leg_id())
        except Exception:  # noqa: BLE001  # this address is where other failures end: it must not fail itself
            return None
