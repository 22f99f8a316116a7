"""`callbacks`: keys by which other systems book callbacks. Must not decide who may what: `roles.toml` and scopes do."""

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


class NoSuchKey(click.ClickException):
    """No key of this name is in use."""

    exit_code = 1


@click.group()
def command() -> None:
    """Callbacks that are booked by other systems: their keys for the API ([callbacks.api] in voicebot.toml).

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


def _line(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        state = f"revoked {key.revoked_at:%Y-%m-%d}"
    else:
        state = f"last used {key.used_at:%Y-%m-%d %H:%M} UTC" if key.used_at else "never used"
    made = f"made {key.made_at:%Y-%m-%d} by {key.made_by}"
    return f"{key.name:<20} vbk_{key.id}  {' '.join(sorted(key.scopes)):<34} {made}, {state}"
