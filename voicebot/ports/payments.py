"""Whoever takes card payments on a live call. Every method is an effect with its outbox row.

Raises as `ports.carrier` does. The same key again does nothing a second time, so what may have been done can be asked again.
"""

from typing import Protocol

from voicebot.dialogue.actions import Pay
from voicebot.dialogue.forms import PaymentPlan


class Payments(Protocol):
    """What we can ask about a payment."""

    def ask(self, leg: str, call_id: str, pay: Pay, plan: PaymentPlan) -> str:
        """Do what `pay` says about the card of whoever is on this leg; gives the carrier's name for the session."""
        ...
