"""`doctor`: what is configured, what is missing, which languages can listen. Must change nothing, and show no secret."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from voicebot.config.company import Company, Line
    from voicebot.config.deployment import Deployment
    from voicebot.config.settings import Settings


@click.command()
@click.option("--fallback", is_flag=True, help="Print the document for the number's Fallback URL, and nothing else.")
@click.pass_obj
def command(config: Path, fallback: bool) -> None:
    """Say what is configured, what is missing, and which languages can listen. Changes nothing.

    Exit status 0 if calls can be taken, 1 if something is missing for that, 2 if a setting is wrong.
    """
    from voicebot.config.settings import load_settings

    settings = load_settings(config, os.environ)
    if fallback:
        if not settings.deployment.emergency_number:
            click.echo("Note: VOICEBOT_EMERGENCY_NUMBER is not set, so this document only says sorry and hangs up.", err=True)
        click.echo(_fallback(settings))
        return
    for title, lines in _report(settings, config):
        click.echo(click.style(title, bold=True))
        for line in lines:
            click.echo(f"  {line}")
    missing = settings.deployment.missing()
    click.echo("Nothing is missing: Twilio can call." if not missing else "demo, call and test need none of what is missing.")
    click.get_current_context().exit(1 if missing else 0)


def _fallback(settings: "Settings") -> str:
    from voicebot.telephony.fallback import caller_fallback

    voice = settings.prompts.languages[settings.company.lines[settings.company.default_line].plan.language].voice
    return caller_fallback(settings.deployment.emergency_number, voice.language, voice.voice)


def _report(settings: "Settings", config: Path) -> Iterator[tuple[str, list[str]]]:
    company, deployment = settings.company, settings.deployment
    yield f"{company.name} ({config})", [*_lines(company), *_staff(company)]
    if settings.notes:
        yield "Worth knowing", list(settings.notes)
    yield "Listening", _listening(settings)
    yield "Prompts", _prompts(settings)
    yield "Keys and database", [_keys(deployment), *_database(deployment)]
    missing = [f"missing  {one}" for one in deployment.missing()]
    yield "Twilio", missing or [f"all set; the number's webhook is {deployment.public_base_url}/voice/incoming"]


def _lines(company: "Company") -> list[str]:
    now = datetime.now(UTC)
    return [
        f"{line.plan.dnis}  {name}: {_asks(line)}; {'open' if line.is_open(now) else 'closed now'}"
        for name, line in company.lines.items()
    ]


def _asks(line: "Line") -> str:
    plan = line.plan
    known = ["the calling number"] if plan.ani_identification else []
    asked = [*known, *(field.name for field in (*plan.identifiers, *plan.secrets))]
    then = f"says {', '.join(d.name for d in plan.details)}" if plan.details else f"queue {plan.queue.name}"
    return f"{plan.language}, {' then '.join(asked) or 'asks nothing'}, {then}"


def _staff(company: "Company") -> list[str]:
    return [
        f"queue {name}: {', '.join(a.name for a in company.agents if name in a.queues) or 'nobody'}" for name in company.queues
    ]


def _listening(settings: "Settings") -> list[str]:
    from voicebot.speech.models import explain, variable

    named = {variable(language): str(path) for language, path in settings.deployment.models.items()}
    listens = dict.fromkeys(line.plan.language for line in settings.company.lines.values())
    return [explain(language, named) for language in listens]


def _prompts(settings: "Settings") -> list[str]:
    catalogue = settings.prompts
    counts = [f"{name}: {len(one.variants)} prompts, all that are needed" for name, one in catalogue.languages.items()]
    return [*counts, f"{len(catalogue.recordings)} recordings; version {catalogue.version[:12]}"]


def _keys(deployment: "Deployment") -> str:
    from voicebot.errors import KeyringError
    from voicebot.keyring import Keyring

    if not deployment.keys.is_dir() or not any(deployment.keys.iterdir()):
        return f"keys: none yet; made in {deployment.keys} at the first start"
    try:
        Keyring.open(deployment.keys)
    except KeyringError as error:
        return f"keys: {error}"
    return f"keys: in {deployment.keys}, readable by nobody else"


def _database(deployment: "Deployment") -> list[str]:
    from voicebot.errors import StoreError
    from voicebot.records.engine import make_engines
    from voicebot.records.inspect import inspect_file

    shown = deployment.database_shown
    try:
        if deployment.database_url.startswith("sqlite"):
            path = Path(deployment.database_url.removeprefix("sqlite:///"))
            if not path.exists():
                return [f"database: none yet; made at {path} at the first start"]
            looked = inspect_file(path)
            state = "sound" if looked.sound else "DAMAGED"
            found = f"database: {path}, {looked.bytes // 1024} KiB, {state}; {sum(looked.rows.values())} rows"
            return [found, *looked.notes]
        engines = make_engines(deployment.database_url)
        try:
            with engines.reading():
                return [f"database: {shown}, reachable"]
        finally:
            engines.close()
    except StoreError as error:
        return [f"database: {shown}: {error}"]
