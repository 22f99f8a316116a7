"""What a wallboard shows of a queue, computed from who got in line. Pure; times are arguments.

Service level: of all callers whose wait is over and who did not leave at once, the share that was answered in time.
Abandoned: left the line by hanging up, later than `short`; who left sooner is counted apart and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voicebot.dialogue.values import Ending
from voicebot.ports.interactions import Offered


@dataclass(frozen=True)
class Promise:
    """Seconds: answered within so many is in time; leaving before so many is no abandonment."""

    answer_within: float
    short_abandon: float


@dataclass(frozen=True)
class Figures:
    """Counts of callers; shares from 0 to 1, None where there is nothing to share; seconds. `unserved`: sent away by us."""

    offered: int
    waiting: int
    answered: int
    in_time: int
    abandoned: int
    left_at_once: int
    unserved: int
    service_level: float | None
    abandonment: float | None
    average_wait: float | None
    longest_wait: float | None


@dataclass(frozen=True)
class Stretch:
    """One bucket of the last hours, beginning at `at`."""

    at: datetime
    figures: Figures


def figures(callers: Sequence[Offered], promise: Promise) -> Figures:
    """The figures of these callers together."""
    answered = [one.waited or 0.0 for one in callers if one.answered]
    left = [one.waited or 0.0 for one in callers if _left(one)]
    at_once = sum(waited < promise.short_abandon for waited in left)
    waiting = sum(not one.answered and one.ending is None for one in callers)
    in_time = sum(waited <= promise.answer_within for waited in answered)
    decided = len(callers) - waiting - at_once
    return Figures(
        offered=len(callers),
        waiting=waiting,
        answered=len(answered),
        in_time=in_time,
        abandoned=len(left) - at_once,
        left_at_once=at_once,
        unserved=decided - len(answered) - (len(left) - at_once),
        service_level=in_time / decided if decided else None,
        abandonment=(len(left) - at_once) / decided if decided else None,
        average_wait=sum(answered) / len(answered) if answered else None,
        longest_wait=max(answered, default=None),
    )


def _left(one: Offered) -> bool:
    return not one.answered and one.ending is Ending.ABANDONED


def by_queue(callers: Iterable[Offered]) -> dict[str, tuple[Offered, ...]]:
    """The callers of each queue, in the order in which the queues first appear."""
    queues: dict[str, list[Offered]] = {}
    for one in callers:
        queues.setdefault(one.queue, []).append(one)
    return {name: tuple(those) for name, those in queues.items()}


def stretches(
    callers: Iterable[Offered], since: datetime, until: datetime, each: timedelta, promise: Promise
) -> tuple[Stretch, ...]:
    """The time from `since` to `until` in pieces of `each`, empty ones too; a caller counts where they got in line."""
    count = -(-(until - since) // each)
    pieces: list[list[Offered]] = [[] for _ in range(count)]
    for one in callers:
        if since <= one.queued_at < until:
            pieces[(one.queued_at - since) // each].append(one)
    return tuple(Stretch(since + number * each, figures(piece, promise)) for number, piece in enumerate(pieces))
