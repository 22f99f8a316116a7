"""`prompts render`: gives prompts of lines with two-way streams a voice of this machine. Changes no text and no recording."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.errors import AudioRefused

if TYPE_CHECKING:
    from voicebot.config.voiced import Voiced


@click.group()
def command() -> None:
    """Prompts as sound."""


@command.command()
@click.pass_obj
def render(config: Path) -> None:
    """Have every text that can be said over a two-way stream spoken by a synthesiser of this machine, and keep the sound.

    Exit status 1 if some are left without sound; they are named.
    """
    from voicebot.config.settings import load_settings
    from voicebot.config.voiced import voiced_prompts
    from voicebot.hearing import company_voice
    from voicebot.speech.voice import without_sound

    settings = load_settings(config, os.environ)
    voice, wanted = company_voice(settings), voiced_prompts(settings.company, settings.prompts)
    if not wanted:
        click.echo('No line is asked over a two-way stream (door = "stream"), or all its prompts are recordings.')
        return
    made = 0
    for language, piece in dict.fromkeys((one.language, piece) for one in wanted for piece in one.pieces):
        try:
            made += voice.render(piece, language)
        except AudioRefused as refused:
            raise click.ClickException(f"{refused}\n{_named(without_sound(voice, wanted))}") from None
    click.echo(f"{made} pieces of {len(wanted)} prompts were rendered; the others were there.")
    if filled := [one for one in wanted if one.filled]:
        click.echo(f"Filled with somebody's data, so that they need the synthesiser at the moment:\n{_named(filled)}")


def _named(prompts: "Sequence[Voiced]") -> str:
    return "\n".join(dict.fromkeys(f"  lines.{one.line}: {one.prompt_id}" for one in prompts))
