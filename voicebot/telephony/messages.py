"""Short messages over the carrier's Messages resource. Source: Twilio's OpenAPI description (api v2010), Message."""

from typing import Any

from twilio.rest import Client

from voicebot.telephony.carrier_http import PatientHttp, ours
from voicebot.telephony.settings import TelephonySettings


class TwilioMessages:
    """Implements `ports.messages.Messages`; sends from the number that agents are rung from."""

    def __init__(self, settings: TelephonySettings, http: PatientHttp | None = None) -> None:
        self._from = settings.caller_id
        self._http = http or PatientHttp()
        self._client: Any = Client(settings.account_sid, settings.auth_tokens[0], http_client=self._http)
        if settings.api_base_url is not None:
            self._client.api.base_url = settings.api_base_url.rstrip("/")

    def send(self, to: str, text: str) -> None:
        """One message."""
        with ours():
            self._client.messages.create(to=to, from_=self._from, body=text)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
