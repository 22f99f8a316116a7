"""The address at which a provider of approvals tells that there is an answer (OpenID CIBA Core 1.0, 10.2).

A ping says nothing but *look now*: whoever sends one learns nothing, and changes nothing but the time of a look.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, json, request

PATH = "/approvals/ping"
LONGEST_BODY = 4 * 1024
LONGEST_TOKEN = 1024

Pinged = Callable[[str, str], bool]


def create_pings(pinged: Pinged) -> Blueprint:
    """The room. `pinged(token, auth_req_id)` says whether somebody waits for that."""
    room = Blueprint("approval_pings", __name__)
    room.add_url_rule(PATH, "ping", lambda: _ping(pinged), methods=["POST"], provide_automatic_options=False)
    return room


def _ping(pinged: Pinged) -> Response:
    """204 where it is ours, also for one that is over; 401 without our token, 400 for what is no ping."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN:
        return _status(401)
    if (request.content_length or 0) > LONGEST_BODY:
        return _status(413)
    try:
        content: Any = json.loads(request.get_data(cache=False))
    except ValueError:
        content = None
    asked = content.get("auth_req_id") if isinstance(content, dict) else None
    if not isinstance(asked, str) or not asked:
        return _status(400)
    return _status(204 if pinged(token, asked) else 401)


def _status(status: int) -> Response:
    response = Response(status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
