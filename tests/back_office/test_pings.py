"""A ping says *look now* and no more: whoever sends another learns nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from voicebot.back_office.pings import PATH, create_pings

TOKEN, REQUEST = "t" * 43, "req-7"
OURS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def came() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def client(came: list[tuple[str, str]]) -> FlaskClient:
    def pinged(token: str, request: str) -> bool:
        came.append((token, request))
        return (token, request) == (TOKEN, REQUEST)

    app = Flask(__name__)
    app.register_blueprint(create_pings(pinged))
    return app.test_client()


def test_ours_is_taken(client: FlaskClient, came: list[tuple[str, str]]) -> None:
    answer = client.post(PATH, json={"auth_req_id": REQUEST, "id_token": "of nobody"}, headers=OURS)
    assert (answer.status_code, answer.data, came) == (204, b"", [(TOKEN, REQUEST)])
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda client: client.post(PATH, json={"auth_req_id": "req-8"}, headers=OURS), 401),
        (lambda client: client.post(PATH, json={"auth_req_id": REQUEST}), 401),
        (lambda client: client.post(PATH, json={"auth_req_id": REQUEST}, headers={"Authorization": "Bearer "}), 401),
        (lambda client: client.post(PATH, json={"auth_req_id": REQUEST}, headers={"Authorization": f"Basic {TOKEN}"}), 401),
        (lambda client: client.post(PATH, json={"auth_req_id": REQUEST}, headers={"Authorization": "Bearer " + "x" * 2000}), 401),
        (lambda client: client.post(PATH, data="no json", headers=OURS), 400),
        (lambda client: client.post(PATH, json=[REQUEST], headers=OURS), 400),
        (lambda client: client.post(PATH, json={"auth_req_id": 7}, headers=OURS), 400),
        (lambda client: client.post(PATH, json={}, headers=OURS), 400),
        (lambda client: client.post(PATH, data=b"x" * 5000, headers=OURS), 413),
        (lambda client: client.get(PATH, headers=OURS), 405),
    ],
)
def test_what_is_not_ours_is_turned_away(client: FlaskClient, ask: Callable[[FlaskClient], Any], status: int) -> None:
    assert ask(client).status_code == status
