"""`call`: place a call with a script of your own, over the real server and the simulator."""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from voicebot.errors import VoicebotError
from voicebot.rehearsal import Rehearsal, RehearsalPlan, example_customers, rehearsal, run_rehearsal
from voicebot.retelling import CallStory
from voicebot.simulator.desk_deeds import DeskDeed
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Habit, Script, Turn

DEFAULT_LINE = "+12025550110"
DEFAULT_FROM = "+12025550177"
MOST_PATIENCE = 3600.0


class Turns(click.ParamType[Turn]):
    """A turn of the script, checked as it is read."""

    name = "turn"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Turn:
        """Refuse what is no turn, with what a turn may be."""
        if isinstance(value, Turn):
            return value
        try:
            return Turn.parse(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


class Deeds(click.ParamType[DeskDeed]):
    """Something that the agent does at the desk, checked as it is read."""

    name = "deed"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> DeskDeed:
        """Refuse what is none, with what there is."""
        if isinstance(value, DeskDeed):
            return value
        try:
            return DeskDeed.parse(str(value))
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


def _number(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{2,15}", value):
        raise click.BadParameter(f"{value!r} is no number that can be dialled; write it like {DEFAULT_LINE}")
    return value


def _seconds(_ctx: click.Context, _param: click.Parameter, value: float) -> float:
    if not 0 <= value <= MOST_PATIENCE:  # neither is a number that is none
        raise click.BadParameter(f"{value:g} is not from 0 to {MOST_PATIENCE:g}")
    return value


def script_options(function: Any) -> Any:
    """The options that describe one call."""
    for option in reversed(
        (
            click.argument("turns", nargs=-1, type=Turns()),
            click.option(
                "--turn", "more", multiple=True, type=Turns(), help="keys:…, audio:FILE.wav, say:TEXT, app:…, silence, hangup"
            ),
            click.option("--line", default=DEFAULT_LINE, show_default=True, callback=_number, help="The number that is dialled."),
            click.option("--from", "from_", default=DEFAULT_FROM, show_default=True, help="The calling number, or anonymous."),
            click.option(
                "--agent", "agents", multiple=True, type=click.Choice([habit.value for habit in Habit]),
                help="What the agents' phones do, in the order in which they ring. [default: accept]",
            ),
            click.option(
                "--patience", default=120.0, show_default=True, callback=_seconds,
                help="Seconds in line before the caller gives up.",
            ),
            click.option(
                "--desk", "deeds", multiple=True, type=Deeds(), metavar="DEED",
                help="What the agent does at the desk, in order: step_up:…, until:…, pay:…, hold, end (docs/testing-calls.md).",
            ),
            click.option(
                "--pays", multiple=True, metavar="KEYS", help="What the caller keys when card data are wanted, one entry each."
            ),
            click.option("--app", default="", help="Whose app the caller holds, as the provider of approvals knows them."),
        )
    ):
        function = option(function)
    return function


def script_of(
    turns: Sequence[Turn], more: Sequence[Turn], line: str, from_: str, agents: Sequence[str], patience: float,
    app: str = "", deeds: Sequence[DeskDeed] = (), pays: Sequence[str] = (),
) -> Script:  # fmt: skip
    """The script that the options describe."""
    habits = tuple(Habit(agent) for agent in agents) or (Habit.ACCEPT,)
    said = (*turns, *more)
    return Script(
        line, from_, said, habits, patience=patience, app=app, desk=tuple(deeds), pays=tuple(pays), folder=Path.cwd()
    )  # fmt: skip


@click.command("call", short_help="Place a call of your own making, without a telephone.")
@script_options
@click.option("--fast", is_flag=True, help="Do not wait: waiting and ringing pass quickly, audio is sent unpaced.")
@click.option("--json", "as_json", is_flag=True, help="The last line is one JSON object.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the data here. [default: thrown away]")
@click.option("--customers", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Another customer file.")
@click.pass_obj
def command(config: Path, /, fast: bool, as_json: bool, data: Path | None, customers: Path | None, **script: Any) -> None:
    """Place one call. TURNS are used one per question: keys:40719238 audio:pin.wav say:"yes" silence hangup.

    Exit status 0 if the call ran to its end, 1 if something went wrong on the way, 2 for bad usage.
    """
    plan = RehearsalPlan(config, customers or example_customers(config, data), data, fast)
    record, story = run_rehearsal(_place(plan, script_of(**script)))
    if as_json:
        click.echo(json.dumps(as_object(record, story), ensure_ascii=False))
    else:
        show(record, story)
    if story is None or story.outcome is None or record.failures:
        raise SystemExit(1)


async def _place(plan: RehearsalPlan, script: Script) -> tuple[CallRecord, CallStory | None]:
    async with rehearsal(plan) as open_now:
        say_if_no_line(open_now, script)
        record = await open_now.place(script)
        return record, await open_now.ended_story(record.call_sid)


def say_if_no_line(open_now: Rehearsal, script: Script) -> None:
    """A number that no line has is answered all the same; whoever mistyped it should know by what."""
    company = open_now.company
    if script.line not in {line.plan.dnis for line in company.lines.values()}:
        click.echo(f"Note: no line has the number {script.line}, so {company.default_line}, the default line, answers.", err=True)


@click.command("place")
@script_options
def _options_only(**options: Any) -> dict[str, Any]:
    return options


async def place_and_show(open_now: Rehearsal, typed: str) -> None:
    """A call typed as a line, in a rehearsal that is up."""
    try:
        options = _options_only.main(shlex.split(typed), prog_name="call", standalone_mode=False)
        if isinstance(options, dict):
            script = script_of(**options)
            say_if_no_line(open_now, script)
            record = await open_now.place(script)
            show(record, await open_now.ended_story(record.call_sid))
    except click.ClickException as wrong:
        click.echo(wrong.format_message(), err=True)
    except (VoicebotError, ValueError) as wrong:  # such as a quotation mark without its other half
        click.echo(str(wrong), err=True)


def show(record: CallRecord, story: CallStory | None) -> None:
    """The call in people's words."""
    for sentence in story.sentences if story else ("The call never reached the server.",):
        click.echo(f"  {sentence}")
    for failure in record.failures:
        click.echo(f"  ! {failure.what}", err=True)
    if story:
        click.echo(f"{story.assurance}; {story.outcome or 'still going on'}; agent: {record.agent_verdict}")


def as_object(record: CallRecord, story: CallStory | None) -> dict[str, Any]:
    """What `--json` prints."""
    agent = record.agents[-1] if record.agents else None
    return {
        "assurance": story.assurance if story else "none",
        "identifier": story.identifier if story else None,
        "customer": story.customer if story else None,
        "reason": story.reason if story else None,
        "evidence": list(story.evidence) if story else [],
        "outcome": story.outcome if story else None,
        "proof": story.proof if story else None,
        "payment": story.payment if story else None,
        "turns": [asdict(turn) for turn in story.turns] if story else [],
        "agent": {"verdict": record.agent_verdict, "whisper": " ".join(agent.heard_after_key) if agent else ""},
        "call_sid": record.call_sid,
        "failures": [failure.what for failure in record.failures],
        "seconds": round(record.seconds, 3),
    }


