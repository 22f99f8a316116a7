"""A browser becomes the phone of the agent who sits before it, and of nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.desk.test_desk import Company, open_company
from tests.pages.stage import URL, Browser
from voicebot.desk.browser_phones import BrowserPhones

CONNECT = "wss://carrier.example.com"
IDENTITIES = {"mira": {"": "mira"}, "jonas": {"headset": "jonas"}, "vera": {"": "vera"}}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.js"


@pytest.fixture
def company(tmp_path: Path, project: Path, script: Path) -> Iterator[Company]:
    phones = BrowserPhones(IDENTITIES, lambda identity: f"token-of-{identity}", script, (CONNECT,), ("mediastream:",))
    with open_company(tmp_path, project, browser_phones=phones) as opened:
        yield opened


def asks(browser: Browser, phone: object, csrf: str | None = None) -> TestResponse:
    headers = {"Origin": URL, "X-CSRF-Token": browser.csrf if csrf is None else csrf, "Accept": "application/json"}
    return browser.client.post("/desk/phone-token", base_url=URL, json={"phone": phone}, headers=headers)


def test_an_agent_has_a_token_for_their_own_phone_and_for_no_other(company: Company) -> None:
    mira, jonas = company.signed_in("mira"), company.signed_in("jonas")
    assert asks(mira, "").json == {"token": "token-of-mira"}
    assert asks(jonas, "headset").json == {"token": "token-of-jonas"}
    for browser, phone in ((mira, "headset"), (jonas, ""), (mira, "jonas"), (mira, None), (mira, ["", ""])):
        assert asks(browser, phone).status_code == 404


def test_a_token_is_for_agents_with_this_sign_ins_own_word(company: Company) -> None:
    assert asks(company.signed_in("vera"), "").status_code == 403  # a supervisor without a place
    assert asks(company.signed_in("mira"), "", csrf="guessed").status_code == 403
    assert asks(company.stage.browser(), "").status_code == 401


def test_the_script_is_ours_to_give_once_it_was_fetched(company: Company, script: Path) -> None:
    browser = company.signed_in("mira")
    assert browser.get("/desk/phone-script").status_code == 404
    script.write_text("window.Twilio = {};")
    answer = browser.get("/desk/phone-script")
    assert (answer.status_code, answer.text) == (200, "window.Twilio = {};")
    assert answer.content_type.startswith("text/javascript")


def test_only_the_page_that_is_a_phone_may_speak_to_the_carrier(company: Company) -> None:
    mira = company.signed_in("mira")
    policy = mira.get("/desk").headers["Content-Security-Policy"]
    assert f"connect-src 'self' {CONNECT};" in policy
    assert "media-src 'self' blob: mediastream:;" in policy
    for path in ("/my-evaluations", "/desk/bar", "/password"):
        assert CONNECT not in mira.get(path).headers["Content-Security-Policy"]


def test_who_has_no_such_phone_has_no_wider_page(tmp_path: Path, project: Path) -> None:
    phones = BrowserPhones({"mira": {}}, str, tmp_path / "script.js", (CONNECT,))
    with open_company(tmp_path, project, browser_phones=phones) as company:
        for agent in ("mira", "jonas"):
            page = company.signed_in(agent).get("/desk")
            assert CONNECT not in page.headers["Content-Security-Policy"]
            assert "&#34;browserPhones&#34;: []" in page.text


def test_without_an_api_key_there_are_none(tmp_path: Path, project: Path) -> None:
    with open_company(tmp_path, project) as company:
        browser = company.signed_in("mira")
        assert asks(browser, "").status_code == 404
        assert browser.get("/desk/phone-script").status_code == 404
