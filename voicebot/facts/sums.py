"""Facts put together: each row counts where it belongs, and what belongs together is added."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from voicebot.dialogue.values import Assurance, Ending, Modality
from voicebot.facts.interaction import NOTHING, Came, Facts, GivenTo, Outcome, Question, Spell, Stay
from voicebot.facts.tally import Tally

DAY, WEEK = timedelta(days=1), timedelta(days=7)
PROMOTER, DETRACTOR = 9, 6  # from this score on, and up to this one
MANY = 9  # attempts from this one on are put together
UNDERSTOOD = (Came.ACCEPTED, Came.REFUSED, Came.NOT_CHECKED, Came.KEPT, Came.HELPED, Came.OPTED_OUT)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Targets:
    """What is called *in time* and what *early*. An answer at the very second is in time, an end at it is not early."""

    answered_within: timedelta = timedelta(seconds=20)
    early: timedelta = timedelta(seconds=5)


@dataclass(frozen=True)
class Count:
    """One thing that is counted, and where it belongs: a call by its beginning, a stay by its own, an agent's part by its own.

    What it has none of is empty. `attempt` is in words: from the ninth on, `9+`.
    """

    at: datetime
    line: str
    language: str
    code: str
    tally: Tally
    queue: str = ""
    agent: str = ""
    step: str = ""
    attempt: str = ""
    modality: str = ""
    reason: str = ""
    event: str = ""
    way: str = ""


def counts(row: Facts, targets: Targets) -> Iterator[Count]:
    """All that there is to count in an interaction."""
    if not row.dialled or row.score is not None:
        yield Count(row.started_at, row.line, row.language, row.code, _call(row))
    for stay in row.stays:
        tally = _stay(stay, targets, called_back=row.called_back_at is not None)
        yield Count(stay.since, row.line, row.language, row.code, tally, stay.queue)
    for spell in row.spells:
        yield Count(spell.since, row.line, row.language, row.code, _spell(spell), spell.queue, spell.agent)
    for ring in row.in_vain:
        yield Count(ring.at, row.line, row.language, row.code, Tally(rung_in_vain=1), ring.queue, ring.agent)
    yield from _before_any_line(row)
    yield from _by_card(row)


def _before_any_line(row: Facts) -> Iterator[Count]:
    of = row.line, row.language, row.code
    for question in row.questions:
        told = {"step": question.step, "attempt": _ordinal(question.attempt), "modality": question.modality or ""}
        yield Count(question.at, *of, _question(question), **told)
    for one in row.unproven:
        told = {"step": one.step, "attempt": _ordinal(one.attempt), "modality": one.modality or ""}
        yield Count(one.at, *of, Tally(unproven=1), **told, reason=one.reason)
    for alarm in row.alarms:
        yield Count(alarm.at, *of, Tally(security_events=1), event=alarm.what.value)


def _by_card(row: Facts) -> Iterator[Count]:
    for one in row.payments:
        yield Count(one.at, row.line, row.language, row.code, _payment(one.state), one.queue, one.agent, way=one.way)


def summed(found: Iterable[Count], by: Callable[[Count], K]) -> dict[K, Tally]:
    """One tally for each group. The order of what is counted does not matter."""
    sums: dict[K, Tally] = {}
    for one in found:
        group = by(one)
        sums[group] = sums.get(group, Tally()) + one.tally
    return sums


def _call(row: Facts) -> Tally:
    """What came in. Of a callback that we dialled only the score: what became of it, `outreach` tells."""
    score = {} if row.score is None else score_sums(row.score)
    if row.dialled:
        return Tally(**score)
    since_last = row.since_last
    return Tally(
        calls=1,
        closed=row.ending == Ending.CLOSED or row.out_of_hours,
        contained=row.ending == Ending.CONTAINED,
        handed_over=row.ending == Ending.HANDED_OVER,
        left_before_line=row.ending == Ending.ABANDONED and not row.stays,
        verified=row.assurance == Assurance.VERIFIED,
        proven=row.verified_at is not None,
        time_to_verify=row.time_to_verify or NOTHING,
        picked_up=bool(row.spells),
        picked_up_verified=row.picked_up_verified,
        **score,
        repeats_in_a_day=since_last is not None and since_last <= DAY,
        repeats_in_a_week=since_last is not None and since_last <= WEEK,
        checks_lost=row.checks_lost,
        outage=row.outage,
    )


def score_sums(score: int) -> dict[str, Any]:
    """What a caller's score adds."""
    return {"scored": 1, "scores": score, "promoters": int(score >= PROMOTER), "detractors": int(score <= DETRACTOR)}


def _stay(stay: Stay, targets: Targets, *, called_back: bool) -> Tally:
    waited, outcome = stay.waited, stay.outcome
    answered, abandoned = outcome is Outcome.ANSWERED, outcome is Outcome.ABANDONED
    promised = outcome is Outcome.CALLBACK_PROMISED
    return Tally(
        offered=1,
        answered=answered,
        in_time=answered and waited <= targets.answered_within,
        abandoned=abandoned,
        abandoned_early=abandoned and waited < targets.early,
        waited_too_long=outcome is Outcome.WAITED_TOO_LONG,
        closed_meanwhile=outcome is Outcome.CLOSED_MEANWHILE,
        callbacks_promised=promised,
        callbacks_kept=promised and called_back,
        otherwise=outcome is Outcome.OTHER,
        wait_until_answered=waited if answered else NOTHING,
        wait_until_abandoned=waited if abandoned else NOTHING,
        longest_wait=waited,
    )


def _spell(spell: Spell) -> Tally:
    return Tally(
        handled=1,
        talk=spell.talk,
        hold=spell.hold,
        wrap_up=spell.wrap_up or NOTHING,
        wrapped_up=spell.wrap_up is not None,
        handled_verified=spell.verified,
        time_with_verified=spell.handling if spell.verified else NOTHING,
        consults=spell.consults,
        passed_on=spell.given_to is GivenTo.PASSED_ON,
        taken_over=spell.given_to is GivenTo.TAKEN_OVER,
        lost=spell.given_to is GivenTo.LOST,
    )


def _question(question: Question) -> Tally:
    spoken = question.modality is Modality.SPEECH
    return Tally(
        questions=1,
        spoken=spoken,
        spoken_understood=spoken and question.came in UNDERSTOOD,
        confirmed=question.confirmed,
        denied=question.denied,
        accepted=question.came is Came.ACCEPTED,
        refused=question.came is Came.REFUSED,
        not_checked=question.came is Came.NOT_CHECKED,
        kept=question.came is Came.KEPT,
        not_understood=question.came is Came.NOT_UNDERSTOOD,
        silent=question.came is Came.SILENT,
        helped=question.came is Came.HELPED,
        opted_out=question.came is Came.OPTED_OUT,
        left=question.came is Came.LEFT,
    )


def _payment(state: str) -> Tally:
    charged, declined, uncertain = state == "paid", state == "declined", state == "uncertain"
    not_charged = not (charged or declined or uncertain)
    return Tally(payments=1, charged=charged, declined=declined, not_charged=not_charged, uncertain=uncertain)


def _ordinal(attempt: int) -> str:
    return str(attempt) if attempt < MANY else f"{MANY}+"
