"""`callbacks`: keys for other systems, and campaigns. Must not decide who may what: `roles.toml`, scopes and the rules do."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.commands.customer_office import now, office
from voicebot.config.operators import Task

if TYPE_CHECKING:
    from voicebot.ports.api_keys import ApiKey

SCOPES = ("callbacks:read", "callbacks:write", "callbacks:invite")
NAME = re.compile(r"[a-z][a-z0-9._-]{0,39}")


MOST_TOLD = 50  # faults of a list


class FaultyList(click.ClickException):
    """A list that is not right; nobody was asked."""

    exit_code = 1


class NoSuchKey(click.ClickException):
    """No key of this name is in use."""

    exit_code = 1


@click.group()
def command() -> None:
    """Callbacks without a call: keys for other systems ([callbacks.api]), and campaigns ([callbacks.invitations]).

    What is done here, and what is done with a key, is recorded (`customers audit`).
    """


@command.command("make-key")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="What it may do; several.")
@click.pass_obj
def make_key(config: Path, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key and print it, once. The audit calls whoever uses it by NAME."""
    from voicebot.ports.api_keys import Scope
    from voicebot.records.api_keys import SqlApiKeys

    if not NAME.fullmatch(name):
        raise click.UsageError("NAME is a word of a to z, 0 to 9, dot, dash and _, and begins with a letter")
    with office(config, Task.API_KEYS) as at:
        try:
            shown = SqlApiKeys(at.store).make(name, [Scope(scope) for scope in scopes], at.who, now())
        except ValueError:
            raise click.UsageError(
                f"a key {name} is in use already; revoke it first (callbacks revoke-key {name}), or choose another name"
            ) from None
        click.echo(f"{shown}  (shown this once)")
        if at.settings.company.booking.api is None:
            click.echo("The API is off: [callbacks.api] on = true in voicebot.toml.", err=True)


@command.command("keys")
@click.pass_obj
def keys(config: Path) -> None:
    """List the keys: what each may do, when it was made and by whom, when it was last used."""
    from voicebot.records.api_keys import SqlApiKeys

    with office(config, Task.API_KEYS) as at:
        for key in SqlApiKeys(at.store).all():
            click.echo(_line(key))


@command.command("revoke-key")
@click.argument("name")
@click.pass_obj
def revoke_key(config: Path, name: str) -> None:
    """Take back the key NAME: at once, it opens nothing any more."""
    from voicebot.records.api_keys import SqlApiKeys

    with office(config, Task.API_KEYS) as at:
        if not SqlApiKeys(at.store).revoke(name, at.who, now()):
            raise NoSuchKey(f"no key {name} is in use (callbacks keys lists them)")
    click.echo(f"The key {name} opens nothing any more.")


@command.command("campaign")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", required=True, help="Of the campaign: run again with it, nobody is asked twice.")
@click.option("--subject", required=True, help="What it is about: a name of [callbacks.subjects].")
@click.option("--reason", default="", help="Why, as customers read it, where the file has none.")
@click.option("--an-hour", type=click.IntRange(1, 10_000), default=60, show_default=True, help="How many are sent an hour.")
@click.option("--dry-run", is_flag=True, help="Say what is wrong and how long it would take; ask nobody.")
@click.pass_obj
def campaign(config: Path, file: Path, name: str, subject: str, reason: str, an_hour: int, dry_run: bool) -> None:
    """Ask every customer in FILE (CSV) for a conversation, paced. They choose when to be called."""
    from voicebot.booking_front import office_invitations
    from voicebot.callbacks.campaign import Paced, faults, read_list, run
    from voicebot.records.audit import Deed

    if not NAME.fullmatch(name):
        raise click.UsageError("--name is a word of a to z, 0 to 9, dot, dash and _, and begins with a letter")
    with office(config, Task.CAMPAIGN) as at:
        invitations = office_invitations(at.settings, at.store, at.keyring)
        if invitations is None:
            raise click.UsageError("nobody is invited yet: [callbacks.invitations] on = true in voicebot.toml")
        lines = read_list(file, subject, reason)
        if wrong := faults(lines, invitations):
            for told in wrong[:MOST_TOLD]:
                click.echo(f"{file.name}: {told}", err=True)
            raise FaultyList(f"{len(wrong)} things are wrong in {file.name}; nobody was asked")
        last = invitations.last_of_campaign(name)
        begin = max(now(), last + Paced(an_hour, last).gap) if last else now()
        if dry_run:
            last = Paced(an_hour, begin).at(len(lines) - 1)
            click.echo(f"{len(lines)} customers would be asked, the last at {last:%Y-%m-%d %H:%M} UTC.")
            return
        at.audit.write(at.who, Deed.CUSTOMER_INVITED, now(), facts={"campaign": name, "customers": len(lines)})
        done = run(lines, invitations, name, Paced(an_hour, begin))
    until = f", the last at {done.last:%Y-%m-%d %H:%M} UTC" if done.last else ""
    click.echo(
        f"{done.asked} customers are asked{until}; {done.again} were asked before or are to be called already, "
        f"{done.limited} were asked today, {done.opted_out} want no messages."
    )


def _line(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        state = f"revoked {key.revoked_at:%Y-%m-%d}"
    else:
        state = f"last used {key.used_at:%Y-%m-%d %H:%M} UTC" if key.used_at else "never used"
    made = f"made {key.made_at:%Y-%m-%d} by {key.made_by}"
    return f"{key.name:<20} vbk_{key.id}  {' '.join(sorted(key.scopes)):<34} {made}, {state}"
