"""A rehearsal: the real server in a process of its own, the simulator around it, and afterwards the story of each call.

Everything is as in production but the telephone company: signed webhooks, media streams, the database, recognition. The
account, its token and (unless a directory is given) the data exist for this run only.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx

from voicebot.app import KEYS
from voicebot.config.company import Company
from voicebot.config.settings import load_settings
from voicebot.desk_robot import placed_with_desk, sign_in_link
from voicebot.errors import VoicebotError
from voicebot.keyring import Keyring
from voicebot.records.store import SqlStore, open_store
from voicebot.retelling import CallStory, told
from voicebot.simulator.record import CallRecord, Observer
from voicebot.simulator.script import Script
from voicebot.simulator.settings import Faults, TwinSettings
from voicebot.simulator.softphone.web import Telephones
from voicebot.simulator.twin import Twin
from voicebot.telephony.fallback import caller_fallback

READY_WITHIN = 30.0  # seconds for the server to be ready
STOPPED_WITHIN = 10.0
STORY_WITHIN = 3.0
LOOK_AGAIN = 0.02
RESTS_WITHIN = 150.0  # seconds of call time: two looks for ends that nobody told
MOST_LEFT = 20
FAST = 25.0  # call time over real time under --fast
CALLER_ID, EMERGENCY = "+12025550100", "+12025550199"
DATABASE, LOG = "voicebot.db", "server.log"
PUBLIC_URL = "https://voicebot.test"
# What a developer's own environment may hold and a rehearsal must not see: it never speaks to the real company.
OURS_ALONE = (
    "PUBLIC_BASE_URL", "TWILIO_", "DATABASE_URL", "VOICEBOT_DATA", "VOICEBOT_TIME_SCALE", "VOICEBOT_EMERGENCY_NUMBER", "PORT",
    "VOICEBOT_PAGES_URL", "VOICEBOT_CUSTOMERS_URL", "VOICEBOT_PROXIES", "VOICEBOT_APPROVALS_", "VOICEBOT_METRICS_TOKEN",
    "VOICEBOT_TRACES_",
)

NOT_OURS = ("DATABASE_URL", "TWILIO_AUTH_TOKEN_NEXT", "VOICEBOT_METRICS_TOKEN", "VOICEBOT_TRACES_URL", "VOICEBOT_TRACES_HEADERS")
MADE_UP = {"VOICEBOT_APPROVALS_SECRET": "of-a-rehearsal-only"}  # the simulator's provider believes anybody

T = TypeVar("T")


class RehearsalFailed(VoicebotError):
    """The server did not come up, or a call could not be followed. The text says where its log is."""


@dataclass(frozen=True)
class RehearsalPlan:
    """`config`: the company; `data`: where to keep everything (None: thrown away); `time_scale`: call time over real time."""

    config: Path
    customers: Path | None = None
    data: Path | None = None
    fast: bool = False
    time_scale: float = 1.0
    log_level: str = "INFO"
    faults: Faults = field(default_factory=Faults)
    observer: Observer | None = None
    overlay: dict[str, str] = field(default_factory=dict)


class Rehearsal:
    """A server and a simulator that are up. `place` makes a call, `story` tells what the server made of it."""

    def __init__(self, twin: Twin, store: SqlStore, data: Path, company: Company, pages: str) -> None:
        self.twin, self._store, self.data, self.company, self.pages = twin, store, data, company, pages

    async def place(self, script: Script) -> CallRecord:
        """Place this call and follow it to its end. What the agent could not do at the desk is a failure of it."""
        if script.desk:
            return await placed_with_desk(self.twin, self._store, self.pages, script)
        return await self.twin.place_call(script)

    def story(self, call_sid: str) -> CallStory | None:
        """What the server knows of a call now; None if it never arrived there."""
        return told(self._store, call_sid)

    def open_softphones(self) -> str:
        """Telephones in the browser for every line and every agent with a number; the address of the page with their links."""
        lines = {line.plan.dnis: name for name, line in self.company.lines.items()}
        agents = {phone: whose for whose, phone in self.company.phones_of_agents().items()}
        return self.twin.open_softphones(Telephones(lines, agents))

    def sign_in_links(self) -> dict[str, str]:
        """Agent -> a link that opens the pages as them, once and on this machine. By name, with roles."""
        link = partial(sign_in_link, self._store, self.pages)
        return {f"{agent.name} ({', '.join(agent.roles)})": link(agent.id) for agent in self.company.agents}

    def calls_so_far(self) -> list[str]:
        """The callers' legs that the simulator has made, by the carrier's id."""
        return self.twin.calls_so_far()

    async def ended_story(self, call_sid: str) -> CallStory | None:
        """The same once the server has closed the call: its last callbacks may still be on their way."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STORY_WITHIN
        # Another process writes; there is nothing to wait on but its database.
        while (story := self.story(call_sid)) is not None and story.outcome is None and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_AGAIN)
        return story

    async def left_over(self) -> list[str]:
        """What the server and the carrier have not finished although nobody calls any more, in words; empty if all is done.

        An end that nobody told the server is found within a minute of call time; so long this looks.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + RESTS_WITHIN / self.twin.settings.time_scale + STORY_WITHIN
        while (left := self._left_now()) and loop.time() < deadline:  # noqa: ASYNC110 - the same
            await asyncio.sleep(LOOK_AGAIN)
        return left

    def _left_now(self) -> list[str]:
        with self._store.reading() as ledger:
            floor, _ = ledger.load_floor()
            effects = ledger.due_effects(datetime.max.replace(tzinfo=UTC), MOST_LEFT)
            calls = ledger.open_calls(datetime.min.replace(tzinfo=UTC))
        left = ["a call has not ended"] * len(calls)
        left += [f"{item.kind} in line" for item in floor.items]
        left += [f"{held.agent} has a call" for held in floor.reservations]
        left += ["something is still to be done to a leg or a room"] * len(effects)
        return left + [f"{phone} is still on the telephone" for phone in self.twin.phones_in_use()]


def example_customers(config: Path, data: Path | None = None) -> Path | None:
    """The customers that come with a company's settings, if there are any; none for data that were in use before.

    Whoever has customers of their own there does not want made-up ones among them.
    """
    beside = config.parent / "examples" / "customers.csv"
    in_use = data is not None and (data / DATABASE).exists()
    return beside if beside.is_file() and not in_use else None


def run_rehearsal(coroutine: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, but a SIGTERM or a closed terminal also ends the server first, as Ctrl-C does."""

    async def ended_in_order() -> T:
        this = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for end in (signal.SIGTERM, signal.SIGHUP):
            if this is not None:
                loop.add_signal_handler(end, this.cancel)
        return await coroutine

    try:
        return asyncio.run(ended_in_order())
    except asyncio.CancelledError:
        raise SystemExit(128 + signal.SIGTERM) from None


