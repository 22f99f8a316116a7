"""Links to the company's own payment page: which text goes to whom. Sending it is an outbox row's work."""

from collections.abc import Callable
from dataclasses import dataclass

from voicebot.dialogue.payment import PaymentState
from voicebot.ports.messages import Messages
from voicebot.ports.payments import Payments
from voicebot.ports.store import KeptCall


@dataclass(frozen=True)
class PaymentLinks:
    """`text(kept)` is the message of a call's payment, in the caller's language, with its signed link."""

    messages: Messages
    text: Callable[[KeptCall], str]

    def send(self, kept: KeptCall, number: int) -> None:
        """To the calling number, if this payment still wants one. Raises what the carrier raises."""
        sent, ani = kept.call.payment, kept.call.ani
        if sent is None or sent.number != number or sent.state is not PaymentState.LINKED:
            return
        if ani is not None and ani.number is not None:
            self.messages.send(ani.number, self.text(kept))


@dataclass(frozen=True)
class PaymentPorts:
    """Who takes payments, and who sends links; None where nobody does."""

    payments: Payments | None = None
    links: PaymentLinks | None = None


def name_of(call_id: str, number: int) -> str:
    """What a payment is called towards the company: nothing that anybody could guess."""
    return f"{call_id}.{number}"
