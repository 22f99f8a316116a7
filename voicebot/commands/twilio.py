"""`twilio setup|show|undo`: points numbers of the Twilio account at this server, and back. Asks before it changes anything."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import click

from voicebot.commands.voice_sdk import command as voice_sdk
from voicebot.errors import CarrierError, CarrierUnavailable, ConfigError
from voicebot.telephony.numbers import NotThere, OwnedNumber, TwilioAccount, TwilioNumbers
from voicebot.telephony.undo import Change, ChangeBook
from voicebot.telephony.wiring import Difference, Use, Wiring, differences, falls_with_us, strangers, wanted

if TYPE_CHECKING:
    from voicebot.config.settings import Settings

NEEDED = {
    "PUBLIC_BASE_URL": "public_base_url",
    "TWILIO_ACCOUNT_SID": "account_sid",
    "TWILIO_AUTH_TOKEN": "auth_token",
}
Answer = TypeVar("Answer")
E164_LIKE = "+12025550110"


@click.group()
def command() -> None:
    """Point numbers of your Twilio account at this server, and back; fetch what agents need to answer in a browser."""


command.add_command(voice_sdk)


@dataclass(frozen=True)
class Desk:
    """What the commands work on. `lines`: the number of each line by its name; `senders`: those that messages go out from."""

    numbers: TwilioNumbers
    book: ChangeBook
    base: str
    lines: dict[str, str]
    senders: frozenset[str]

    def use(self, phone: str) -> Use:
        """What we have this number for."""
        return Use(phone in self.lines.values(), phone in self.senders)


@command.command("setup")
@click.argument("chosen", metavar="[NUMBER]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="The numbers of all lines, and those that messages go out from.")
@click.option("--fallback-url", default=None, help="Where Twilio goes when this server is down (see docs/fallback.md).")
@click.option("--dry-run", is_flag=True, help="Only show what would be changed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also take a number over that somebody else has configured.")
@click.pass_obj
def setup(
    config: Path, chosen: tuple[str, ...], every: bool, fallback_url: str | None, dry_run: bool, yes: bool, force: bool
) -> None:
    """Send the calls of NUMBER here: webhook, status callback, fallback; and what is written to it, if messages go out from it.
    Shows what would change, and asks.

    Exit status 0 if every number is as it should be, 1 if one is not, 2 for a number that no line has.
    """
    with _desk(config) as desk:
        phones = _chosen(desk, chosen, every=every)
        if fallback_url is not None:
            _check_fallback(fallback_url, desk.base)
        done = [_set_up(desk, phone, fallback_url, _consent(dry_run=dry_run, yes=yes), force=force) for phone in phones]
    click.get_current_context().exit(0 if all(done) else 1)


@command.command("show")
@click.pass_obj
def show(config: Path) -> None:
    """Say for each line how its number stands. Changes nothing. Exit status 0 if all come here, 1 if not."""
    from voicebot.telephony.account import in_use, number_findings

    with _desk(config) as desk:
        owned = {number.phone: number for number in _asked(desk.numbers.all)}
        undoable = desk.book.changes()
        found = {}
        for name, phone, use in in_use(desk.lines, desk.senders):
            found[name] = number_findings(name, phone, owned.get(phone), desk.base, use)
            for one in found[name]:
                click.echo(f"{'ok     ' if not one.bad else 'NOT YET'}  {one.says}")
                if one.mend and one.bad:
                    click.echo(f"         -> {one.mend}")
            if phone in undoable:
                click.echo(f"         set up here {undoable[phone].at}; `twilio undo {phone}` puts it back")
    click.get_current_context().exit(1 if any(one.bad for some in found.values() for one in some) else 0)


@command.command("undo")
@click.argument("chosen", metavar="[NUMBER]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every number that was set up from here.")
@click.option("--dry-run", is_flag=True, help="Only show what would be changed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Also where somebody has changed the number since.")
@click.pass_obj
def undo(config: Path, chosen: tuple[str, ...], every: bool, dry_run: bool, yes: bool, force: bool) -> None:
    """Put NUMBER back to what it was before `setup` first changed it. Exit status 0 if it is, 1 if not."""
    with _desk(config) as desk:
        changes = desk.book.changes()
        if strange := [phone for phone in chosen if phone not in changes]:
            raise click.UsageError(f"{strange[0]} was not set up from here (in this data directory), so nothing can be put back")
        phones = list(changes) if every else list(dict.fromkeys(chosen))
        if not phones and not every:
            raise click.UsageError("name a number, or --all")
        if not phones:
            click.echo("Nothing was set up from here.")
        done = [_undo(desk, changes[phone], _consent(dry_run=dry_run, yes=yes), force=force) for phone in phones]
    click.get_current_context().exit(0 if all(done) else 1)


# ---- one number ------------------------------------------------------------------------------------------------------


def _set_up(desk: Desk, phone: str, fallback_url: str | None, consent: Callable[[], bool], *, force: bool) -> bool:
    owned = _asked(lambda: desk.numbers.find(phone))
    if owned is None:
        click.echo(f"{phone} is not in this account: buy it, or correct the line's dnis in voicebot.toml.", err=True)
        return False
    use = desk.use(phone)
    target = wanted(desk.base, owned.wiring, fallback_url, use)
    changes = differences(owned.wiring, target)
    others = strangers(owned.wiring, desk.base, use)
    if changes and others and not force:
        said = "\n".join(f"  {one}" for one in others)
        click.echo(f"{phone} is configured for something else:\n{said}\nNothing was changed; --force takes it over.", err=True)
        return False
    if not _apply(desk, owned, changes, target, consent):
        return not changes
    if use.calls and not target.voice_fallback_url:
        click.echo(f"{phone} has no fallback: when this server is down, its callers are cut off. See docs/fallback.md.", err=True)
    return True


def _undo(desk: Desk, change: Change, consent: Callable[[], bool], *, force: bool) -> bool:
    try:
        owned = _asked(lambda: desk.numbers.fetch(change.sid))
    except _Gone:
        if not force:
            raise
        desk.book.forget(change.phone)
        click.echo(f"{change.phone} is not in this account any more; it is forgotten here.")
        return True
    back = differences(owned.wiring, change.before)
    if not back:
        desk.book.forget(change.phone)
        click.echo(f"{change.phone} is already what it was before.")
        return True
    if differences(owned.wiring, change.after) and not force:
        click.echo(f"{change.phone} has been changed by somebody else since. Nothing was put back; --force does it.", err=True)
        return False
    _tell(change.phone, back)
    if not consent():
        return False
    _asked(lambda: desk.numbers.change(change.sid, _settings(back)))
    desk.book.forget(change.phone)
    click.echo(f"{change.phone} is what it was before.")
    return True


def _apply(desk: Desk, owned: OwnedNumber, changes: list[Difference], target: Wiring, consent: Callable[[], bool]) -> bool:
    """Whether the number is as it should be at the end."""
    if not changes:
        click.echo(f"{owned.phone} is as it should be.")
        return True
    _tell(owned.phone, changes)
    if not consent():
        return False
    earlier = desk.book.intend(owned, datetime.now(UTC), target)
    try:
        changed = desk.numbers.change(owned.sid, _settings(changes))
    except CarrierUnavailable as error:
        if error.refused:
            desk.book.put_back(owned.phone, earlier)
        raise _Failed(f"{owned.phone}: {error}") from None
    desk.book.settle(owned.phone, changed.wiring)
    if left := differences(changed.wiring, target):
        click.echo(f"{owned.phone}: Twilio did not take all of it: {'; '.join(map(str, left))}", err=True)
        return False
    click.echo(f"{owned.phone} is set up; `twilio undo {owned.phone}` puts it back.")
    return True


def _tell(phone: str, changes: list[Difference]) -> None:
    click.echo(click.style(phone, bold=True))
    for change in changes:
        click.echo(f"  {change}")


def _settings(changes: list[Difference]) -> dict[str, str]:
    return {change.name: change.after for change in changes}


# ---- what the commands share -------------------------------------------------------------------------------------------


class _Failed(click.ClickException):
    """Twilio refused, or did not answer."""

    exit_code = 1


class _Gone(_Failed):
    """What was asked for is not in this account."""


@contextmanager
def _desk(config: Path) -> Iterator[Desk]:
    from voicebot.config.settings import load_settings

    settings = load_settings(config, os.environ)
    deployment = settings.deployment
    if missing := [name for name, field in NEEDED.items() if not getattr(deployment, field)]:
        raise ConfigError(f"this needs {', '.join(missing)} in .env or the environment")
    if urlsplit(deployment.public_base_url).scheme != "https":
        raise ConfigError("PUBLIC_BASE_URL is not https: Twilio cannot reach this machine's own address")
    numbers = TwilioNumbers(TwilioAccount(deployment.account_sid, deployment.auth_token, deployment.api_base_url))
    try:
        book, lines = ChangeBook(deployment.data), _lines(settings)
        yield Desk(numbers, book, deployment.public_base_url, lines, settings.sms_senders)
    finally:
        numbers.close()


def _lines(settings: "Settings") -> dict[str, str]:
    return {name: line.plan.dnis for name, line in settings.company.lines.items()}


def _chosen(desk: Desk, chosen: tuple[str, ...], *, every: bool) -> list[str]:
    known = list(dict.fromkeys((*desk.lines.values(), *sorted(desk.senders))))
    if strange := [phone for phone in chosen if phone not in known]:
        raise click.UsageError(f"no line of voicebot.toml has {strange[0]} as its dnis; lines have {', '.join(known)}")
    if not chosen and not every:
        raise click.UsageError(f"name a number like {E164_LIKE}, or --all")
    return known if every else list(dict.fromkeys(chosen))


def _check_fallback(url: str, base: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(character.isspace() for character in url):
        raise click.BadParameter(f"must be a whole address with https://, not {url!r}", param_hint="--fallback-url")
    if falls_with_us(url, base):
        raise click.BadParameter("is on this very host, which is down with it", param_hint="--fallback-url")


def _consent(*, dry_run: bool, yes: bool) -> Callable[[], bool]:
    def asked() -> bool:
        if dry_run:
            click.echo("Nothing was changed (--dry-run).")
            return False
        return yes or click.confirm("Change this at Twilio?")

    return asked


def _asked(ask: Callable[[], Answer]) -> Answer:
    """What Twilio says. A refusal is said in words, and ends the command."""
    try:
        return ask()
    except NotThere as error:
        raise _Gone(str(error)) from None
    except CarrierError as error:
        raise _Failed(str(error)) from None
