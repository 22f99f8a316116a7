"""The whole house with all of it on: everything is served where it belongs, and what is asked for is in the outbox."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from tests.commands.test_campaign import ON
from voicebot.app import House, build
from voicebot.booking_front import own_links
from voicebot.cli import cli
from voicebot.config.settings import load_settings
from voicebot.dialogue.call import Call, Stage
from voicebot.keyring import Keyring
from voicebot.ports.api_keys import Scope
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.ports.outgoing import Channel
from voicebot.records.api_keys import SqlApiKeys
from voicebot.records.outgoing import SqlOutgoing

URL = "https://voice.example.com"
NUMBER = "+12025550101"


@pytest.fixture
def company(project: Path, tmp_path: Path) -> Path:
    shipped = (project / "voicebot.toml").read_text("utf-8")
    line = next(row for row in shipped.splitlines() if row.startswith("default_line")).split('"')[1]
    file = tmp_path / "voicebot.toml"
    file.write_text(shipped + ON.replace("LINE", line) + "[callbacks.api]\non = true\n", "utf-8")
    return file


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "VOICEBOT_DATA": str(tmp_path / "data"), "PUBLIC_BASE_URL": URL, "VOICEBOT_PAGES_URL": "https://desk.example.com",
        "TWILIO_CALLER_ID": "+12025550100", "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "x" * 32,
    }  # fmt: skip


@pytest.fixture
def house(company: Path, environment: dict[str, str]) -> Iterator[House]:
    opened = build(load_settings(company, environment))
    yield opened
    opened.close()


def test_customers_pages_the_api_and_agents_pages_are_each_at_their_own_address(house: House) -> None:
    client: FlaskClient = house.flask.test_client()
    assert client.get("/callback", base_url=URL).status_code == 200
    assert client.get("/callback", base_url="https://desk.example.com").headers["Location"] == f"{URL}/callback"
    assert client.get("/invitations", base_url=URL).headers["Location"] == "https://desk.example.com/invitations"
    assert client.get("/api/callbacks/subjects", base_url=URL).status_code == 401
    key = SqlApiKeys(house.store).make("crm", [Scope.INVITE, Scope.READ], "test", house.clock.now())
    bearer = {"Authorization": f"Bearer {key}", "Idempotency-Key": "0123456789abcdef"}
    assert client.get("/api/callbacks/subjects", base_url=URL, headers=bearer).status_code == 200
    body = {"subject": "invoice", "number": NUMBER, "reason": "Your contract"}
    made = client.post("/api/callbacks/invitations", base_url=URL, headers=bearer, json=body)
    assert made.status_code == 201
    for prepare in house.sending.plan.prepare:
        prepare(house.clock.now())
    later = house.clock.now().replace(year=house.clock.now().year + 1)
    [message] = [one for one in SqlOutgoing(house.store).lease("test", later, later) if one.channel is Channel.SMS]
    assert (message.to, message.name) == (NUMBER, f"invitation-{made.json['id']}")
    assert "Your contract" in message.text
    link = message.text.partition(f"{URL}")[2]
    assert "May we call you?" in client.get(link, base_url=URL).text


def test_a_callback_of_a_line_that_is_no_more_can_still_be_seen_and_cancelled(
    house: House, company: Path, environment: dict[str, str]
) -> None:
    settings = load_settings(company, environment)
    line, now = settings.company.lines[settings.company.default_line].plan, house.clock.now()
    with house.store.transaction() as ledger:
        ledger.open_call(Call("w1", replace(line, name="gone"), stage=Stage.ENDED), None, "", now)
        ledger.keep_wish(CallbackWish("w1", "gone", NUMBER, now, now, due_at=now))
    link = own_links(settings, Keyring.open(settings.deployment.data / "keys")).to("w1")
    page = house.flask.test_client().get(link, base_url=URL)
    assert page.status_code == 200
    assert f"{link}/cancel" in page.text


def test_the_doctor_tells_what_customers_can_book_by(company: Path, environment: dict[str, str], tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["--config", str(company), "doctor", "--offline"], env=environment).output
    assert f"customers book at {URL}/callback, in en" in told
    assert f"other systems book at {URL}/api/callbacks" in told
    assert "name it in VOICEBOT_PROXIES" in told
    bare = {"VOICEBOT_DATA": str(tmp_path / "data"), "DATABASE_URL": "", "PUBLIC_BASE_URL": "", "TWILIO_CALLER_ID": ""}
    lacking = CliRunner().invoke(cli, ["--config", str(company), "doctor", "--offline"], env=bare).output
    assert "customers cannot reach their page" in lacking
    assert "there is no number that short messages come from" in lacking
