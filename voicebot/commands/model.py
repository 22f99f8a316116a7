"""`model`: which languages can listen, with what, and how to bring a model for another. Must not fetch anything by itself."""

import os
from pathlib import Path

import click


@click.command()
@click.argument("languages", nargs=-1)
@click.pass_obj
def command(config: Path, languages: tuple[str, ...]) -> None:
    """Say for LANGUAGES (en, fr, ko, da …; without any, all that we know) whether they can listen, with which model.

    Exit status 1 if one of them cannot.
    """
    from voicebot.config.deployment import environment, read_deployment
    from voicebot.speech.models import explain, find_model, read_catalogue, variable

    deployment = read_deployment(environment(config.parent, os.environ), config.parent)
    named = {variable(language): str(path) for language, path in deployment.models.items()}
    wanted = languages or tuple(dict.fromkeys([*read_catalogue(), *deployment.models]))
    for language in wanted:
        click.echo(explain(language, named))
    click.get_current_context().exit(0 if not languages or all(find_model(language, named) for language in wanted) else 1)
