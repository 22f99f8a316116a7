"""The standard reports: by what each is grouped, and which figures it shows. Formulas are the tally's (`docs/metrics.md`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from voicebot.facts.periods import Period
from voicebot.facts.tally import Assumed, Tally
from voicebot.ports.facts import By, Part


class Kind(StrEnum):
    """What a cell holds."""

    WORDS = "words"  # str
    TIME = "time"  # datetime, aware, in the company's time zone
    COUNT = "count"  # int
    LENGTH = "length"  # timedelta
    SHARE = "share"  # float, from 0 to 1
    MEAN = "mean"  # float, of whole numbers


@dataclass(frozen=True)
class Figure:
    """One column. `of` gives None where the figure is over nothing; only an estimate makes use of what is assumed."""

    title: str
    kind: Kind
    of: Callable[[Tally, Assumed], int | float | timedelta | None]


@dataclass(frozen=True)
class Definition:
    """A report. `plots`: titles of figures; `parts`: what they count; `period` tells time apart unless another is asked for.

    `estimates`: some figure rests on what is assumed, so the cover says what that is.
    """

    name: str
    title: str
    by: tuple[By, ...]
    figures: tuple[Figure, ...]
    plots: tuple[str, ...]
    parts: tuple[Part, ...]
    period: Period | None = None
    estimates: bool = False


def _count(title: str, of: Callable[[Tally], int]) -> Figure:
    return Figure(title, Kind.COUNT, lambda tally, _: of(tally))


def _length(title: str, of: Callable[[Tally], timedelta | None]) -> Figure:
    return Figure(title, Kind.LENGTH, lambda tally, _: of(tally))


def _share(title: str, of: Callable[[Tally], float | None]) -> Figure:
    return Figure(title, Kind.SHARE, lambda tally, _: of(tally))


def _mean(title: str, of: Callable[[Tally], float | None]) -> Figure:
    return Figure(title, Kind.MEAN, lambda tally, _: of(tally))


CALLS = _count("Calls", lambda one: one.calls)
VERIFIED = _count("Verified", lambda one: one.verified)
OFFERED = _count("Offered", lambda one: one.offered)
ANSWERED = _count("Answered", lambda one: one.answered)
IN_TIME = _count("In time", lambda one: one.in_time)
LEVEL = _share("Service level", lambda one: one.service_level)
ABANDONED = _count("Abandoned", lambda one: one.abandoned)
EARLY = _count("Of those early", lambda one: one.abandoned_early)
LEFT_SHARE = _share("Abandonment", lambda one: one.abandonment)
WAIT = _length("Average wait", lambda one: one.average_wait)
LONGEST = _length("Longest wait", lambda one: one.longest_wait if one.offered else None)
HANDLED = _count("Handled", lambda one: one.handled)
TALK = _length("Talk", lambda one: one.talk)
HOLD = _length("Hold", lambda one: one.hold)
WRAP_UP = _length("Wrap-up", lambda one: one.wrap_up)
HANDLING = _length("Handling", lambda one: one.handling)
SCORED = _count("Gave a score", lambda one: one.scored)
SCORE = _mean("Mean score", lambda one: one.satisfaction)
REACHED = _count("Reached", lambda one: one.reached)
UNREACHED = _count("Not reached", lambda one: one.unreached)
NOT_NEEDED = _count("Not needed", lambda one: one.not_needed)
UNDER_WAY = _count("Under way", lambda one: one.under_way)
REACHED_SHARE = _share("Share reached", lambda one: one.reached_share)
TO_REACH = _length("Time to reach", lambda one: one.average_time_to_reach)
DIALS = _count("Dials", lambda one: one.dials)
TRANSFERS = _share("Transfers", lambda one: one.transfers)

LIBRARY: dict[str, Definition] = {
    one.name: one
    for one in (
        Definition(
            "agents", "Agents", (By.AGENT,),
            (
                HANDLED, TALK, HOLD, WRAP_UP, HANDLING, _length("Average wrap-up", lambda one: one.average_wrap_up),
                _count("Filed", lambda one: one.wrapped_up), TRANSFERS, _count("Consults", lambda one: one.consults),
                _count("Rung in vain", lambda one: one.rung_in_vain), SCORED, SCORE,
            ),
            ("Handled", "Handling"), (Part.HANDLED, Part.RINGS, Part.SCORES),
        ),
        Definition(
            "queues", "Queues", (By.QUEUE,),
            (
                OFFERED, ANSWERED, IN_TIME, LEVEL, ABANDONED, LEFT_SHARE, WAIT, LONGEST,
                _count("Callbacks promised", lambda one: one.callbacks_promised),
                _count("Of those kept", lambda one: one.callbacks_kept), HANDLED, HANDLING, SCORED, SCORE,
            ),
            ("Offered", "Service level"), (Part.STAYS, Part.HANDLED, Part.SCORES),
        ),
        Definition(
            "interactions", "Interactions", (By.LINE, By.LANGUAGE, By.ENDING),
            (
                CALLS, VERIFIED, _count("Contained", lambda one: one.contained),
                _count("Handed over", lambda one: one.handed_over),
                _count("Out of hours", lambda one: one.closed), _count("Again in 24 hours", lambda one: one.repeats_in_a_day),
                _count("Again in 7 days", lambda one: one.repeats_in_a_week),
            ),
            ("Calls",), (Part.CALLS,),
        ),
        Definition(
            "verification", "Identification and verification", (By.LINE, By.LANGUAGE),
            (
                CALLS, _count("Left in the dialogue", lambda one: one.left_before_line), VERIFIED,
                _length("Time to verify", lambda one: one.average_time_to_verify),
                _count("With an agent", lambda one: one.picked_up),
                _count("Verified by then", lambda one: one.picked_up_verified),
                _share("Share verified by then", lambda one: one.verified_before_pick_up),
                _share("Containment", lambda one: one.containment),
                _count("Checks lost", lambda one: one.checks_lost), _length("Outage", lambda one: one.outage),
                Figure("Agents' time saved", Kind.LENGTH, lambda tally, assumed: tally.saved(assumed)),
            ),
            ("Verified", "Time to verify"), (Part.CALLS,), estimates=True,
        ),
        Definition(
            "funnel", "Funnel of identification and verification", (By.STEP, By.ATTEMPT, By.MODALITY, By.LANGUAGE),
            (
                _count("Questions", lambda one: one.questions), _count("Accepted", lambda one: one.accepted),
                _share("Acceptance", lambda one: one.acceptance), _count("Refused", lambda one: one.refused),
                _count("Not checked", lambda one: one.not_checked), _count("Kept", lambda one: one.kept),
                _count("Not understood", lambda one: one.not_understood),
                _count("Silent", lambda one: one.silent), _count("Wanted help", lambda one: one.helped),
                _count("Opted out", lambda one: one.opted_out), _count("Left", lambda one: one.left),
                _share("Speech success", lambda one: one.speech_success), _share("Confirm rate", lambda one: one.confirm_rate),
            ),
            ("Questions", "Opted out", "Left"), (Part.QUESTIONS,),
        ),
        Definition(
            "unproven", "Without full proof: where and why", (By.STEP, By.REASON, By.MODALITY, By.LANGUAGE),
            (_count("Callers", lambda one: one.unproven),),
            ("Callers",), (Part.UNPROVEN,),
        ),
        Definition(
            "security", "Security events", (By.EVENT, By.LINE),
            (_count("Events", lambda one: one.security_events),),
            ("Events",), (Part.EVENTS,),
        ),
        Definition(
            "payments", "Card payments", (By.WAY, By.LINE, By.QUEUE),
            (
                _count("Begun", lambda one: one.payments), _count("Charged", lambda one: one.charged),
                _share("Share charged", lambda one: one.charged_share), _count("Declined", lambda one: one.declined),
                _count("Not charged", lambda one: one.not_charged), _count("Uncertain", lambda one: one.uncertain),
            ),
            ("Begun", "Share charged"), (Part.PAYMENTS,),
        ),
        Definition(
            "abandonment", "Abandonment", (By.QUEUE,),
            (
                OFFERED, ABANDONED, EARLY, LEFT_SHARE, _length("Average patience", lambda one: one.average_patience),
                _count("Waited too long", lambda one: one.waited_too_long),
                _count("Closed meanwhile", lambda one: one.closed_meanwhile),
            ),
            ("Abandoned", "Abandonment"), (Part.STAYS,), Period.HOUR,
        ),
        Definition(
            "callbacks", "Callbacks, by where they were booked", (By.QUEUE, By.WAY),
            (
                _count("Booked", lambda one: one.outreach), REACHED, UNREACHED, NOT_NEEDED, UNDER_WAY, REACHED_SHARE, DIALS,
                TO_REACH,
            ),
            ("Booked", "Reached"), (Part.CALLBACKS,),
        ),
        Definition(
            "outbound", "Outbound: callbacks, invitations, messages", (By.KIND, By.WAY, By.QUEUE),
            (
                _count("Offered", lambda one: one.outreach), REACHED, UNREACHED, NOT_NEEDED, UNDER_WAY, REACHED_SHARE, DIALS,
                TO_REACH,
            ),
            ("Offered", "Share reached"), (Part.OUTREACH,),
        ),
        Definition(
            "unreached", "Outbound: why nobody was reached", (By.REASON, By.KIND, By.WAY),
            (UNREACHED, NOT_NEEDED),
            ("Not reached", "Not needed"), (Part.OUTREACH,),
        ),
        Definition(
            "satisfaction", "Satisfaction", (By.LINE,),
            (
                _count("With an agent", lambda one: one.picked_up), SCORED, SCORE,
                _count("9 or 10", lambda one: one.promoters), _count("6 or less", lambda one: one.detractors),
                _share("Share of 9 and 10", lambda one: one.promoters_share),
                _share("Share up to 6", lambda one: one.detractors_share),
            ),
            ("Gave a score", "Mean score"), (Part.CALLS,),
        ),
        Definition(
            "scores", "Satisfaction: which scores", (By.SCORE, By.LINE),
            (SCORED,),
            ("Gave a score",), (Part.SCORES,),
        ),
        Definition(
            "evaluations", "Evaluations", (By.AGENT, By.QUEUE),
            (
                _count("Evaluated", lambda one: one.evaluations), _share("Score", lambda one: one.evaluation),
                _count("Critical failed", lambda one: one.critical_failed),
                _count("Read by the agent", lambda one: one.evaluations_read),
            ),
            ("Evaluated", "Score"), (Part.EVALUATIONS,),
        ),
        Definition(
            "marks", "Evaluations, by question", (By.STEP, By.AGENT),
            (_count("Times", lambda one: one.marks), _mean("Mean points", lambda one: one.mark)),
            ("Mean points",), (Part.MARKS,),
        ),
        Definition(
            "codes", "Wrap-up codes", (By.CODE,),
            (HANDLED, TALK, HOLD, WRAP_UP, HANDLING, TRANSFERS),
            ("Handled", "Handling"), (Part.HANDLED,),
        ),
        Definition(
            "intervals", "Intervals", (By.QUEUE,),
            (OFFERED, ANSWERED, IN_TIME, ABANDONED, EARLY, WAIT, HANDLED, HANDLING),
            ("Offered",), (Part.STAYS, Part.HANDLED), Period.HALF,
        ),
    )
}  # fmt: skip
