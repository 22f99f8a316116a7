"""Reaching somebody, and judging a conversation, as sums. What is summed is read elsewhere, from rows of its own."""

from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from voicebot.facts.interaction import NOTHING

Sums: TypeAlias = dict[str, int | timedelta]


class Kind(StrEnum):
    """By what."""

    CALLBACK = "callback"
    INVITATION = "invitation"
    NOTICE = "notice"  # a message of the house: of a callback, of an invitation
    MESSAGE = "message"  # by an agent


class Fate(StrEnum):
    """What became of it; the values are words of `Tally`."""

    REACHED = "reached"
    UNREACHED = "unreached"
    NOT_NEEDED = "not_needed"  # any more: called off, or it came about otherwise
    UNDER_WAY = "under_way"


def outreach_sums(fate: Fate, dials: int = 0, took: timedelta | None = None) -> Sums:
    """What one adds. `took`: from when they were to be reached; less than nothing, as when an agent was early, is nothing."""
    sums: Sums = {"outreach": 1, fate.value: 1, "dials": dials}
    if fate is Fate.REACHED and took is not None:
        sums |= {"reached_timed": 1, "time_to_reach": max(took, NOTHING)}
    return sums


def evaluation_sums(score: int | None, critical: int, *, read: bool) -> Sums:
    """What a judgement adds. `critical`: how many critical questions were given no point."""
    return {
        "evaluations": 1, "evaluated": int(score is not None), "points": score or 0, "critical_failed": int(critical > 0),
        "evaluations_read": int(read),
    }  # fmt: skip
