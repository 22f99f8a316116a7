"""A small day over the real interfaces, and every standard report compared, cell by cell, with what the robots know of it.

    python -m tests.reports.live_day --calls 40

The real server in a process of its own, the simulated carrier with signed webhooks around it; callers key and hang up,
agents' telephones accept or decline, agents file at the desk's own addresses, another system books callbacks over the API.
The robots read no journal: what they know is what they did and timed. Reports are fetched as a supervisor does: page, CSV,
XLSX and PDF. Exit status 0 only if all agree.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.reports.book import Book
from tests.reports.live_desks import Desks, Part, agent_of, began
from tests.reports.live_plans import (
    AGENTS,
    CARD,
    CODES,
    EARLY,
    ENDINGS,
    IN_TIME,
    NAMES,
    PEOPLE,
    PROJECT,
    QUEUES,
    SPEECH,
    Plan,
    company,
    plans,
)  # fmt: skip
from tests.reports.live_reading import Fetched, fetched, wrong_in
from voicebot.desk_robot import NEVER
from voicebot.ports.api_keys import Scope
from voicebot.records.api_keys import SqlApiKeys
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.reports.library import LIBRARY
from voicebot.simulator.record import CallRecord, LegRecord
from voicebot.simulator.script import Connector, Habit, Script, parse_turns


@dataclass
class Day:
    """What happens, and what is known of it. `scale`: call time over real time."""

    open_now: Rehearsal
    scale: float
    chance: random.Random
    book: Book = field(default_factory=Book)
    slack: dict[str, int] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desks = Desks(self.open_now, self.scale)

    async def call(self, kind: str, number: str, after: float) -> tuple[Plan, CallRecord, str, list[Part]]:
        """One, who rings from there after so many real seconds; whoever had it files it."""
        account, pin = self.chance.choice(PEOPLE)
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
        parts = parts or self.part_of(record)
        for part in parts:
            if self.chance.random() < 0.8:
                part.code = self.chance.choice(CODES)
                await self.desks.pause(self.chance.uniform(1, 20))
                part.filed = await self.desks.does(part.agent, "wrap_up", call=story.call_id, code=part.code)
        return plan, record, account, parts

    def part_of(self, record: CallRecord) -> list[Part]:
        """Of a conversation in which nothing is done but to talk."""
        legs = {leg.sid: leg for leg in self.open_now.twin.legs}
        parts = []
        for one in record.agents:
            if one.together_at is not None:
                assert one.ended_at is not None
                start = began(legs[one.sid])
                parts.append(Part(agent_of(one), "billing", 0.0, start + one.together_at, start + one.ended_at))
        return parts

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
        self.book.add("callbacks", ("billing", "api"), **sums)
        self.book.add("outbound", ("callback", "api", "billing"), **sums)
        self.book.add("unreached", (why, "callback", "api"), **sums)

    # ---- what is known of a call ------------------------------------------------------------------------------------

    def writes_up(self, plan: Plan, record: CallRecord, account: str, parts: list[Part]) -> None:
        """Into the book, from what the carrier and the robots saw."""
        line, caller = NAMES[plan.line], record.caller
        assert not record.failures, record.failures
        ending = "served" if parts else ENDINGS.get(line, "abandoned")
        known: dict[str, Any] = {"calls": 1, "verified": int(plan.proven >= 0)}
        known |= {"contained": int(ending == "contained"), "closed": int(ending == "closed"), "picked_up": int(bool(parts))}
        known |= {"picked_up_verified": int(bool(parts) and plan.proven >= 0)}
        known |= {"left_before_line": int("hangup" in plan.turns)}
        if plan.proven >= 0:
            known |= {"proven": 1, "to_verify": self.long(proven_at(plan, caller))}
        if plan.identified:
            again = int(account in self.last)
            known |= {"again_in_a_day": again, "again_in_a_week": again}
            self.last[account] = record.began
        if plan.score is not None and parts:
            known |= scored(plan.score)
            agent = name_of(parts[-1].agent)
            for report, where in (("agents", (agent,)), ("queues", ("billing",)), ("scores", (str(plan.score), line))):
                self.book.add(report, where, scored=1, scores=plan.score)
        self.book.add("interactions", (line, "en", ending), **known)
        self.book.add("verification", (line, "en"), **known)
        self.book.add("satisfaction", (line,), **known)
        for one in plan.questions:
            self.book.add("funnel", (*one[:3], "en"), **one.counts)
            if one.came == "refused":
                self.book.add("security", ("wrong_proof", line), events=1)
        if plan.why:
            last = plan.questions[-1]
            self.book.add("unproven", (last.step, plan.why, last.how, "en"), callers=1)
        if plan.pays:
            self.book.add("payments", ("agent", line, "billing"), begun=1, **{plan.pays: 1})
        for leg in record.agents:  # perhaps rung for another call of the same time: who did not take it is right all the same
            if leg.together_at is None:
                self.book.add("agents", (name_of(agent_of(leg)),), rung_in_vain=1)
        if parts or plan.leaves:
            self._first_stay(plan, record, parts)
        self._served(parts)

    def _first_stay(self, plan: Plan, record: CallRecord, parts: list[Part]) -> None:
        until = record.caller.together_at if parts else record.caller.ended_at
        assert until is not None
        before = [one for one in record.caller.documents if one.at < until and "Dial/Conference" not in one.verbs]
        asked = max(one.at for one in before if "/waiting/" not in one.path)
        self._stay(QUEUES.get(plan.line, "billing"), (until - asked) * self.scale, answered=bool(parts))

    def _stay(self, queue: str, waited: float, *, answered: bool) -> None:
        """In line, so many seconds of call time."""
        long = timedelta(seconds=waited)
        sums: dict[str, Any] = {"offered": 1, "longest": long}
        if answered:
            sums |= {"answered": 1, "waited": long, "in_time": int(waited <= IN_TIME)}
            self.slack["in_time"] = self.slack.get("in_time", 0) + int(abs(waited - IN_TIME) < 0.3 * self.scale)
        else:
            sums |= {"abandoned": 1, "patience": long, "early": int(waited < EARLY)}
        for report in ("queues", "abandonment", "intervals"):
            self.book.add(report, (queue,), **sums)

    def _served(self, parts: list[Part]) -> None:
        """Each agent's part, and the stay before it where the call was passed on. A call has the code of its last filing."""
        code = next((part.code for part in reversed(parts) if part.code), "")
        for part in parts:
            if part.moment:
                self._stay(part.queue, (part.since - part.moment) * self.scale, answered=True)
            talk, hold = self.long(part.until - part.since - part.hold), self.long(part.hold)
            sums: dict[str, Any] = {"handled": 1, "talk": talk, "hold": hold, "holds": part.holds, "moved_on": int(part.passed)}
            if part.code:
                sums |= {"filed": 1, "wrap_up": self.long(part.filed - part.until)}
            for report, where in (
                ("queues", part.queue),
                ("agents", name_of(part.agent)),
                ("codes", code),
                ("intervals", part.queue),
            ):
                self.book.add(report, (where,), **sums)

    def long(self, real: float) -> timedelta:
        """So many real seconds, in call time."""
        return timedelta(seconds=real * self.scale)


