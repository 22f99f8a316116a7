"""Who may fetch the figures, and what of a request is counted."""

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from voicebot.telemetry.door import create_metrics, watch_requests
from voicebot.telemetry.meters import Meters
from voicebot.telemetry.watching import Watching

TOKEN = "t" * 32


@pytest.fixture
def meters() -> Meters:
    return Meters("9.9")


@pytest.fixture
def client(meters: Meters) -> FlaskClient:
    flask = Flask("house")
    watch_requests(flask, Watching(meters))
    flask.register_blueprint(create_metrics(meters, TOKEN))

    @flask.get("/voice/entry/<token>")
    def entry(token: str) -> str:
        return token

    @flask.get("/broken")
    def broken() -> str:
        raise ValueError("40719238")

    @flask.before_request
    def refuse() -> None:
        from flask import request

        if request.headers.get("X-Refuse"):
            abort(403)

    return flask.test_client()


def test_the_figures_are_for_whoever_has_the_token(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer " + "x" * 32}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 401
    fetched = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert fetched.status_code == 200
    assert fetched.content_type.startswith("text/plain; version=0.0.4")
    assert fetched.headers["Cache-Control"] == "no-store"
    assert client.post("/metrics").status_code == 405


def test_a_request_is_told_by_its_endpoint_and_status_never_by_its_address(client: FlaskClient, meters: Meters) -> None:
    client.get("/voice/entry/canary-token-1")
    client.get("/voice/entry/canary-token-2", headers={"X-Refuse": "1"})
    client.get("/canary-token-3")
    client.get("/broken")
    told = meters.exposition().decode()
    for endpoint, status in (("entry", 200), ("entry", 403), ("nowhere", 404), ("broken", "failed")):
        assert f'voicebot_work_seconds_count{{name="{endpoint}",result="{status}",work="request"}} 1.0' in told
    assert "canary-token" not in told
    assert "40719238" not in told