@asynccontextmanager
async def rehearsal(plan: RehearsalPlan) -> AsyncIterator[Rehearsal]:
    """Open one. Raises RehearsalFailed if the server does not come up."""
    with _data_directory(plan.data) as data:
        port = _free_port()
        scale = FAST if plan.fast and plan.time_scale == 1.0 else plan.time_scale
        settings = TwinSettings.made(
            product_url=f"http://127.0.0.1:{port}", public_url=PUBLIC_URL, time_scale=scale, fast=plan.fast,
            fallback_document=caller_fallback(EMERGENCY),
        )
        async with Twin(settings, faults=plan.faults, observer=plan.observer) as twin:
            environment = _environment(plan, settings, twin.api_url, twin.approvals.issuer, data, port, scale)
            company = load_settings(plan.config, environment).company  # what is wrong there is said before anything starts
            await _bring_customers(plan, environment, data)
            with _server(environment, data) as server:
                await _until_ready(settings.product_url, server, data)
                with _book(environment, data) as store:
                    yield Rehearsal(twin, store, data, company, settings.product_url)


@contextmanager
def _data_directory(wanted: Path | None) -> Iterator[Path]:
    if wanted is not None:
        try:
            wanted.mkdir(parents=True, exist_ok=True)
            (wanted / LOG).touch()
        except OSError as error:
            raise RehearsalFailed(f"{wanted}: data cannot be kept there ({error.strerror})") from None
        yield wanted.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="voicebot-") as made:
        yield Path(made)


def _environment(
    plan: RehearsalPlan, settings: TwinSettings, api_url: str, issuer: str, data: Path, port: int, scale: float
) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS_ALONE)}
    # Empty counts as not set, and keeps out what stands in the company's .env.
    return kept | dict.fromkeys(NOT_OURS, "") | {
        "VOICEBOT_CONFIG": str(plan.config),
        "PUBLIC_BASE_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": settings.account_sid,
        "TWILIO_AUTH_TOKEN": settings.auth_token,
        "TWILIO_CALLER_ID": CALLER_ID,
        "TWILIO_API_BASE_URL": api_url,
        "VOICEBOT_DATA": str(data),
        "VOICEBOT_TIME_SCALE": str(scale),
        "VOICEBOT_EMERGENCY_NUMBER": EMERGENCY,
        "VOICEBOT_PAGES_URL": settings.product_url,
        "VOICEBOT_CUSTOMERS_URL": settings.product_url,
        "VOICEBOT_APPROVALS_ISSUER": issuer,
        "VOICEBOT_PROXIES": "",
        "PORT": str(port),
        "LOG_LEVEL": plan.log_level,
    } | MADE_UP | plan.overlay


async def _bring_customers(plan: RehearsalPlan, environment: dict[str, str], data: Path) -> None:
    if plan.customers is None:
        return
    arguments = [sys.executable, "-m", "voicebot.cli", "customers", "import", str(plan.customers)]
    importing = await asyncio.create_subprocess_exec(
        *arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await importing.communicate()
    if importing.returncode != 0:
        why = output.decode(errors="replace").strip()
        raise RehearsalFailed(f"the customers of {plan.customers.name} were not taken in: {why}")
    (data / "import.log").write_bytes(output)


@contextmanager
def _server(environment: dict[str, str], data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The real server as a process of its own; ended with this one."""
    with (data / LOG).open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "voicebot.cli", "serve", "--direct"],
            # It never reads anything: the pipe's end tells it that we are gone, even if we were killed.
            env=environment, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us: we end the call, then the server
        )
        try:
            yield server
        finally:
            server.terminate()
            if server.stdin is not None:
                server.stdin.close()
            try:
                server.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


async def _until_ready(url: str, server: "subprocess.Popen[bytes]", data: Path) -> None:
    """Wait until the server takes calls."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_WITHIN
    async with httpx.AsyncClient() as client:
        while loop.time() < deadline and server.poll() is None:
            try:
                if (await client.get(f"{url}/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise RehearsalFailed(f"the server did not come up; the end of its log:\n{_last_lines(data / LOG)}")


@contextmanager
def _book(environment: dict[str, str], data: Path) -> Iterator[SqlStore]:
    """The server's own database, to read the journal in."""
    url = environment.get("DATABASE_URL") or f"sqlite:///{data / DATABASE}"
    store = open_store(url, Keyring.open(data / KEYS))
    try:
        yield store
    finally:
        store.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _last_lines(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
