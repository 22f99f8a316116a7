"""`bench live`: how soon open pages show what was committed. Decides nothing about pages.

The real switchboard and desk on a real database, behind the real server; the pages are connections of another process. The
telephone company is left out: nobody's phone rings. Both processes read the machine's one monotonic clock.
"""

import multiprocessing
import os
import platform
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from secrets import token_hex
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

from voicebot.clock import SystemClock
from voicebot.commands.bench_live_pages import FirstHad, watch

if TYPE_CHECKING:
    from voicebot.config.settings import Settings
    from voicebot.dialogue.forms import LinePlan
    from voicebot.front import Telling
    from voicebot.keyring import Keyring
    from voicebot.pages.shell import Shell
    from voicebot.records.store import SqlStore
    from voicebot.switchboard import Switchboard

BILLING = "+12025550110"
EACH_TAKES = 0.3  # seconds between measured calls
KEPT_FOR = 0.6  # seconds that a call waits before its caller hangs up
SETTLES = 2.0
WARM_UP = 5  # calls that pay for what is loaded lazily


@dataclass(frozen=True)
class Told:
    """One row: milliseconds from before the commit until a page had it; `missing`: pages that never had it."""

    shown: str
    samples: int
    p50: float
    p95: float
    longest: float
    missing: int


@click.command("live")
@click.option("--pages", default=100, show_default=True, help="Connections, each of another agent and of their own place.")
@click.option("--boards", default=10, show_default=True, help="So many of them show the wallboard as well.")
@click.option("--calls", default=100, show_default=True, help="Calls that are measured.")
@click.option("--busy", default=5.0, show_default=True, help="Other calls that come and go meanwhile, each second; 0: none.")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also write the table to this file.")
@click.pass_obj
def live(config: Path, pages: int, boards: int, calls: int, busy: float, write: Path | None) -> None:
    """How soon open pages show what was committed.

    place: a call rings for one agent, whose own page shows it. wallboard: every board shows the same call.
    """
    shown = ["place&show=wallboard" if number < boards else "place" for number in range(pages)]
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as place:
        began, first = _measure(config, Path(place), shown, calls, busy)
    rows = [_told(view, wanted, began, first) for view, wanted in (("place", 1), ("wallboard", boards))]
    table = _table(rows, f"{pages} pages, {boards} of them with the wallboard, {busy:g} other calls a second")
    click.echo(table)
    if write is not None:
        write.write_text(table + "\n", encoding="utf-8")


def _measure(config: Path, place: Path, shown: Sequence[str], calls: int, busy: float) -> tuple[dict[str, float], FirstHad]:
    """So many calls, one after the other; when each was about to be committed, and when pages first had it."""
    with _house(config, place, len(shown)) as (caller, port, cookies), _pages(port, cookies, shown) as had:
        over = Event()
        others = Thread(target=caller.come_and_go, args=(busy, over))
        others.start()
        began = {}
        for number in range(WARM_UP + calls):
            call, at = caller.comes()
            if number >= WARM_UP:
                began[call] = at
            time.sleep(EACH_TAKES)
        over.set()
        others.join()
        time.sleep(SETTLES)
        return began, had()


def _told(view: str, wanted: int, began: dict[str, float], first: FirstHad) -> Told:
    had = first.get(view, {})
    waits = sorted((seen - at) * 1000 for call, at in began.items() for seen in had.get(call, {}).values())
    missing = sum(max(0, wanted - len(had.get(call, {}))) for call in began)
    return Told(view, len(waits), _at(waits, 0.5), _at(waits, 0.95), waits[-1] if waits else 0.0, missing)


@contextmanager
def _pages(port: int, cookies: Sequence[str], shown: Sequence[str]) -> Iterator[Any]:
    """The pages, all caught up; what it gives tells when each had what, and closes them."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=watch, args=(theirs, port, cookies, shown), daemon=True)
    process.start()
    ours.recv()

    def had() -> FirstHad:
        return _asked(ours)

    try:
        yield had
    finally:
        process.join(10)
        process.kill()


def _asked(pipe: Connection) -> FirstHad:
    pipe.send("over")
    first: FirstHad = pipe.recv()
    return first


# ---- the server's side ---------------------------------------------------------------------------------------------------


class _Caller:
    """Brings calls in, and has each hang up after a while."""

    def __init__(self, switchboard: "Switchboard") -> None:
        self._switchboard = switchboard
        self._chance = Random(7)  # noqa: S311 - the same calls in each run
        self._leaving = ThreadPoolExecutor(16)

    def comes(self) -> tuple[str, float]:
        """One arrives and waits, so that an agent is asked; gives the call, and the moment before it was committed."""
        from voicebot.dialogue.values import Ani, AniStanding

        leg = f"CA{self._chance.getrandbits(128):032x}"
        began = time.monotonic()
        turned = self._switchboard.arrive(leg, BILLING, Ani(AniStanding.WITHHELD))
        self._leaving.submit(self._goes, leg)
        return turned.call_id, began

    def come_and_go(self, each_second: float, over: Event) -> None:
        """Others, meanwhile."""
        while each_second > 0 and not over.wait(self._chance.expovariate(each_second)):
            self.comes()

    def close(self) -> None:
        """When all have left."""
        self._leaving.shutdown()

    def _goes(self, leg: str) -> None:
        time.sleep(KEPT_FOR)
        self._switchboard.caller_hung_up(leg)


class _NobodyRings:
    """A telephone company, and a back end, that take everything and do nothing. Each leg has a name of its own."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_about, **_more: f"CA{token_hex(16)}"


