# ruff: noqa: INP001, T201, S311  # a script that prints what it found; chance guards nothing here
"""Many callers and agents who do as they like, for ten minutes of the simulator's clock, and what became of every one of them.

    python docs/benchmarks/soak.py --callers 200 --agents 20 --minutes 10 --time-scale 10

Exit status 0 only if every caller reached an agent, was promised to be called back, heard what they wanted from the line, or hung
up by choice; nobody was connected twice; and no agent's telephone was left ringing.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Habit, Script, Turn, parse_turns

PROJECT = Path(__file__).resolve().parents[2]
ACCOUNTS = [("40719238", "493817"), ("65208417", "270694")]
LINES = ("+12025550110", "+12025550120", "+12025550130", "+12025550140")
HABITS = [Habit.ACCEPT] * 6 + [Habit.DECLINE, Habit.VOICEMAIL, Habit.BUSY, Habit.NONE]
BY_CHOICE = ("served", "contained", "callback_promised", "abandoned")


def company(place: Path, agents: int) -> Path:
    """The example company with many agents, queues that ring several telephones, wrap-up and the offer to be called back."""
    for name in ("prompts", "grammars", "models", "examples"):
        (place / name).symlink_to(PROJECT / name)
    text = (PROJECT / "voicebot.toml").read_text("utf-8")
    before, _, rest = text.partition("[agents.mira]")
    after = rest[rest.index("# ---- the desk") :]
    before = before.replace("[queues.billing]", "[queues.billing]\nring_at_most = 3\nwrap_up = 5\noffer_callback = true")
    overflow = '[queues.delivery]\noverflow_to = "billing"\noverflow_after = 20\ntell_position = true'
    before = before.replace("[queues.delivery]", overflow)
    roster = "".join(
        f'[agents.a{n}]\nname = "Agent {n}"\nphone = "+1202555{2000 + n}"\nqueues = ["{("billing", "delivery")[n % 2]}"]\n\n'
        for n in range(agents)
    )
    path = place / "voicebot.toml"
    path.write_text(before + roster + after, "utf-8")
    return path


def caller(chance: random.Random) -> Script:
    """Somebody with an account or without, in a hurry or not, who may change their mind anywhere."""
    account, pin = chance.choice(ACCOUNTS)
    turns: list[str] = []
    kind = chance.random()
    if kind < 0.55:
        turns = [f"keys:{account}", f"keys:{pin}"]
    elif kind < 0.7:
        turns = [f"keys:{account}", "keys:111111", f"keys:{pin}"]
    elif kind < 0.85:
        turns = ["keys:0"]
    elif kind < 0.95:
        turns = ["silence", f"keys:{account}"]
    if chance.random() < 0.15:
        turns = [*turns[: chance.randint(0, len(turns))], "hangup"]
    elif chance.random() < 0.15:
        turns += ["wait:40", "keys:1@wait"]
    steps: tuple[Turn, ...] = parse_turns(turns)
    habits = (*(chance.choice(HABITS) for _ in range(4)), Habit.ACCEPT)
    return Script(
        chance.choice(LINES), "anonymous", steps, habits, patience=chance.uniform(30, 240), talk=chance.uniform(5, 60),
        hangs_up=chance.choice(["agent", "caller"]),
    )


async def call(open_now: Rehearsal, script: Script, after: float) -> CallRecord:
    """One caller, who rings after so many real seconds."""
    await asyncio.sleep(after)
    return await open_now.place(script)


async def run(wanted: argparse.Namespace) -> int:
    """Let them all call, then count."""
    chance = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory(prefix="voicebot-soak-") as place:
        config = company(Path(place), wanted.agents)
        plan = RehearsalPlan(config, PROJECT / "examples" / "customers.csv", time_scale=wanted.time_scale)
        async with rehearsal(plan) as open_now:
            over = wanted.minutes * 60 / wanted.time_scale
            scripts = [caller(chance) for _ in range(wanted.callers)]
            records = await asyncio.gather(*(call(open_now, script, chance.uniform(0, over)) for script in scripts))
            return await judge(open_now, records)


async def judge(open_now: Rehearsal, records: list[CallRecord]) -> int:
    """What became of everybody; what is wrong, one line each."""
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    for number, record in enumerate(records):
        story = await open_now.ended_story(record.caller.sid)
        outcome = story.outcome if story is not None and story.outcome else "none"
        outcomes[outcome] += 1
        connected = [leg for leg in record.agents if leg.together_at is not None]
        if outcome not in BY_CHOICE:
            wrong.append(f"call {number}: ended as {outcome}")
        if len(connected) > 1:
            wrong.append(f"call {number}: connected to {len(connected)} agents")
        if (outcome == "served") != (len(connected) == 1):
            wrong.append(f"call {number}: {outcome} with {len(connected)} agents")
        wrong += [f"call {number}: an agent's telephone is left {leg.status}" for leg in record.agents if leg.ended_at is None]
        wrong += [f"call {number}: {failure.what}" for failure in record.failures]
    left = [leg for leg in open_now.twin.stray_legs if leg.ended_at is None]
    wrong += [f"a telephone is left {leg.status} for nobody" for leg in left]
    rung = sum(len(record.agents) for record in records)
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()) + f"; {rung} telephones rang")
    for line in wrong:
        print(f"wrong: {line}")
    return 1 if wrong else 0


def main() -> int:
    """Ask for the numbers and run."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--callers", type=int, default=200)
    asked.add_argument("--agents", type=int, default=20)
    asked.add_argument("--minutes", type=float, default=10.0, help="of call time, in which they ring")
    asked.add_argument("--time-scale", type=float, default=10.0)
    asked.add_argument("--seed", type=int, default=1)
    return asyncio.run(run(asked.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
