"""`customers`: in, out, and one customer at a time. Must not decide who may what, nor read or write a file: others do."""

import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.commands.customer_office import Office, now, office
from voicebot.commands.customer_progress import progress
from voicebot.config.operators import Task

if TYPE_CHECKING:
    from voicebot.dialogue.values import Secret
    from voicebot.ports.crm import CustomerRow

INTERRUPTED = 130
KINDS = ("csv", "json", "xlsx")


class Nobody(click.ClickException):
    """There is no such customer."""

    exit_code = 1


@click.group()
def command() -> None:
    """Bring customers in and out; look at one, lock, unlock, set a secret, remove.

    Who may do what, and how it is recorded: the account that owns the data directory, roles.toml there, and
    `customers audit`.
    """


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Also remove customers that are not in the file.")
@click.option("--sheet", default="", metavar="NAME", help="Which sheet of a workbook.  [default: the first]")
@click.option(
    "--weak-secrets",
    type=click.Choice(["refuse", "warn", "accept"]),
    default="warn",
    show_default=True,
    help="What to do about PINs that are easy to guess.",
)
@click.option("--processes", type=click.IntRange(1), help="Processes that hash PINs.  [default: one for each processor]")
@click.pass_obj
def import_(config: Path, file: Path, replace: bool, sheet: str, weak_secrets: str, processes: int | None) -> None:
    """Import FILE (CSV, XLSX or JSON). All of it or nothing: a bad cell is named by its place. PINs are kept as hashes only.

    Stopped by Ctrl-C, the same command goes on where it was, for a day. A file without a column for a PIN leaves PINs
    as they are.
    """
    from voicebot.identity.hashing import ParallelHashing
    from voicebot.identity.secret_rules import advice, strength
    from voicebot.records.customer_import import ImportTools
    from voicebot.records.customer_staging import WeakSecrets

    with office(config, Task.IMPORT) as at, progress(terminal=sys.stderr.isatty()) as report:
        tools = ImportTools(
            hash_secrets=ParallelHashing(at.keeper(), processes),
            progress=report,
            weigh=strength,
            weak=WeakSecrets(weak_secrets),
            drafts=at.settings.deployment.data,
            who=at.who,
            now=now,
        )
        try:
            summary = at.customers.bring_in(file, at.plan(replace=replace, sheet=sheet), tools)
        except KeyboardInterrupt:
            click.echo("\nStopped; nothing was imported. What is hashed is kept for a day: the same command goes on.", err=True)
            click.get_current_context().exit(INTERRUPTED)
        hints = [hint for name, shape in at.plan().secrets if (hint := advice(name, shape))]
    for warning in (*summary.warnings, *hints):
        click.echo(f"Note: {warning}", err=True)
    click.echo(f"{summary.added} customers added, {summary.updated} updated, {summary.removed} removed.")


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(KINDS), help="[default: by the end of FILE's name, else csv]")
@click.pass_obj
def export(config: Path, file: Path, kind: str | None) -> None:
    """Write all customers to a new FILE, as they could be imported again. Never secrets, nor their hashes."""
    from voicebot.records.audit import Deed
    from voicebot.records.customer_export import FileKind, export_customers

    ending = file.suffix.removeprefix(".").lower()
    chosen = FileKind(kind or (ending if ending in KINDS else "csv"))
    with office(config, Task.EXPORT) as at:
        at.audit.write(at.who, Deed.EXPORTED, now(), facts={"file": file.name, "format": chosen.value})
        count = export_customers(at.customers.everybody(), file, chosen, at.plan())
    click.echo(f"{count} customers written to {file}, without secrets.")


@command.command("show")
@click.argument("customer_id", metavar="ID")
@click.pass_obj
def show(config: Path, customer_id: str) -> None:
    """Show customer ID, masked: which secrets are set, whether the account is locked, how tries went."""
    from voicebot.commands.customer_card import describe

    with office(config, Task.SHOW) as at:
        card = at.care.show(customer_id, at.who, now())
        if card is None:
            raise _nobody(customer_id)
        for line in describe(card, at.plan(), now()):
            click.echo(line)


@command.command("lock")
@click.argument("customer_id", metavar="ID")
@click.pass_obj
def lock(config: Path, customer_id: str) -> None:
    """Lock customer ID: no PIN counts until `customers unlock`; callers go to an agent."""
    with office(config, Task.LOCK) as at:
        if not at.care.lock(customer_id, at.who, now()):
            raise _nobody(customer_id)
    click.echo(f"{customer_id} is locked until `customers unlock {customer_id}`.")


@command.command("unlock")
@click.argument("customer_id", metavar="ID")
@click.pass_obj
def unlock(config: Path, customer_id: str) -> None:
    """Unlock customer ID and forget failed tries."""
    with office(config, Task.UNLOCK) as at:
        remains = at.care.unlock(customer_id, at.who, now())
    if remains is None:
        raise _nobody(customer_id)
    click.echo(f"{customer_id} is unlocked.")
    if remains.disabled:
        click.echo(f"The secret is void after too many wrong tries: `customers set-secret {customer_id} FIELD`.")


