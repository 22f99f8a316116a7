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
from tests.reports.live_reading import Fetched, fetched, wrong_in
from voicebot.desk_robot import CSRF
from voicebot.ports.api_keys import Scope
from voicebot.records.api_keys import SqlApiKeys
from voicebot.rehearsal import Rehearsal, RehearsalPlan, rehearsal
from voicebot.reports.library import LIBRARY
from voicebot.simulator.record import CallRecord, LegRecord
from voicebot.simulator.script import Habit, Script, parse_turns

PROJECT = Path(__file__).resolve().parents[2]
AGENTS = 4
PEOPLE = (("40719238", "493817"), ("58260417", "270694"))
SUPPORT, BALANCE, NIGHT, EMPTY = "+12025550120", "+12025550140", "+12025550150", "+12025550160"
NAMES = {SUPPORT: "support", BALANCE: "balance", NIGHT: "night", EMPTY: "empty"}
QUEUES = {EMPTY: "delivery"}  # whose agents are all at home; the others wait for billing
CODES = ("paid", "moved", "other")
IN_TIME, EARLY = 20.0, 5.0  # seconds, as in the shipped settings
SETTINGS = """
[lines.empty]
dnis = "+12025550160"
identifiers = ["account_number"]
secrets = ["pin"]
queue = "delivery"

[callbacks.subjects.invoice]
line = "support"
en = "My invoice"

[callbacks.api]
on = true
"""


@dataclass(frozen=True)
class Plan:
    """A call: what is keyed, and what each question came to (step, attempt, how answered, sum)."""

    line: str
    turns: tuple[str, ...]
    questions: tuple[tuple[str, str, str, str], ...] = ()
    proven: int = -1  # the last key of how manieth keyed turn proves who it is
    identified: bool = False
    why: str = ""  # not proven
    leaves: bool = False  # in line
    score: int | None = None


def plans(account: str, pin: str, score: int) -> dict[str, Plan]:
    """Every kind of caller."""
    number, secret = ("account_number", "1", "keypad", "accepted"), ("pin", "1", "keypad", "accepted")
    known = (f"keys:{account}", f"keys:{pin}")
    return {
        "verified": Plan(SUPPORT, (*known, f"keys:{score}#"), (number, secret), 1, identified=True, score=score),
        "wrong first": Plan(
            SUPPORT, (f"keys:{account}", "keys:111111", f"keys:{pin}"),
            (number, ("pin", "1", "keypad", "refused"), ("pin", "2", "keypad", "accepted")), 2, identified=True,
        ),
        "silent first": Plan(
            SUPPORT, ("silence", *known, f"keys:{score}#"),
            (("account_number", "1", "", "silent"), ("account_number", "2", "keypad", "accepted"), secret), 1,
            identified=True, score=score,
        ),
        "no number": Plan(SUPPORT, ("keys:0",), (("account_number", "1", "keypad", "opted_out"),), why="asked_for_agent"),
        "no pin": Plan(
            SUPPORT, (f"keys:{account}", "keys:0#"), (number, ("pin", "1", "keypad", "opted_out")), identified=True,
            why="asked_for_agent",
        ),
        "leaves at once": Plan(SUPPORT, ("hangup",), (("account_number", "1", "", "left"),)),
        "leaves the line": Plan(EMPTY, known, (number, secret), 1, identified=True, leaves=True),
        "balance": Plan(BALANCE, known, (number, secret), 1, identified=True),
        "night": Plan(NIGHT, ()),
    }  # fmt: skip


