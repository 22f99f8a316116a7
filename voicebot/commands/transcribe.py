"""`transcribe`: recognises recordings exactly as a call would. Must not recognise anything itself: `speech` does."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voicebot.errors import AudioRefused

if TYPE_CHECKING:
    from voicebot.dialogue.values import Shape


class ShapeType(click.ParamType["Shape"]):
    """A shape as it is written in settings: digits:8, digits:3-10, yesno, commands."""

    name = "shape"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> "Shape":
        """Read it, or fail with the list of what is allowed."""
        from voicebot.dialogue.values import Shape

        try:
            return value if isinstance(value, Shape) else Shape.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--shape", required=True, type=ShapeType(), help="What is said: digits:8, digits:3-10, yesno or commands.")
@click.option("--language", default="en", show_default=True, help="The language that is spoken.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: file, value, decision, text, seconds.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(shape: "Shape", language: str, as_json: bool, files: tuple[Path, ...]) -> None:
    """Recognise FILES exactly as a call would: same level, codec and workers. WAV, 8 or 16 kHz, PCM16 or µ-law.

    A file that cannot be heard keeps no other from being recognised; the exit status is 2 then.
    """
    from voicebot.speech.transcription import transcribe_files

    sound, refused = _sorted(files)
    for heard in transcribe_files(sound, shape, language):
        line = {
            "file": str(heard.file),
            "value": heard.value,
            "decision": str(heard.decision),
            "text": heard.text,
            "seconds": round(heard.seconds, 3),
        }
        if as_json:
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            value, text = line["value"] or "-", line["text"] or "nothing"
            click.echo(f"{line['file']}: {value}  ({line['decision']}, {line['seconds']} s: {text})")
    for why in refused:
        click.echo(f"Error: {why}", err=True)
    if refused:
        click.get_current_context().exit(2)


def _sorted(files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Those that can be heard, and what is wrong with the others."""
    from voicebot.speech.recording import read_recording

    sound: list[Path] = []
    refused: list[str] = []
    for file in files:
        try:
            read_recording(file)
            sound.append(file)
        except AudioRefused as why:
            refused.append(str(why))
    return sound, refused