@contextmanager
def _house(config: Path, place: Path, pages: int) -> "Iterator[tuple[_Caller, int, list[str]]]":
    """Switchboard, desk, shell and server; gives the server's port, and a cookie for each agent."""
    from voicebot.app import open_records
    from voicebot.front import DeskParts, Telling, company_prompts, desk_room, page_shell
    from voicebot.pages.cookies import Cookies
    from voicebot.ports.accounts import How

    port = _free_port()
    settings = _settings(config, place, port, pages)
    keyring, store = open_records(settings)
    told = Telling()
    switchboard = _switchboard(settings, keyring, store, told)
    nobody: Any = _NobodyRings()
    prompting, _ = company_prompts(settings, store)
    room = desk_room(settings, DeskParts(store, switchboard, nobody, SystemClock(), nobody, prompting), told)
    shell = page_shell(settings, store, keyring, [room])
    told.to = shell.live.changed
    caller = _Caller(switchboard)
    try:
        with _served(shell, port):
            name = Cookies(secure=False).sign_in.name
            agents = settings.company.agents
            yield caller, port, [f"{name}={shell.sign_ins.begin(agent.id, How.LINK)}" for agent in agents]
    finally:
        caller.close()
        switchboard.close()
        shell.close()
        store.close()


def _settings(config: Path, place: Path, port: int, pages: int) -> "Settings":
    """The company's own, with so many agents, on a port and a database of our own."""
    from voicebot.config.settings import load_settings
    from voicebot.floor.values import Agent, Role

    both = (Role.AGENT, Role.SUPERVISOR)
    agents = tuple(Agent(f"a{n}", f"Agent {n}", f"+1202556{n:04d}", ("billing",), roles=both) for n in range(pages))
    here = {"VOICEBOT_DATA": str(place), "VOICEBOT_PAGES_URL": f"http://127.0.0.1:{port}"}
    settings = load_settings(config, here)
    return replace(settings, company=replace(settings.company, agents=agents))


def _switchboard(settings: "Settings", keyring: "Keyring", store: "SqlStore", told: "Telling") -> "Switchboard":
    from voicebot.dialogue.forms import Grammar, LinePlan, QueuePlan
    from voicebot.switchboard import Switchboard, SwitchboardPlan

    line = LinePlan("billing", BILLING, "en", "US", QueuePlan("billing"), Grammar("en"), ani_identification=False, listen=False)

    def line_for(_dnis: str, _at: datetime) -> "tuple[LinePlan, bool]":
        return line, True

    nobody: Any = _NobodyRings()
    switchboard = Switchboard(
        SwitchboardPlan(
            store=store, keyring=keyring, clock=SystemClock(), crm=nobody, carrier=nobody, line_for=line_for,
            can_listen=lambda _language: False, prompts_version=lambda: "bench", agents=settings.company.agents, changed=told,
        )
    )  # fmt: skip
    switchboard.start()
    return switchboard


@contextmanager
def _served(shell: "Shell", port: int) -> Iterator[None]:
    import uvicorn

    from voicebot.serving import ServingPlan, asgi_house, server_config

    app = asgi_house(_no_pages, {}, streams={shell.live_path: shell.live})
    server = uvicorn.Server(server_config(ServingPlan("", port=port), app))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield
    finally:
        shell.live.drain()
        server.should_exit = True
        thread.join()


def _no_pages(_environ: Any, start: Any) -> list[bytes]:
    start("404 Not Found", [])
    return [b""]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ---- the table -----------------------------------------------------------------------------------------------------------


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * len(ordered)))] if ordered else 0.0


def _table(rows: Sequence[Told], under: str) -> str:
    head = "| shown | samples | p50 ms | p95 ms | longest ms | never shown |\n|-|-|-|-|-|-|\n"
    lines = (f"| {r.shown} | {r.samples} | {r.p50:.0f} | {r.p95:.0f} | {r.longest:.0f} | {r.missing} |" for r in rows)
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {multiprocessing.cpu_count()} cores"
    load = f"load {os.getloadavg()[0]:.1f} at the end"
    return f"{head}{chr(10).join(lines)}\n\n{machine}, {load}; {under}."
