"""An address that shows an operator whether requests reach this very server unchanged. It touches no call, and tells no secret.

GET is open: it says what arrived, with a keyed answer that only a holder of our keys can make or check. POST stands behind the
same gate as every webhook, so whoever gets its answer has signed rightly. `selfcall` is who asks.
"""

import re

from flask import Blueprint, Response, abort, jsonify

from voicebot.telephony.exchange import TokenKeys
from voicebot.telephony.gate import raw_target
from voicebot.telephony.settings import TelephonySettings

CHECK_PATH = "/voice/check"
# What a token of an answer says: a holder of these keys was asked for this target; runs with this address and account; was
# reached through the gate. Each with the nonce of whoever asks.
ARRIVAL, SETTINGS, SIGNED = "voice.check.arrival", "voice.check.settings", "voice.check.signed"
LONGEST_TARGET = 512
_NONCE = re.compile(r"[0-9a-f]{32}")


class SelfCheck:
    """The two views."""

    def __init__(self, settings: TelephonySettings, keys: TokenKeys) -> None:
        self._settings = settings
        self._keys = keys

    def register(self, room: Blueprint) -> None:
        """Add the addresses."""
        rule = f"{CHECK_PATH}/<nonce>/<path:rest>"
        room.add_url_rule(rule, endpoint="check_arrival", view_func=self.arrival, methods=["GET"])
        room.add_url_rule(rule, endpoint="check_signed", view_func=self.signed, methods=["POST"])

    def arrival(self, nonce: str, rest: str) -> Response:
        """What arrived, and that it arrived here."""
        del rest
        target = raw_target()
        if not _NONCE.fullmatch(nonce) or len(target) > LONGEST_TARGET:
            abort(404)
        return _told(
            target=target,
            answer=self._keys.token(ARRIVAL, nonce, target),
            settings=self._keys.token(SETTINGS, nonce, self._settings.base, self._settings.account_sid),
        )

    def signed(self, nonce: str, rest: str) -> Response:
        """The gate let this in."""
        del rest
        if not _NONCE.fullmatch(nonce):
            abort(404)
        return _told(answer=self._keys.token(SIGNED, nonce))


def _told(**said: str) -> Response:
    response = jsonify(said)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
