"""`customers audit --export` and `--verify`: the record as a file of its own. Decides nothing: `records.audit_export` does it."""

import os
from pathlib import Path

import click

from voicebot.commands.customer_office import Office, now


def write_file(at: Office, path: Path) -> None:
    """All of the record, this reading of it included. Raises StoreError where it is not whole; never writes over a file."""
    from voicebot.records.audit import Deed
    from voicebot.records.audit_export import exported

    try:
        there = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.UsageError(f"{path} exists already, and an export never writes over a file: choose another name") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written ({error.strerror})") from None
    lines = 0
    with os.fdopen(there, "w", encoding="utf-8") as file:
        at.audit.write(at.who, Deed.AUDIT_READ, now(), facts={"file": path.name})
        for line in exported(at.store):
            file.write(line + "\n")
            lines += 1
    click.echo(f"{lines - 2} lines of the record written to {path}; customers audit --verify {path} checks them.")


def check_file(at: Office, path: Path) -> bool:
    """Says what it finds."""
    from voicebot.records.audit_export import verified

    with path.open(encoding="utf-8") as file:
        found = verified(file, at.store)
    if found.trouble:
        click.echo(f"{path} DOES NOT HOLD: {found.trouble} ({found.rows} lines before that do).")
    else:
        click.echo(f"{path} holds: {found.rows} lines, signed by this house.")
    return not found.trouble
