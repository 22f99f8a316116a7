"""Whether a request really comes from the carrier. Only the configured public address counts, never what a proxy says.

The signature carries no time and no nonce: it does not tell a repeat from a first request. The URLs' tokens and the request
keys do.
"""

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator

from voicebot.telephony.settings import TelephonySettings


class SignatureCheck:
    """Checks `X-Twilio-Signature` with every token that is valid now (two during a rotation)."""

    def __init__(self, settings: TelephonySettings) -> None:
        self._base = settings.base
        self._socket_base = settings.socket_base
        self._validators = tuple(RequestValidator(token) for token in settings.auth_tokens)

    def fits_request(self, target: str, form: Mapping[str, Any], signature: str) -> bool:
        """`target` is the raw path and query as they came over the wire; `form` all parameters of a form post."""
        return self._fits(self._base + target, form, signature)

    def fits_socket(self, target: str, signature: str) -> bool:
        """A WebSocket upgrade; the carrier signs the address as it stood in the document, or with a slash behind it."""
        bare = self._socket_base + target.rstrip("/")
        return any(self._fits(url, {}, signature) for url in (bare, bare + "/"))

    def _fits(self, url: str, form: Mapping[str, Any], signature: str) -> bool:
        try:
            return any(validator.validate(url, form, signature) for validator in self._validators)
        except ValueError:
            return False  # an address that cannot even be taken apart
