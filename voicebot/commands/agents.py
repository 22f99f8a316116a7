"""`agents`: who can sign in to the pages, and by what. Must not decide who may what, nor which password is good: others do."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.commands.customer_office import Office, now, office
from voicebot.config.operators import Task

if TYPE_CHECKING:
    from voicebot.floor.values import Agent
    from voicebot.ports.accounts import Account

DRAWN = 4  # groups of letters and digits, 25 bits each


class NotOnTheRoster(click.ClickException):
    """There is no such agent."""

    exit_code = 1


@click.group()
def command() -> None:
    """Who can sign in to the pages: set a password, sign somebody out, link an identity of the OpenID provider.

    Agents themselves are the roster's ([agents] in voicebot.toml). What is done here is recorded (`customers audit`).
    """


@command.command("list")
@click.pass_obj
def list_(config: Path) -> None:
    """List the roster: roles, password, linked identities, browsers that are signed in."""
    from voicebot.ports.accounts import Account
    from voicebot.records.accounts import SqlAccounts

    with office(config, Task.AGENTS) as at:
        accounts = {account.agent: account for account in SqlAccounts(at.store).accounts()}
        for agent in at.settings.company.agents:
            click.echo(_line(agent, accounts.pop(agent.id, Account(agent.id))))
        for left in accounts:
            click.echo(f"{left:<16} not on the roster any more: opens nothing")


def _line(agent: "Agent", account: "Account") -> str:
    password = f"set {account.password_set_at:%Y-%m-%d}" if account.password_set_at else "none"
    linked, browsers = f"{account.linked} linked", f"{account.sign_ins} signed in"
    return f"{agent.id:<16} {agent.name:<24} {', '.join(agent.roles):<24} password {password:<15} {linked:<9} {browsers}"


@command.command("set-password")
@click.argument("agent", metavar="NAME")
@click.option("--random", "by_chance", is_flag=True, help="Draw one by chance and print it, once.")
@click.pass_obj
def set_password(config: Path, agent: str, by_chance: bool) -> None:
    """Set the password of agent NAME: asked for twice, or one line of standard input; never shown. Ends all their sign-ins."""
    from voicebot.pages.passwords import FIELD, account_of, normal, objection
    from voicebot.records.accounts import SqlAccounts

    with office(config, Task.AGENTS) as at:
        person = _on_the_roster(at, agent)
        typed = _drawn() if by_chance else _typed()
        password = normal(typed)
        if (why := objection(password, [person.id, person.name, at.settings.company.name])) is not None:
            raise click.UsageError(why)
        hashed = at.keeper().stored(account_of(agent), FIELD, password)
        ended = SqlAccounts(at.store).set_password(agent, hashed, at.who, now())
        if by_chance:
            click.echo(f"Password of {agent}: {typed}  (shown this once)")
        signed_out = f" {ended} browsers were signed out." if ended else ""
        click.echo(f"{person.name} can sign in as {agent} at {at.settings.deployment.pages_url}/sign-in.{signed_out}")


@command.command("sign-out")
@click.argument("agent", metavar="NAME")
@click.pass_obj
def sign_out(config: Path, agent: str) -> None:
    """Sign agent NAME out of every browser. Open pages notice within seconds."""
    from voicebot.records.accounts import SqlAccounts

    with office(config, Task.AGENTS) as at:
        ended = SqlAccounts(at.store).end_all(agent, at.who, now())
    click.echo(f"{agent} was signed out of {ended} browsers.")


@command.command("link-oidc")
@click.argument("agent", metavar="NAME")
@click.argument("subject", required=False)
@click.option("--remove", is_flag=True, help="Unlink all identities of this agent, and sign them out.")
@click.pass_obj
def link_oidc(config: Path, agent: str, subject: str | None, remove: bool) -> None:
    """Let whoever the OpenID provider calls SUBJECT (its `sub`) sign in as agent NAME."""
    from voicebot.pages.identities import identity_key
    from voicebot.records.accounts import SqlAccounts

    if remove is (subject is not None):
        raise click.UsageError("give either SUBJECT or --remove")
    with office(config, Task.AGENTS) as at:
        accounts = SqlAccounts(at.store)
        if subject is None:
            click.echo(f"{accounts.unlink_identities(agent, at.who, now())} identities of {agent} were unlinked.")
            return
        provider = at.settings.company.sign_in.open_id
        if provider is None:
            raise click.UsageError("there is no OpenID provider: [sign_in] issuer in voicebot.toml")
        person = _on_the_roster(at, agent)
        accounts.link_identity(identity_key(at.keyring, provider.issuer, subject), agent, at.who, now())
        click.echo(f"{person.name} can sign in with {provider.label}.")


def _on_the_roster(at: Office, agent: str) -> "Agent":
    people = {person.id: person for person in at.settings.company.agents}
    if agent not in people:
        raise NotOnTheRoster(f"there is no agent {agent} on the roster; there is {', '.join(people) or 'nobody'}")
    return people[agent]


def _typed() -> str:
    """From a terminal without echo, twice; else the first line of what comes in."""
    if sys.stdin.isatty():
        typed: str = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _drawn() -> str:
    from secrets import choice

    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look like another
    return "-".join("".join(choice(letters) for _ in range(5)) for _ in range(DRAWN))
