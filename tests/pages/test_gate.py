"""Who gets in where, and what every answer tells the browser to keep to."""

import pytest

from tests.pages.stage import PAYLOAD, URL, Browser, Stage, example_room
from voicebot.errors import ConfigError
from voicebot.floor.values import Role
from voicebot.pages.headers import HEADERS
from voicebot.pages.roles import ALLOWED, Access, admits
from voicebot.pages.room import PageRoom, check_matrix, matrix

MAY = {
    "mira": {"/agent"},
    "jonas": {"/agent", "/supervisor"},
    "vera": {"/supervisor"},
    "ada": {"/supervisor", "/admin"},
}


# ---- roles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agent", MAY)
@pytest.mark.parametrize("path", ["/agent", "/supervisor", "/admin"])
def test_each_role_opens_its_own_pages_and_no_others(stage: Stage, agent: str, path: str) -> None:
    browser = stage.browser()
    browser.sign_in(agent)
    wanted = 200 if path in MAY[agent] else 403
    assert browser.get(path).status_code == wanted
    assert browser.post(path).status_code == wanted


@pytest.mark.parametrize("path", ["/", "/agent", "/password"])
def test_whoever_is_not_signed_in_is_asked_to_and_a_script_is_told_so(browser: Browser, path: str) -> None:
    assert browser.get(path).location.startswith("/sign-in?next=")
    told = browser.get(path, Accept="application/json")
    assert (told.status_code, told.json["error"]) == (401, "You are not signed in. Sign in and try again.")
    assert browser.post(path if path != "/" else "/sign-out").status_code == 401


def test_nobody_is_admitted_without_a_role_and_nobody_signed_out_but_where_anybody_is() -> None:
    for access in Access:
        assert admits(access, None) is (access is Access.ANYBODY)
        assert not admits(access, frozenset())
        assert {role for role in Role if admits(access, frozenset({role}))} == ALLOWED[access]


def test_the_navigation_shows_what_somebody_may_open(stage: Stage) -> None:
    browser = stage.browser()
    browser.sign_in("vera")
    page = browser.get("/password").text
    assert "Wallboard" in page
    assert ">Desk<" not in page


def test_a_page_without_a_role_and_a_role_without_a_page_are_refused_at_the_start() -> None:
    room = example_room()
    less = PageRoom(room.blueprint, {name: access for name, access in room.access.items() if name != "boom"})
    endpoints = frozenset(f"example.{name}" for name in room.access)
    with pytest.raises(ConfigError, match=r"pages without a role: example\.boom"):
        check_matrix(matrix([less]), endpoints)
    with pytest.raises(ConfigError, match=r"roles without a page: example\.boom"):
        check_matrix(matrix([room]), endpoints - {"example.boom"})


# ---- whatever changes something ------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://desk.example.com", "https://desk.example.com:444"])
def test_a_form_of_another_site_changes_nothing(stage: Stage, browser: Browser, origin: str | None) -> None:
    browser.sign_in()
    assert browser.post("/agent", origin=origin).status_code == 403
    assert stage.browser().post("/sign-in", origin=origin, name="mira", password="x").status_code == 403


@pytest.mark.parametrize("csrf", ["wrong", "1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_form_without_this_sign_ins_token_changes_nothing(browser: Browser, csrf: str) -> None:
    browser.sign_in()
    assert browser.post("/agent", csrf=csrf).status_code == 403
    browser.csrf = ""
    assert browser.post("/agent").status_code == 403


def test_a_token_is_one_sign_ins(stage: Stage, browser: Browser) -> None:
    other = stage.browser()
    other.sign_in()
    browser.sign_in()
    assert browser.post("/agent", csrf=other.csrf).status_code == 403
    assert browser.post("/agent").status_code == 200


def test_a_script_brings_the_token_in_a_header(browser: Browser) -> None:
    browser.sign_in()
    headers = {"Origin": URL, "X-CSRF-Token": browser.csrf}
    assert browser.client.post("/agent", base_url=URL, headers=headers, json={}).status_code == 200


# ---- the address ---------------------------------------------------------------------------------------------------


def test_by_another_name_the_pages_lead_to_their_own_address_and_take_nothing(stage: Stage) -> None:
    stray = stage.browser("http://127.0.0.1:8080")
    assert stray.get("/agent?a=b").location == f"{URL}/agent?a=b"
    assert stray.post("/sign-in", name="mira", password="x").status_code == 421


# ---- what the browser is told --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/agent", "/nothing", "/boom", "/password"])
def test_every_page_has_every_header_whatever_came_of_it(browser: Browser, path: str) -> None:
    browser.sign_in()
    answer = browser.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Strict-Transport-Security"]


def test_no_page_has_a_script_or_a_style_of_its_own(browser: Browser) -> None:
    browser.sign_in()
    for path in ("/sign-in", "/password", "/nothing"):
        page = browser.get(path).text
        assert "style=" not in page
        assert "<style" not in page
        assert all("src=" in part.partition(">")[0] for part in page.split("<script")[1:])
        assert not any(f" on{event}=" in page for event in ("click", "load", "error", "submit"))


def test_a_name_that_is_mark_up_stays_text(browser: Browser) -> None:
    browser.sign_in("ada")
    page = browser.get("/password").text
    assert PAYLOAD not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_page_that_fails_says_what_to_do_and_nothing_of_why(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.get("/boom")
    assert answer.status_code == 500
    assert "Calls go on" in answer.text
    assert "canary" not in answer.text
    assert browser.get("/boom", Accept="application/json").json["error"].startswith("Something went wrong here.")


def test_an_address_that_nobody_has_is_answered_in_words(browser: Browser) -> None:
    answer = browser.get("/nothing")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


# ---- files ---------------------------------------------------------------------------------------------------------


def test_files_are_kept_for_ever_under_an_address_that_changes_with_them(stage: Stage, browser: Browser) -> None:
    address = stage.shell.files.address("pages/pages.css")
    found = browser.get(address)
    assert (found.status_code, found.content_type) == (200, "text/css; charset=utf-8")
    assert "immutable" in found.headers["Cache-Control"]
    assert browser.get(address, **{"If-None-Match": found.headers["ETag"]}).status_code == 304


def test_a_page_of_an_earlier_release_gets_the_file_of_today_and_does_not_keep_it(browser: Browser) -> None:
    found = browser.get("/files/0123456789/pages/live.js")
    assert found.status_code == 200
    assert found.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("name", ["pages/none.js", "../shell.py", "pages/../../shell.py", "other/pages.css"])
def test_there_is_no_way_out_of_the_folders(stage: Stage, browser: Browser, name: str) -> None:
    assert browser.get(f"/files/{stage.shell.files.version}/{name}").status_code == 404


def test_a_file_that_is_not_there_is_noticed_by_the_page_that_names_it(stage: Stage) -> None:
    with pytest.raises(ConfigError, match=r"no room has the file pages/none\.js"):
        stage.shell.files.address("pages/none.js")
