"""Where the company's own systems come in: a validation token is redeemed (docs/step-up.md), a payment is reported."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from flask import Blueprint, Response, json, request

from voicebot.back_office.admission import Admission, Turned

PATH = "/proofs/redeem"
REPORTS = "/payments/result"
FIELDS = ("token", "customer", "action", "amount")
REPORT_FIELDS = ("payment", "amount", "result", "transaction", "authorisation", "card")
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
    gives the first answer to every repeat; None while the first is still at it. `report(payment, amount, result, transaction,
    authorisation, card)` says `taken` or `unknown`.
    """

    admission: Admission
    redeem: Callable[[str, str, str, str], str]
    once: Callable[[str, Callable[[], str]], str | None]
    report: Callable[[str, str, str, str, str, str], str] = lambda *_: "unknown"


def create_back_office(office: BackOffice) -> Blueprint:
    """The room."""
    room = Blueprint("back_office", __name__)
    deeds: dict[str, tuple[tuple[str, ...], Callable[..., str], str]] = {
        PATH: (FIELDS, office.redeem, "token redeemed"),
        REPORTS: (REPORT_FIELDS, office.report, "payment reported"),
    }
    for path, (fields, do, told) in deeds.items():
        view = partial(_once, office, fields, do, told)
        room.add_url_rule(path, path.rpartition("/")[2], view, methods=["POST"], provide_automatic_options=False)
        others = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]
        room.add_url_rule(path, "post_only", _post_only, methods=others, provide_automatic_options=False)
    return room


def _once(office: BackOffice, fields: tuple[str, ...], do: Callable[..., str], told: str) -> Response:
    body = request.get_data(cache=False) if (request.content_length or 0) <= LONGEST_BODY else b""
    if (request.content_length or 0) > LONGEST_BODY or len(body) > LONGEST_BODY:
        return _problem(413, "too_large", "The request is too large")
    turned = office.admission.turned_away(request.method, request.path, dict(request.headers), body)
    if turned is not None:
        log.warning("request refused", why=turned.value, endpoint=request.path)
        return _problem(401, turned.value, TITLES[turned])
    asked = _asked(body, fields)
    key = request.headers.get("Idempotency-Key", "")
    if asked is None or not KEY.fullmatch(key):
        return _problem(400, *(MALFORMED if asked is None else NO_KEY))
    result = office.once(_name_of(key, asked), lambda: do(*asked))
    if result is None:
        busy = _problem(503, "busy", "Not now")
        busy.headers["Retry-After"] = "1"
        return busy
    log.info(told, result=result)
    return _answer({"result": result}, 200, "application/json")


def _name_of(key: str, asked: list[str]) -> str:
    """What counts as the same request: a key that comes with another question is not told the answer to the first."""
    return f"{key}:{hashlib.sha256(json.dumps([request.path, *asked]).encode()).hexdigest()}"


def _post_only() -> Response:
    refused = _problem(405, "post_only", "POST only")
    refused.headers["Allow"] = "POST"
    return refused


def _asked(body: bytes, fields: tuple[str, ...]) -> list[str] | None:
    """The texts of these names in order; None for anything else."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return None
    if request.mimetype != "application/json" or not isinstance(content, dict) or set(content) != set(fields):
        return None
    texts = [content[name] for name in fields]
    return texts if all(isinstance(text, str) and len(text) <= LONGEST for text in texts) else None


def _problem(status: int, kind: str, title: str) -> Response:
    """RFC 9457. Repeats nothing of the request."""
    about = {"type": f"urn:voicebot:problem:{kind}", "title": title, "status": status}
    return _answer(about, status, "application/problem+json")


def _answer(content: dict[str, Any], status: int, kind: str) -> Response:
    response = Response(json.dumps(content), status=status, content_type=kind)
    response.headers["Cache-Control"] = "no-store"
    return response
