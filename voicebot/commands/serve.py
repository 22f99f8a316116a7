"""`serve`: answer the line; with `--simulator`, answer a telephone company that exists only here."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.config.settings import load_settings
from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from voicebot.config.settings import Settings
    from voicebot.ports.accounts import Accounts


@click.command("serve", short_help="Answer the line.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; a TLS proxy stands in front.")
@click.option("--simulator", is_flag=True, help="Without a Twilio account: type calls, see them answered.")
@click.option("--direct", is_flag=True, hidden=True, help="In this very process, without a supervisor.")
@click.pass_obj
def command(config: Path, host: str, simulator: bool, direct: bool) -> None:
    """Answer the line until SIGTERM. SIGHUP brings a new process into service before the old one ends: no call is dropped."""
    os.environ["VOICEBOT_CONFIG"] = str(config)
    if simulator:
        _with_simulator(config)
        return
    settings = load_settings(config, os.environ)
    if missing := settings.deployment.missing():
        raise ConfigError("the line cannot be answered yet; missing in .env or the environment:\n  " + "\n  ".join(missing))
    from voicebot.app import open_records
    from voicebot.records.accounts import SqlAccounts
    from voicebot.serving import ServingPlan, serve, serve_here

    plan = ServingPlan("voicebot.app:application", host=host, port=settings.deployment.port)
    if direct:
        serve_here(plan)
        return
    _, store = open_records(settings)  # what is wrong with keys or database is said here, once, and not by each new process
    try:
        _say_how_to_sign_in(settings, SqlAccounts(store))
    finally:
        store.close()
    click.echo(f"Answering {settings.deployment.public_base_url} on {host}:{settings.deployment.port}.", err=True)
    serve(plan)


def _say_how_to_sign_in(settings: "Settings", accounts: "Accounts") -> None:
    """Before anybody can."""
    roster, plan = settings.company.agents, settings.company.sign_in
    if roster and plan.open_id is None and not any(account.password_set_at for account in accounts.accounts()):
        first = next((agent for agent in roster if "admin" in agent.roles), roster[0])
        click.echo(
            f"Nobody can open the pages at {settings.deployment.pages_url} yet. "
            f"Set a password: python3 run.py agents set-password {first.id}",
            err=True,
        )


def _with_simulator(config: Path) -> None:
    """Refuses beside real credentials: nobody may take a rehearsal for the line, or the line for a rehearsal."""
    from voicebot.rehearsal import MADE_UP, RehearsalPlan, example_customers, rehearsal, run_rehearsal

    settings = load_settings(config, MADE_UP | os.environ)
    if settings.deployment.account_sid or settings.deployment.auth_token:
        raise ConfigError(
            "serve --simulator does not start beside real credentials: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are set. "
            "Take them out of .env (or of the environment), or serve without --simulator."
        )
    from voicebot.commands.call import place_and_show

    data = settings.deployment.data

    async def serve_calls() -> None:
        async with rehearsal(RehearsalPlan(config, example_customers(config, data), data=data)) as open_now:
            click.echo(f"The simulator is up; data in {open_now.data}. Type a call, for example:")
            click.echo("  --line +12025550110 keys:40719238 keys:493817 --agent accept")
            click.echo("An empty line or the end of input ends it. Telephones in the browser, for callers and agents:")
            click.echo(f"  {open_now.open_softphones()}/")
            click.echo("The pages; each link opens them once, on this machine:")
            for person, link in open_now.sign_in_links().items():
                click.echo(f"  {person}: {link}")
            async for line in _typed_lines():
                await place_and_show(open_now, line)

    run_rehearsal(serve_calls())


async def _typed_lines() -> AsyncIterator[str]:
    """Lines of standard input up to an empty one. Read on a thread that nobody waits for, so that Ctrl-C ends us at once."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # A file object of its own: the interpreter cannot close `sys.stdin` while a thread waits in it.
        with open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False) as typed:
            for line in typed:
                loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, name="typed", daemon=True).start()
    while line := await lines.get():
        yield line
