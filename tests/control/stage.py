"""Agents at their desks over the simulated telephone company: the whole house in this process, robots on the telephones."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from tests.serving_stage import served
from voicebot.app import House, build
from voicebot.config.settings import load_settings
from voicebot.dialogue.call import Call
from voicebot.floor.values import AgentState, Floor
from voicebot.simulator.leg import Leg
from voicebot.simulator.record import CallRecord, LegRecord
from voicebot.simulator.script import Connector, Habit, Script, parse_turns
from voicebot.simulator.settings import Faults, TwinSettings
from voicebot.simulator.twin import Twin
from voicebot.switchboard.answers import DONE, Answer

SCALE = 20.0
PATIENCE = 15.0  # real seconds
LINE, TAPED, IN_APP, CALLER = "+12025550110", "+12025550111", "+12025550112", "+12025550190"
VERIFIED = ("keys:40719238", "keys:493817")
ADAS_APP = "app-of-ada"
CUSTOMERS = f"""customer_id,name,phone,account_number,pin,app
C1,Ada Marsh,+12025550155,40719238,493817,{ADAS_APP}
C2,Ben Okafor,+12025550156,58260417,270694,
"""
PHONES = {"mira": "+12025550171", "jonas": "sip:jonas@pbx.example.com", "omar": "client:omar", "sofia": "+12025550179"}
COMPANY_SECRET = "a-secret-of-the-company-for-its-pages-0123"
HOME = "sip:omar@home.example.com"
COMPANY = """
[company]
name = "Desks"
time_zone = "UTC"
default_line = "help"
back_end = "embedded"
[fields.account_number]
shape = "digits:8"
[fields.pin]
shape = "digits:6"
secret = true
[fields.code]
shape = "digits:6"
secret = true
totp = true
[queues.help]
# of queues.help
[queues.law]
[lines.help]
dnis = "+12025550110"
identifiers = ["account_number"]
queue = "help"
listen = false
[lines.taped]
dnis = "+12025550111"
ani_identification = false
identifiers = ["account_number"]
secrets = ["pin"]
queue = "help"
listen = false
recording = "after_verification"
[payments]
currency = "EUR"
at_most = "500.00"
page = "https://pay.example.com/voice"
[lines.app]
dnis = "+12025550112"
ani_identification = false
identifiers = ["account_number"]
secrets = ["pin"]
queue = "help"
listen = false
approvals = true
[details.app]
private = false
[approvals]
issuer = "http://127.0.0.1:1"
client_id = "voicebot"
hint = "app"
[step_up.payout]
currency = "USD"
at_least = "100.00"
proofs = ["approval", "pin", "code"]
lifetime = 600
[desk.wrap_up]
refund = "A refund"
"""


@dataclass
class Placed:
    """A call under way."""

    sid: str
    outcome: "Future[CallRecord]"
    id: str = ""


@dataclass
class Office:
    """A house, its telephone company, and who is there. Mira is ready; the others come when they are wanted."""

    house: House
    twin: Twin
    loop: asyncio.AbstractEventLoop
    calls: list[Placed] = field(default_factory=list)
    before: int = 0  # legs that there were before this test
    address: str = ""

    @property
    def legs(self) -> list[Leg]:
        """This test's legs, oldest first."""
        return self.twin.legs[self.before :]

    @property
    def desk(self) -> Any:
        return self.house.switchboard.desk

    def ready(self, *agents: str) -> None:
        """Just these are ready; the others are on a break."""
        for agent in PHONES:
            self.desk.set_state(agent, AgentState.READY if agent in agents else AgentState.BREAK)

    # ---- calls ---------------------------------------------------------------------------------------------------

    def call(
        self, *turns: str, faults: Faults | None = None, patience: float = 9999, line: str = LINE, app: str = "",
        pays: tuple[str, ...] = (), connector: Connector = Connector.APPROVES, **habits: str,
    ) -> Placed:
        """Somebody calls and asks for an agent. `habits`: how each agent's telephone behaves, else it accepts."""
        phones = {phone: (Habit(habits.get(agent, "accept")),) for agent, phone in PHONES.items()}
        phones[HOME] = (Habit("accept"),)
        script = Script(
            line, CALLER, parse_turns(turns or ("keys:0",)), agents=phones, talk=9999, patience=patience, faults=faults,
            pays=pays, connector=connector, app=app,
        )
        known = set(self.twin.calls_so_far())
        outcome = asyncio.run_coroutine_threadsafe(self.twin.place_call(script), self.loop)
        self.until(lambda: set(self.twin.calls_so_far()) - known)
        placed = Placed((set(self.twin.calls_so_far()) - known).pop(), outcome)
        self.until(lambda: self.house.switchboard.call_of_leg(placed.sid) is not None)
        placed.id = self.house.switchboard.call_of_leg(placed.sid) or ""
        self.calls.append(placed)
        return placed

    def talking(self, *turns: str, agent: str = "mira", **rest: Any) -> Placed:
        """A caller and an agent in conversation."""
        placed = self.call(*turns, **rest)
        self.until(lambda: self.has(placed, agent))
        return placed

    def has(self, placed: Placed, agent: str) -> bool:
        """Whether this agent talks with the caller."""
        serving = self.state(placed).serving
        return serving is not None and serving.agent_id == agent and serving.joined_at is not None

    def state(self, placed: Placed) -> Call:
        with self.house.store.reading() as ledger:
            kept = ledger.load_call(placed.id)
        assert kept is not None
        return kept.call

    def told(self, placed: Placed) -> list[str]:
        """The journal's rows by kind."""
        with self.house.store.reading() as ledger:
            return [entry.what for entry in ledger.journal(placed.id)]

    def facts(self, placed: Placed, what: str) -> dict[str, Any]:
        with self.house.store.reading() as ledger:
            return next(entry.facts for entry in reversed(ledger.journal(placed.id)) if entry.what == what)

    def ended(self, placed: Placed) -> CallRecord:
        """How it went, once every leg of it is down."""
        return placed.outcome.result(PATIENCE)

    # ---- telephones ----------------------------------------------------------------------------------------------

    def leg(self, agent: str) -> LegRecord:
        """The newest leg to an agent's telephone."""
        phone = PHONES.get(agent, agent)
        found = [leg.record for leg in self.legs if leg.record.phone == phone]
        assert found, f"{agent}'s telephone never rang"
        return found[-1]

    def rang(self, agent: str) -> bool:
        return any(leg.record.phone == PHONES[agent] for leg in self.legs)

    def caller(self, placed: Placed) -> LegRecord:
        return next(leg.record for leg in self.legs if leg.sid == placed.sid)

    def hang_up(self, sid: str) -> None:
        """Whoever holds this telephone puts it down."""
        leg = next(leg for leg in self.legs if leg.sid == sid)
        self.loop.call_soon_threadsafe(leg.hang_up, leg.party.role)

    def hears_now(self, listener: str, speaker: str) -> bool:
        """Whether one leg's voice reaches another at this moment, by leg id."""
        record = next(leg.record for leg in self.legs if leg.sid == listener)
        return any(voice.sid == speaker and voice.until is None for voice in record.voices)

    def floor(self) -> Floor:
        with self.house.store.reading() as ledger:
            return ledger.load_floor()[0]

    # ---- waiting -------------------------------------------------------------------------------------------------

    def does(self, answer: Answer) -> None:
        assert answer == DONE, answer

    def until(self, so: Callable[[], object]) -> None:
        """Other threads are at work; there is nothing to wait on but what they do."""
        end = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < end, self._where()
            time.sleep(0.01)

    def _where(self) -> str:
        legs = [f"{leg.record.phone}: {[one.what for one in leg.record.heard][-4:]} {leg.record.failures}" for leg in self.legs]
        return "; ".join([*(f"{placed.sid}: {self.told(placed)}" for placed in self.calls), *legs])


