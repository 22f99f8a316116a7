"""`doctor`: what is configured, what is missing or wrong, and what to do about it. Must change nothing, and show no secret."""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.telephony.findings import Finding, Verdict, fact, ok, skipped

if TYPE_CHECKING:
    from voicebot.config.company import Company, Line
    from voicebot.config.settings import Settings

_MARKS = {Verdict.NOTE: ("note", "yellow"), Verdict.SKIPPED: ("skipped", "cyan"), Verdict.WRONG: ("WRONG", "red")}
_MARKS[Verdict.MISSING] = ("missing", "red")
# The order of the headings; what stands under another comes last.
_PARTS = (
    "Company", "Settings", "Prompts", "Listening", "Voice", "Keys", "Database", "Public address", "Signature",
    "Audio socket", "Twilio account", "Clock", "Numbers", "Countries", "Approvals", "Mail", "Callbacks",
)  # fmt: skip


@click.command()
@click.option("--fallback", is_flag=True, help="Print the document for the number's Fallback URL, and nothing else.")
@click.option("--offline", is_flag=True, help="Ask nobody: neither the public address nor Twilio.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: whether calls can be taken, and every finding.")
@click.pass_obj
def command(config: Path, fallback: bool, offline: bool, as_json: bool) -> None:
    """Find what keeps calls from being taken, and say what to do. Changes nothing; takes half a minute at most.

    Exit status 0 if calls can be taken, 1 if something is missing or wrong for that, 2 if a setting cannot be read.
    """
    from voicebot.config.settings import load_settings

    settings = load_settings(config, os.environ)
    if fallback:
        if not settings.deployment.emergency_number:
            click.echo("Note: VOICEBOT_EMERGENCY_NUMBER is not set, so this document only says sorry and hangs up.", err=True)
        click.echo(_fallback(settings))
        return
    found = sorted(_examined(settings, offline=offline), key=lambda one: _PARTS.index(one.part))
    if as_json:
        click.echo(json.dumps({"ready": not any(one.bad for one in found), "findings": [asdict(one) for one in found]}))
    else:
        _show(found, f"{settings.company.name} ({config})")
    click.get_current_context().exit(1 if any(one.bad for one in found) else 0)


def _examined(settings: "Settings", *, offline: bool) -> list[Finding]:
    from voicebot.commands.examination import Examination
    from voicebot.commands.outreach import Outreach
    from voicebot.commands.probing import Probing

    here, probing = Examination(settings), Probing()
    told = [*_company(settings.company), *_prompts(settings), *_callbacks(settings)]
    found = [*told, *here.findings(), *probing.run(here.probes())]
    if offline:
        return [*found, skipped("Public address", "neither it nor Twilio was asked (--offline)")]
    outreach = Outreach(settings, probing)
    try:
        return [*found, *outreach.findings()]
    finally:
        outreach.close()


def _show(found: list[Finding], title: str) -> None:
    heading = ""
    for one in found:
        if one.part != heading:
            heading = one.part
            click.echo(click.style(title if heading == "Company" else heading, bold=True))
        mark, colour = _MARKS.get(one.verdict, ("", ""))
        said = f"{click.style(mark, fg=colour, bold=True)}  {one.says}" if mark else one.says
        click.echo(f"  {said}")
        if one.mend and one.verdict != Verdict.OK:
            click.echo(f"           -> {one.mend}")
    click.echo(_verdict(found))


def _verdict(found: list[Finding]) -> str:
    wrong = sum(one.verdict == Verdict.WRONG for one in found)
    missing = sum(one.verdict == Verdict.MISSING for one in found)
    if wrong:
        return f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong{f', {missing} missing' if missing else ''}."
    if missing:
        return "demo, call and test need none of what is missing."
    return "Nothing is missing: Twilio can call."


def _fallback(settings: "Settings") -> str:
    from voicebot.telephony.fallback import caller_fallback

    voice = settings.prompts.languages[settings.company.lines[settings.company.default_line].plan.language].voice
    return caller_fallback(settings.deployment.emergency_number, voice.language, voice.voice)


def _company(company: "Company") -> list[Finding]:
    now = datetime.now(UTC)
    told = [
        f"{line.plan.dnis}  {name}: {_asks(line)}; {'open' if line.is_open(now) else 'closed now'}"
        for name, line in company.lines.items()
    ]
    told += [
        f"queue {name}: {', '.join(a.name for a in company.agents if name in a.queues) or 'nobody'}" for name in company.queues
    ]
    return [fact("Company", one) for one in told]


def _asks(line: "Line") -> str:
    plan = line.plan
    known = ["the calling number"] if plan.ani_identification else []
    asked = [*known, *(field.name for field in (*plan.identifiers, *plan.secrets))]
    then = f"says {', '.join(d.name for d in plan.details)}" if plan.details else f"queue {plan.queue.name}"
    return f"{plan.language}, {' then '.join(asked) or 'asks nothing'}, {then}"


def _prompts(settings: "Settings") -> list[Finding]:
    catalogue = settings.prompts
    told = [f"{name}: {len(one.variants)} prompts, all that are needed" for name, one in catalogue.languages.items()]
    told.append(f"{len(catalogue.recordings)} recordings; version {catalogue.version[:12]}")
    return [ok("Prompts", one) for one in told]


def _callbacks(settings: "Settings") -> list[Finding]:
    """What customers and other systems can book by."""
    plan, deployment = settings.company.booking, settings.deployment
    if plan.page is None and plan.api is None:
        return []
    url = deployment.customers_url
    found = []
    if plan.page is not None:
        found.append(fact("Callbacks", f"customers book at {url}/callback, in {', '.join(plan.languages())}"))
        if not (deployment.own_customers_url or deployment.public_base_url):
            told = "customers cannot reach their page from outside of this machine"
            found.append(Finding("Callbacks", Verdict.MISSING, told, "set PUBLIC_BASE_URL, or VOICEBOT_CUSTOMERS_URL"))
    if plan.api is not None:
        found.append(fact("Callbacks", f"other systems book at {url}/api/callbacks; their keys: python3 run.py callbacks keys"))
    if plan.inviting is not None and not deployment.caller_id:
        told = "customers cannot be asked for a conversation: there is no number that short messages come from"
        found.append(Finding("Callbacks", Verdict.MISSING, told, "set TWILIO_CALLER_ID"))
    if not deployment.proxies and url.startswith("https://"):
        told = "if a proxy stands in front of this server, all customers count as one address, and limits by address are off"
        found.append(Finding("Callbacks", Verdict.NOTE, told, "name it in VOICEBOT_PROXIES, and have it send X-Forwarded-For"))
    return found
