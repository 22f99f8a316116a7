"""A whole house, the simulated telephone company around it, and an agent who signs in with a password: for tests of a browser."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from tests.browser.conftest import Page
from tests.serving_stage import served
from voicebot.app import House, build
from voicebot.clock import SystemClock
from voicebot.config.settings import load_settings
from voicebot.identity.secrets import SecretKeeper
from voicebot.pages.passwords import FIELD, account_of, normal
from voicebot.records.accounts import SqlAccounts
from voicebot.simulator.settings import TwinSettings
from voicebot.simulator.twin import Twin

PASSWORD = "tulip harbour fourteen"
OURS, ADA, MIRA = "+12025550100", "+12025550155", "+12025550171"
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


@contextmanager
def town_of(project: Path, place: Path, more: str = "", scale: float = 1.0) -> Iterator[Town]:
    """Open one. `more`: of its voicebot.toml; `scale`: call time over real time, of the house."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    at = TwinSettings.made(time_scale=20.0)
    twin = asyncio.run_coroutine_threadsafe(_entered(at), loop).result(10)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {
        "VOICEBOT_DATA": str(place / "data"), "PUBLIC_BASE_URL": at.public_url, "TWILIO_ACCOUNT_SID": at.account_sid,
        "TWILIO_AUTH_TOKEN": at.auth_token, "TWILIO_CALLER_ID": OURS, "TWILIO_API_BASE_URL": twin.api_url,
        "VOICEBOT_PAGES_URL": url, "VOICEBOT_CUSTOMERS_URL": url, "VOICEBOT_TIME_SCALE": str(scale),
    }  # fmt: skip
    house = build(load_settings(_company(project, place, env, more), env))
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


def _company(project: Path, place: Path, env: dict[str, str], more: str) -> Path:
    for part in ("prompts", "grammars"):
        shutil.copytree(project / part, place / part)
    (place / "prompts" / "en" / "own.toml").write_text('[line]\nhelp = "help"\n')
    config = place / "voicebot.toml"
    config.write_text(COMPANY + more)
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
