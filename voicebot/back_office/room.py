"""The address at which the company's back end redeems a validation token. docs/step-up.md says what one is worth."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, json, request

from voicebot.back_office.admission import Admission, Turned

PATH = "/proofs/redeem"
FIELDS = ("token", "customer", "action", "amount")
LONGEST = 200  # characters of each
LONGEST_BODY = 16 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
TITLES = {
    Turned.WRONG_SIGNATURE: "The signature does not fit",
    Turned.STALE: "The time of this request is not ours",
    Turned.REPLAYED: "This request was sent before",
}

MALFORMED = ("malformed", "The request is not in the contract")
NO_KEY = ("no_key", "An Idempotency-Key is needed")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BackOffice:
    """`redeem(token, customer, action, amount)` says `valid` or `invalid`. `once(key, do)` does something once for a key, and
    gives the first answer to every repeat; None while the first is still at it.
    """

    admission: Admission
    redeem: Callable[[str, str, str, str], str]
    once: Callable[[str, Callable[[], str]], str | None]


def create_back_office(office: BackOffice) -> Blueprint:
    """The room."""
    room = Blueprint("back_office", __name__)
    room.add_url_rule(PATH, "redeem", lambda: _redeem(office), methods=["POST"], provide_automatic_options=False)
    room.add_url_rule(
        PATH, "post_only", _post_only, methods=["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
        provide_automatic_options=False,
    )  # fmt: skip
    return room


def _redeem(office: BackOffice) -> Response:
    body = request.get_data(cache=False) if (request.content_length or 0) <= LONGEST_BODY else b""
    if (request.content_length or 0) > LONGEST_BODY or len(body) > LONGEST_BODY:
        return _problem(413, "too_large", "The request is too large")
    turned = office.admission.turned_away(request.method, request.path, dict(request.headers), body)
    if turned is not None:
        log.warning("request refused", why=turned.value, endpoint="redeem")
        return _problem(401, turned.value, TITLES[turned])
    asked = _asked(body)
    key = request.headers.get("Idempotency-Key", "")
    if asked is None or not KEY.fullmatch(key):
        return _problem(400, *(MALFORMED if asked is None else NO_KEY))
    result = office.once(key, lambda: office.redeem(*asked))
    if result is None:
        busy = _problem(503, "busy", "Not now")
        busy.headers["Retry-After"] = "1"
        return busy
    log.info("token redeemed", result=result)
    return _answer({"result": result}, 200, "application/json")


def _post_only() -> Response:
    refused = _problem(405, "post_only", "POST only")
    refused.headers["Allow"] = "POST"
    return refused


def _asked(body: bytes) -> list[str] | None:
    """The four texts in order; None for anything else."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return None
    if request.mimetype != "application/json" or not isinstance(content, dict) or set(content) != set(FIELDS):
        return None
    texts = [content[name] for name in FIELDS]
    return texts if all(isinstance(text, str) and len(text) <= LONGEST for text in texts) else None


def _problem(status: int, kind: str, title: str) -> Response:
    """RFC 9457. Repeats nothing of the request."""
    about = {"type": f"urn:voicebot:problem:{kind}", "title": title, "status": status}
    return _answer(about, status, "application/problem+json")


def _answer(content: dict[str, Any], status: int, kind: str) -> Response:
    response = Response(json.dumps(content), status=status, content_type=kind)
    response.headers["Cache-Control"] = "no-store"
    return response
