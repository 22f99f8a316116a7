"""The composed house: every address of the whole app is somebody's, and only those that are meant to be are open."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from voicebot.app import House, build
from voicebot.config.settings import load_settings
from voicebot.front import Telling
from voicebot.pages.roles import Access

# Addresses that anybody may open: those of the line are checked by the carrier's signature, or tell nothing of anybody.
OPEN = {"/healthz", "/readyz", "/voice/audio/<name>", "/voice/audio/<version>/<name>"}
DOORS = {"/sign-in", "/sign-in/link/<token>", "/files/<version>/<path:name>", "/present"}


@pytest.fixture
def house(project: Path, tmp_path: Path) -> Iterator[House]:
    environment = {
        "VOICEBOT_DATA": str(tmp_path / "data"),
        "PUBLIC_BASE_URL": "https://voice.example.com",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "canary-token-000000000000",
        "TWILIO_CALLER_ID": "+12025550100",
    }
    made = build(load_settings(project / "voicebot.toml", environment))
    yield made
    made.carrier.close()
    made.sounds.close()
    made.shell.close()
    made.store.close()


def test_every_address_names_its_role_or_is_the_lines_own(house: House) -> None:
    rules = list(house.flask.url_map.iter_rules())
    assert len(rules) > 15
    for rule in rules:
        room, _, _ = rule.endpoint.partition(".")
        if room == "telephony":
            assert rule.rule in OPEN or rule.rule.startswith("/voice/"), rule.rule
        else:
            assert rule.endpoint in house.shell.matrix.access, rule.rule


def test_only_doors_and_files_are_open_to_whoever_is_not_signed_in(house: House) -> None:
    access = house.shell.matrix.access
    opened = {rule.rule for rule in house.flask.url_map.iter_rules() if access.get(rule.endpoint) is Access.ANYBODY}
    assert opened == DOORS


def test_the_line_answers_for_itself_and_pages_for_themselves(house: House) -> None:
    client = house.flask.test_client()
    refused = client.post("/voice/incoming", base_url="https://voice.example.com", data={"CallSid": "CA1"})
    assert refused.status_code == 403
    assert "<nav" not in refused.text
    assert "There is nothing here" not in refused.text
    page = client.get("/", base_url="https://voice.example.com", headers={"Accept": "text/html"})
    assert page.location == "/sign-in?next=%2F"


def test_what_is_live_is_told_by_the_switchboard(house: House) -> None:
    assert isinstance(telling := house.switchboard._plan.changed, Telling)
    assert telling.to == house.shell.live.changed
