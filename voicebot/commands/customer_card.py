"""A customer in words for a terminal, masked: enough to know the right one, not enough to copy. Shows no secret."""

from collections.abc import Iterator
from datetime import UTC, datetime

from voicebot.dialogue.lockout import A_DAY, DAY, WITHOUT_SUCCESS, Standing
from voicebot.records.customer_care import UNTIL_UNLOCKED, CustomerCard
from voicebot.records.customer_file import ImportPlan
from voicebot.records.customer_staging import NAME

MASK = "•"
_TAIL = 2  # characters of a number that stay readable


def describe(card: CustomerCard, plan: ImportPlan, at: datetime) -> Iterator[str]:
    """Line by line."""
    yield f"Customer {card.customer_id}"
    for name, value in card.columns.items():
        if name != plan.customer_id:
            yield f"  {name:<20} {masked(name, value, plan)}"
    for name in dict.fromkeys((*plan.secret_names, *card.secrets)):  # codes of an app are in no file
        yield f"  {name:<20} {'set' if name in card.secrets else 'not set'}"
    yield from (f"  {line}" for line in _tries(card.standing, at))


def masked(name: str, value: str, plan: ImportPlan) -> str:
    """Initials of a name, the end of a number, nothing of anything else."""
    if name == NAME:
        return " ".join(word[0] + MASK * (len(word) - 1) for word in value.split())
    if plan.kind(name) == "digits" and len(value) > 2 * _TAIL:
        return MASK * (len(value) - _TAIL) + value[-_TAIL:]
    return MASK * 3


def _tries(standing: Standing, at: datetime) -> Iterator[str]:
    today = sum(1 for time in (*standing.recent, *standing.unknown) if at - time < DAY)
    yield f"wrong tries          {standing.consecutive} in a row, {today} in 24 hours, {standing.since_success} since a right one"
    if standing.disabled:
        yield f"void                 after {WITHOUT_SUCCESS} wrong tries a new secret must be set"
    if standing.locked_until == UNTIL_UNLOCKED:
        yield "locked               until it is unlocked"
    elif standing.locked_until is not None and standing.locked_until > at:
        yield f"locked               until {standing.locked_until.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    elif today >= A_DAY:
        yield "locked               until fewer tries lie within 24 hours"
    else:
        yield "not locked"
