"""An agent and a customer write to each other in a real browser, over the whole house and the simulated telephone company."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest

from tests.browser.conftest import Chrome, Page, complaints
from tests.serving_stage import served
from voicebot.app import House, build
from voicebot.clock import SystemClock
from voicebot.config.settings import load_settings
from voicebot.dialogue.call import Call
from voicebot.identity.secrets import SecretKeeper
from voicebot.pages.passwords import FIELD, account_of, normal
from voicebot.ports.callback_wishes import CallbackWish
from voicebot.records.accounts import SqlAccounts
from voicebot.simulator.settings import TwinSettings
from voicebot.simulator.twin import Twin

pytestmark = pytest.mark.slow
PASSWORD = "tulip harbour fourteen"
OURS, ADA = "+12025550100", "+12025550155"
PATIENCE = 25_000
COMPANY = """
[company]
name = "Larkfield Energy"
time_zone = "UTC"
default_line = "help"
back_end = "embedded"
[fields.account_number]
shape = "digits:8"
[details.phone]
kind = "words"
[queues.billing]
[lines.help]
dnis = "+12025550110"
identifiers = ["account_number"]
queue = "billing"
listen = false
[agents.mira]
name = "Mira Holt"
phone = "+12025550171"
queues = ["billing"]
[desk.wrap_up]
other = "Something else"
[notices]
quiet = "never"
sms = ["booked"]
[messages]
on = true
number = "phone"
[messages.templates.reminder]
words = "Reminder"
en = "See you on {day}. Larkfield Energy"
"""
T = TypeVar("T")


@dataclass
class Town:
    """The house, the telephone company and its loop; `url`: where the pages are."""

    house: House
    twin: Twin
    loop: asyncio.AbstractEventLoop
    url: str

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE / 1000
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture(scope="module")
def town(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    loop, tmp_path = asyncio.new_event_loop(), tmp_path_factory.mktemp("town")
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    at = TwinSettings.made(time_scale=20.0)
    twin = asyncio.run_coroutine_threadsafe(_entered(at), loop).result(10)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {
        "VOICEBOT_DATA": str(tmp_path / "data"), "PUBLIC_BASE_URL": at.public_url, "TWILIO_ACCOUNT_SID": at.account_sid,
        "TWILIO_AUTH_TOKEN": at.auth_token, "TWILIO_CALLER_ID": OURS, "TWILIO_API_BASE_URL": twin.api_url,
        "VOICEBOT_PAGES_URL": url,
    }  # fmt: skip
    house = build(load_settings(_company(project, tmp_path, env), env))
    keeper, accounts = SecretKeeper(house.keyring), SqlAccounts(house.store)
    accounts.set_password("mira", keeper.stored(account_of("mira"), FIELD, normal(PASSWORD)), "test", SystemClock().now())
    with served(house.asgi(), port):
        twin.point_to(url)
        yield Town(house, twin, loop, url)
    asyncio.run_coroutine_threadsafe(twin.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _entered(at: TwinSettings) -> Twin:
    return await Twin(at).__aenter__()


def _company(project: Path, place: Path, env: dict[str, str]) -> Path:
    for part in ("prompts", "grammars"):
        shutil.copytree(project / part, place / part)
    (place / "prompts" / "en" / "own.toml").write_text('[line]\nhelp = "help"\n')
    config = place / "voicebot.toml"
    config.write_text(COMPANY)
    (place / "customers.csv").write_text(f"customer_id,name,phone,account_number\nC1,Ada Marsh,{ADA},40719238\n")
    command = [sys.executable, "-m", "voicebot.cli", "customers", "import", str(place / "customers.csv")]
    subprocess.run(command, env=os.environ | env | {"VOICEBOT_CONFIG": str(config)}, check=True, capture_output=True)
    return config


def sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk")


def test_a_booked_callback_is_told_by_a_short_message(town: Town) -> None:
    at, number = SystemClock().now(), "+12025550156"
    line = town.house.settings.company.lines["help"].plan
    with town.house.store.transaction() as ledger:
        ledger.open_call(Call("wished", line), None, "", at)
        ledger.keep_wish(CallbackWish("wished", "billing", number, at, at))
    town.until(lambda: any(one.to == number and one.status == "delivered" for one in town.twin.texts))
    (told,) = (one for one in town.twin.texts if one.to == number)
    assert told.body.startswith("Larkfield Energy: we will call you back as soon as possible.")


def test_a_customer_writes_and_an_agent_answers_beside_the_desk(town: Town, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        desk = context.new_page()
        wrong = complaints(desk)
        sign_in(desk, town.url)
        assert town.run(town.twin.write(ADA, OURS, "Where is my parcel?")) == 200
        waiting = desk.locator("#open button", has_text="Where is my parcel?")
        waiting.wait_for(timeout=PATIENCE)
        desk.locator("#open").get_by_text("Ada Marsh").wait_for(timeout=PATIENCE)  # looked up beside
        desk.screenshot(path=pictures / "messages-desk.png")

        with context.expect_page() as opened:
            waiting.click()
        thread = opened.value
        wrong_too = complaints(thread)
        thread.get_by_role("button", name="Take").click()
        thread.get_by_text("with Mira Holt").wait_for()
        desk.locator("#open").get_by_text("yours").wait_for(timeout=PATIENCE)
        thread.get_by_label("Text").fill("It comes tomorrow. <b>Ada</b>")
        thread.get_by_role("button", name="Preview").click()
        thread.get_by_text("1 part of 160").wait_for()
        thread.screenshot(path=pictures / "messages-preview.png", full_page=True)
        thread.get_by_role("button", name="Send").click()
        thread.locator(".thread .ours").wait_for()
        town.until(lambda: any(one.to == ADA and one.status == "delivered" for one in town.twin.texts))
        sent = [one.body for one in town.twin.texts if one.direction != "inbound" and one.to == ADA]
        assert sent == ["It comes tomorrow. <b>Ada</b>"]
        town.until(lambda: thread.reload() and "delivered" in thread.content())  # its fate comes after it has met it
        thread.screenshot(path=pictures / "messages-thread.png", full_page=True)
        thread.get_by_role("button", name="Done").click()
        desk.locator("#none-open").wait_for(timeout=PATIENCE)
        assert (wrong, wrong_too) == ([], [])
    assert town.twin.failures == []


def test_an_agent_writes_without_a_call_and_a_stop_is_kept(town: Town, chrome: Chrome, pictures: Path) -> None:
    with chrome() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        wrong = complaints(page)
        sign_in(page, town.url)
        page.get_by_role("link", name="Messages").click()
        page.get_by_role("link", name="Write a message").click()
        page.get_by_label("Is").fill("40719238")
        page.get_by_role("button", name="Look up").click()
        page.get_by_text("Ada Marsh").wait_for()
        assert page.get_by_label("Number").input_value() == ADA
        page.get_by_label("Template").select_option("reminder")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Fill in: day.").wait_for()
        page.get_by_label("Day").fill("Friday")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("See you on Friday. Larkfield Energy").wait_for()
        page.screenshot(path=pictures / "messages-new.png", full_page=True)
        page.get_by_role("button", name="Send").click()
        page.get_by_role("heading", name="Lately").wait_for()
        town.until(lambda: any(one.body == "See you on Friday. Larkfield Energy" for one in town.twin.texts))
        page.screenshot(path=pictures / "messages-all.png", full_page=True)

        assert town.run(town.twin.write(ADA, OURS, "STOP")) == 200
        page.goto(f"{town.url}/messages/new")
        page.get_by_label("Number").fill(ADA)
        page.get_by_label("Text").fill("Hello")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("has written STOP").wait_for()
        assert page.get_by_role("button", name="Send").count() == 0
        assert wrong == []
