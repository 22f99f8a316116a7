"""A small day over the real interfaces, and every standard report compared, cell by cell, with what the robots know of it.

    python -m tests.reports.live_day --calls 40

The real server in a process of its own, the simulated carrier with signed webhooks around it. Callers key, speak, pay and hang
up; agents accept or decline, hold, pass on, take cards and file, all at the desk's own addresses; another system books callbacks
over the API, and whoever wished one is dialled. Robots read no journal: what they know is what they did and timed. Reports are
fetched as a supervisor does: page, CSV, XLSX and PDF. Exit status 0 only if all agree.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.reports.live_desks import Desks, Part, agent_of
from tests.reports.live_known import Known, name_of
from tests.reports.live_plans import AGENTS, CARD, CODES, PEOPLE, PROJECT, SOON, SPEECH, WISHERS, Plan, company, plans
from tests.reports.live_reading import Fetched, fetched, wrong_in
from voicebot.desk_robot import NEVER
from voicebot.ports.api_keys import Scope
from voicebot.records.api_keys import SqlApiKeys
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.reports.library import LIBRARY
from voicebot.simulator.record import CallRecord
from voicebot.simulator.script import Connector, Habit, Script, parse_turns


@dataclass
class Day:
    """What happens, and what is known of it. `scale`: call time over real time."""

    open_now: Rehearsal
    scale: float
    chance: random.Random

    def __post_init__(self) -> None:
        self.desks, self.known = Desks(self.open_now, self.scale), Known(self.scale)
        self.wishers = list(WISHERS)

    async def call(self, kind: str, number: str, after: float) -> tuple[Plan, CallRecord, str, list[Part]]:
        """One, who rings from there after so many real seconds; whoever had it files it."""
        wishes = plans("", "", 0)[kind].wishes
        if wishes and not self.wishers:  # all are promised it
            kind, wishes = "verified", ""
        account, pin = self.wishers.pop() if wishes else self.chance.choice(PEOPLE)
        plan = plans(account, pin, self.chance.choice((0, 3, 7, 9, 10)))[kind]
        await asyncio.sleep(after)
        agents = (self.chance.choice((Habit.ACCEPT, Habit.ACCEPT, Habit.DECLINE)), Habit.DECLINE, Habit.ACCEPT)
        patience = self.chance.choice((9.0, 14.0)) if plan.leaves else 900.0
        talk = NEVER if plan.deeds else self.chance.uniform(5, 40)
        connector = Connector.DECLINES if plan.pays == "declined" else Connector.APPROVES
        script = Script(
            plan.line,
            number,
            parse_turns(plan.turns),
            agents,
            patience=patience,
            talk=talk,
            pays=CARD,
            connector=connector,
            folder=SPEECH,
        )
        calling = asyncio.ensure_future(self.open_now.place(script))
        parts = await self.desks.serves(number, "billing", plan.deeds) if plan.deeds else []
        record = await calling
        story = await self.open_now.ended_story(record.call_sid)
        assert story is not None
        parts = parts or self.desks.parts_of(record)
        await self.files(story.call_id, parts)
        return plan, record, account, parts

    async def files(self, call: str, parts: list[Part]) -> None:
        """Each of them, or not."""
        for part in parts:
            if self.chance.random() < 0.8:
                part.code = self.chance.choice(CODES)
                await self.desks.pause(self.chance.uniform(1, 20))
                part.filed = await self.desks.does(part.agent, "wrap_up", call=call, code=part.code)

    async def calls_back(self, number: str, way: str, queue: str, fate: str, since: float) -> None:
        """Wait until the customer is dialled, talk, and file it; or they are not there. `since`: when it was booked."""
        sums: dict[str, Any] = {"outreach": 1, "dials": 1, fate: 1}
        why = "" if fate == "reached" else "busy"
        if fate == "reached":
            part, *_ = parts = await self.desks.serves(number, queue, ("talk:40",))
            await self.files(self.desks.call_of(number), parts)
            self.known.served(parts)
            sums |= {"timed": 1, "took": self.known.long(part.since - since)}
        else:
            await self.desks.rung(number)
        self.known.reached_out(queue, way, why, sums)

    async def books(self, key: str, number: int) -> None:
        """Another system, over the API."""
        wanted = {"subject": "invoice", "number": f"+1202555{3000 + number:04d}", "verified": True}
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"booking-of-a-day-{number}"}
        async with httpx.AsyncClient(base_url=self.open_now.pages, timeout=60) as client:
            slots = await client.get("/api/callbacks/slots", params={"subject": "invoice"}, headers=headers)
            start = slots.json()["slots"][-1]["start"]  # late, so that nobody is dialled today
            answer = await client.post("/api/callbacks", json=wanted | {"start": start}, headers=headers)
            assert answer.is_success, answer.text
            sums: dict[str, Any] = {"outreach": 1}
            why, wish = "", answer.json()["id"]
            if number % 3 == 0:
                sums |= {"under_way": 1}
            elif number % 3 == 1:
                (await client.delete(f"/api/callbacks/{wish}", headers=headers)).raise_for_status()
                sums |= {"not_needed": 1}
                why = "called_off"
            else:  # an agent calls of their own accord, before the time that was wished
                await self.desks.does("a1", "called_back", call=wish)
                sums |= {"reached": 1, "timed": 1, "took": timedelta()}
        self.known.reached_out("billing", "api", why, sums)


async def lived(open_now: Rehearsal, calls: int, seed: int, scale: float, minutes: float) -> tuple[Day, dict[str, Fetched]]:
    """The day, and the reports of it, fetched by a supervisor."""
    day = Day(open_now, scale, random.Random(seed))
    kinds = list(plans("", "", 0))
    over = minutes * 60 / scale
    async with AsyncExitStack() as stack:
        for number in range(AGENTS):
            await day.desks.sits_down(stack, f"a{number}")
        await day.desks.does("a6", "state", state="offline")
        key = SqlApiKeys(open_now._store).make("crm", [Scope.READ, Scope.WRITE], "ada", datetime.now(UTC))
        step = over / calls  # never two at once: who of two rang first, no two clocks agree on
        order = day.chance.sample(range(calls), calls)
        rings = [
            (kinds[n % len(kinds)], f"+1202555{5000 + n}", (place + day.chance.uniform(0, 0.3)) * step)
            for place, n in enumerate(order)
        ]
        made = await asyncio.gather(*(day.call(*one) for one in rings), *(day.books(key, number) for number in range(4)))
        day.known.book.add("security", ("api_key_made", ""), events=1)
        await calls_back_all(day, key, [one for one in made if one is not None])
        for leg in open_now.twin.stray_legs:
            if leg.phone not in open_now.twin.customers and leg.verdict != "accepted":
                day.known.book.add("agents", (name_of(agent_of(leg)),), rung_in_vain=1)
        for one in sorted((one for one in made if one is not None), key=lambda one: one[1].began):
            day.known.writes_up(*one)
        left = await open_now.left_over()
        assert not left, left
        await asyncio.sleep(3)  # facts are made within seconds
        client, _ = day.desks.clients["a0"]
        first = datetime.now(UTC).date() - timedelta(days=1)
        return day, {name: await fetched(client, name, first, first + timedelta(days=3)) for name in LIBRARY}


async def calls_back_all(day: Day, key: str, made: list[tuple[Plan, CallRecord, str, list[Part]]]) -> None:
    """Whoever wished it, now that nobody calls any more and the agent is there; then two whom another system books."""
    twin = day.open_now.twin
    wished = [one for one in made if one[0].wishes]
    fates = {record.caller.phone: plan.wishes for plan, record, *_ in wished} | SOON
    for number, fate in fates.items():
        twin.customers.add(number)
        twin.habits[number] = [Habit.ACCEPT if fate == "reached" else Habit.BUSY]
    await day.desks.does("a6", "state", state="ready")
    booked = [(one.caller.phone, plan.wishes, one.began + one.caller.keys[-1].at) for plan, one, *_ in wished]
    await asyncio.gather(*(day.calls_back(number, "call", "delivery", fate, since) for number, fate, since in booked))
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=day.open_now.pages, timeout=60) as client:
        for number, fate in SOON.items():
            wanted = {"subject": "invoice", "number": number, "verified": True}
            once = {"Idempotency-Key": f"as-soon-as-possible-{number[1:]}"}
            answer = await client.post("/api/callbacks", json=wanted, headers=headers | once)
            assert answer.is_success, answer.text
            await day.calls_back(number, "api", "billing", fate, time.monotonic())


async def run(wanted: argparse.Namespace) -> int:
    """Live it, compare."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="voicebot-live-day-") as place:
        customers = PROJECT / "examples" / "customers.csv"
        plan = RehearsalPlan(company(Path(place)), customers, time_scale=wanted.time_scale, fast=True)
        async with rehearsal(plan) as open_now:
            day, reports = await lived(open_now, wanted.calls, wanted.seed, wanted.time_scale, wanted.minutes)
    wrong = [line for one in reports.values() for line in wrong_in(day.known.book, one, wanted.time_scale, day.known.slack)]
    cells = sum(len(one.rows) * len(one.heads) for one in reports.values())
    sys.stdout.write(f"{wanted.calls} calls, {len(reports)} reports in 4 forms, {cells} cells each, {len(wrong)} differences; ")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n" + "".join(f"wrong: {line}\n" for line in wrong))
    return 1 if wrong else 0


def main() -> int:
    """A day as long as is asked for."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--calls", type=int, default=40)
    asked.add_argument("--minutes", type=float, default=10, help="of call time in which they ring")
    asked.add_argument("--time-scale", type=float, default=10)
    asked.add_argument("--seed", type=int, default=1)
    return asyncio.run(run(asked.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
