"""Error pages that tell people what to do, and tell nobody what went wrong inside. Scripts get the same words as JSON."""

from collections.abc import Callable, Collection

import structlog
from flask import Blueprint, Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

# What happened and what to do, by status.
ADVICE = {
    400: ("This could not be understood", "Go back and try once more."),
    401: ("You are not signed in", "Sign in and try again."),
    403: ("This is not yours to open", "Your role does not cover it, or the page is too old. Reload it and try again."),
    404: ("There is nothing here", "The address is wrong, what it led to is over, or it is not yours to see."),
    405: ("This cannot be done that way", "Go back and use the buttons of the page."),
    413: ("This is too large", "Send something smaller."),
    421: ("This is another server", "Open the pages by their own address."),
    500: ("Something went wrong here", "Calls go on. Try again; if it stays, tell whoever runs this server when it was."),
    503: ("The server is busy", "Calls go on. Try again in a moment."),
}  # fmt: skip

log = structlog.get_logger(__name__)


class Troubles:
    """Answers for the rooms whose names are in `rooms`, and for addresses that nobody has. `see_out` sets a page's headers."""

    def __init__(self, rooms: Collection[str], see_out: Callable[[Response], Response]) -> None:
        self._rooms, self._see_out = rooms, see_out

    def register(self, app: Flask) -> None:
        """Addresses that nobody has."""
        app.register_error_handler(HTTPException, self._unrouted)

    def guard(self, blueprint: Blueprint) -> None:
        """Whatever goes wrong in a room's pages."""
        blueprint.register_error_handler(Exception, self._in_a_page)

    def _in_a_page(self, error: Exception) -> AnyResponse:
        if isinstance(error, HTTPException):
            return _page(error)
        log.error("page failed", endpoint=request.endpoint, trouble=type(error).__name__)
        return _page(InternalServerError())

    def _unrouted(self, error: HTTPException) -> AnyResponse | HTTPException:
        if request.blueprint is not None and request.blueprint not in self._rooms:
            return error  # another room answers for itself
        return self._see_out(make_response(_page(error)))


def _page(error: HTTPException) -> AnyResponse:
    """In the words for its status; a redirect (of a slash too many) as it is."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    title, advice = ADVICE.get(status, (error.name, "Go back and try once more."))
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        answer = jsonify(error=f"{title}. {advice}")
    else:
        answer = make_response(render_template("pages/error.html", title=title, advice=advice))
    answer.status_code = status
    return answer
