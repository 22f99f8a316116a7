"""Somebody calls from a web page, speaks the account number and keys the PIN; an agent answers on another page."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, Page, complaints, ended, microphone_of

pytestmark = pytest.mark.slow


@pytest.fixture
def links(project: Path, tmp_path: Path) -> Iterator[str]:
    """The address that `serve --simulator` prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "DATABASE_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "voicebot.cli", "serve", "--simulator"], cwd=project, text=True,
        env=environment | {"VOICEBOT_DATA": str(tmp_path / "data")},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", line):
            break
    else:
        pytest.fail("no links were printed:\n" + "".join(seen))
    yield found[0]
    process.stdin.close()
    process.stdout.close()
    assert ended(process) == 0


def says(page: Page, words: str) -> None:
    page.locator("#words").get_by_text(words).first.wait_for(timeout=20_000)


def shows(page: Page, state: str) -> None:
    page.wait_for_function("state => document.getElementById('state').textContent.startsWith(state)", arg=state, timeout=20_000)


def test_a_spoken_call_from_page_to_page(project: Path, tmp_path: Path, links: str, chrome: Chrome, pictures: Path) -> None:
    microphone = microphone_of(project / "demo" / "recordings" / "account-40719238.wav", tmp_path, 8.5)
    with chrome(microphone) as browser:
        context = browser.new_context(permissions=["microphone"])
        agent, caller = context.new_page(), context.new_page()
        wrong = [*map(complaints, (agent, caller))]
        agent.goto(f"{links}agent/+12025550172")
        shows(agent, "Waits for a call")
        caller.goto(f"{links}caller")
        caller.fill("#from", "anonymous")
        caller.click("#call")
        says(caller, "account number")
        confirm, pin = caller.get_by_text("Is that right?"), caller.locator("#words").get_by_text("six-digit PIN")
        confirm.or_(pin).first.wait_for(timeout=20_000)
        caller.wait_for_timeout(2500)  # keys that come sooner after speech are taken for the number's own
        if confirm.count():
            caller.keyboard.press("1")
            pin.first.wait_for(timeout=20_000)
        for key in "493817":
            caller.keyboard.press(key)
        agent.locator("#answer:enabled").wait_for(timeout=30_000)
        agent.screenshot(path=pictures / "softphone-agent-rings.png")
        agent.click("#answer")
        says(agent, "One accepts, two declines")
        agent.keyboard.press("1")
        says(agent, "Identified and verified")
        shows(agent, "Connected")
        shows(caller, "Connected")
        caller.screenshot(path=pictures / "softphone-caller-connected.png")
        agent.click("#hangup")
        shows(agent, "Ended by agent")
        shows(caller, "Ended by product")
        assert wrong == [[], []]


def test_without_the_token_there_are_no_telephones(links: str, chrome: Chrome) -> None:
    with chrome() as browser:
        page = browser.new_page()
        answer = page.goto(links.rsplit("/", 2)[0] + "/guessed/caller")
        assert answer is not None
        assert answer.status == 404
        page.goto(links)
        assert page.get_by_role("link").count() == 4
