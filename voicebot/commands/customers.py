"""`customers import`: brings a company's customers into the embedded table. Must not read the file itself: `app` does."""

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Bring your customers in."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Also remove customers that are not in the file.")
@click.pass_obj
def import_(config: Path, file: Path, replace: bool) -> None:
    """Import FILE (CSV). All of it or nothing: a bad row is named by line and column. PINs are kept as hashes only."""
    import os

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from voicebot.app import customer_import
    from voicebot.config.settings import load_settings

    settings = load_settings(config, os.environ)
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)) as bar:
        rows = bar.add_task("Customers", total=None)
        summary = customer_import(settings, file, replace, lambda done, total: bar.update(rows, completed=done, total=total))
    for warning in summary.warnings:
        click.echo(f"Note: {warning}", err=True)
    click.echo(f"{summary.added} customers added, {summary.updated} updated, {summary.removed} removed.")
