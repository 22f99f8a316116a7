"""Refusals of the API in words (RFC 9457). Nothing of a request is ever repeated in one."""

from collections.abc import Iterable

from flask import Response, json

from voicebot.switchboard.wanted import Fault, Late, Why

KIND = "application/problem+json"
TOLD: dict[str, str] = {
    Why.NEEDED: "This is needed.",
    Why.UNKNOWN_SUBJECT: "There is no such subject; /api/callbacks/subjects names them.",
    Why.NO_NUMBER: "This is not a telephone number: write it as +12025550123.",
    Why.NOT_CALLED: "Numbers of this country or kind are not called.",
    Why.NO_SLOT: "Nobody is there then, or it is no beginning of a slot; /api/callbacks/slots names them.",
    Why.FULL: "This slot is full.",
    Why.NO_PHRASE: "A phrase has 3 to 20 letters and digits, at least one of them a letter, with single spaces, hyphens or "
    "apostrophes between them.",
    Why.TOO_LONG: "This is too long.",
    Why.UNKNOWN_MEDIUM: "This is no medium that is offered.",
    Why.UNKNOWN_LANGUAGE: "The customers' pages do not have this language.",
    Why.OPTED_OUT: "This customer wants no messages from us.",
    Why.TAKEN: "That number is to be called already, by another callback.",
}
LATE = {
    Late.UNKNOWN: (404, "not_there", "There is no such callback"),
    Late.OVER: (409, "over", "This callback is over"),
    Late.UNDER_WAY: (409, "under_way", "The customer is being called just now"),
}


def problem(
    status: int, kind: str, title: str, *, errors: Iterable[dict[str, str]] = (), wait: int = 0, detail: str = ""
) -> Response:
    """One refusal. `wait`: seconds after which to try again."""
    about: dict[str, object] = {"type": f"urn:voicebot:problem:{kind}", "title": title, "status": status}
    if detail:
        about["detail"] = detail
    if listed := list(errors):
        about["errors"] = listed
    response = Response(json.dumps(about), status=status, content_type=KIND)
    response.headers["Cache-Control"] = "no-store"
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def wrong(found: Iterable[Fault]) -> Response:
    """Fields that cannot be taken, each by its name."""
    errors = [{"field": one.field, "code": one.why.value, "detail": TOLD[one.why]} for one in found]
    return problem(422, "wrong", "Some fields cannot be taken", errors=errors)


def wrong_field(field: str, code: str, detail: str, *, status: int = 422) -> Response:
    """One field that is not what the contract says."""
    title = "The request is not in the contract" if status == 400 else "Some fields cannot be taken"
    kind = "malformed" if status == 400 else "wrong"
    return problem(status, kind, title, errors=[{"field": field, "code": code, "detail": detail}])


def too_late(late: Late) -> Response:
    """It cannot be changed any more."""
    return problem(*LATE[late])


def too_many(wait: int, detail: str = "") -> Response:
    """Later."""
    return problem(429, "too_many", "Too many, for now", wait=wait, detail=detail)
