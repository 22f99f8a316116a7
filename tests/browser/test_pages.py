"""The shell in a real browser: by mouse and by keyboard alone, nothing against the policy, texts as text, live and back again."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, render_template_string

from tests.browser.conftest import Browser, Chrome, Page, complaints
from tests.pages.stage import AGENTS, PASSWORD, PAYLOAD, Stage, open_stage
from tests.serving_stage import Served, served
from voicebot.pages.live import Rhythm
from voicebot.pages.roles import Access
from voicebot.pages.room import Entry, LiveView, PageRoom
from voicebot.serving import asgi_house
from voicebot.switchboard.views import Viewer

pytestmark = pytest.mark.slow

BOARD = """
{% extends "pages/layout.html" %}
{% block title %}Board{% endblock %}
{% block head %}<script type="module" src="{{ file('board/board.js') }}"></script>{% endblock %}
{% block content %}
<section class="card">
  <h1>Board</h1>
  <p id="floor">nothing yet</p>
  <button type="button" id="send">Send</button>
  <p id="said"></p>
</section>
{% endblock %}
"""


class Floor:
    """Something to show."""

    text = "one caller waits"

    def look(self, _key: str) -> str:
        """It."""
        return self.text

    @staticmethod
    def show(looked: str, _key: str, _viewer: Viewer) -> Any:
        """It, for everybody."""
        return {"text": looked}


def board_room(floor: Floor) -> PageRoom:
    blueprint = Blueprint("board", __name__)
    blueprint.add_url_rule("/board", "board", lambda: render_template_string(BOARD))
    blueprint.add_url_rule("/board", "send", lambda: {"done": "It is done."}, methods=["POST"])
    view = LiveView("board", Access.SIGNED_IN, ("floor",), floor.show, floor.look, alike=True)
    access = {"board": Access.SIGNED_IN, "send": Access.AGENT}
    return PageRoom(blueprint, access, (Entry("Board", "board.board"),), (view,), Path(__file__).parent / "files")


@dataclass
class Scene:
    """A stage on a port of its own, whose server can be stopped and started."""

    stage: Stage
    floor: Floor
    port: int
    directory: Path

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def serving(self) -> AbstractContextManager[Served]:
        """The server, while the block runs."""
        app = asgi_house(self.stage.app, {}, streams={self.stage.shell.live_path: self.stage.shell.live})
        return served(app, self.port)

    def successor(self) -> "Scene":
        """What a new process makes of the same database."""
        self.stage.close()
        return scene_on(self.directory, self.port, self.floor)


def scene_on(directory: Path, port: int, floor: Floor) -> Scene:
    url, rhythm = f"http://127.0.0.1:{port}", Rhythm(beat=1.0, looks=0.5)
    return Scene(open_stage(directory, [board_room(floor)], url=url, rhythm=rhythm), floor, port, directory)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    made = scene_on(tmp_path, port, Floor())
    for agent in AGENTS:
        made.stage.set_password(agent.id)
    yield made
    made.stage.close()


@pytest.fixture
def site(scene: Scene) -> Iterator[Scene]:
    with scene.serving():
        yield scene


@pytest.fixture
def browser(chrome: Chrome) -> Iterator[Browser]:
    with chrome() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_page()


def sign_in(page: Page, url: str, agent: str = "mira", password: str = PASSWORD) -> None:
    page.goto(url)
    page.get_by_label("Name").fill(agent)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def until(page: Page, selector: str, text: str) -> None:
    page.locator(selector).get_by_text(text).wait_for(timeout=15_000)


def test_signing_in_and_out(site: Scene, page: Page, pictures: Path) -> None:
    wrong = complaints(page)
    sign_in(page, site.url)
    until(page, "#floor", "one caller waits")
    assert page.get_by_role("link", name="Board").get_attribute("aria-current") == "page"
    assert page.get_by_text("Mira Holt").is_visible()
    page.screenshot(path=pictures / "pages-board.png")
    page.get_by_role("button", name="Send").click()
    until(page, "#said", "It is done.")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.wait_for_url("**/sign-in*")
    assert page.get_by_text("Mira Holt").count() == 0
    assert [line for line in wrong if "401" not in line] == []


def test_a_wrong_password_is_said_where_it_is_heard_and_the_name_is_kept(site: Scene, page: Page, pictures: Path) -> None:
    sign_in(page, site.url, password="wrong")
    alert = page.get_by_role("alert")
    assert "Check name and password" in alert.inner_text()
    assert page.get_by_label("Name").input_value() == "mira"
    assert page.get_by_label("Password").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "password"
    page.screenshot(path=pictures / "pages-wrong-password.png")


def test_everything_can_be_done_by_keyboard_alone(site: Scene, page: Page) -> None:
    page.goto(site.url)
    page.keyboard.type("mira")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    until(page, "#floor", "one caller waits")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "send"
    page.keyboard.press("Enter")
    until(page, "#said", "It is done.")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "Sign out":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in")


def test_a_name_that_is_mark_up_stays_text_and_nothing_runs_that_is_not_ours(site: Scene, page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    sign_in(page, site.url, agent="ada")
    until(page, ".who", PAYLOAD)
    site.floor.text = PAYLOAD
    site.stage.shell.live.changed(frozenset({"floor"}))
    until(page, "#floor", PAYLOAD)
    assert page.locator("img[src=x]").count() == 0
    refused = page.evaluate(
        """(payload) => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), { once: true });
          document.body.insertAdjacentHTML("beforeend", payload);
          setTimeout(() => resolve("nothing"), 3000);
        })""",
        PAYLOAD,
    )
    assert refused.startswith(("script-src", "img-src"))
    assert asked == []


def test_what_changes_is_shown_and_a_lost_connection_is_said_and_made_good(scene: Scene, page: Page, pictures: Path) -> None:
    with scene.serving():
        sign_in(page, scene.url)
        until(page, "#floor", "one caller waits")
        scene.floor.text = "two callers wait"
        scene.stage.shell.live.changed(frozenset({"floor"}))
        until(page, "#floor", "two callers wait")
        scene.stage.shell.live.drain()
    until(page, "#live-status", "Connection lost")
    page.screenshot(path=pictures / "pages-connection-lost.png")
    scene.floor.text = "three callers wait"
    successor = scene.successor()
    with successor.serving():
        until(page, "#live-status", "Connected again")
        until(page, "#floor", "three callers wait")
    successor.stage.close()
    assert page.locator("#live-status").get_attribute("aria-live") == "polite"


def test_a_page_whose_sign_in_has_ended_shows_the_door(site: Scene, page: Page) -> None:
    sign_in(page, site.url)
    until(page, "#floor", "one caller waits")
    site.stage.accounts.end_all("mira", "test", site.stage.clock.now())
    page.wait_for_url("**/sign-in?next=%2Fboard")


def test_before_the_idle_limit_the_page_asks_and_a_click_keeps_one_in(site: Scene, page: Page, pictures: Path) -> None:
    page.clock.install()
    sign_in(page, site.url)
    until(page, "#floor", "one caller waits")
    page.clock.run_for(13 * 60_000 + 5_000)
    dialog = page.get_by_role("dialog", name="Are you still there?")
    dialog.wait_for()
    page.screenshot(path=pictures / "pages-idle.png")
    with page.expect_request("**/activity") as told:
        page.get_by_role("button", name="Stay signed in").click()
    response = told.value.response()
    assert response is not None
    assert response.status == 204
    assert not dialog.is_visible()
    site.stage.clock.pass_time(minutes=16)
    page.wait_for_url("**/sign-in?next=%2Fboard")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 640), ("dark", 320)])
def test_pages_lose_nothing_when_narrow_or_zoomed_light_or_dark(
    site: Scene, browser: Browser, pictures: Path, scheme: str, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 720})
    page = context.new_page()
    page.goto(site.url)
    page.screenshot(path=pictures / f"pages-sign-in-{scheme}-{width}.png")
    sign_in(page, site.url, agent="ada")
    until(page, "#floor", "one caller waits")
    page.screenshot(path=pictures / f"pages-board-{scheme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.get_by_role("button", name="Sign out").is_visible()
    context.close()
