"""Counts and lengths that add up, and the figures made of them. Each figure is a quotient of sums, never a mean of means."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from voicebot.facts.interaction import NOTHING

FROM_ROWS = (
    "outreach", "reached", "unreached", "not_needed", "under_way", "dials", "reached_timed", "time_to_reach",
    "evaluations", "evaluated", "points", "critical_failed", "evaluations_read", "marks", "mark_points",
)  # fmt: skip


@dataclass(frozen=True)
class Assumed:
    """What no journal can tell, so it is an assumption and is shown beside each figure that is made of it.

    `manual_verification`: how long an agent takes to verify a caller by control questions. Raises ValueError unless it is from
    1 second to 10 minutes. The default is a guess; a company puts its own measured mean in its place.
    """

    manual_verification: timedelta = timedelta(seconds=45)

    def __post_init__(self) -> None:
        if not timedelta(seconds=1) <= self.manual_verification <= timedelta(minutes=10):
            raise ValueError(f"manual_verification is from 1 to 600 seconds, not {self.manual_verification.total_seconds():g}")


@dataclass(frozen=True)
class Tally:
    """Sums. Adding two gives that of both; `longest_wait` is the longer one.

    Calls, stays in line and agents' parts of conversations are counted apart: a call passed on is one, two and two.
    """

    calls: int = 0
    closed: int = 0  # out of hours
    contained: int = 0
    handed_over: int = 0
    left_before_line: int = 0  # abandoned in the dialogue
    verified: int = 0
    proven: int = 0  # of which the journal tells when
    time_to_verify: timedelta = NOTHING
    picked_up: int = 0  # an agent talked with the caller
    picked_up_verified: int = 0  # of those, the caller was verified before
    scored: int = 0  # said how satisfied they were, from 0 to 10
    scores: int = 0  # what they said, added up
    promoters: int = 0  # 9 or 10
    detractors: int = 0  # 6 or less
    repeats_in_a_day: int = 0
    repeats_in_a_week: int = 0
    checks_lost: int = 0  # of identifiers and secrets: the back end was down
    outage: timedelta = NOTHING  # callers' time in that

    offered: int = 0
    answered: int = 0
    in_time: int = 0  # answered within the service level's time
    abandoned: int = 0
    abandoned_early: int = 0  # of those, before anybody could have answered
    waited_too_long: int = 0
    closed_meanwhile: int = 0
    callbacks_promised: int = 0
    callbacks_kept: int = 0
    otherwise: int = 0
    wait_until_answered: timedelta = NOTHING
    wait_until_abandoned: timedelta = NOTHING
    longest_wait: timedelta = NOTHING

    handled: int = 0
    talk: timedelta = NOTHING
    hold: timedelta = NOTHING
    wrap_up: timedelta = NOTHING
    wrapped_up: int = 0
    handled_verified: int = 0  # agents' parts that began with a verified caller
    time_with_verified: timedelta = NOTHING  # talk, hold and wrap-up of those
    consults: int = 0
    passed_on: int = 0
    taken_over: int = 0
    lost: int = 0
    rung_in_vain: int = 0

    questions: int = 0  # of the form, before any line
    accepted: int = 0
    refused: int = 0
    not_checked: int = 0
    kept: int = 0
    not_understood: int = 0
    silent: int = 0
    helped: int = 0
    opted_out: int = 0
    left: int = 0
    spoken: int = 0  # answered by speech
    spoken_understood: int = 0
    confirmed: int = 0  # read back, and it was right
    denied: int = 0

    unproven: int = 0  # went on to an agent without full proof

    security_events: int = 0

    payments: int = 0  # by card, begun
    charged: int = 0
    declined: int = 0
    not_charged: int = 0  # cancelled, failed, or a link that nobody has paid by
    uncertain: int = 0  # nobody knows whether it was charged

    # What rows of their own tell, and no journal (`FROM_ROWS`).
    outreach: int = 0  # times that we wanted to reach somebody: callbacks, invitations, messages
    reached: int = 0
    unreached: int = 0
    not_needed: int = 0  # called off, or it came about otherwise
    under_way: int = 0
    dials: int = 0  # of callbacks
    reached_timed: int = 0  # reached, and it is known when
    time_to_reach: timedelta = NOTHING  # of those

    evaluations: int = 0  # conversations that were judged, each by the judgement that stands
    evaluated: int = 0  # of those, with a score
    points: int = 0  # what they scored of a hundred, added up
    critical_failed: int = 0  # with no point at a critical question
    evaluations_read: int = 0  # by the agent
    marks: int = 0  # questions that applied
    mark_points: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return total((self, other))

    # ---- in line -------------------------------------------------------------------------------------------------

    @property
    def service_level(self) -> float | None:
        """Answered in time, of all offered but those who left early. From 0 to 1; None of nothing."""
        return _share(self.in_time, self.offered - self.abandoned_early)

    @property
    def abandonment(self) -> float | None:
        """Abandoned, of all offered; those who left early are in neither."""
        return _share(self.abandoned - self.abandoned_early, self.offered - self.abandoned_early)

    @property
    def average_wait(self) -> timedelta | None:
        """Until an agent was there, over the answered (ASA)."""
        return _mean(self.wait_until_answered, self.answered)

    @property
    def average_patience(self) -> timedelta | None:
        """Until they gave up, over the abandoned."""
        return _mean(self.wait_until_abandoned, self.abandoned)

    # ---- with agents ---------------------------------------------------------------------------------------------

    @property
    def handling(self) -> timedelta | None:
        """Talk, hold and wrap-up, over agents' parts of conversations (AHT)."""
        return _mean(self.talk + self.hold + self.wrap_up, self.handled)

    @property
    def handling_verified(self) -> timedelta | None:
        """The same, over parts that began with a verified caller."""
        return _mean(self.time_with_verified, self.handled_verified)

    @property
    def handling_unverified(self) -> timedelta | None:
        """The same, over all other parts. Other callers call for other things, so the difference need not be the proof's."""
        rest = self.talk + self.hold + self.wrap_up - self.time_with_verified
        return _mean(rest, self.handled - self.handled_verified)

    @property
    def average_wrap_up(self) -> timedelta | None:
        """Over those that were filed."""
        return _mean(self.wrap_up, self.wrapped_up)

    @property
    def transfers(self) -> float | None:
        """Passed on or taken over, of agents' parts of conversations."""
        return _share(self.passed_on + self.taken_over, self.handled)

    # ---- calls ---------------------------------------------------------------------------------------------------

    @property
    def containment(self) -> float | None:
        """Done by the line itself, of the calls that came when it was open."""
        return _share(self.contained, self.calls - self.closed)

    @property
    def average_time_to_verify(self) -> timedelta | None:
        """From the ring to the proof, over the calls in which something was proven."""
        return _mean(self.time_to_verify, self.proven)

    @property
    def verified_before_pick_up(self) -> float | None:
        """Verified before an agent talked with them, of the calls that an agent had."""
        return _share(self.picked_up_verified, self.picked_up)

    @property
    def charged_share(self) -> float | None:
        """Charged, of the payments begun."""
        return _share(self.charged, self.payments)

    @property
    def acceptance(self) -> float | None:
        """Answers that the back end accepted, of the questions."""
        return _share(self.accepted, self.questions)

    @property
    def speech_success(self) -> float | None:
        """Understood, of what was answered by speech."""
        return _share(self.spoken_understood, self.spoken)

    @property
    def confirm_rate(self) -> float | None:
        """Right, of the numbers that were read back for a yes or no and got one."""
        return _share(self.confirmed, self.confirmed + self.denied)

    @property
    def satisfaction(self) -> float | None:
        """The mean score of those who gave one."""
        return _share(self.scores, self.scored)

    @property
    def promoters_share(self) -> float | None:
        """9 or 10, of those who gave a score."""
        return _share(self.promoters, self.scored)

    @property
    def detractors_share(self) -> float | None:
        """6 or less, of those who gave a score."""
        return _share(self.detractors, self.scored)

    @property
    def recommendation(self) -> float | None:
        """Promoters less detractors, of those who gave a score: from -1 to 1."""
        return _share(self.promoters - self.detractors, self.scored)

    # ---- from rows of their own ----------------------------------------------------------------------------------

    @property
    def reached_share(self) -> float | None:
        """Reached, of those with whom it is known whether they were and who still were to be."""
        return _share(self.reached, self.reached + self.unreached)

    @property
    def average_time_to_reach(self) -> timedelta | None:
        """From when they were to be reached."""
        return _mean(self.time_to_reach, self.reached_timed)

    @property
    def evaluation(self) -> float | None:
        """Mean score of what was judged, from 0 to 1."""
        return _share(self.points, 100 * self.evaluated)

    @property
    def mark(self) -> float | None:
        """Mean points of a question, where it applied."""
        return _share(self.mark_points, self.marks)

    def saved(self, assumed: Assumed) -> timedelta:
        """An estimate: control questions that no agent had to ask, each as long as is assumed. Agents' time, not the callers'."""
        return self.picked_up_verified * assumed.manual_verification


def total(tallies: Iterable[Tally]) -> Tally:
    """That of all of them. Reports add tens of thousands up, and most of what one could count is nothing in each."""
    sums: dict[str, Any] = {}
    for one in tallies:
        for name, value in vars(one).items():
            if value:
                held = sums.get(name)
                sums[name] = value if held is None else max(held, value) if name == "longest_wait" else held + value
    return Tally(**sums)


def _share(some: int, of: int) -> float | None:
    return some / of if of else None


def _mean(length: timedelta, over: int) -> timedelta | None:
    return length / over if over else None