@contextmanager
def office(project: Path, directory: Path, faults: Faults | None = None, queues: str = "") -> Iterator[Office]:
    """Open one. Nothing that the telephone company would have complained about may have happened in it."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="twin", daemon=True)
    thread.start()
    settings = TwinSettings.made(time_scale=SCALE)
    twin = Twin(settings, faults)
    asyncio.run_coroutine_threadsafe(twin.__aenter__(), loop).result(10)
    config, environment = _company(project, directory, queues), _environment(directory, settings, twin)
    _bring_customers(directory, config, environment)
    house = build(load_settings(config, environment))
    with served(house.asgi()) as server:
        twin.point_to(f"http://127.0.0.1:{server.port}")
        opened = Office(house, twin, loop, address=f"http://127.0.0.1:{server.port}")
        opened.ready("mira")
        try:
            yield opened
            assert twin.failures == []
        finally:
            for placed in opened.calls:
                placed.outcome.cancel()
            asyncio.run_coroutine_threadsafe(twin.__aexit__(None, None, None), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def _company(project: Path, directory: Path, queues: str) -> Path:
    for part in ("prompts", "grammars"):
        shutil.copytree(project / part, directory / part)
    agents = "".join(
        f'[agents.{name}]\nname = "{name.title()}"\nphone = "{phone}"\nqueues = ["help"]\n'
        + ('roles = ["supervisor", "agent"]\n' if name == "sofia" else "")
        + ('language = "fr"\nphones = {home = "' + HOME + '"}\n' if name == "omar" else "")
        for name, phone in PHONES.items()
    )
    config = directory / "voicebot.toml"
    config.write_text(COMPANY.replace("# of queues.help", queues) + agents)
    prompts = directory / "prompts" / "en" / "desks.toml"
    (directory / "prompts" / "fr" / "desks.toml").write_text('[queue]\nhelp = "l\'assistance"\nlaw = "le juridique"\n')
    prompts.write_text('[queue]\nhelp = "help"\nlaw = "law"\n[line]\nhelp = "help"\ntaped = "taped"\napp = "app"\n')
    return config


def _bring_customers(directory: Path, config: Path, environment: dict[str, str]) -> None:
    (directory / "customers.csv").write_text(CUSTOMERS)
    told = os.environ | environment | {"VOICEBOT_CONFIG": str(config)}
    command = [sys.executable, "-m", "voicebot.cli", "customers", "import", str(directory / "customers.csv")]
    subprocess.run(command, env=told, check=True, capture_output=True)


def _environment(directory: Path, settings: TwinSettings, twin: Twin) -> dict[str, str]:
    return {
        "VOICEBOT_DATA": str(directory / "data"), "PUBLIC_BASE_URL": settings.public_url, "VOICEBOT_TIME_SCALE": str(SCALE),
        "TWILIO_ACCOUNT_SID": settings.account_sid, "TWILIO_AUTH_TOKEN": settings.auth_token,
        "TWILIO_CALLER_ID": "+12025550100", "TWILIO_API_BASE_URL": twin.api_url,
        "VOICEBOT_PROOFS_SECRET": COMPANY_SECRET,
        "VOICEBOT_APPROVALS_ISSUER": twin.approvals.issuer, "VOICEBOT_APPROVALS_SECRET": settings.auth_token,
    }  # fmt: skip
