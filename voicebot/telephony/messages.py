"""Short messages over the carrier's Messages resource. Source: Twilio's OpenAPI description (api v2010), Message.

WhatsApp and Messenger are the same resource with another form of address; a WhatsApp template is a ContentSid with variables.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from twilio.rest import Client

from voicebot.errors import CarrierUnavailable, DeliveryFailed, LegGone
from voicebot.ports.outgoing import Channel, MessageState, OutMessage
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.carrier_http import PatientHttp, ours
from voicebot.telephony.exchange import TokenKeys
from voicebot.telephony.settings import TelephonySettings

PREFIX = {Channel.SMS: "", Channel.WHATSAPP: "whatsapp:", Channel.MESSENGER: "messenger:"}
OPTED_OUT = 21610  # they have written STOP to this sender
LOOKED_AT = 50  # newest messages to one address
# The carrier's words for a message's fate. `receiving` and `received` are of those that come in.
STATES: Mapping[str, MessageState] = {
    "accepted": MessageState.SENT, "scheduled": MessageState.SENT, "queued": MessageState.SENT, "sending": MessageState.SENT,
    "sent": MessageState.SENT, "delivered": MessageState.DELIVERED, "partially_delivered": MessageState.DELIVERED,
    "read": MessageState.READ, "undelivered": MessageState.UNDELIVERED, "failed": MessageState.FAILED,
    "canceled": MessageState.FAILED,
}  # fmt: skip


class TwilioMessages:
    """Implements `ports.messages.Messages` and, for what is in the outbox of messages, `ports.outgoing.Courier`.

    Sends from the number that agents are rung from, unless a message says otherwise.
    """

    def __init__(
        self, settings: TelephonySettings, http: PatientHttp | None = None, keys: TokenKeys | None = None
    ) -> None:
        self._from = settings.caller_id
        self._http = http or PatientHttp()
        self._addresses = Addresses(settings, keys) if keys is not None else None
        self._client: Any = Client(settings.account_sid, settings.auth_tokens[0], http_client=self._http)
        if settings.api_base_url is not None:
            self._client.api.base_url = settings.api_base_url.rstrip("/")

    def send(self, to: str, text: str) -> None:
        """One message."""
        with ours():
            self._client.messages.create(to=to, from_=self._from, body=text)

    def post(self, message: OutMessage) -> str:
        """One message, with an address of ours for its fate."""
        prefix = PREFIX[message.channel]
        what: dict[str, Any] = {"body": message.text}
        if message.template:
            what = {"content_sid": message.template, "content_variables": json.dumps(dict(message.variables), ensure_ascii=False)}
        if self._addresses is not None:
            what["status_callback"] = self._addresses.message(message.name)
        return str(_asked(lambda: self._client.messages.create(
            to=f"{prefix}{message.to}", from_=f"{prefix}{message.sender or self._from}", **what
        ).sid))

    def find(self, message: OutMessage, known: Collection[str]) -> str:
        """By listing what went to this address from this sender: the same text, or, of a template, one that we do not know."""
        prefix = PREFIX[message.channel]
        whom = {"to": f"{prefix}{message.to}", "from_": f"{prefix}{message.sender or self._from}"}
        listed = _asked(lambda: list(self._client.messages.list(**whom, limit=LOOKED_AT)))
        new = [one for one in listed if one.sid not in known and str(one.direction).startswith("outbound")]
        return next((str(one.sid) for one in new if message.template or one.body == message.text), "")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


def _asked(ask: Callable[[], Any]) -> Any:
    """The carrier's refusal as one of a message: it holds the carrier's code, never its text."""
    try:
        with ours():
            return ask()
    except LegGone:
        raise DeliveryFailed("the carrier knows no such thing", for_good=True) from None
    except CarrierUnavailable as trouble:
        unwanted = trouble.code == OPTED_OUT
        raise DeliveryFailed(
            str(trouble), for_good=trouble.for_good, unknown=not trouble.refused, unwanted=unwanted
        ) from None
