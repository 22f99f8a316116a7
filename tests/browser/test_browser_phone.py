"""The desk's page as the agent's phone, over a stand-in for the carrier's script that does what the test says."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Chrome, complaints
from tests.desk.test_desk import Company, open_company
from tests.pages.stage import PASSWORD
from tests.serving_stage import served
from voicebot.desk.browser_phones import BrowserPhones
from voicebot.floor.values import AgentState
from voicebot.serving import asgi_house

pytestmark = pytest.mark.slow
PATIENCE = 25_000
STAND_IN = """
class Emitter {
  constructor() { this.heard = {}; }
  on(name, does) { (this.heard[name] ??= []).push(does); }
  tell(name, ...about) { for (const does of this.heard[name] ?? []) does(...about); }
}
class Call extends Emitter {
  accept() { this.tell("accept"); }
  reject() { this.tell("reject"); }
  disconnect() { this.tell("disconnect"); }
  sendDigits(keys) { window.carrier.keys += keys; }
}
class Device extends Emitter {
  constructor(token) { super(); window.carrier.tokens.push(token); window.carrier.device = this; }
  async register() { this.tell("registered"); }
  updateToken(token) { window.carrier.tokens.push(token); }
  destroy() { window.carrier.gone += 1; }
}
window.carrier = { tokens: [], keys: "", gone: 0, rings() { this.call = new Call(); this.device.tell("incoming", this.call); } };
window.Twilio = { Device };
"""


@pytest.fixture
def company(tmp_path: Path, project: Path) -> Iterator[tuple[Company, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, script = f"http://127.0.0.1:{port}", tmp_path / "script.js"
    script.write_text(STAND_IN)
    counted = iter(range(1, 100))
    phones = BrowserPhones({"mira": {"": "mira"}}, lambda identity: f"{identity}-{next(counted)}", script)
    with open_company(tmp_path, project, url, phones) as opened:
        shell = opened.stage.shell
        with served(asgi_house(opened.stage.app, {}, streams={shell.live_path: shell.live}), port):
            yield opened, url


def test_a_browser_is_let_in_rung_answered_and_lost(company: tuple[Company, str], chrome: Chrome, pictures: Path) -> None:
    opened, url = company
    with chrome() as browser:
        page = browser.new_page()
        wrong = complaints(page)
        page.goto(url)
        page.fill("[name=name]", "mira")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        status = page.locator("#browser-phone-status")
        status.get_by_text("This browser is your phone.").wait_for(timeout=PATIENCE)
        assert page.evaluate("carrier.tokens") == ["mira-1"]
        page.evaluate("carrier.device.tell('tokenWillExpire')")
        page.wait_for_function("() => carrier.tokens.length === 2", timeout=PATIENCE)

        page.evaluate("carrier.rings()")
        page.get_by_role("button", name="Answer here").click(timeout=PATIENCE)
        status.get_by_text("You speak through this browser.").wait_for(timeout=PATIENCE)
        page.locator("[name=browser-phone-key]", has_text="1").click()
        assert page.evaluate("carrier.keys") == "1"
        page.screenshot(path=pictures / "browser-phone.png")
        page.get_by_role("button", name="Hang up here").click()
        status.get_by_text("This browser is your phone.").wait_for(timeout=PATIENCE)

        # A call rings: yes on its card picks the browser up.
        opened.house.switchboard.desk.set_state("jonas", AgentState.OFFLINE)
        opened.waits()
        opened.stage.shell.live.changed(frozenset({"floor"}))
        page.evaluate("carrier.rings()")
        page.get_by_role("button", name="Accept", exact=True).click(timeout=PATIENCE)
        status.get_by_text("You speak through this browser.").wait_for(timeout=PATIENCE)

        page.evaluate("carrier.call.disconnect()")
        page.evaluate("carrier.device.tell('error', { code: 31005 })")
        status.get_by_text("is lost").wait_for(timeout=PATIENCE)
        page.wait_for_function("() => carrier.tokens.length === 3", timeout=PATIENCE)
        status.get_by_text("This browser is your phone.").wait_for(timeout=PATIENCE)
        page.evaluate("carrier.rings(); carrier.call.tell('error', { code: 31401 })")
        status.get_by_text("may not use the microphone").wait_for(timeout=PATIENCE)
        assert wrong == []