@command.command("set-secret")
@click.argument("customer_id", metavar="ID")
@click.argument("field")
@click.option("--random", "by_chance", is_flag=True, help="Draw one by chance and print it, once.")
@click.pass_obj
def set_secret(config: Path, customer_id: str, field: str, by_chance: bool) -> None:
    """Set secret FIELD of customer ID: asked for twice, never shown. Failed tries are forgotten."""
    from voicebot.identity import secret_rules

    with office(config, Task.SET_SECRET) as at:
        shape = at.settings.company.secrets.get(field)
        if shape is None:
            raise click.UsageError(f"no secret {field}; there is {', '.join(at.settings.company.secrets) or 'none'}")
        row = at.customers.get(customer_id)
        if row is None:
            raise _nobody(customer_id)
        if by_chance:
            try:
                secret = secret_rules.draw(shape, *at.known_about(row))
            except ValueError as error:
                raise click.UsageError(str(error)) from None
        else:
            secret = _asked(at, field, row)
        hashed = at.keeper().stored(customer_id, field, secret)
        if not at.care.set_secret(customer_id, field, hashed, at.who, now()):
            raise _nobody(customer_id)
        if by_chance:
            click.echo(f"{field} of {customer_id}: {secret.reveal()}  (shown this once)")
        else:
            click.echo(f"{field} of {customer_id} is set.")


def _asked(at: Office, field: str, row: "CustomerRow") -> "Secret":
    """Typed twice without echo. Refused, without saying why in detail, if it is easy to guess."""
    from voicebot.dialogue.values import Secret
    from voicebot.identity.secret_rules import advice, strength
    from voicebot.ports.secrets import Strength

    shape = at.settings.company.secrets[field]
    typed = click.prompt(f"New {field}", hide_input=True, confirmation_prompt=True, err=True)
    if not (typed.isascii() and typed.isdigit() and shape.fits(typed)):
        raise click.UsageError(f"must be of the shape {shape}")
    found = strength(Secret(typed), *at.known_about(row))
    if found in (Strength.GUESSABLE, Strength.TOO_SHORT):
        raise click.UsageError(
            "this one is too easy to guess: at least 4 digits, none of them repeated or in a row, no date, no number of the "
            "customer's own, none that many people choose (--random draws one)"
        )
    if found is Strength.SHORT:
        click.echo(f"Note: {advice(field, shape)}", err=True)
    return Secret(typed)


@command.command("totp")
@click.argument("customer_id", metavar="ID")
@click.argument("field")
@click.option("--revoke", is_flag=True, help="Take the app away: its codes count no more.")
@click.pass_obj
def totp(config: Path, customer_id: str, field: str, revoke: bool) -> None:
    """Set up customer ID's authenticator app for FIELD: prints a QR code, once. An app that was set up before counts no more."""
    import segno

    from voicebot.identity.codes import CodeKeeper, address_for, new_seed

    with office(config, Task.SET_SECRET) as at:
        codes = at.settings.company.fields.codes
        if field not in codes:
            raise click.UsageError(f"no field {field} with totp = true; there is {', '.join(codes) or 'none'}")
        if revoke:
            if not at.care.unset_secret(customer_id, field, at.who, now()):
                raise _nobody(customer_id)
            click.echo(f"Codes for {field} of {customer_id} count no more.")
            return
        seed = new_seed()
        stored = CodeKeeper(at.keyring).stored(customer_id, field, seed)
        if not at.care.set_secret(customer_id, field, stored, at.who, now()):
            raise _nobody(customer_id)
        address = address_for(seed, at.settings.company.name, customer_id)
        shown = StringIO()
        segno.make_qr(address, error="m").terminal(out=shown, compact=True)
        click.echo(shown.getvalue())
        click.echo(f"{address}\n{field} of {customer_id} is set (shown this once). Read it with the customer's app.")


@command.command("remove")
@click.argument("customer_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(config: Path, customer_id: str, yes: bool) -> None:
    """Remove customer ID: the row, what it is found by, its secrets."""
    with office(config, Task.REMOVE) as at:
        if not yes:
            click.confirm(f"Remove {customer_id}?", abort=True, err=True)
        if not at.care.remove(customer_id, at.who, now()):
            raise _nobody(customer_id)
    click.echo(f"{customer_id} is removed.")


@command.command("audit")
@click.option("--customer", "customer_id", default="", metavar="ID", help="Of one customer only.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--export", "export_to", type=click.Path(path_type=Path, dir_okay=False), help="Write all of it to a new file.")
@click.option("--verify", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Check such a file.")
@click.pass_obj
def audit(config: Path, customer_id: str, limit: int, export_to: Path | None, verify: Path | None) -> None:
    """List who looked at customers or changed them, newest first, and check that nothing was changed or left out.

    Exit status 1 if the record, or the file, is not whole.
    """
    from voicebot.commands.audit_file import check_file, write_file
    from voicebot.records.audit import Deed

    with office(config, Task.AUDIT) as at:
        if export_to is not None:
            write_file(at, export_to)
            return
        if verify is not None:
            click.get_current_context().exit(0 if check_file(at, verify) else 1)
        whole = at.audit.holds()
        for line in at.audit.newest(limit, customer_id):
            facts = " ".join(f"{name}={value}" for name, value in line.facts.items())
            click.echo(
                f"{line.number:>6}  {line.at:%Y-%m-%d %H:%M:%S}Z  {line.who}  {line.deed}  {line.customer_id}  {facts}".rstrip()
            )
        if whole:
            at.audit.write(at.who, Deed.AUDIT_READ, now(), customer_id)
    click.echo("The record is whole." if whole else "THE RECORD IS NOT WHOLE: lines were changed, left out or cut off.")
    click.get_current_context().exit(0 if whole else 1)


def _nobody(customer_id: str) -> Nobody:
    return Nobody(f"there is no customer {customer_id}")
