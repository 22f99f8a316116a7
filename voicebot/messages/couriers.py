"""Letters and webhooks as channels of messages; the carrier's own are telephony's."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from voicebot.ports.mail import Letter, Mail
from voicebot.ports.outgoing import OutMessage
from voicebot.ports.webhooks import Webhooks


@dataclass(frozen=True)
class MailCourier:
    """Implements `ports.outgoing.Courier`. Nobody can ask a mail server what became of a letter."""

    mail: Mail

    def post(self, message: OutMessage) -> str:
        """The letter's Message-ID is the message's name."""
        self.mail.send(Letter(message.name, message.to, message.subject, message.text))
        return ""

    def find(self, message: OutMessage, known: Collection[str]) -> None:
        """Nobody can tell."""
        del message, known


@dataclass(frozen=True)
class WebhookCourier:
    """Implements `ports.outgoing.Courier`. A repeat has the same name, by which the receiver knows it."""

    webhooks: Webhooks
    now: Callable[[], datetime]

    def post(self, message: OutMessage) -> str:
        """JSON."""
        self.webhooks.send(message.to, message.name, "application/json", message.text.encode(), self.now())
        return ""

    def find(self, message: OutMessage, known: Collection[str]) -> str:
        """It may be sent again."""
        del message, known
        return ""