@dataclass
class Day:
    """What happens, and what is known of it. `scale`: call time over real time."""

    open_now: Rehearsal
    scale: float
    chance: random.Random
    book: Book = field(default_factory=Book)
    slack: dict[str, int] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    desks: dict[str, tuple[httpx.AsyncClient, dict[str, str]]] = field(default_factory=dict)

    async def call(self, kind: str, after: float) -> tuple[Plan, CallRecord, str, str, float]:
        """One, who rings after so many real seconds; whoever had it files it."""
        account, pin = self.chance.choice(PEOPLE)
        plan = plans(account, pin, self.chance.choice((0, 3, 7, 9, 10)))[kind]
        await asyncio.sleep(after)
        agents = (self.chance.choice((Habit.ACCEPT, Habit.ACCEPT, Habit.DECLINE)), Habit.DECLINE, Habit.ACCEPT)
        patience = self.chance.choice((9.0, 14.0)) if plan.leaves else 900.0
        talk = self.chance.uniform(5, 40)
        script = Script(plan.line, "anonymous", parse_turns(plan.turns), agents, patience=patience, talk=talk)
        record = await self.open_now.place(script)
        story = await self.open_now.ended_story(record.call_sid)
        assert story is not None
        code, filed = "", 0.0
        had = [leg for leg in record.agents if leg.together_at is not None]
        if had and self.chance.random() < 0.8:
            code = self.chance.choice(CODES)
            await asyncio.sleep(self.chance.uniform(1, 20) / self.scale)
            await self.files(had[0].phone, story.call_id, code)
            filed = time.monotonic() - record.began
        return plan, record, account, code, filed

    async def files(self, phone: str, call_id: str, code: str) -> None:
        """At the desk, over its own addresses."""
        agent = f"a{int(phone[-4:]) - 2000}"
        client, headers = self.desks[agent]
        answer = await client.post("/desk/do/wrap_up", json={"call": call_id, "code": code}, headers=headers)
        answer.raise_for_status()

    async def sits_down(self, stack: AsyncExitStack, agent: str) -> None:
        """Somebody signs in, by a link and its button."""
        pages = self.open_now.pages
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=pages, headers={"Origin": pages}, timeout=60))
        links = self.open_now.sign_in_links()
        link = next(link for name, link in links.items() if name.startswith(f"{agent} "))
        await client.post(link, follow_redirects=True)
        found = CSRF.search((await client.get("/desk")).text)
        assert found is not None, agent
        self.desks[agent] = client, {"X-CSRF-Token": found[1], "Accept": "application/json"}

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
                desk, token = self.desks["a1"]
                (await desk.post("/desk/do/called_back", json={"call": wish}, headers=token)).raise_for_status()
                sums |= {"reached": 1, "timed": 1, "took": timedelta()}
        self.book.add("callbacks", ("billing", "api"), **sums)
        self.book.add("outbound", ("callback", "api", "billing"), **sums)
        self.book.add("unreached", (why, "callback", "api"), **sums)

    # ---- what is known of a call ------------------------------------------------------------------------------------

    def writes_up(self, plan: Plan, record: CallRecord, account: str, code: str, filed: float) -> None:
        """Into the book, from what the carrier and the robots saw."""
        line, caller = NAMES[plan.line], record.caller
        had = [leg for leg in record.agents if leg.together_at is not None]
        assert not record.failures, record.failures
        ending = "served" if had else {"balance": "contained", "night": "closed"}.get(line, "abandoned")
        known: dict[str, Any] = {"calls": 1, "verified": int(plan.proven >= 0)}
        known |= {"contained": int(ending == "contained"), "closed": int(ending == "closed"), "picked_up": len(had)}
        known |= {"picked_up_verified": int(bool(had) and plan.proven >= 0)}
        known |= {"left_before_line": int("hangup" in plan.turns)}
        if plan.proven >= 0:
            keyed = [turn for turn in plan.turns if turn.startswith("keys:")][: plan.proven + 1]
            keys = sum(len(turn) - 5 for turn in keyed)
            known |= {"proven": 1, "to_verify": self.long(caller.keys[keys - 1].at)}
        if plan.identified:
            again = int(account in self.last)
            known |= {"again_in_a_day": again, "again_in_a_week": again}
            self.last[account] = record.began
        if plan.score is not None and had:
            known |= scored(plan.score)
            agent = name_of(had[0])
            for report, where in (("agents", (agent,)), ("queues", ("billing",)), ("scores", (str(plan.score), line))):
                self.book.add(report, where, scored=1, scores=plan.score)
        self.book.add("interactions", (line, "en", ending), **known)
        self.book.add("verification", (line, "en"), **known)
        self.book.add("satisfaction", (line,), **known)
        for step, attempt, how, came in plan.questions:
            self.book.add("funnel", (step, attempt, how, "en"), questions=1, **{came: 1})
            if came == "refused":
                self.book.add("security", ("wrong_proof", line), events=1)
        if plan.why:
            step, _, how, _ = plan.questions[-1]
            self.book.add("unproven", (step, plan.why, how, "en"), callers=1)
        self._line_and_agents(plan, record, had, code, filed)

    def _line_and_agents(self, plan: Plan, record: CallRecord, had: list[LegRecord], code: str, filed: float) -> None:
        for leg in record.agents:  # perhaps rung for another call of the same time: who did not take it is right all the same
            if leg.together_at is None:
                self.book.add("agents", (name_of(leg),), rung_in_vain=1)
        if not had and not plan.leaves:
            return
        # Legs have each a clock of their own; the caller's tells of the line: from the answer to the last question.
        until = record.caller.together_at if had else record.caller.ended_at
        assert until is not None
        waited = (until - max(one.at for one in record.caller.documents if "/entry/" in one.path and one.at < until)) * self.scale
        sums: dict[str, Any] = {"offered": 1, "longest": timedelta(seconds=waited)}
        if had:
            sums |= {"answered": 1, "waited": timedelta(seconds=waited), "in_time": int(waited <= IN_TIME)}
            self.slack["in_time"] = self.slack.get("in_time", 0) + int(abs(waited - IN_TIME) < 0.3 * self.scale)
        else:
            sums |= {"abandoned": 1, "patience": timedelta(seconds=waited), "early": int(waited < EARLY)}
        for report in ("queues", "abandonment", "intervals"):
            self.book.add(report, (QUEUES.get(plan.line, "billing"),), **sums)
        if had:
            assert had[0].ended_at is not None
            assert had[0].together_at is not None
            talked = self.long(had[0].ended_at - had[0].together_at)
            part: dict[str, Any] = {"handled": 1, "talk": talked, "filed": int(bool(code))}
            if code:
                part["wrap_up"] = self.long(filed - until) - talked
            self.book.add("queues", ("billing",), **part)
            self.book.add("agents", (name_of(had[0]),), **part)
            self.book.add("codes", (code,), **part)
            self.book.add("intervals", ("billing",), **part)

    def long(self, real: float) -> timedelta:
        """So many real seconds, in call time."""
        return timedelta(seconds=real * self.scale)


