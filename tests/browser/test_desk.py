"""A day at the desk in a real browser: a caller's page, an agent's telephone and the agent's desk side by side."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, Page, complaints, ended

pytestmark = pytest.mark.slow
JONAS = "+12025550172"  # who is rung first
PATIENCE = 25_000


@dataclass(frozen=True)
class Links:
    """What `serve --simulator` prints: the telephones' page, and each person's way in."""

    telephones: str
    ways_in: dict[str, str]

    def of(self, name: str) -> str:
        return next(link for person, link in self.ways_in.items() if person.startswith(name))


@pytest.fixture
def links(project: Path, tmp_path: Path) -> Iterator[Links]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "DATABASE_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "voicebot.cli", "serve", "--simulator"], cwd=project, text=True,
        env=environment | {"VOICEBOT_DATA": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    seen, telephones, ways_in = "", "", dict[str, str]()
    for line in process.stdout:
        seen += line
        if found := re.search(r"(http://127\.0\.0\.1:\d+/[\w-]{20,}/)", line):
            telephones = found[1]
        if found := re.search(r"^\s*(\w[^:(]*) \(.*?(http://\S+/sign-in/link/\S+)", line):
            ways_in[found[1]] = found[2]
        if telephones and len(ways_in) == 3:
            break
    else:
        pytest.fail("no links were printed:\n" + seen)
    yield Links(telephones, ways_in)
    process.stdin.close()
    process.stdout.close()
    assert ended(process) == 0


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name=re.compile("^Sign in as")).click()
    page.wait_for_url("**/desk")


def shows(page: Page, words: str) -> None:
    page.get_by_text(words).first.wait_for(timeout=PATIENCE)


def does(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click(timeout=PATIENCE)


def dials(page: Page, links: Links, *entries: str) -> None:
    """A caller without a number keys these, each at the next question."""
    page.goto(f"{links.telephones}caller")
    page.fill("#from", "anonymous")
    page.click("#call")
    for question, keys in zip(("account number", "PIN"), entries, strict=False):
        page.locator("#words").get_by_text(question).first.wait_for(timeout=PATIENCE)
        for key in keys:
            page.keyboard.press(key)


def test_a_call_from_ring_to_wrap_up(links: Links, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        telephone, caller, desk = context.new_page(), context.new_page(), context.new_page()
        wrong = [complaints(page) for page in (telephone, caller, desk)]
        telephone.goto(f"{links.telephones}agent/{JONAS}")
        sign_in(desk, links.of("Jonas"))
        dials(caller, links, "40719238", "493817")

        shows(desk, "Ada Marsh")  # while it rings
        shows(desk, "rings for you")
        assert desk.locator("#cards .state.verified").first.inner_text() == "Identified and verified"
        shows(desk, "84.20 USD")
        desk.screenshot(path=pictures / "desk-rings.png")
        telephone.locator("#answer:enabled").click(timeout=PATIENCE)
        telephone.get_by_text("One accepts").first.wait_for(timeout=PATIENCE)
        does(desk, "Accept")
        shows(telephone, "Identified and verified")
        does(desk, "Hold")
        shows(desk, "on hold")
        does(desk, "Back to the caller")
        does(desk, "Mute")
        does(desk, "Unmute")
        desk.screenshot(path=pictures / "desk-talking.png")
        writes_down(desk)
        bar = docks(desk)
        bar.screenshot(path=pictures / "desk-bar.png")
        does(desk, "End")
        shows(desk, "has ended")
        shows(bar, "has ended")
        files(desk)
        assert wrong == [[], [], []]


def writes_down(desk: Page) -> None:
    """A note that would like to be mark-up stays text."""
    does(desk, "Note …")
    desk.get_by_label("Note").fill("<img src=x onerror=alert(1)>")
    does(desk, "Keep")
    shows(desk, "<img src=x onerror=alert(1)>")
    assert desk.locator("#cards img").count() == 0


def docks(desk: Page) -> Page:
    """The bar, in the window that a browser without picture-in-picture has for it."""
    desk.evaluate("delete window.documentPictureInPicture")
    with desk.context.expect_page() as opened:
        does(desk, "Keep these on top")
    bar: Page = opened.value
    shows(bar, "Ada Marsh")
    return bar


def files(desk: Page) -> None:
    does(desk, "File under …")
    desk.get_by_label("File under").select_option("paid")
    does(desk, "File")
    shows(desk, "Filed under: Bill paid or explained")


def test_an_unknown_caller_is_found_and_passed_on_by_keyboard(links: Links, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        telephone, caller, desk = context.new_page(), context.new_page(), context.new_page()
        telephone.goto(f"{links.telephones}agent/{JONAS}")
        sign_in(desk, links.of("Jonas"))
        dials(caller, links, "0")
        shows(desk, "Unknown caller")
        telephone.locator("#answer:enabled").click(timeout=PATIENCE)
        telephone.get_by_text("One accepts").first.wait_for(timeout=PATIENCE)
        desk.get_by_role("button", name="Accept", exact=True).focus()
        desk.keyboard.press("Enter")
        desk.get_by_role("button", name="Who is this? …").focus(timeout=PATIENCE)
        desk.keyboard.press("Enter")
        desk.keyboard.press("Tab")
        desk.keyboard.type("40719238")
        desk.keyboard.press("Enter")
        shows(desk, "Ada Marsh · 40719238")
        desk.keyboard.press("Tab")
        does(desk, "Link")
        shows(desk, "Identified only")
        desk.screenshot(path=pictures / "desk-linked.png")
        does(desk, "Pass on …")
        desk.get_by_label("Pass on to").select_option("queue delivery")
        desk.get_by_label("What the next one should know").fill("asks for a parcel")
        does(desk, "Pass")
        shows(caller, "You're being passed on")
        shows(caller, "Connected")  # with Sofia, whose telephone is a robot's


def test_a_supervisor_sees_floor_and_interactions(links: Links, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        caller, board = context.new_page(), context.new_page()
        wrong = complaints(board)
        sign_in(board, links.of("Sofia"))
        board.get_by_role("link", name="Wallboard").click()
        shows(board, "Mira Holt")
        dials(caller, links, "40719238", "493817")
        board.locator("#agents").get_by_text("In conversation").first.wait_for(timeout=PATIENCE)
        board.screenshot(path=pictures / "wallboard.png", full_page=True)
        board.get_by_role("button", name="Large type").click()
        board.screenshot(path=pictures / "wallboard-large.png")
        caller.click("#hangup")
        board.get_by_role("link", name="Interactions").click()
        board.get_by_label("Identifier, exactly").fill("40719238")
        does(board, "Find")
        assert "40719238" not in board.url
        board.get_by_role("link", name=re.compile(r"^20\d\d-")).first.click()
        shows(board, "The journal of this call is whole")
        board.screenshot(path=pictures / "interaction.png", full_page=True)
        assert wrong == []
