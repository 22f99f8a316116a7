"""`demo`: one recorded caller from ring to agent, over the real server, watched live."""

import asyncio
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from voicebot.live_view import LiveView, final_words
from voicebot.rehearsal import Rehearsal, RehearsalPlan, example_customers, rehearsal, run_rehearsal
from voicebot.retelling import CallStory
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Habit, Script, parse_turns

PROJECT = Path(__file__).resolve().parents[2]
RECORDING = PROJECT / "demo" / "recordings" / "account-40719238.wav"
LINE = "+12025550110"
UNKNOWN_NUMBER = "+12025550188"
PIN_OF_THE_EXAMPLE = "keys:493817"
VERIFIED_WHISPER = "identified and verified"
LOOK = 0.1  # seconds between two looks into the journal


@click.command("demo", short_help="Place one recorded call from ring to agent, and watch it.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the data here. [default: thrown away]")
@click.pass_obj
def command(config: Path, data: Path | None) -> None:
    """A caller rings the example company, says the account number, keys the PIN, waits, and reaches an agent who knows.

    Exit status 0 only if the call ended identified and verified and the agent's whisper said so.
    """
    console = Console()
    console.print("A recorded caller rings the example company. No account, no network: the telephone company is simulated.\n")
    record, story = run_rehearsal(_run(config, data, console))
    wrong = what_went_wrong(record, story)
    if story is not None:
        final_words(console, story, _whisper(record))
    if wrong:
        console.print("\nThis did not go as it should:", style="bold red")
        for line in wrong:
            console.print(f"  {line}", markup=False)
        raise SystemExit(1)
    console.print("\nIdentified and verified, and the agent knew it at the first word.", style="bold green")


async def _run(config: Path, data: Path | None, console: Console) -> tuple[CallRecord, CallStory | None]:
    view = LiveView(console)
    plan = RehearsalPlan(config, example_customers(config, data), data, observer=view.happened)
    script = Script(LINE, UNKNOWN_NUMBER, parse_turns([f"audio:{RECORDING}", PIN_OF_THE_EXAMPLE]), (Habit.ACCEPT,))
    with view:
        async with rehearsal(plan) as open_now:
            placed = asyncio.create_task(open_now.place(replace(script, folder=Path("/"))))
            watched = asyncio.create_task(_watch(open_now, view))
            record = await placed
            watched.cancel()
            story = await open_now.ended_story(record.call_sid)
            view.server_says(story)
            return record, story


async def _watch(open_now: Rehearsal, view: LiveView) -> None:
    """Show what the server notes while the call goes on."""
    while True:
        await asyncio.sleep(LOOK)
        for sid in open_now.calls_so_far():
            view.server_says(open_now.story(sid))


def what_went_wrong(record: CallRecord, story: CallStory | None) -> list[str]:
    """Why the demo failed, in words; empty if it did not."""
    if story is None:
        return ["the call never reached the server", *(failure.what for failure in record.failures)]
    wrong = [failure.what for failure in record.failures]
    if story.assurance != "verified":
        because = f", because of {story.reason}" if story.reason else ""
        wrong.append(f"the caller ended {story.assurance}, not verified{because}")
    if VERIFIED_WHISPER not in _whisper(record).lower():
        wrong.append("the agent's whisper did not say that the caller is identified and verified")
    if record.caller.together_at is None:
        wrong.append("caller and agent were never connected")
    if record.frames_after_join:
        wrong.append(f"{record.frames_after_join} frames of sound reached the server after the two were connected")
    return wrong


def _whisper(record: CallRecord) -> str:
    return " ".join(record.agents[-1].heard_after_key) if record.agents else ""