def scored(score: int) -> dict[str, int]:
    """As the page of metrics says."""
    return {"scored": 1, "scores": score, "promoters": int(score >= 9), "detractors": int(score <= 6)}


def name_of(leg: LegRecord) -> str:
    """Whose telephone it is."""
    return f"Agent {int(leg.phone[-4:]) - 2000}"


def company(place: Path) -> Path:
    """The shipped company with some agents who take everything, a survey, and callbacks over the API."""
    for name in ("prompts", "grammars", "models", "examples"):
        (place / name).symlink_to(PROJECT / name)
    before, _, rest = (PROJECT / "voicebot.toml").read_text("utf-8").partition("[agents.mira]")
    after = rest[rest.index("# ---- the desk") :]
    roster = "".join(
        f'[agents.a{n}]\nname = "Agent {n}"\nphone = "+1202555{2000 + n}"\nqueues = ["billing"]\n'
        + ('roles = ["agent", "supervisor", "admin"]\n\n' if n == 0 else "\n")
        for n in range(AGENTS)
    )
    after = after.replace("[lines.support]", "[lines.support]\nsurvey = true")
    path = place / "voicebot.toml"
    path.write_text(before + roster + after + SETTINGS, "utf-8")
    return path


async def lived(open_now: Rehearsal, calls: int, seed: int, scale: float, minutes: float) -> tuple[Day, dict[str, Fetched]]:
    """The day, and the reports of it, fetched by a supervisor."""
    day = Day(open_now, scale, random.Random(seed))
    kinds = list(plans("", "", 0))
    over = minutes * 60 / scale
    async with AsyncExitStack() as stack:
        for number in range(AGENTS):
            await day.sits_down(stack, f"Agent {number}")
        day.desks = {f"a{name[-1]}": desk for name, desk in day.desks.items()}
        key = SqlApiKeys(open_now._store).make("crm", [Scope.READ, Scope.WRITE], "ada", datetime.now(UTC))
        rings = [(kinds[number % len(kinds)], day.chance.uniform(0, over)) for number in range(calls)]
        made = await asyncio.gather(
            *(day.call(*one) for one in rings), *(day.books(key, number) for number in range(4))
        )
        day.book.add("security", ("api_key_made", ""), events=1)
        for leg in open_now.twin.stray_legs:
            day.book.add("agents", (name_of(leg),), rung_in_vain=1)
        for one in sorted((one for one in made if one is not None), key=lambda one: one[1].began):
            day.writes_up(*one)
        left = await open_now.left_over()
        assert not left, left
        await asyncio.sleep(3)  # facts are made within seconds
        client, _ = day.desks["a0"]
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
