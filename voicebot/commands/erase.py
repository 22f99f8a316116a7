"""`erase`: forget a customer, and prove that the bytes are gone. Decides nothing: `records.forgetting` does it."""

import sys
from pathlib import Path
from typing import Any

import click

from voicebot.commands.customer_office import now, office
from voicebot.config.operators import Task


@click.command("erase")
@click.option("--customer", "customer_id", required=True, metavar="ID", help="The customer, by the back end's own key.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(config: Path, customer_id: str, yes: bool) -> None:
    """Forget customer ID: the keys of all their calls, recordings, their row, PINs and counted tries. It cannot be undone.

    Sums in reports stay, without names. Exit status 1 if there was nobody, if a call of theirs still goes on, or if old bytes
    are still in the database's log: run it again.
    """
    from voicebot.records.forgetting import forget_customer

    with office(config, Task.ERASE) as at:
        if not yes:
            click.confirm(f"Forget customer {customer_id} and all their calls, for good?", abort=True)
        bar: Any
        with click.progressbar(length=1, label="Erasing calls", file=sys.stderr) as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            found = forget_customer(at.care, customer_id, at.who, now(), progress)
    row = "the customer's row, " if found.customer else ""
    click.echo(f"Erased: {row}{found.calls} calls." if found.anything else f"Nothing is known of customer {customer_id}.")
    if found.live:
        click.echo(f"{found.live} of their calls go on: run this again when they are over.", err=True)
    if not found.on_disk:
        click.echo("Somebody is reading the database, so its log still has old bytes: run this again.", err=True)
    click.get_current_context().exit(0 if found.anything and not found.live and found.on_disk else 1)
