"""What the robots of a small day know of it, put into the book: from what they did, and from what the carrier saw."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.reports.book import Book
from tests.reports.live_desks import Part, agent_of
from tests.reports.live_plans import EARLY, ENDINGS, IN_TIME, NAMES, QUEUES, Plan
from voicebot.simulator.record import CallRecord, LegRecord


@dataclass
class Known:
    """`scale`: call time over real time; `slack`: how many of something two clocks may see differently."""

    scale: float
    book: Book = field(default_factory=Book)
    slack: dict[str, int] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)  # when a customer's last call began

    def writes_up(self, plan: Plan, record: CallRecord, account: str, parts: list[Part]) -> None:
        """Into the book, from what the carrier and the robots saw."""
        line, caller = NAMES[plan.line], record.caller
        assert not record.failures, record.failures
        left = "callback_promised" if plan.wishes else "abandoned" if plan.leaves else ENDINGS.get(line, "abandoned")
        ending = "served" if parts else left
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
        if parts or plan.leaves or plan.wishes:
            self._first_stay(plan, record, parts)
        self.served(parts)

    def _first_stay(self, plan: Plan, record: CallRecord, parts: list[Part]) -> None:
        caller = record.caller
        until = caller.keys[-1].at if plan.wishes else caller.together_at if parts else caller.ended_at
        assert until is not None
        before = [one for one in caller.documents if one.at < until and "Dial/Conference" not in one.verbs]
        first = next((place for place, one in enumerate(before) if "/waiting/" in one.path), len(before))
        self._stay(QUEUES.get(plan.line, "billing"), (until - before[first - 1].at) * self.scale, bool(parts), plan.wishes)

    def _stay(self, queue: str, waited: float, answered: bool, wishes: str = "") -> None:
        """In line, so many seconds of call time."""
        long = timedelta(seconds=waited)
        sums: dict[str, Any] = {"offered": 1, "longest": long}
        if wishes:
            sums |= {"promised": 1, "kept": int(wishes == "reached")}
        elif answered:
            sums |= {"answered": 1, "waited": long, "in_time": int(waited <= IN_TIME)}
            self.slack["in_time"] = self.slack.get("in_time", 0) + int(abs(waited - IN_TIME) < 0.3 * self.scale)
        else:
            sums |= {"abandoned": 1, "patience": long, "early": int(waited < EARLY)}
        for report in ("queues", "abandonment", "intervals"):
            self.book.add(report, (queue,), **sums)

    def served(self, parts: list[Part]) -> None:
        """Each agent's part, and the stay before it where the call was passed on. A call has the code of its last filing."""
        code = next((part.code for part in reversed(parts) if part.code), "")
        for part in parts:
            if part.moment:
                self._stay(part.queue, (part.since - part.moment) * self.scale, True)
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

    def reached_out(self, queue: str, way: str, why: str, sums: dict[str, Any]) -> None:
        """Wherever such is reported."""
        self.book.add("callbacks", (queue, way), **sums)
        self.book.add("outbound", ("callback", way, queue), **sums)
        self.book.add("unreached", (why, "callback", way), **sums)


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
