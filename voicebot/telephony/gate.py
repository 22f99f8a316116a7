"""Who may post to us: the carrier, with an address that we made. Anything else is turned away before it touches the call."""

import re
from typing import TypeAlias

import structlog
from flask import Blueprint, Response, abort, request
from werkzeug.wsgi import get_content_length

from voicebot.bodies import LONGEST_BODY
from voicebot.telephony.addresses import Addresses
from voicebot.telephony.settings import TelephonySettings
from voicebot.telephony.signature import SignatureCheck

MOST_PARAMETERS = 200  # the carrier sends some forty; each one more is work before we know whose request it is
FORM = "application/x-www-form-urlencoded"

Answer: TypeAlias = Response | None

_LEG = re.compile(r"CA[0-9a-fA-F]{32}")

log = structlog.get_logger(__name__)


class Gate:
    """Checks size, kind, signature, account and leg of every post, in this order. GET addresses of the room are public."""

    def __init__(self, settings: TelephonySettings, addresses: Addresses) -> None:
        self._signatures = SignatureCheck(settings)
        self._accounts = settings.accounts
        self._addresses = addresses

    def guard(self, blueprint: Blueprint) -> None:
        """Stand before all of a blueprint's views."""
        blueprint.before_request(self._admit)

    def token(self, token: str, purpose: str, *parts: str | int) -> None:
        """Turn the request away unless its address is one of ours."""
        if not self._addresses.fits(token, purpose, *parts):
            _refuse(403, "token")

    def leg(self) -> None:
        """Turn the request away unless it names a leg in the carrier's own form."""
        if not _LEG.fullmatch(request.form.get("CallSid", "")):
            _refuse(400, "leg")

    def _admit(self) -> Answer:
        if request.method != "POST":
            return None
        length = get_content_length(request.environ)
        if length is None:
            _refuse(411, "length")
        if length is not None and length > LONGEST_BODY:
            _refuse(413, "size")
        if request.mimetype != FORM:
            _refuse(415, "kind")
        request.max_content_length = LONGEST_BODY
        if request.get_data().count(b"&") >= MOST_PARAMETERS:
            _refuse(413, "parameters")
        if not self._signatures.fits_request(raw_target(), request.form, request.headers.get("X-Twilio-Signature", "")):
            _refuse(403, "signature")
        if request.form.get("AccountSid", "") not in self._accounts:
            _refuse(403, "account")
        # A signature does not cover where one value ends and the next name begins; and a leg's id gets into rows and addresses.
        if "CallSid" in request.form:  # news of a room as a whole names no leg
            self.leg()
        return None


def raw_target() -> str:
    """Path and query of this request as they came over the wire: a signature covers those bytes, not what they decode to."""
    scope = request.environ.get("asgi.scope")
    if scope is not None and scope.get("raw_path"):
        path = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        return f"{path}?{query}" if query else path
    return str(request.environ["RAW_URI"])


def _refuse(status: int, why: str) -> None:
    log.warning("request refused", why=why, status=status)
    abort(status)
