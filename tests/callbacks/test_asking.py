"""Agents ask a customer for a conversation on a page: by the same rules, recorded, and only who is signed in as one."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.callbacks.stage import NUMBER, OTHER
from tests.callbacks.stage import Stage as House
from tests.callbacks.stage import open_stage as open_house
from tests.pages.stage import Browser, open_stage
from voicebot.callbacks.asking import AskingHouse, create_asking


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(tmp_path / "house")
    yield opened
    opened.close()


@pytest.fixture
def recorded() -> list[tuple[str, Mapping[str, str]]]:
    return []


@pytest.fixture
def browser(tmp_path: Path, house: House, recorded: list[tuple[str, Mapping[str, str]]]) -> Iterator[Browser]:
    room = create_asking(AskingHouse(house.invitations, {"en": "English"}, lambda *told: recorded.append(told)))
    stage = open_stage(tmp_path / "pages", [room])
    for agent in ("mira", "vera"):
        stage.set_password(agent)
    yield stage.browser()
    stage.close()


def test_an_agent_asks_sees_it_and_withdraws_it(
    browser: Browser, house: House, recorded: list[tuple[str, Mapping[str, str]]]
) -> None:
    assert "/sign-in" in browser.get("/invitations").headers["Location"]
    browser.sign_in("mira")
    assert "Nobody was asked yet." in browser.get("/invitations").text
    wrong = browser.post("/invitations", subject="invoice", number="112", reason="")
    assert wrong.status_code == 422
    assert re.findall(r'id="(\w+)-error"', wrong.text) == ["number", "reason"]
    assert 'value="112"' in wrong.text
    sent = browser.post("/invitations", subject="invoice", number="202-555-0123", reason="Your contract", language="en")
    assert sent.headers["Location"] == "/invitations?sent=1"
    page = browser.get("/invitations?sent=1").text
    assert "The invitation is on its way." in page
    assert "agent:mira" in page
    assert NUMBER not in page
    again = browser.post("/invitations", subject="invoice", number=NUMBER, reason="Your contract")
    assert (again.status_code, "asked already" in again.text) == (409, True)
    [invitation] = house.invitations.newest()
    assert (invitation.number, invitation.by) == (NUMBER, "agent:mira")
    browser.post("/invitations/withdraw", invitation=invitation.id)
    assert "withdrawn" in browser.get("/invitations").text
    assert browser.post("/invitations", subject="invoice", number=NUMBER, reason="Your contract").status_code == 429
    assert {who for who, _ in recorded} == {"mira"}
    assert OTHER not in repr(recorded)
    assert NUMBER not in repr(recorded)


def test_who_is_no_agent_asks_nobody_and_neither_does_another_site(browser: Browser, house: House) -> None:
    browser.sign_in("vera")
    assert browser.get("/invitations").status_code == 403
    assert browser.post("/invitations", subject="invoice", number=NUMBER, reason="x").status_code == 403
    browser.post("/sign-out")
    browser.sign_in("mira")
    assert browser.post("/invitations", csrf="x", subject="invoice", number=NUMBER, reason="x").status_code == 403
    assert house.invitations.newest() == []
