"""A robot's call in line and with agents, and what they know of it; no journal is read."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.dialogue.journeys import test_payment as by_card
from tests.reports.callers import Caller, seconds
from voicebot.dialogue.call import Stage
from voicebot.dialogue.deeds import CallerHeld, CallerResumed, CallPassed, ChargeAsked, PaymentAsked, PaymentStopped, Target
from voicebot.dialogue.events import AgentAccepted, AgentLeft, AgentTurnedDown, PartyEntered
from voicebot.dialogue.forms import QueuePlan
from voicebot.dialogue.payment import Outcome, PaymentOpened
from voicebot.dialogue.values import Party

DELIVERY = Target(QueuePlan("delivery", max_wait=600), "delivery")
AGENTS = ("Mira", "Omar", "Søren", "지민")
CODES = ("refund", "moved", "=cmd")
ENDINGS = {
    "answered": "served", "abandoned": "abandoned", "promised": "callback_promised", "waited_too_long": "waited_too_long",
}  # fmt: skip
AGAIN = {"again_in_a_day": 1, "again_in_a_week": 7}


@dataclass
class OneCall(Caller):
    """From the ring to the last filing."""

    def lives(self) -> None:
        """The whole call; then agents file it."""
        if not self.known["closed"]:
            self._before_any_line()
            if self.talk.stage is Stage.SELF_SERVICE:
                self._told()
            if self.queued_at is not None:
                self._in_line()
            if self.talk.stage is Stage.HANDED_OVER:
                self.known["handed_over"], self.ending = 1, "handed_over"
                self.talk.caller.hangs_up()
        for part in self.parts:
            if self.chance.random() < 0.8:
                self._file(part)

    # ---- in line ---------------------------------------------------------------------------------------------------

    def _told(self) -> None:
        """The line says what is in the account; then the caller goes, or wants to speak to somebody."""
        self.talk.back_end.tells(("balance", "12.50"), ("office", "Elm Street"))
        if self.chance.random() < 0.7:
            self.known["contained"], self.ending = 1, "contained"
            self.talk.caller.hangs_up()
        else:
            self.talk.caller.keys("0")
            self._joins(self.line.queue.name)

    def _in_line(self) -> None:
        for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
            agent = self.chance.choice(AGENTS)
            self.talk.happens(AgentTurnedDown(self.talk.passes(8), agent, "declined"))
            self.book.add("agents", (agent,), rung_in_vain=1)
        offers = self.line.queue.offer_callback
        self._does(
            (70, self._is_served), (14, self._loses_patience), (4, self._loses_patience_at_once), (3, self._waits_too_long),
            (6 if offers else 0, self._wishes_a_callback), (3, self._leaves_at_the_whisper),
        )  # fmt: skip

    def _stay(self, **what: Any) -> None:
        """The stay is over, now."""
        assert self.queued_at is not None
        waited = self.now - self.queued_at
        sums = {"offered": 1, "longest": waited} | what
        if what.get("answered"):
            sums |= {"waited": waited, "in_time": int(waited <= seconds(20))}
        if what.get("abandoned"):
            sums |= {"patience": waited, "early": int(waited < seconds(5))}
        self.book.add_stay(self.queued_at, self.queue, sums)
        self.queued_at = None
        self.ending = next((word for name, word in ENDINGS.items() if what.get(name)), self.ending)

    def _loses_patience(self) -> None:
        self.talk.passes(self.chance.uniform(5, 300))
        self.talk.caller.hangs_up()
        self._stay(abandoned=1)

    def _loses_patience_at_once(self) -> None:
        self.talk.caller.hangs_up()
        self._stay(abandoned=1)

    def _waits_too_long(self) -> None:
        self.talk.passes(600)
        self.talk.time_comes("waited_too_long")
        self._stay(waited_too_long=1)

    def _wishes_a_callback(self) -> None:
        for keys in ("1", "2025550123#", "1"):
            self.talk.caller.keys(keys)
        if "callback.phrase_offer" in self.talk.hears:
            self.talk.caller.keys("3")  # none
        self.wished = True
        self._stay(promised=1, kept=int(self.called_back))

    def _leaves_at_the_whisper(self) -> None:
        self._accepted("Mira")
        self.talk.caller.hangs_up()
        self._stay(abandoned=1)

    # ---- with agents -------------------------------------------------------------------------------------------------

    def _accepted(self, agent: str) -> str:
        self.reservations += 1
        held = f"call-1.{self.reservations}"
        self.talk.happens(AgentAccepted(self.talk.passes(self.chance.uniform(1, 60)), held, agent, agent))
        return held

    def _is_served(self) -> None:
        agent = self.chance.choice(AGENTS)
        held = self._accepted(agent)
        self.talk.happens(PartyEntered(self.talk.passes(1), Party.AGENT, held))
        if self.talk.call.serving and not self.talk.call.serving.joined_at:
            self.talk.caller.enters()
        self._stay(answered=1)
        self.known["picked_up"] = 1
        self.known["picked_up_verified"] += int(not self.parts and self.verified_at is not None)
        part = {"agent": agent, "queue": self.queue, "since": self.now, "hold": timedelta(), "passed": 0}
        self.parts.append(part)
        self._speak(part)
        self._goes_on(agent, held, part)

    def _speak(self, part: dict[str, Any]) -> None:
        self.talk.passes(self.chance.uniform(20, 400))
        if self.chance.random() < 0.3:
            self.talk.happens(CallerHeld(self.talk.passes(3), part["agent"]))
            begun = self.now
            self.talk.arranged()
            self.talk.passes(self.chance.uniform(5, 90))
            self.talk.happens(CallerResumed(self.talk.passes(1), part["agent"]))
            part["hold"] += self.now - begun
        if self.line.payments is not None and self.chance.random() < 0.2:
            self._pay(part)

    def _pay(self, part: dict[str, Any]) -> None:
        number = (self.talk.call.payment.number if self.talk.call.payment else 0) + 1
        self.talk.happens(PaymentAsked(self.talk.passes(5), part["agent"], 1_250))
        self.talk.happens(PaymentOpened(self.talk.passes(1), number, by_card.PK))
        came = self.chance.choice(("charged", "charged", "declined", "not_charged"))
        if came == "not_charged":
            self.talk.happens(PaymentStopped(self.talk.passes(5), part["agent"]))
        else:
            while by_card.payment(self.talk).asked is not None:
                running = by_card.payment(self.talk)
                missing = tuple(piece for piece in running.pieces if piece not in (*running.done, running.asked))
                by_card.told(self.talk, number=number, missing=missing, last_four="4242")
            self.talk.happens(ChargeAsked(self.talk.passes(3), part["agent"]))
            outcome = Outcome.CHARGED if came == "charged" else Outcome.DECLINED
            by_card.told(self.talk, number=number, outcome=outcome, reference="ch-1")
        self.book.add("payments", ("agent", self.line.name, part["queue"]), begun=1, **{came: 1})

    def _goes_on(self, agent: str, held: str, part: dict[str, Any]) -> None:
        if len(self.parts) == 1 and self.chance.random() < 0.15:
            self.talk.happens(CallPassed(self.talk.passes(3), agent, DELIVERY))
            part |= {"until": self.now, "passed": 1}
            self._joins("delivery")
            self._does((8, self._is_served), (2, self._loses_patience))
        elif self.chance.random() < 0.5:
            self.talk.caller.hangs_up()
            part["until"] = self.now
        else:
            self.talk.happens(AgentLeft(self.talk.passes(2), held))
            part["until"] = self.now
            if self.talk.stage is Stage.SURVEY:
                self._is_asked()

    def _is_asked(self) -> None:
        score = self.chance.choice((None, 0, 4, 6, 7, 8, 9, 10))
        if score is None:
            self.talk.caller.hangs_up()
        else:
            self.talk.caller.keys(f"{score}#")
            self.known += Counter(scored=1, scores=score, promoters=int(score >= 9), detractors=int(score <= 6))
            for report, where in (("agents", self.parts[-1]["agent"]), ("queues", self.queue)):
                self.book.add(report, (where,), scored=1, scores=score)
            self.book.add("scores", (str(score), self.line.name), scored=1)

    # ---- at the end ------------------------------------------------------------------------------------------------

    def writes_up(self, since_last: timedelta | None) -> None:
        """What is known only at the end. `since_last`: since the same customer's call before this one."""
        line, language = self.line.name, self.line.language
        for part in self.parts:
            talked = part["until"] - part["since"] - part["hold"]
            sums = {"handled": 1, "talk": talked, "hold": part["hold"], "wrap_up": part.get("wrap_up", timedelta())}
            sums |= {"filed": int("wrap_up" in part), "moved_on": part["passed"]}
            self.book.add_part(part["since"], part["queue"], part["agent"], self.code, sums)
        known = dict(self.known) | {"calls": 1, "verified": int(self.verified_at is not None), "outage": self.outage}
        if self.verified_at is not None:
            known |= {"proven": 1, "to_verify": self.verified_at - self.begins}
        if since_last is not None:
            known |= {name: int(since_last <= timedelta(days=days)) for name, days in AGAIN.items()}
        self.book.add("interactions", (line, language, self.ending), **known)
        self.book.add("verification", (line, language), **known)
        self.book.add("satisfaction", (line,), **known)

    def _file(self, part: dict[str, Any]) -> None:
        """By the agent, some while after their part, which may be after the call."""
        at = max(part["until"], self.now) + seconds(self.chance.uniform(1, 90)) + seconds(len(self.filings))
        if part["agent"] in [one[1] for one in self.filings]:
            return
        self.code = self.chance.choice(CODES)
        mine = [one for one in self.parts if one["agent"] == part["agent"]]
        mine[-1]["wrap_up"] = at - mine[-1]["until"]
        self.filings.append((at, part["agent"], self.code))
