"""The stage on which servers are killed: twin, back end and the server that rises again; and what became of each call."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

from tests.crash.points import ARMED, PASSED, STRUCK
from tests.crash.server import PID
from voicebot.dialogue.lockout import Standing
from voicebot.dialogue.notes import Noted
from voicebot.keyring import Keyring
from voicebot.records.store import open_store
from voicebot.retelling import CallStory, told
from voicebot.simulator.backend import MockBackEnd, MockPlan
from voicebot.simulator.backend_book import Columns
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Script
from voicebot.simulator.settings import TwinSettings
from voicebot.simulator.twin import Twin

PROJECT = Path(__file__).resolve().parents[2]
SECRET = "a-shared-secret-of-thirty-two-characters"
LONGEST = 60.0  # real seconds for one call; beyond it the test is stuck
STORY_WITHIN = 5.0
FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC)
COLUMNS = Columns(
    customer_id="customer_id", name="name", phones=("phone",), identifiers=("account_number",), secrets=("pin",),
    details={"balance": True, "due_date": False}, region="US",
)  # fmt: skip

T = TypeVar("T")


@dataclass
class AskedBackEnd:
    """The shipped mock, which notes what it is asked, and can kill who asks while it is at it."""

    mock: MockBackEnd
    place: Path
    asked: Counter[str] = field(default_factory=Counter)
    keys: list[str] = field(default_factory=list)
    kills_at: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        endpoint = scope["path"].rpartition("/")[2]
        self.asked[endpoint] += 1
        if endpoint == "validate":
            self.keys.append(dict(scope["headers"])[b"idempotency-key"].decode())
        if endpoint == self.kills_at:
            self.kills_at = ""
            os.kill(int((self.place / PID).read_text()), signal.SIGKILL)
            (self.place / STRUCK).write_text(f"at {endpoint}")
        await self.mock(scope, receive, send)


@dataclass(frozen=True)
class Ended:
    """A call after its end."""

    record: CallRecord
    story: CallStory
    new: Standing
    old: Standing
    asked: Counter[str]
    keys: list[str]
    struck: str
    passed: list[str]
    left_over: list[str]

    def facts(self, what: Noted) -> list[dict[str, Any]]:
        """The journal's rows of one kind."""
        return [entry.facts for entry in self.story.journal if entry.what == what]

    @property
    def prompts(self) -> list[str]:
        """The questions that were asked, in order."""
        return [str(facts["prompt"]) for facts in self.facts(Noted.ASKED)]

    @property
    def verdicts(self) -> list[str]:
        """What came of the secrets that were taken."""
        return [str(facts["verdict"]) for facts in self.facts(Noted.SECRET_RESULT)]

    @property
    def counted(self) -> tuple[int, int]:
        """Against the account, by this call: wrong attempts, and attempts of which nobody knows what became."""
        return len(self.new.recent) - len(self.old.recent), len(self.new.unknown) - len(self.old.unknown)

    def asked_more_than(self, **times: int) -> dict[str, int]:
        """What the back end was asked more often than so, or not at all though it is named here."""
        return {what: self.asked[what] for what in (*times, *self.asked) if not 0 < self.asked[what] <= times.get(what, 0)}


