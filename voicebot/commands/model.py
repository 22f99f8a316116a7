"""`model`: which languages can listen, with what; how to bring a model or make one. Fetches nothing unless `fetch` is said."""

import os
from pathlib import Path

import click

from voicebot.commands.model_choose import choose_model
from voicebot.commands.model_fetch import fetch
from voicebot.commands.model_train import train


@click.group(invoke_without_command=True, short_help="Which languages can listen; bring or make a model.")
@click.pass_context
def command(context: click.Context) -> None:
    """Models for recognition. Without a word behind it: `list`."""
    if context.invoked_subcommand is None:
        context.invoke(list_models)


@command.command("list")
@click.argument("languages", nargs=-1)
@click.pass_obj
def list_models(config: Path, languages: tuple[str, ...] = ()) -> None:
    """Say for LANGUAGES (en, fr, ko, da …; without any, all that we know) whether they can listen, with which model.

    Exit status 1 if one of those you named cannot.
    """
    from voicebot.config.deployment import environment, read_deployment
    from voicebot.speech.models import explain, find_model, read_catalogue, variable

    deployment = read_deployment(environment(config.parent, os.environ), config.parent)
    named = {variable(language): str(path) for language, path in deployment.models.items()}
    wanted = languages or tuple(dict.fromkeys([*read_catalogue(), *deployment.models]))
    for language in wanted:
        click.echo(explain(language, named))
    click.get_current_context().exit(0 if not languages or all(find_model(language, named) for language in wanted) else 1)


command.add_command(choose_model)
command.add_command(fetch)
command.add_command(train)
