"""Where Prometheus fetches the figures, and the watch over every request. Shows nothing to whoever has no token."""

from contextlib import ExitStack
from hmac import compare_digest

from flask import Blueprint, Flask, Response, g, request

from voicebot.ports.watch import Watch, Work
from voicebot.telemetry.meters import CONTENT_TYPE, Meters

PATH = "/metrics"
NOWHERE = "nowhere"  # requests for what there is not: their addresses are whoever asks' own words


def create_metrics(meters: Meters, token: str) -> Blueprint:
    """The room: one address, for whoever says `Authorization: Bearer …`."""
    room = Blueprint("telemetry", __name__)

    def metrics() -> Response:
        said = request.headers.get("Authorization", "")
        if not compare_digest(said.encode(), f"Bearer {token}".encode()):
            return Response("The figures are for whoever has the token.\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
        return Response(meters.exposition(), headers={"Cache-Control": "no-store"}, content_type=CONTENT_TYPE)

    room.add_url_rule(PATH, "metrics", metrics, methods=["GET"], provide_automatic_options=False)
    return room


def watch_requests(flask: Flask, watch: Watch) -> None:
    """Each request is a piece of work, named for the endpoint that serves it: addresses hold tokens. Its result is a
    status, or `failed` where an exception left it. To be registered ahead of those that may refuse a request.
    """

    def begin() -> None:
        g.watched = ExitStack()
        g.piece = g.watched.enter_context(watch.piece(Work.REQUEST, request.endpoint or NOWHERE))

    def answered(response: Response) -> Response:
        if "piece" in g:
            g.piece.result = str(response.status_code)
        return response

    def end(failure: BaseException | None) -> None:
        if "watched" in g:
            watched: ExitStack = g.pop("watched")
            watched.__exit__(None if failure is None else type(failure), failure, None)

    flask.before_request(begin)
    flask.after_request(answered)
    flask.teardown_request(end)
