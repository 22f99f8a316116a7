"""What a request of the API says: its own name, whose callback, its body. Refuses what the contract does not have."""

import re

from flask import Response, request

from voicebot.callbacks import wire
from voicebot.callbacks.problems import problem, too_late, wrong_field
from voicebot.switchboard.wanted import Late

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Refused(Exception):
    """The request is answered with this, and nothing is written."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def own_key() -> str:
    """By which the request names itself. Raises Refused."""
    own = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(own):
        code = "length_or_letters" if own else "needed"
        told = "16 to 64 letters, digits, - and _ that name this request."
        raise Refused(wrong_field("Idempotency-Key", code, told, status=400))
    return own


def wish_of_address() -> str:
    """The id in the address; raises Refused for what can be none."""
    wish = str((request.view_args or {}).get("wish", ""))
    if not ID.fullmatch(wish):
        raise Refused(too_late(Late.UNKNOWN))
    return wish


def body_of(kind: type[wire.B]) -> wire.B:
    """The request's body. Raises Refused."""
    if request.mimetype != "application/json":
        raise Refused(problem(415, "not_json", "The body is application/json"))
    body = request.get_data()
    if len(body) > wire.LONGEST_BODY:
        raise Refused(problem(413, "too_large", "The request is too large"))
    try:
        return wire.read(body, kind)
    except wire.NotInContract as error:
        malformed = 400 if not error.field else 422
        refused = wrong_field(error.field, error.code, error.told, status=malformed)
    raise Refused(refused)