class Stage:
    """Everything up, on an event loop of its own. One call at a time."""

    def __init__(self, place: Path, scale: float, database: str = "", **more: str) -> None:
        """`scale`: call time over real time. `more`: of the server's environment."""
        self._more = more
        self.place, self._scale, self._database = place, scale, database or f"sqlite:///{place / 'data' / 'voicebot.db'}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crash-stage")

    def open(self) -> None:
        """Bring everything up."""
        self._thread.start()
        self._listener, back_end_at = _listening(), _listening()
        self._on_loop(self._open(back_end_at))
        with (self.place / "server.log").open("wb") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.server", str(self._listener.fileno()), str(self.place), str(self._scale)],
                env=self._environment(address(back_end_at)), cwd=PROJECT, pass_fds=[self._listener.fileno()],
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        httpx.get(f"{address(self._listener)}/readyz", timeout=30).raise_for_status()
        self.keyring = Keyring.open(self.place / "data" / "keys")
        self.store = open_store(self._database, self.keyring)

    @property
    def address(self) -> str:
        """Where the server is."""
        return address(self._listener)

    def close(self) -> None:
        """Down again."""
        self.store.close()
        os.kill(int((self.place / PID).read_text()), signal.SIGTERM)
        self._server.communicate(timeout=15)
        self._on_loop(self._close())
        self._listener.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def place_call(self, script: Script, point: str, ref: str) -> Ended:
        """One call to its end, with a server that is killed at this point."""
        return self._on_loop(self._place(script, point, ref))

    # ---- on the loop ---------------------------------------------------------------------------------------------

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST)

    async def _open(self, back_end_at: socket.socket) -> None:
        plan = MockPlan(PROJECT / "examples" / "customers.csv", COLUMNS, secret=SECRET, work=lambda: None)
        self.back_end = AskedBackEnd(MockBackEnd(plan), self.place)
        config = uvicorn.Config(self.back_end, lifespan="off", log_config=None, access_log=False)
        self._back_end = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._back_end.serve(sockets=[back_end_at]))
        self.twin = await Twin(TwinSettings.made(address(self._listener), time_scale=self._scale, fast=True)).__aenter__()

    def _environment(self, back_end: str) -> dict[str, str]:
        settings = self.twin.settings
        (self.place / "data").mkdir()
        company = self.place / "voicebot.toml"
        company.write_text((Path(__file__).parent / "company.toml").read_text().replace("BACK_END", back_end))
        ours = ("VOICEBOT_", "TWILIO_", "DATABASE_URL", "PUBLIC_BASE_URL", "PORT")
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
            "VOICEBOT_CONFIG": str(company),
            "PUBLIC_BASE_URL": settings.public_url,
            "TWILIO_ACCOUNT_SID": settings.account_sid,
            "TWILIO_AUTH_TOKEN": settings.auth_token,
            "TWILIO_CALLER_ID": "+12025550100",
            "TWILIO_API_BASE_URL": self.twin.api_url,
            "VOICEBOT_DATA": str(self.place / "data"),
            "DATABASE_URL": self._database,
            "VOICEBOT_TIME_SCALE": str(self._scale),
            "VOICEBOT_EMERGENCY_NUMBER": "+12025550199",
            "VOICEBOT_BACKEND_SECRET": SECRET,
            "VOICEBOT_APPROVALS_ISSUER": self.twin.approvals.issuer,
            "VOICEBOT_APPROVALS_SECRET": SECRET,
        } | self._more

    async def _close(self) -> None:
        await self.twin.__aexit__(None, None, None)
        self._back_end.should_exit = True
        await self._serving

    async def _place(self, script: Script, point: str, ref: str) -> Ended:
        for left in (ARMED, STRUCK, PASSED):
            (self.place / left).unlink(missing_ok=True)
        self.back_end.asked.clear()
        self.back_end.keys.clear()
        if point.startswith("at "):
            self.back_end.kills_at = point.removeprefix("at ")
        elif point:
            (self.place / ARMED).write_text(point)
        old = self._standing(ref)
        record = await self.twin.place_call(script)
        story, left_over = await self._story(record.call_sid)
        return Ended(
            record, story, self._standing(ref), old, Counter(self.back_end.asked), list(self.back_end.keys),
            read(self.place / STRUCK), read(self.place / PASSED).splitlines(), left_over,
        )  # fmt: skip

    def _standing(self, ref: str) -> Standing:
        with self.store.reading() as ledger:
            return ledger.standing(self.keyring.blind("account", ref))

    async def _story(self, call_sid: str) -> tuple[CallStory, list[str]]:
        """What the server knows once it has closed the call and done what was left, and what is left all the same."""
        deadline = self._loop.time() + STORY_WITHIN
        while True:
            story, left_over = told(self.store, call_sid), self._left_over()
            if story is not None and ((story.outcome is not None and not left_over) or self._loop.time() > deadline):
                return story, left_over
            assert self._loop.time() <= deadline
            await asyncio.sleep(0.02)

    def _left_over(self) -> list[str]:
        """Reservations that are open, and effects that are not done."""
        with self.store.reading() as ledger:
            open_now = [held.id for held in ledger.load_floor()[0].reservations]
            return open_now + [f"effect {number}" for number in ledger.due_effects(FAR_OFF, 20)]


def read(path: Path) -> str:
    """What stands in a file; nothing where there is none."""
    return path.read_text() if path.exists() else ""


def address(listener: socket.socket) -> str:
    """Where this one listens."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _listening() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener
