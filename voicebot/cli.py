"""The command line. Commands are found by name and loaded when they are called, so that `--help` needs none of them.

Must not decide anything: a command reads its options, asks `app` or a room, and prints.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from voicebot.errors import VoicebotError

# name -> one line for --help. The module is voicebot.commands.<name>; its attribute `command` is the click command.
COMMANDS = {
    "demo": "Place one recorded call from ring to agent, and watch it.",
    "call": "Place a call of your own making, without a telephone.",
    "serve": "Answer the line.",
    "customers": "Bring customers in and out; look at one, lock, unlock, set a secret.",
    "agents": "Who can sign in to the pages: passwords, identities, signing out.",
    "callbacks": "Keys by which other systems book callbacks.",
    "report": "Write a report on calls, queues and agents as CSV, XLSX or PDF.",
    "facts": "Make anew what reports sum, from the journals.",
    "erase": "Forget a customer: their calls, row and secrets, in the bytes on disk.",
    "backend": "Your own back end: a mock of it, and a check of what you have built.",
    "doctor": "What is configured, what is missing or wrong, and what to do.",
    "twilio": "Point a Twilio number at this server, and back.",
    "prompts": "Give prompts a voice of this machine, for lines that are asked over a two-way stream.",
    "transcribe": "Recognise recordings exactly as a call would.",
    "model": "Which languages can listen; bring a model, or make one from recordings.",
    "bench": "Measure the line under load.",
    "test": "Run the tests, as continuous integration does.",
    "check": "Check style, types and the walls between the rooms.",
}
PROJECT = Path(__file__).resolve().parents[1]


class Refusal(click.ClickException):
    """One of our own errors, as the command line says it."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands are modules. A VoicebotError becomes one clear message and exit status 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of COMMANDS."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; None if there is none of this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"voicebot.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without loading any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and say our own errors in words: they name what is wrong and hold no secret."""
        try:
            return super().invoke(ctx)
        except VoicebotError as error:
            raise Refusal(str(error)) from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    envvar="VOICEBOT_CONFIG",
    help="The company's settings. [default: voicebot.toml of the project]",
)
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Voicebot answers a company's phone line, finds out who is calling, proves it, and hands the call on."""
    ctx.obj = (config or PROJECT / "voicebot.toml").absolute()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and exit: 0 done, 1 it went wrong, 2 bad usage or settings."""
    words = sys.argv[1:] if arguments is None else arguments
    if not {"-h", "--help"} & set(words):
        from voicebot.logs import set_up_terminal

        set_up_terminal()
    name = "python3 run.py" if os.environ.get("PYTHONPATH", "").startswith(str(PROJECT)) else "voicebot"
    cli.main(args=list(arguments) if arguments is not None else None, prog_name=name)


if __name__ == "__main__":
    main()