def proven_at(plan: Plan, caller: LegRecord) -> float:
    """When the last key of the proof was pressed, or the last word of it said: real seconds since it rang."""
    if plan.turns[plan.proven].startswith("audio:"):
        assert caller.utterances[-1].until is not None
        return caller.utterances[-1].until
    keyed = [turn for turn in plan.turns if turn.startswith("keys:")][: plan.proven + 1]
    return caller.keys[sum(len(turn) - len("keys:") for turn in keyed) - 1].at


def scored(score: int) -> dict[str, int]:
    """As the page of metrics says."""
    return {"scored": 1, "scores": score, "promoters": int(score >= 9), "detractors": int(score <= 6)}


def name_of(agent: str) -> str:
    """As reports call them."""
    return f"Agent {agent[1:]}"


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
        rings = [(kinds[n % len(kinds)], f"+1202555{5000 + n}", day.chance.uniform(0, over)) for n in range(calls)]
        made = await asyncio.gather(*(day.call(*one) for one in rings), *(day.books(key, number) for number in range(4)))
        day.book.add("security", ("api_key_made", ""), events=1)
        for leg in open_now.twin.stray_legs:
            day.book.add("agents", (name_of(agent_of(leg)),), rung_in_vain=1)
        for one in sorted((one for one in made if one is not None), key=lambda one: one[1].began):
            day.writes_up(*one)
        left = await open_now.left_over()
        assert not left, left
        await asyncio.sleep(3)  # facts are made within seconds
        client, _ = day.desks.clients["a0"]
        first = datetime.now(UTC).date() - timedelta(days=1)
        return day, {name: await fetched(client, name, first, first + timedelta(days=3)) for name in LIBRARY}


async def run(wanted: argparse.Namespace) -> int:
    """Live it, compare."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="voicebot-live-day-") as place:
        customers = PROJECT / "examples" / "customers.csv"
        plan = RehearsalPlan(company(Path(place)), customers, time_scale=wanted.time_scale, fast=True)
        async with rehearsal(plan) as open_now:
            day, reports = await lived(open_now, wanted.calls, wanted.seed, wanted.time_scale, wanted.minutes)
    wrong = [line for one in reports.values() for line in wrong_in(day.book, one, wanted.time_scale, day.slack)]
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
